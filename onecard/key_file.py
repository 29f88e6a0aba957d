"""A key that is made at the first start and kept from then on, whoever of several processes comes first."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def read_or_make(file: Path, make: Callable[[], bytes]) -> str:
    """The text in `file`, which only its owner can read; written whole with what `make` gives when it is not there."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as writer:
                writer.write(make())
                writer.flush()
                os.fsync(writer.fileno())
            os.link(fresh, file)  # unlike rename, never replaces a key that is already in use
        except FileExistsError:
            pass  # another process was first, and its key counts
        finally:
            fresh.unlink(missing_ok=True)
    return file.read_text("ascii")
