"""How many connections a process may hold: as many as the system lets it have, not the cautious default."""

from __future__ import annotations

import resource


def raise_open_files() -> int:
    """Lift the soft limit of open files to the hard one; what it is now.

    The default is often 1024, and every page, socket and terminal takes one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
