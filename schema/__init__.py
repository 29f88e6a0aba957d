"""The GraphQL schema: the one interface of OneCard, for the page, the desk, the gateway and integrators.

One file per noun, and in `mutations/` one per action. Resolvers translate: input → action → type; what is
decided is decided in `onecard`. Beside the nouns: `permissions` (who may see which field, one table),
`refusals` (one type per refusal), `scalars` (money, time), `connections` (the one keyset pager), `loaders`
(what is read per object), `documents` (trusted documents) and `sdl` (writes `schema.graphql`).

May import `onecard`; knows nothing of HTTP, sockets, cookies or tokens: that is `api`.
"""
