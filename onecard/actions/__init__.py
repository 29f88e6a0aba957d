"""What people and devices do, one verb a file, each reading like its paragraph of the guide.

`async def verb(parts, caller, …)`: find, decide, write, return; a `Refusal` is raised for what rules forbid.
`parts` is what they are handed, `outages` and `attempts` what several share, `rows` the form a school is loaded
from. Actions may import `ledger`, `registry`, `outside`, `rules` and `settings`; they know no web and no GraphQL.
Events are published after the commit, never inside.
"""
