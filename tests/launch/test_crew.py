"""Services kept running together: in order, again when one dies, gone when the supervisor is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support.waiting import wait_until

from api.launch import LaunchError
from api.launch.crew import Crew, Service

# Says its process id, appends a line when it is asked to end, lives until then.
SERVANT = textwrap.dedent("""
    import os, pathlib, signal, sys, time
    me, said = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    def end(*_):
        with said.open("a") as log:
            log.write(me.name + "\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    part = me.with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.replace(me)
    while True:
        time.sleep(60)
""")


def servant(folder: Path, name: str) -> Service:
    pid_file = folder / name
    return Service(
        name=name,
        argv=[sys.executable, "-c", SERVANT, str(pid_file), str(folder / "ended")],
        env={"PATH": os.defpath},
        log=folder / f"{name}.log",
        ready=pid_file.exists,
    )


def runs(pid: int) -> bool:
    try:
        return b"Z" not in Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_what_dies_is_started_again_and_all_end_in_reverse(tmp_path: Path) -> None:
    said: list[str] = []
    crew = Crew(said.append)
    crew.start(servant(tmp_path, "first"), servant(tmp_path, "second"))
    killed = int((tmp_path / "first").read_text())
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        return int((tmp_path / "first").read_text()) != killed

    crew.watch(is_back)
    crew.stop()
    assert len(said) == 1
    assert "The first stopped; starting it again" in said[0]
    assert (tmp_path / "ended").read_text().split() == ["second", "first"]


WRITER = textwrap.dedent("""
    import pathlib, sys, time
    log = pathlib.Path(sys.argv[1])
    print("before " * 200, flush=True)
    while log.stat().st_size:
        time.sleep(0.01)
    print("after", flush=True)
    time.sleep(600)
""")


def test_a_log_is_bounded_while_its_service_writes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.launch.process.LOG_LIMIT_BYTES", 1000)
    log = tmp_path / "chatty.log"
    put_aside = tmp_path / "chatty.log.1"
    put_aside.write_text("of last time")
    crew = Crew(lambda _: None)
    crew.start(
        Service("chatty", [sys.executable, "-c", WRITER, str(log)], {"PATH": os.defpath}, log, log.exists)
    )
    deadline = time.monotonic() + 60

    crew.watch(lambda: log.read_bytes() == b"after\n" or time.monotonic() > deadline)
    crew.stop()
    assert log.read_bytes() == b"after\n"
    assert put_aside.read_text() == "before " * 200 + "\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chatty.log", "chatty.log.1"]


def test_one_that_never_is_ready_is_named(tmp_path: Path) -> None:
    crew = Crew(lambda _: None)
    broken = Service(
        "broken", [sys.executable, "-c", "raise SystemExit('no')"], {}, tmp_path / "log", lambda: False
    )
    with pytest.raises(LaunchError, match="The broken stopped while starting"):
        crew.start(broken)
    crew.stop()


def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import sys
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from launch.test_crew import servant
        from api.launch.crew import Crew
        crew = Crew(print)
        crew.start(servant(Path({str(tmp_path)!r}), "only"))
        print("up", flush=True)
        crew.watch(lambda: False)
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "up\n"
        pid = int((tmp_path / "only").read_text())
        assert runs(pid)
        supervisor.kill()
    wait_until(lambda: not runs(pid), "the service to end with its supervisor")
