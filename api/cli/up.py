"""`onecard up`: the whole house on one machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from api.cli._failure import Failure
from api.cli._instance import POSTGRES, VALKEY, given_database_url, host, port, school
from api.cli._probe import answers, ask_redis, listens
from api.launch import EmbeddedPostgres, EmbeddedValkey, data_home
from api.launch.crew import Crew, Service
from api.launch.lock import FolderLock
from api.launch.server import EmbeddedServer
from onecard.settings import in_address

SANDBOX_PORTS = 43  # page, sandbox, terminals, and 40 lines of meters
HEAR_S = 0.2  # how soon Ctrl-C is heard in the middle of a long step


def command(
    sandbox: Annotated[
        bool, typer.Option("--sandbox/--no-sandbox", help="Also start a pretend campus to play with.")
    ] = False,
    show: Annotated[bool, typer.Option(help="Say each step.")] = True,
) -> None:
    """Start databases, API and worker; with --sandbox also a pretend campus. Ctrl-C stops it all."""
    stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: stop.set())
    _House(sandbox=sandbox, say=_say if show else _quiet).live(stop)


@dataclass(frozen=True)
class _Places:
    """Where this installation listens. The sandbox is one port above the page, devices follow."""

    host: str
    port: int

    @property
    def page(self) -> str:
        return f"http://{in_address(self.host)}:{self.port}"

    @property
    def public_url(self) -> str:
        return os.environ.get("ONECARD_PUBLIC_URL", "").rstrip("/") or self.page

    @property
    def sandbox_url(self) -> str:
        return f"http://{in_address(self.host)}:{self.port + 1}"

    @property
    def pos(self) -> tuple[str, int]:
        return self.host, self.port + 2


class _House:
    def __init__(self, *, sandbox: bool, say: Callable[[str], None]) -> None:
        self._sandbox = sandbox
        self._say = say
        self._home = data_home()
        self._places = _Places(host(), port())
        self._servers: list[EmbeddedServer] = []
        self._started = time.monotonic()

    def live(self, stop: threading.Event) -> None:
        """Start in order, say where everything is, stay until `stop`, leave nothing behind."""
        self._require_ipv4_for_the_sandbox()
        with ExitStack() as stack:
            # One house, one `up`: a second would give the first's gateway its own addresses.
            stack.enter_context(FolderLock(self._home).held("OneCard"))
            self._require_free_ports()
            crew = Crew(self._say)
            for _ in self._steps(stack, crew, stop):
                if stop.is_set():
                    break
            else:
                self._announce()
                crew.watch(stop.is_set, self._look_after_servers)
            self._say("Stopping …")
        self._say("Everything has stopped; nothing was lost.")

    def _steps(self, stack: ExitStack, crew: Crew, stop: threading.Event) -> Iterator[None]:
        """The start in steps: who presses Ctrl-C meanwhile is heard between two of them."""
        env = self._databases(stack)
        yield
        if self._sandbox:
            env |= self._campus()
            yield
        self._bring_up_to_date(env, stop)
        yield
        stack.callback(crew.stop)
        for together in self._services(env, stop):
            crew.start(*together)
            yield

    def _require_ipv4_for_the_sandbox(self) -> None:
        if self._sandbox and ":" in self._places.host:
            raise Failure(
                f"ONECARD_HOST is {self._places.host}; a pretend campus speaks IPv4 only.",
                "Unset it, or set it to 0.0.0.0 for every IPv4 address of this machine.",
            )

    def _require_free_ports(self) -> None:
        """Asked first: a page that somebody else serves there must not be taken for ours."""
        places = self._places
        wanted = range(places.port, places.port + SANDBOX_PORTS) if self._sandbox else [places.port]
        taken = [str(one) for one in wanted if listens(places.host, one)()]
        if taken:
            raise Failure(
                f"Something else already listens on {places.host}, port {' and '.join(taken)}.",
                f"Stop it, or choose other ports: ONECARD_PORT=8100 takes 8100 to {8100 + SANDBOX_PORTS - 1}."
                if self._sandbox
                else "Stop it, or choose another port: ONECARD_PORT=8100.",
            )

    def _databases(self, stack: ExitStack) -> dict[str, str]:
        """PostgreSQL and Redis: yours where an address is set, else the embedded ones, started now."""
        database_url = given_database_url()
        if not database_url:
            self._say("Starting PostgreSQL …")
            database_url = self._start(stack, EmbeddedPostgres(self._home / POSTGRES))
        redis_url = os.environ.get("ONECARD_REDIS_URL")
        if not redis_url:
            self._say("Starting Valkey …")
            redis_url = self._start(stack, EmbeddedValkey(self._home / VALKEY))
        ask_redis(redis_url)  # now, rather than by an API that never becomes ready
        return {
            **{name: value for name, value in os.environ.items() if _passes(name)},
            "PYTHONUNBUFFERED": "1",
            "ONECARD_HOME": str(self._home),
            "ONECARD_DATABASE_URL": database_url,
            "ONECARD_REDIS_URL": redis_url,
            "ONECARD_SCHOOL": school(),
            "ONECARD_HOST": self._places.host,
            "ONECARD_PORT": str(self._places.port),
            "ONECARD_PUBLIC_URL": self._places.public_url,
            "ONECARD_SANDBOX": "1" if self._sandbox else "0",
        }

    def _start(self, stack: ExitStack, server: EmbeddedServer) -> str:
        self._servers.append(server)
        return stack.enter_context(server)

    def _look_after_servers(self) -> None:
        """A database that was killed comes back at the same address; the services wait and go on."""
        for server in self._servers:
            server.bound_log()
            if not server.alive:
                self._say(f"{type(server).__name__.removeprefix('Embedded')} stopped; starting it again.")
                server.stop()
                server.start()

    def _campus(self) -> dict[str, str]:
        """The pretend campus's keys and rows; what the other processes must know of it."""
        from onecard.rules.clock import in_shanghai, system_clock
        from sandbox.setup import plays_at_night, prepare

        self._say("Inventing a campus …")
        now = in_shanghai(system_clock())
        if plays_at_night(now):
            self._say("It is night in China: this pretend campus recharges round the clock.")
        return prepare(self._home, host=self._places.host, port=self._places.port, now=now)

    def _bring_up_to_date(self, env: dict[str, str], stop: threading.Event) -> None:
        from onecard.migrations import migrate

        applied = asyncio.run(migrate(env["ONECARD_DATABASE_URL"], env["ONECARD_SCHOOL"]))
        if applied:
            self._say(f"Database: {len(applied)} migrations applied.")
        if self._sandbox:
            from api.cli.seed import load
            from onecard.settings import Settings

            asyncio.run(_unless(stop, load(Settings.from_env(env), self._home / "sandbox" / "rows")))

    def _services(self, env: dict[str, str], stop: threading.Event) -> Iterator[list[Service]]:
        """What starts together; the page must be there before devices talk to it."""

        def service(name: str, ready: Callable[[], bool], *more: str) -> Service:
            return Service(
                name=name,
                argv=[sys.executable, "-m", "api.cli", name, *more],
                env=env,
                log=self._home / "logs" / f"{name}.log",
                ready=lambda: stop.is_set() or ready(),
            )

        self._say("Starting API and worker …")
        outside = [service("sandbox", answers(f"{self._places.sandbox_url}/playground"))]
        yield [
            *(outside if self._sandbox else []),
            service("api", answers(f"{self._places.page}/readyz")),
            service("worker", lambda: True),
        ]
        config = self._home / "gateway" / "gateway.json"
        if config.exists():
            self._say("Starting the device gateway …")
            yield [service("gateway", listens(*self._places.pos), "--config", str(config))]

    def _announce(self) -> None:
        lines = [f"ready {self._places.public_url}", "", f"  page        {self._places.public_url}/"]
        lines.append(f"  desk        {self._places.public_url}/desk")
        if self._sandbox:
            from sandbox.setup import people_to_try

            pos_host, pos_port = self._places.pos
            lines.append(f"  playground  {self._places.sandbox_url}/playground")
            lines.append(f"  terminals   {pos_host}:{pos_port} (ISO 8583)")
            last = self._places.port + SANDBOX_PORTS - 1
            lines.append(
                f"  meters      {pos_host}:{pos_port + 1} to {last} (DL/T 645 at 9600 baud, 40 lines)"
            )
            lines += ["", "  Log in as", *(f"    {line}" for line in people_to_try(self._home))]
        lines += [
            "",
            f"  data        {self._home}",
            f"  logs        {self._home / 'logs'}",
            f"  started in  {time.monotonic() - self._started:.1f} s. Ctrl-C stops everything.",
        ]
        typer.echo("\n".join(lines))
        sys.stdout.flush()


async def _unless(stop: threading.Event, work: Coroutine[Any, Any, None]) -> None:
    """`work` to its end, or given up soon after `stop`; it must be safe to repeat."""
    doing = asyncio.create_task(work)
    while not doing.done():
        if stop.is_set():
            doing.cancel()
        await asyncio.wait([doing], timeout=HEAR_S)
    if not doing.cancelled():
        doing.result()


def _passes(name: str) -> bool:
    """What children inherit: our own settings and what a process needs to find its files and words."""
    return name.startswith(("ONECARD_", "LC_")) or name in {"PATH", "HOME", "LANG", "TZ", "VIRTUAL_ENV"}


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


def _quiet(text: str) -> None:
    """`--no-show`: only the addresses are printed."""
