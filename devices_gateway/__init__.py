"""The device gateway: a process of its own between devices and the API.

`frames/` are sans-IO codecs, `sessions/` speak a protocol with one device each, `journal` and `outbox` lose
nothing, `commands` obey once and in time, `transport/` asks the API. `gateway` puts them together from its
`config`, `health` tells how it is. It imports nothing of `api`, `schema` or `onecard`: all that ties it to the
server are the committed `documents/*.graphql`.
"""
