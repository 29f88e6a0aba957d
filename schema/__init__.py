"""The GraphQL schema: the one interface of OneCard, for the page, the desk, the gateway and integrators.

One file per noun, and in `mutations/` one per action. Resolvers translate: input → action → type; what is
decided is decided in `onecard`. Beside the nouns: `permissions` (who may see which field, one table),
`refusals` (one type per refusal), `scalars` (money, time), `words` (the enums), `connections` (the one keyset
pager), `context` and `loaders` (what a request brings along and reads together). `build` puts the schema
together, `python -m schema` writes `schema.graphql`. A document goes through `limits`, is kept by `documents`
and runs as `closures` that `compiled` made of it; `direct` spares resolvers Strawberry's steps between.

May import `onecard`; knows nothing of HTTP, sockets, cookies or tokens: that is `api`.
"""
