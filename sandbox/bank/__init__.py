"""A pretend bank: it shows a page where a holder signs an agreement, and debits by it."""
