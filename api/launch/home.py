"""The data folder of this installation."""

from __future__ import annotations

import os
from pathlib import Path

from api.launch.process import LaunchError, blocked_at, server_account

ROOT_HOME = Path("/var/lib/onecard")


def data_home() -> Path:
    """The existing data folder: ONECARD_HOME, `/var/lib/onecard` as root, else the user's data directory.

    LaunchError when it cannot be made, or when the servers' unprivileged user cannot reach it.
    """
    account = server_account()
    home = _wanted_home()
    blocked = blocked_at(home.resolve(), account) if account is not None else None
    if account is not None and blocked is not None:
        raise LaunchError(
            f"The servers run as {account.name}, who cannot enter {blocked}; {home} is out of reach.",
            f"Set ONECARD_HOME to a folder that user can reach; {ROOT_HOME} works.",
        )
    try:
        # As root the servers' user passes through to its own folders, and reads nothing here.
        home.mkdir(mode=0o711 if account is not None else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchError(
            f"The data folder {home} cannot be made: {error.strerror}.",
            "Set ONECARD_HOME to a folder you may write.",
        ) from error
    return home


def _wanted_home() -> Path:
    chosen = os.environ.get("ONECARD_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOT_HOME
    shared = os.environ.get("XDG_DATA_HOME")
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "onecard"
