"""The folder of one server: who owns it, who serves from it, its secret and its port."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from api.launch.lock import FolderLock
from api.launch.ports import free_ports, is_free
from api.launch.process import SOCKET_PATH_LIMIT, Account, LaunchError, blocked_at, server_account

BINARIES = "binaries"


class ServerFolder:
    """`path` belongs to the server's user and is served by at most one supervisor at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.account: Account | None = server_account()
        self._lock = FolderLock(self.path)

    def claim(self, server: str) -> None:
        """Create the folder and lock it for as long as we live.

        LaunchError when another living supervisor serves it (a second start never attaches), or when
        the server's user cannot get there.
        """
        self._refuse_unreachable()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LaunchError(
                f"{server} cannot use the folder {self.path}: {error.strerror}.",
                "Set ONECARD_HOME to a folder you may write.",
            ) from error
        self._lock.take(server)
        self.own(self.path)

    def release(self) -> None:
        self._lock.release()

    @property
    def served(self) -> bool:
        """Whether a living supervisor (another process, or this one) holds the folder."""
        return self._lock.taken

    def own(self, path: Path) -> None:
        """Give `path` to the server's user."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def write(self, name: str, text: str) -> Path:
        """Write a file only the server's user (and root) may read: never a moment half, or readable by others."""
        path, unfinished = self.path / name, self.path / f"{name}.unfinished"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        self.own(unfinished)
        unfinished.replace(path)
        return path

    def secret(self, name: str) -> str:
        """The secret kept in the file `name`, made on first use: only for who claimed the folder."""
        if not (self.path / name).exists():
            self.write(name, secrets.token_hex(24))
        return self.read_secret(name)

    def read_secret(self, name: str) -> str:
        return (self.path / name).read_text("utf-8").strip()

    def port(self, wanted: int | None) -> int:
        """`wanted`, else the port of last time while it is free, else any free one; remembered."""
        if wanted is None:
            path = self.path / "port"
            last = int(path.read_text()) if path.exists() else 0
            wanted = last if last and is_free(last) else free_ports()
        self.write("port", str(wanted))
        return wanted

    def socket_path(self, name: str) -> Path:
        """Where a unix socket may lie; LaunchError when the kernel would refuse so long a path."""
        path = self.path / name
        if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
            raise LaunchError(
                f"The socket's path {path} is longer than {SOCKET_PATH_LIMIT} bytes.",
                "Set ONECARD_HOME to a folder with a shorter path, such as /var/lib/onecard.",
            )
        return path

    def reachable_copy(self, package: Path, parts: list[Path], version: str) -> Path:
        """`package` as the server's user can reach it: itself, else a copy of `parts` in this folder.

        `parts` lie under `package`'s parent and keep their places relative to it (RPATH needs that).
        """
        if self.account is None or blocked_at(package, self.account) is None:
            return package
        site, home = package.parent, self.path / BINARIES
        done = home / version
        if not done.exists():
            unfinished = home / f".{version}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in parts:
                target = unfinished / part.relative_to(site)
                if part.is_dir():
                    shutil.copytree(
                        part, target, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs")
                    )
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(part, target)
            for folder in [home, unfinished, *(p for p in unfinished.rglob("*") if p.is_dir())]:
                folder.chmod(0o755)
            unfinished.rename(done)
        return done / package.relative_to(site)

    def _refuse_unreachable(self) -> None:
        if self.account is None:
            return
        blocked = blocked_at(self.path.resolve(), self.account)
        if blocked is not None and blocked != self.path.resolve():
            raise LaunchError(
                f"The servers run as {self.account.name}, who cannot enter {blocked}; "
                f"{self.path} is out of reach.",
                "Set ONECARD_HOME to a folder that user can reach, such as /var/lib/onecard.",
            )
