"""The books as text: exported, cut into transactions, read by hledger and beancount."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from onecard.ledger.export import Format, export

READERS = {
    Format.HLEDGER: ["hledger", "check", "-s", "-f"],
    Format.BEANCOUNT: [str(Path(sys.executable).parent / "bean-check"), "--no-cache"],
}
_TRANSACTION = re.compile(r"^\d{4}-\d\d-\d\d (?:\(|\*)[^\n]*\n(?:[ \t][^\n]*\n)+", re.MULTILINE)


async def write_books(connection: Any, form: Format) -> str:
    return "".join([line + "\n" async for line in export(connection, form)])


def transactions(text: str) -> list[str]:
    """Each posted transfer, as it stands in the text."""
    return _TRANSACTION.findall(text)


def refusal(form: Format, text: str, folder: Path) -> str:
    """What the outside checker says against the books; empty when they pass."""
    file = folder / f"books.{form}"
    file.write_text(text, "utf-8")
    done = subprocess.run([*READERS[form], str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == (done.stderr == ""), done
    return done.stderr
