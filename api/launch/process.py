"""A supervised child: unprivileged, logged, stopped politely, and never left behind."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STOP_TIMEOUT_S = 30.0  # a fast shutdown writes a checkpoint; a slow disk may need this long
POLL_S = 0.01
LOG_LIMIT_BYTES = 10_000_000  # a larger log is put aside (`.1`, in place of the one before)
LOG_TAIL_LINES = 8
SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path, without its NUL

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class LaunchError(Exception):
    """A server cannot be started; `remedy` is the sentence that says what to do next."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Account:
    """The system user a server runs as."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The unprivileged user for servers when we are root; None: they run as we do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LaunchError(
        "PostgreSQL refuses to run as root, and neither the user postgres nor nobody exists here.",
        "Create one (useradd --system postgres) or start OneCard as an ordinary user.",
    )


def blocked_at(path: Path, account: Account) -> Path | None:
    """The first existing folder on the way to `path` that `account` may not enter; None: it gets there."""
    for folder in [*reversed(path.parents), path]:
        try:
            info = folder.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if info.st_uid == account.uid:
            may_enter = info.st_mode & stat.S_IXUSR
        elif info.st_gid == account.gid:
            may_enter = info.st_mode & stat.S_IXGRP
        else:
            may_enter = info.st_mode & stat.S_IXOTH
        if not may_enter:
            return folder
    return None


class Child:
    """A running server process.

    Starting it must happen in the main thread: the kernel sends the parent-death signal when the
    starting *thread* ends. It leads a session of its own, so that Ctrl-C reaches us first.
    """

    def __init__(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        account: Account | None,
        stop_signal: signal.Signals,
        env: Mapping[str, str] | None = None,
    ) -> None:
        assert threading.current_thread() is threading.main_thread(), "start servers in the main thread"
        self.log = log
        self._stop_signal = stop_signal
        self.bound_log()
        with log.open("ab") as sink:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
                [os.fspath(part) for part in argv],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env={"PATH": os.defpath, "LC_ALL": "C", **(env or {})},
                start_new_session=True,
                preexec_fn=_die_with_parent(stop_signal),
                **_as(account),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, name: str, timeout_s: float) -> None:
        """Return once `ready()`; LaunchError with the end of the log when the child dies or never is."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.alive:
                raise LaunchError(f"{name} stopped while starting:\n{self.log_tail()}", self._see_log())
            if time.monotonic() > deadline:
                self.stop()
                raise LaunchError(
                    f"{name} was not ready after {timeout_s:.0f} s:\n{self.log_tail()}", self._see_log()
                )
            time.sleep(POLL_S)

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop it politely, then by force; return when it is gone. Stopping twice does nothing."""
        if not self.alive:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout_s)

    def bound_log(self) -> None:
        """Put a log that has grown too long aside. To be asked now and then, while the child lives too."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            _put_aside(self.log)

    def log_tail(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-LOG_TAIL_LINES:])

    def _see_log(self) -> str:
        return f"Read {self.log} and start again."


def run_as(argv: Sequence[str | os.PathLike[str]], account: Account | None, cwd: Path) -> None:
    """Run a short tool (initdb) as `account`; LaunchError with its words when it fails."""
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [os.fspath(part) for part in argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        timeout=120,
        check=False,
        start_new_session=True,  # Ctrl-C is ours to hear
        preexec_fn=_die_with_parent(signal.SIGTERM),
        **_as(account),
    )
    if done.returncode != 0:
        raise LaunchError(
            f"{Path(argv[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip(),
            f"Free the folder {cwd} (disk full? wrong owner?) and start again.",
        )


def _as(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Ask the kernel for `stop_signal` when we die. Runs after the change of user, which would clear it."""
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def _put_aside(log: Path) -> None:
    """Copy and empty it: a living child writes on into the same file (appending, so from its new beginning).

    What it writes between the two is lost; so is all of it when the disk has no room for the copy.
    """
    copy = log.with_name(f"{log.name}.part")
    copy.unlink(missing_ok=True)
    try:
        with log.open("rb") as source, copy.open("xb") as target:
            shutil.copyfileobj(source, target)
        copy.replace(log.with_name(f"{log.name}.1"))
    except OSError:
        copy.unlink(missing_ok=True)
    os.truncate(log, 0)
