"""`onecard up` refuses before it starts anything; how it lives is told by tests/guide."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path


def up(home: Path, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "up", "--sandbox"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "ONECARD_HOME": str(home), "ONECARD_PORT": port},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_named_and_nothing_is_started(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = up(home, str(port))
    assert refused.returncode == 1
    assert f"already listens on 127.0.0.1, port {port}" in refused.stderr
    assert "ONECARD_PORT" in refused.stderr
    assert not (home / "postgres").exists()


def test_a_port_must_be_one(home: Path) -> None:
    for wrong in ("abc", "0", "65534", "-1", "８０００"):
        refused = up(home, wrong)
        assert refused.returncode == 1
        assert "ONECARD_PORT" in refused.stderr
        assert "Traceback" not in refused.stderr
