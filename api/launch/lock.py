"""The file `lock` in a folder: held by one living process at a time, let go by its end, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.launch.process import LaunchError

TRIES, PAUSE_S = 20, 0.01  # who only looks holds it for some microseconds


class FolderLock:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def take(self, server: str) -> None:
        """Lock the existing folder for `server`, now; LaunchError when another process has it."""
        try:
            file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LaunchError(
                f"{server} cannot use the folder {self._folder}: {error.strerror}.",
                "Set ONECARD_HOME to a folder you may write.",
            ) from error
        if not _locked(file):
            owner = os.pread(file, 20, 0).decode().strip()
            os.close(file)
            raise LaunchError(
                f"{server} in {self._folder} is already served by process {owner or '?'}.",
                "Use the running one, stop it first, or choose another folder with ONECARD_HOME.",
            )
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextmanager
    def held(self, server: str) -> Iterator[None]:
        """`take` for the length of a block."""
        self.take(server)
        try:
            yield
        finally:
            self.release()

    @property
    def taken(self) -> bool:
        """Whether a living process (another one, or this one) has it."""
        try:
            file = os.open(self._folder / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False


def _locked(file: int) -> bool:
    for _ in range(TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_S)
        else:
            return True
    return False
