"""The business of the campus card itself. It knows no web, no GraphQL, no device.

`rules` decide, `ledger` moves money, `registry` knows people and things, `outside` reaches the world; `actions`
put them to work, one verb a file, with the parts that `bootstrap` chose. `settings` is what an installation is
told, `migrations` brings a school's database up to date, `key_file` keeps a key, `together` asks the questions of
one moment as one.
May import nothing of `api`, `schema`, `devices_gateway` or `sandbox`.
"""
