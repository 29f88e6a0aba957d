"""Who and what the school has: people, logins, rooms, merchants, gateways, terminals and their commands.

`access.py` is the only way to look at them, and hands out the values of `things.py`; `record.py` writes what
several actions write. What an action must lock and change in one transaction, it asks on that transaction's
connection itself. `sessions.py` keeps logins alive. Names and phones are encrypted at rest (`vault.py`), ID
digits only hashed (`digits.py`). May import `rules`, `together` and `key_file`; knows no ledger and no action.
"""
