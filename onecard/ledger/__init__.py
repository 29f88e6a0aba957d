"""The money core: `book` is the only writer of money, PostgreSQL functions (`migrations/`) its only hand.

`keys` a caller's id and body · `receipts` what a posting did · `orders` what may be asked · `queue` commits
concurrent charges as a group · `attempts` retries what the database could not finish · `holds` and `refunds`
are chapters of the book, `chapter` what they share · `recharges` the orders before the money · `jobs` what is
asked of the worker in the same transaction · `statements`, `unsettled` and `news` what may be read, one SQL
statement each · `models` the tables as Tortoise sees them. `check` (with its `invariants`), `export` and `seal`
read the tables and share no code with posting. May import `rules`; knows no person's name, no terminal's
number, no web.
"""
