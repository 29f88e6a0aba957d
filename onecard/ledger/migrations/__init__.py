"""Numbered migrations: each a `.sql` and the `.py` that runs it (pattern: `onecard/migrations.py`)."""
