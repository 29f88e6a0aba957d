"""The door to the outside: the ASGI app, who is calling, limits, health, metrics, the worker, the command line.

`app` puts it together. Under it, one file an idea: `graphql_http` and `graphql_ws` speak the two protocols,
`engine` runs a prepared document, `errors` decides what a caller is told; `tokens` and `callers` say who calls,
`auth` logs people in; `wechat` takes WeChat's notifications; `throttle`, `security`, `health`, `metrics`, `logs`
and `pages` do what they are called. `worker` is a process of its own, `launch` starts databases, `cli` is the
command line. May import `schema` and `onecard`, the command line everything; decides nothing about money.
"""
