"""The same house with something going wrong at each hop: one posting or none, and both sides know which.

Told of counselor 1005001: 2002001's month is looked at, to a fen, by another story of the same house.
"""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from guide.conftest import House
from support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]  # browser: the stories share one house
PRICE_FEN = 50


@dataclass
class Payer:
    """Somebody in scripts: a token, and what their page would ask."""

    house: House
    http: httpx.Client

    def ask(self, document: str, **variables: Any) -> Any:
        answer = self.http.post(
            f"{self.house.page}/graphql", json={"query": document, "variables": variables}
        )
        told = answer.json()
        assert "errors" not in told, told
        return told["data"]

    def code(self) -> str:
        told = self.ask("mutation { paymentCodeIssue { ... on PaymentCodeIssued { paymentCode { code } } } }")
        return str(told["paymentCodeIssue"]["paymentCode"]["code"])

    def fen(self) -> int:
        told = self.ask("{ account { balance } }")["account"]["balance"]
        return int(told.replace(".", ""))

    def newest_bill(self) -> Any:
        return self.ask("{ account { bills(first: 1) { edges { node { id kind amount } } } } }")["account"][
            "bills"
        ]["edges"][0]["node"]

    def recharge(self, yuan: str) -> tuple[str, str]:
        """Order it; its id and WeChat's order number."""
        told = self.ask(
            "mutation ($id: ID!, $amount: Money!) { rechargeCreate(input: {id: $id, amount: $amount}) {"
            " ... on RechargeCreated { recharge { id outTradeNo } } } }",
            id=str(uuid.uuid4()),
            amount=yuan,
        )["rechargeCreate"]["recharge"]
        return told["id"], told["outTradeNo"]

    def confirm(self, recharge: str) -> str:
        told = self.ask(
            "mutation ($id: ID!) { rechargeConfirm(input: {recharge: $id}) {"
            " ... on RechargeConfirmed { recharge { state } } } }",
            id=recharge,
        )
        return str(told["rechargeConfirm"]["recharge"]["state"])


@dataclass
class World:
    """The till and WeChat, played through the playground's and the sandbox's own API."""

    house: House
    http: httpx.Client
    terminal: str = "10000003"

    def till(self, verb: str, **body: Any) -> Any:
        url = f"{self.house.playground}/playground/api/pos/{verb}"
        answer = self.http.post(url, json={"terminal": self.terminal, **body})
        told = answer.json()
        assert told["ok"], told
        return told["result"]

    def pay(self, code: str) -> Any:
        return self.till("pay", code=code, amountFen=PRICE_FEN)

    def wechat(self, path: str, **body: Any) -> Any:
        answer = self.http.post(f"{self.house.playground}/sandbox/wechat/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def payer(house: House) -> Iterator[Payer]:
    token = house.onecard("token", "--as", "1005001").stdout.strip()
    with httpx.Client(timeout=60, trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
        yield Payer(house, client)


@pytest.fixture
def world(house: House, http: httpx.Client) -> Iterator[World]:
    world = World(house, http)
    yield world
    for fault in ("dropReply", "dropRequest", "wrongMac"):
        world.till("fault", fault=fault, on=False)
    http.delete(f"{house.playground}/sandbox/wechat/faults")


@pytest.mark.parametrize("fault", ["dropReply", "dropRequest"])
def test_what_is_lost_at_the_till_is_sent_again_and_paid_once(payer: Payer, world: World, fault: str) -> None:
    before, code = payer.fen(), payer.code()
    world.till("fault", fault=fault, on=True)
    paid = world.pay(code)
    assert paid["approved"], paid
    assert paid["attempts"] == 2
    assert payer.fen() == before - PRICE_FEN
    assert world.pay(code)["approved"] is False  # used
    assert payer.fen() == before - PRICE_FEN


def test_a_wrong_mac_moves_nothing(payer: Payer, world: World) -> None:
    before = payer.fen()
    world.till("fault", fault="wrongMac", on=True)
    assert world.pay(payer.code())["approved"] is False
    world.till("fault", fault="wrongMac", on=False)
    assert payer.fen() == before


def test_a_reversal_gives_the_lunch_back(payer: Payer, world: World) -> None:
    before = payer.fen()
    assert world.pay(payer.code())["approved"]
    assert world.till("reverse")["approved"]
    wait_until(lambda: payer.fen() == before, "the money to be back")
    assert payer.newest_bill()["kind"] == "REVERSAL"


@pytest.mark.parametrize("killed", ["api.cli api", "api.cli gateway", "bin/postgres -D"])
def test_killed_in_the_middle_both_sides_agree_afterwards(payer: Payer, world: World, killed: str) -> None:
    """kill -9 just before a sale: whatever the till was told in the end is what the books say."""
    before, code = payer.fen(), payer.code()
    _kill(payer.house, killed)
    paid = world.pay(code)
    wanted = before - PRICE_FEN if paid["approved"] else before

    def agreed() -> bool:
        try:
            return payer.fen() == wanted
        except (httpx.HTTPError, AssertionError):  # the API, or its database, is still on its way back
            return False

    wait_until(agreed, f"the books to agree with the till ({paid})", 60)
    code = payer.code()
    wait_until(lambda: world.pay(code)["approved"], "the till to sell again", 50)


@pytest.mark.parametrize("notify", ["drop", "double", "tamper", "late"])
def test_a_recharge_arrives_once_whatever_happens_to_its_notification(
    payer: Payer, world: World, notify: str
) -> None:
    before = payer.fen()
    world.wechat("faults", notify=notify)
    recharge, order = payer.recharge("30.00")
    world.wechat(f"orders/{order}/pay")
    wait_until(lambda: payer.confirm(recharge) == "CREDITED", "the recharge to arrive")
    world.wechat("faults", notify="send")
    world.wechat(f"orders/{order}/notify_again")
    assert payer.fen() == before + 3000


def test_the_books_hold_after_all_of_it(house: House) -> None:
    checked = house.onecard("ledger", "check", check=False)
    assert checked.returncode == 0, checked.stdout


def _kill(house: House, command: str) -> None:
    """kill -9 the one process of this house whose command line has these words."""
    found = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _belongs(entry, house, command)
    ]
    assert len(found) == 1, f"{command}: {found}"
    os.kill(found[0], signal.SIGKILL)


def _belongs(entry: Path, house: House, command: str) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return False
    return command in words and parent == house.process.pid
