"""`onecard up` refuses before it starts anything; how it lives is told by tests/guide."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.waiting import wait_until

from api.cli.up import SANDBOX_PORTS
from api.launch.ports import free_ports
from api.launch.postgres import running_dsn
from sandbox.wechat_keys import environment


def up(home: Path, port: int | str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "up", "--sandbox"],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ONECARD_HOME": str(home),
            "ONECARD_PORT": str(port),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def starting(home: Path, *options: str, **more: Any) -> subprocess.Popen[str]:
    """`onecard up` on free ports, under way; what it says is read from its `stdout`."""
    own = {
        "PATH": os.environ["PATH"],
        "ONECARD_HOME": str(home),
        "ONECARD_PORT": str(free_ports(SANDBOX_PORTS)),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "up", *options],
        env=own | more.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,
    )


def test_a_taken_port_is_named_and_nothing_is_started(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = up(home, port)
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


def test_a_pretend_campus_has_no_ipv6(home: Path) -> None:
    refused = up(home, free_ports(SANDBOX_PORTS), ONECARD_HOST="::1")
    assert refused.returncode == 1
    assert "ONECARD_HOST is ::1; a pretend campus speaks IPv4 only." in refused.stderr
    assert list(home.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="no IPv6 here")
def test_a_page_on_ipv6_has_an_address_in_brackets(home: Path) -> None:
    port = str(free_ports(SANDBOX_PORTS))
    school = a_school_of_its_own(home) | {"ONECARD_HOST": "::1", "ONECARD_PORT": port}
    with starting(home, env=school) as house:
        assert house.stdout is not None
        said = ""
        for line in house.stdout:
            said += line
            if "Ctrl-C stops everything" in line:
                break
        assert f"ready http://[::1]:{port}\n" in said
        with urllib.request.urlopen(f"http://[::1]:{port}/readyz", timeout=10) as answer:
            assert answer.status == 200
        house.send_signal(signal.SIGINT)
        house.communicate(timeout=60)
    assert house.returncode == 0


def a_school_of_its_own(home: Path) -> dict[str, str]:
    """What a school sets that pays for real, with a WeChat that is nowhere."""
    given = environment(home, "127.0.0.1", 1, 1)
    del given["ONECARD_SANDBOX"], given["ONECARD_PUBLIC_URL"]
    nowhere = {name: "https://127.0.0.1:1" for name in given if name.endswith(("_BASE", "_BRIDGE_URL"))}
    return given | nowhere


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
    refused = up(home, free_ports(SANDBOX_PORTS), **environment)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "→ " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (home / "sandbox").exists()


def test_a_house_is_started_once(home: Path) -> None:
    """With a database of its own the second would get as far as the first's gateway.json."""
    with starting(home) as first:
        wait_until((home / "postgres").exists, "the first to be at work")
        second = up(home, free_ports(SANDBOX_PORTS), ONECARD_DATABASE_URL="postgresql://u:p@127.0.0.1:1/d")
        first.send_signal(signal.SIGINT)
        said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert second.returncode == 1
    assert f"OneCard in {home} is already served by process {first.pid}." in second.stderr
    assert "ONECARD_HOME" in second.stderr
    assert second.stdout == ""
    assert not (home / "sandbox").exists()


def test_ctrl_c_in_the_middle_of_the_first_start_ends_it_and_leaves_nothing_half_made(home: Path) -> None:
    """The terminal sends Ctrl-C to everybody in it: initdb must not take it for its own."""
    with starting(home, start_new_session=True) as house:
        wait_until((home / "postgres" / "cluster.unfinished").exists, "initdb to be at work")
        os.killpg(house.pid, signal.SIGINT)
        said, _ = house.communicate(timeout=60)
    assert house.returncode == 0, said
    assert said.splitlines()[-2:] == ["Stopping …", "Everything has stopped; nothing was lost."]
    assert (home / "postgres" / "cluster").exists()
    assert not (home / "postgres" / "cluster" / "postmaster.pid").exists()


def test_ctrl_c_is_heard_while_the_campus_is_loaded(home: Path) -> None:
    with starting(home, "--sandbox") as house:
        wait_until(lambda: people_in(home) or house.poll() is not None, "people to be loaded")
        house.send_signal(signal.SIGINT)
        said, _ = house.communicate(timeout=60)
    assert house.returncode == 0, said
    assert "loaded " not in said
    assert said.splitlines()[-2:] == ["Stopping …", "Everything has stopped; nothing was lost."]


def people_in(home: Path) -> int:
    """How many the running database has by now."""

    async def count(dsn: str) -> int:
        try:
            connection = await asyncpg.connect(dsn)
        except asyncpg.PostgresError:  # no role yet, no database yet
            return 0
        try:
            return int(await connection.fetchval("SELECT count(*) FROM school.person"))
        except asyncpg.UndefinedTableError:
            return 0
        finally:
            await connection.close()

    dsn = running_dsn(home / "postgres")
    return asyncio.run(count(dsn)) if dsn else 0
