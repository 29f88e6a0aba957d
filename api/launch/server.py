"""What an embedded server is, whichever it is: started once, stopped once, watched meanwhile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType

from api.launch.folder import ServerFolder
from api.launch.process import Child


class EmbeddedServer(ABC):
    """A server in a folder of its own. As a context manager it is its address."""

    def __init__(self, data_dir: Path, port: int | None) -> None:
        self._folder = ServerFolder(data_dir)
        self._wanted_port = port
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> str:
        """Start it and return the address to connect to."""

    def stop(self) -> None:
        """Stop it politely; returns when the server is gone. Stopping twice does nothing."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        self._folder.release()

    @property
    def alive(self) -> bool:
        """Whether the started server still runs."""
        return self._child is not None and self._child.alive

    def bound_log(self) -> None:
        """As `Child.bound_log`."""
        if self._child is not None:
            self._child.bound_log()

    @property
    def pid(self) -> int:
        """The server's process id (for tests that kill it)."""
        assert self._child is not None, "not started"
        return self._child.pid

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
