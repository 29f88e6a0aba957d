"""`onecard worker` as a process: ready without Redis, and gone at SIGTERM with nothing left in hand."""

import json
import os
import signal
import subprocess
import sys

import pytest
from support.servers import server_folder
from support.waiting import wait_until

from sandbox.wechat_keys import environment

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def home():
    with server_folder() as folder:
        yield folder


def start(home, database, redis_url):
    env = {name: value for name, value in os.environ.items() if not name.startswith("ONECARD_")}
    env |= environment(home, "127.0.0.1", 1, 2)
    env |= {
        "ONECARD_HOME": str(home),
        "ONECARD_DATABASE_URL": database,
        "ONECARD_REDIS_URL": redis_url,
    }
    with (home / "worker.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "api.cli", "worker"], env=env, stdout=log, stderr=log
        )


@pytest.mark.parametrize("redis_is_there", [True, False])
def test_ready_then_gone_when_told(home, database, redis_url, redis_is_there):
    process = start(home, database, redis_url if redis_is_there else NOBODY_LISTENS)
    log = home / "worker.log"
    try:
        wait_until(lambda: "worker_ready" in log.read_text() or process.poll() is not None, "the worker")
        assert process.poll() is None, log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        process.kill()
        process.wait(10)
    assert "Traceback" not in log.read_text()
    # Facts as JSON through the redaction, never a console's tracebacks with the values of variables.
    ready = next(line for line in log.read_text().splitlines() if "worker_ready" in line)
    assert json.loads(ready)["event"] == "worker_ready"


def test_it_waits_for_a_database_that_is_not_there(home, redis_url):
    process = start(home, "postgresql://onecard:x@127.0.0.1:1/onecard", redis_url)
    log = home / "worker.log"
    try:
        wait_until(lambda: log.read_text().count("worker_waits_for_the_database") >= 2, "two waits")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        process.kill()
        process.wait(10)


def test_what_is_missing_is_named(home, database, redis_url):
    process = subprocess.run(
        [sys.executable, "-m", "api.cli", "worker"],
        env={
            "PATH": os.environ["PATH"],
            "ONECARD_HOME": str(home),
            "ONECARD_DATABASE_URL": database,
            "ONECARD_REDIS_URL": redis_url,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 1
    assert "ONECARD_WECHAT_" in process.stderr
    assert "Traceback" not in process.stderr
