"""`onecard api` as a process of its own, with two workers: it serves, stops in order, and `onecard token` finds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.servers import server_folder
from support.waiting import wait_until

from api.launch.ports import free_ports
from sandbox.wechat_keys import environment

PATIENCE_S = 60


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    url: str
    env: dict[str, str]

    def onecard(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the servers' unprivileged user may pass through."""
    with server_folder() as folder:
        yield folder


@pytest.fixture
def api(database: str, redis_url: str, home: Path) -> Iterator[Running]:
    port = free_ports()
    env = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")},
        **environment(home, "127.0.0.1", port + 1, port),
        "ONECARD_HOME": str(home),
        "ONECARD_PORT": str(port),
        "ONECARD_DATABASE_URL": database,
        "ONECARD_REDIS_URL": redis_url,
        "ONECARD_SANDBOX": "1",
    }
    url = f"http://127.0.0.1:{port}"
    with (home / "api.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "api", "--workers", "2"], env=env, stdout=log, stderr=log
        )
    try:
        wait_until(lambda: process.poll() is not None or answers(url), "the API to be ready", PATIENCE_S)
        assert process.poll() is None, (home / "api.log").read_text()
        yield Running(process, url, env)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()


def test_it_serves_and_stops_in_order(api: Running, home: Path) -> None:
    answer = httpx.post(f"{api.url}/graphql", json={"query": "{ school { sandbox } }"}, trust_env=False)
    assert answer.json() == {"data": {"school": {"sandbox": True}}}
    assert "server" not in answer.headers
    assert "date" in answer.headers, "by which a gateway finds that its clock is off"
    numbers = httpx.get(f"{api.url}/metrics", trust_env=False).text
    assert "onecard_operations_total" in numbers, "the workers add up their numbers"
    api.process.send_signal(signal.SIGTERM)
    assert api.process.wait(PATIENCE_S) in (0, -signal.SIGTERM)
    log = (home / "api.log").read_text()
    assert "Traceback" not in log
    assert (home / "keys" / "jwt.pem").stat().st_mode & 0o777 == 0o600


_ADDRESSES = ("OPEN_BASE", "API_BASE", "QYAPI_BASE", "MCH_BASE", "BRIDGE_URL")


def test_tokens_are_made_where_the_sandbox_is_on(api: Running) -> None:
    unknown = api.onecard("token", "--as", "2002001")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "2002001" in unknown.stderr
    nothing_outside = {f"ONECARD_WECHAT_{name}": "" for name in _ADDRESSES} | {
        "ONECARD_ONLINE_PAYMENT_BASE": "",
        "ONECARD_BANK_BASE": "",
    }
    away = api.onecard("token", "--as", "2002001", ONECARD_SANDBOX="0", **nothing_outside)
    assert (away.returncode, away.stdout) == (1, "")
    assert "sandbox" in away.stderr
    # From another shell, which knows nothing but the data folder and where the database is.
    remembered = api.onecard("token", "--as", "2002001", ONECARD_SANDBOX="", **nothing_outside)
    assert "Nobody of the number" in remembered.stderr


def test_the_schema_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "schema"], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0
    assert done.stdout == (Path(__file__).parents[2] / "schema" / "schema.graphql").read_text("utf-8")
