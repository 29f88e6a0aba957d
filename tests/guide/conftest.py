"""The whole house as `make run` starts it, with a browser in front. One house for all stories of a session."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.waiting import wait_until

from api.cli.up import SANDBOX_PORTS
from api.launch.ports import free_ports

START_TIMEOUT_S = 120
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class House:
    """A running `onecard up --sandbox`."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def playground(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def onecard(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as somebody in another terminal would: only ONECARD_HOME says where it runs."""
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *argv],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "ONECARD_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
        )


def log_in(page: Page, house: House, number: str) -> None:
    page.goto(f"{house.page}/")
    page.get_by_text(number).click()
    expect(page.get_by_text(f"学工号 {number}")).to_be_visible()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="onecard-house-"))
    home.chmod(0o711)
    said = home / "up.log"
    policy = home / "policy.json"
    policy.write_text('{"recharge_hours": ["00:00", "00:00"]}')  # the story is told at any hour
    port = free_ports(SANDBOX_PORTS)  # page, sandbox, terminals
    with said.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "up", "--sandbox"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "ONECARD_HOME": str(home),
                "ONECARD_PORT": str(port),
                "ONECARD_POLICY_FILE": str(policy),
            },
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(
            lambda: f"ready http://127.0.0.1:{port}" in said.read_text() or process.poll() is not None,
            "the house to be ready",
            START_TIMEOUT_S,
        )
        assert process.poll() is None, said.read_text()
        yield House(home, port, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    yield context
    context.close()
