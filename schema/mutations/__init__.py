"""Mutations, one file an action: read the input, call the action, give its result a type.

A `Refusal` raised by the action becomes the union's member of that name; `schema.build` sees to it, so
that no file here catches anything. An `id` made by the caller travels all the way to the ledger unchanged.
"""

import re

from schema.scalars import mistake

_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")

CALLER_ID = (
    "Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : "
    "- ; a UUID is fine. The same id again gives the same result; with other contents it is "
    "`IdempotencyConflict`."
)
LONGEST_REASON = 200


def check_caller_id(id: str) -> str:
    if not _ID.fullmatch(id):
        raise mistake("id is made by the caller: 8 to 64 letters, digits, or . _ : - ; a UUID is fine.")
    return id


def check_text(name: str, text: str, longest: int) -> str:
    """A text for people: not blank, not endless, without control characters (PostgreSQL refuses NUL)."""
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise mistake(f"{name} is a text of 1 to {longest} printable characters.")
    return text.strip()
