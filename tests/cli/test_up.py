"""`onecard up` refuses before it starts anything; how it lives is told by tests/guide."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.waiting import wait_until


def up(home: Path, port: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "up", "--sandbox"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ONECARD_HOME": str(home),
            "ONECARD_PORT": port,
            **environment,
        },
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


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(min(probe.getsockname()[1], 65_000))


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (
            {"ONECARD_DATABASE_URL": "postgresql://u:p@ss/w@h/d"},
            "ONECARD_DATABASE_URL is not a PostgreSQL DSN",
        ),
        ({"ONECARD_REDIS_URL": "localhost:6379"}, "ONECARD_REDIS_URL is not an address of Redis"),
        ({"ONECARD_REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_before_anything_is_written(
    home: Path, environment: dict[str, str], said: str
) -> None:
    refused = up(home, free_port(), **environment)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "→ " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (home / "sandbox").exists()


def test_ctrl_c_in_the_middle_of_the_first_start_ends_it_and_leaves_nothing_half_made(home: Path) -> None:
    """The terminal sends Ctrl-C to everybody in it: initdb must not take it for its own."""
    environment = {"PATH": os.environ["PATH"], "ONECARD_HOME": str(home), "ONECARD_PORT": free_port()}
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli", "up"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as starting:
        wait_until((home / "postgres" / "cluster.unfinished").exists, "initdb to be at work")
        os.killpg(starting.pid, signal.SIGINT)
        said, _ = starting.communicate(timeout=60)
    assert starting.returncode == 0, said
    assert said.splitlines()[-2:] == ["Stopping …", "Everything has stopped; nothing was lost."]
    assert (home / "postgres" / "cluster").exists()
    assert not (home / "postgres" / "cluster" / "postmaster.pid").exists()
