"""Several services kept running together: started in order, restarted when one dies, stopped in reverse."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.launch.process import Child

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
WATCH_S = 0.2
FIRST_RESTART_S = 0.5  # doubled at each restart up to the last, forgotten after a calm minute
LAST_RESTART_S = 15.0
CALM_S = 60.0


@dataclass(frozen=True)
class Service:
    """What to run. `ready()` is asked until it says yes; it must answer at once."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    log: Path
    ready: Callable[[], bool]


@dataclass
class _Member:
    service: Service
    child: Child
    started_at: float
    wait_s: float = FIRST_RESTART_S
    restart_at: float | None = None


class Crew:
    """The services of one installation. Lives in the main thread, as `Child` demands."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._members: list[_Member] = []

    def start(self, *services: Service) -> None:
        """Start them together and return when each is ready; LaunchError names the one that is not."""
        fresh = [_Member(service, _run(service), time.monotonic()) for service in services]
        self._members += fresh
        for member in fresh:
            member.child.wait_until(
                member.service.ready, name=f"The {member.service.name}", timeout_s=READY_TIMEOUT_S
            )

    def watch(self, stopped: Callable[[], bool], beside: Callable[[], None] = lambda: None) -> None:
        """Restart what dies, with growing pauses, and bound the logs, until `stopped()`.

        `beside()`: what else to look after.
        """
        while not stopped():
            beside()
            for member in self._members:
                self._look_after(member, time.monotonic())
            time.sleep(WATCH_S)

    def stop(self) -> None:
        """Ask all to end, in reverse order of their start; return when they are gone."""
        for member in reversed(self._members):
            member.child.stop(STOP_TIMEOUT_S)
        self._members.clear()

    def _look_after(self, member: _Member, now: float) -> None:
        member.child.bound_log()
        if member.child.alive:
            if now - member.started_at > CALM_S:
                member.wait_s = FIRST_RESTART_S
            return
        if member.restart_at is None:
            member.restart_at = now + member.wait_s
            self._say(
                f"The {member.service.name} stopped; starting it again in {member.wait_s:g} s "
                f"(see {member.service.log})."
            )
        elif now >= member.restart_at:
            member.child = _run(member.service)
            member.started_at, member.restart_at = now, None
            member.wait_s = min(member.wait_s * 2, LAST_RESTART_S)


def _run(service: Service) -> Child:
    service.log.parent.mkdir(parents=True, exist_ok=True)
    return Child(service.argv, log=service.log, account=None, stop_signal=signal.SIGTERM, env=service.env)
