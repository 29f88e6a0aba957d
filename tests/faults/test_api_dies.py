"""The API killed with kill -9 under load: every acknowledged payment is there, none twice, the rest is resolved."""

import asyncio
import os
import signal
import subprocess
import sys

import httpx
import pytest
from faults.shop import FULL_FEN, Shop
from support.campus import open_campus
from support.waiting import until, wait_until

from api.launch.ports import free_ports
from sandbox.wechat_keys import environment

HANDS, ROUNDS = 6, 3
PATIENCE_S = 60


class Api:
    """`onecard api` as a process that is killed and started again on its port."""

    def __init__(self, settings, log):
        port = free_ports()
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._process = None
        self._env = {
            "PATH": os.environ["PATH"],
            **environment(settings.home, "127.0.0.1", port + 1, port),
            "ONECARD_HOME": str(settings.home),
            "ONECARD_PORT": str(port),
            "ONECARD_DATABASE_URL": settings.database_url,
            "ONECARD_REDIS_URL": settings.redis_url,
            "ONECARD_SANDBOX": "1",
        }

    def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "api"], env=self._env, stdout=log, stderr=log
            )

    def kill(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(PATIENCE_S)  # reaped before it is started again
            self._process = None

    @property
    def ready(self):
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.mark.timeout(300)
async def test_every_acknowledged_payment_is_there_once(database, redis_url, tmp_path):
    async with open_campus(database, redis_url) as campus:
        await campus.top_up("student", FULL_FEN)
        api = Api(campus.parts.settings, tmp_path / "api.log")
        shop = Shop(campus, database, api.url)
        try:
            api.start()
            await asyncio.to_thread(wait_until, lambda: api.ready, "the API to be ready", PATIENCE_S)
            working = asyncio.create_task(shop.till.work(HANDS))
            for _ in range(ROUNDS):
                enough = len(shop.till.acknowledged) + 40
                await until(
                    lambda enough=enough: len(shop.till.acknowledged) >= enough, "payments to go through"
                )
                api.kill()
                api.start()
            enough = len(shop.till.acknowledged) + 40
            await until(
                lambda: len(shop.till.acknowledged) >= enough,
                "payments to go on after the last time",
                PATIENCE_S,
            )
            shop.till.stop()
            await working
            assert shop.till.unknown, "it was never killed in the middle of anything"
            await shop.till.resolve()
            charged, refused = await shop.compare()
        finally:
            api.kill()
            await shop.aclose()
    assert charged >= 40 * ROUNDS
    assert refused == 0 or {a for a in shop.till.acknowledged.values() if not a.startswith("bil_")} == {
        "CODE_EXPIRED"
    }
