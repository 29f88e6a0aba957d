"""Who and what the school has: people, logins, rooms, merchants, gateways, terminals and their commands.

`access.py` is the only way to read them, `record.py` the way to write them; both hand out the values of
`things.py`. Names and phones are encrypted at rest (`vault.py`), ID digits only hashed (`digits.py`). May
import `ledger` (a person's account) and `rules`; knows no action.
"""
