"""The door to the outside: the ASGI app, who is calling, limits, health, metrics, the worker, the command line.

`app` puts it together. Under it, one file an idea: `graphql_http` and `graphql_ws` speak the two protocols,
`engine` runs a prepared document, `errors` decides what a caller is told; `tokens` and `callers` say who calls,
`auth` logs people in; `throttle`, `security`, `health`, `metrics`, `logs` and `pages` do what they are called.
May import `schema` and `onecard`; decides nothing about money.
"""
