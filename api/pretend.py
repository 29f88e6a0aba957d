"""Whether the API that was last started on a data folder was a pretend campus: a file of its own says so.

`onecard token` asks this, because it runs in another shell than `onecard up --sandbox`.
"""

from pathlib import Path

_MARK = "pretend-campus"


def mark(home: Path, *, sandbox: bool) -> None:
    """Remember how the API was started here."""
    file = home / _MARK
    if sandbox:
        file.write_text("The API of this data folder runs with the sandbox on.\n", "utf-8")
    else:
        file.unlink(missing_ok=True)


def is_marked(home: Path) -> bool:
    return (home / _MARK).exists()
