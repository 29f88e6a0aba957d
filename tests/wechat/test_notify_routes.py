"""POST /wechat/notify/…: what is answered to WeChat, and that a notification we cannot prove moves nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from support.wechat import ManualClock, prepare_home

import api.notices
from onecard.outside.payments import PaymentNotice, RefundNotice, RefundState
from onecard.outside.wechat_pay_v3 import WechatPayConfig, WechatPayV3
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.settings import Settings
from sandbox.wechat.signing import PaySignatures
from sandbox.wechat_keys import environment, load_keys

Headers = dict[str, str]


@dataclass
class Post:
    """The API's two routes, with the actions replaced by a list; and WeChat's pen."""

    http: httpx.AsyncClient
    clock: ManualClock
    signatures: PaySignatures
    names: Any
    settled: list[PaymentNotice | RefundNotice] = field(default_factory=list)
    failure: BaseException | None = None
    pause: asyncio.Event | None = None

    async def settle(self, _: object, notice: PaymentNotice | RefundNotice, *by: object) -> None:
        if self.pause:
            await self.pause.wait()
        if self.failure:
            raise self.failure
        self.settled.append(notice)

    def payment(self, **changes: Any) -> dict[str, Any]:
        return {
            "appid": self.names.corp_id,
            "mchid": self.names.mch_id,
            "out_trade_no": "RCH0000001",
            "transaction_id": "4200001234",
            "trade_type": "JSAPI",
            "trade_state": "SUCCESS",
            "success_time": "2026-11-23T12:00:00+08:00",
            "amount": {"total": 5000, "payer_total": 4900, "currency": "CNY"},
            **changes,
        }

    def envelope(self, plain: Any, event: str = "TRANSACTION.SUCCESS", **changes: Any) -> bytes:
        text = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
        kind = "transaction" if event.startswith("TRANSACTION") else "refund"
        row = {
            "id": "notice-1",
            "resource_type": "encrypt-resource",
            "event_type": event,
            "resource": self.signatures.sealed(text, kind),
        }
        return json.dumps(row | changes).encode()

    def signed(self, body: bytes, at_s: float = 0) -> Headers:
        return self.signatures.headers(body, self.clock.seconds() + at_s)

    async def send(self, body: bytes, headers: Any, path: str = "pay") -> httpx.Response:
        return await self.http.post(f"http://school/wechat/notify/{path}", content=body, headers=headers)


@pytest.fixture
async def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    home, clock = prepare_home(tmp_path), ManualClock()
    keys = load_keys(home)
    needed = {"ONECARD_HOME": str(home), "ONECARD_DATABASE_URL": "x", "ONECARD_REDIS_URL": "x"}
    settings = Settings.from_env(environment(home, "127.0.0.1", 1, 2) | needed)
    async with WechatPayV3(WechatPayConfig.from_settings(settings), clock) as pay:
        parts = SimpleNamespace(provider=lambda channel: pay, online_payment=None, bank=None)
        school = Starlette(routes=api.notices.routes(parts))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(school)) as http:
            post = Post(http, clock, PaySignatures(keys), keys.names)
            monkeypatch.setattr(api.notices, "settle_recharge", post.settle)
            monkeypatch.setattr(api.notices, "settle_refund", post.settle)
            yield post


async def test_a_proved_payment_is_settled(post: Post) -> None:
    body = post.envelope(post.payment())
    answer = await post.send(body, post.signed(body))
    assert (answer.status_code, answer.content) == (204, b"")
    [notice] = post.settled
    assert isinstance(notice, PaymentNotice)
    assert (notice.out_trade_no, notice.transaction_id) == ("RCH0000001", "4200001234")
    assert (notice.paid_fen, notice.payer_fen, notice.notice_id) == (5000, 4900, "notice-1")
    assert notice.paid_at.isoformat() == "2026-11-23T12:00:00+08:00"


async def test_a_proved_refund_is_settled_at_its_own_address(post: Post) -> None:
    plain = {
        "mchid": post.names.mch_id,
        "out_trade_no": "RCH0000001",
        "transaction_id": "4200001234",
        "out_refund_no": "RFD01",
        "refund_id": "5030",
        "refund_status": "SUCCESS",
        "success_time": "2026-11-23T12:00:00+08:00",
        "amount": {"total": 5000, "refund": 2000, "payer_total": 5000, "payer_refund": 2000},
    }
    body = post.envelope(plain, "REFUND.SUCCESS")
    assert (await post.send(body, post.signed(body), "pay")).status_code == 400
    assert post.settled == []
    assert (await post.send(body, post.signed(body), "refund")).status_code == 204
    [notice] = post.settled
    assert isinstance(notice, RefundNotice)
    assert (notice.out_refund_no, notice.state, notice.refund_fen) == ("RFD01", RefundState.SUCCESS, 2000)


async def test_a_repeat_is_acknowledged_again(post: Post) -> None:
    body = post.envelope(post.payment())
    headers = post.signed(body)
    assert [(await post.send(body, headers)).status_code for _ in range(3)] == [204] * 3
    assert len({notice.notice_id for notice in post.settled}) == 1  # the book credits it once


def _without(name: str) -> Callable[[Post, bytes], tuple[bytes, Headers]]:
    def attack(post: Post, body: bytes) -> tuple[bytes, Headers]:
        headers = post.signed(body)
        del headers[name]
        return body, headers

    return attack


def _with(name: str, value: str) -> Callable[[Post, bytes], tuple[bytes, Headers]]:
    return lambda post, body: (body, post.signed(body) | {name: value})


def _at(offset_s: float) -> Callable[[Post, bytes], tuple[bytes, Headers]]:
    return lambda post, body: (body, post.signed(body, offset_s))


def _twice(headers: Headers, body: bytes, *, first: str | None) -> tuple[bytes, list[tuple[str, str]]]:
    name = "Wechatpay-Signature"
    return body, [(name.lower(), first or headers[name]), *headers.items()]


FORGERIES: dict[str, Callable[[Post, bytes], tuple[bytes, Any]]] = {
    "no headers": lambda post, body: (body, {}),
    "no signature": _without("Wechatpay-Signature"),
    "no timestamp": _without("Wechatpay-Timestamp"),
    "no nonce": _without("Wechatpay-Nonce"),
    "no serial": _without("Wechatpay-Serial"),
    "no type": _without("Wechatpay-Signature-Type"),
    "another type": _with("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
    "another key's id": _with("Wechatpay-Serial", "PUB_KEY_ID_0114232134912410000000000000"),
    "a serial that is no number": _with("Wechatpay-Serial", "zz"),
    "not base64": _with("Wechatpay-Signature", "!!!"),
    "WeChat's own probe": _with("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc"),
    "a timestamp in words": _with("Wechatpay-Timestamp", "now"),
    "a negative timestamp": _with("Wechatpay-Timestamp", "-1"),
    "an endless timestamp": _with("Wechatpay-Timestamp", "9" * 400),
    "another nonce": _with("Wechatpay-Nonce", "0"),
    "301 seconds old": _at(-302),
    "301 seconds early": _at(302),
    "30 days old": _at(-30 * 86_400),
    "signature twice, alike": lambda post, body: _twice(post.signed(body), body, first=None),
    "signature twice, the last one right": lambda post, body: _twice(post.signed(body), body, first="x"),
    "timestamp twice": lambda post, body: (body, [*post.signed(body).items(), ("WECHATPAY-TIMESTAMP", "0")]),
    "altered body": lambda post, body: (body.replace(b"notice-1", b"notice-2"), post.signed(body)),
    "truncated body": lambda post, body: (body[:-20], post.signed(body)),
    "empty body": lambda post, body: (b"", post.signed(body)),
    "not UTF-8": lambda post, body: (b"\xff" + body, post.signed(body)),
    "signed another body": lambda post, body: (
        body,
        post.signatures.headers(body, post.clock.seconds(), forged=True),
    ),
    "a very long body": lambda post, body: (body + b" " * 70_000, post.signed(body + b" " * 70_000)),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forgery_is_refused_and_moves_nothing(post: Post, name: str) -> None:
    body, headers = FORGERIES[name](post, post.envelope(post.payment()))
    answer = await post.send(body, headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "FAIL")
    assert post.settled == []


MALFORMED: dict[str, Callable[[Post], bytes]] = {
    "truncated JSON": lambda post: post.envelope(post.payment())[:-20],
    "a list": lambda post: b"[]",
    "nothing": lambda post: b"",
    "no resource": lambda post: post.envelope(post.payment(), resource=None),
    "another algorithm": lambda post: post.envelope(post.payment(), resource={"algorithm": "AEAD_SM4_GCM"}),
    "a nonce of another length": lambda post: post.envelope(
        post.payment(), resource=post.signatures.sealed(b"{}", "transaction") | {"nonce": "1"}
    ),
    "an event we did not ask for": lambda post: post.envelope(post.payment(), "COUPON.USE"),
    "sealed text that is no JSON": lambda post: post.envelope(b"{"),
    "not a success": lambda post: post.envelope(post.payment(trade_state="NOTPAY")),
    "a state of ours": lambda post: post.envelope(post.payment(trade_state="UNKNOWN")),
    "another merchant": lambda post: post.envelope(post.payment(mchid="1900000000")),
    "another app": lambda post: post.envelope(post.payment(appid="wx0")),
    "no amount": lambda post: post.envelope(post.payment(amount=None)),
    "amount as text": lambda post: post.envelope(post.payment(amount={"total": "5000"})),
    "amount as float": lambda post: post.envelope(post.payment(amount={"total": 50.5})),
    "amount true": lambda post: post.envelope(post.payment(amount={"total": True})),
    "amount 0": lambda post: post.envelope(post.payment(amount={"total": 0})),
    "negative amount": lambda post: post.envelope(post.payment(amount={"total": -1})),
    "dollars": lambda post: post.envelope(post.payment(amount={"total": 1, "currency": "USD"})),
    "payer paid more": lambda post: post.envelope(post.payment(amount={"total": 1, "payer_total": 2})),
    "a time without offset": lambda post: post.envelope(post.payment(success_time="2026-11-23T12:00:00")),
    "no transaction": lambda post: post.envelope(post.payment(transaction_id="")),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_signed_notification_of_another_form_is_refused(post: Post, name: str) -> None:
    body = MALFORMED[name](post)
    answer = await post.send(body, post.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (400, "FAIL")
    assert post.settled == []


async def test_another_api_v3_key_is_our_fault_so_wechat_repeats(post: Post) -> None:
    resource = post.signatures.sealed(json.dumps(post.payment()).encode(), "transaction")
    resource["associated_data"] = "another"
    body = post.envelope(post.payment(), resource=resource)
    answer = await post.send(body, post.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (500, "FAIL")
    assert post.settled == []


async def test_what_could_not_be_stored_is_said_again_by_wechat(post: Post) -> None:
    body = post.envelope(post.payment())
    post.failure = ConnectionError("the database restarts")
    answer = await post.send(body, post.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (500, "FAIL")
    post.failure = None
    assert (await post.send(body, post.signed(body))).status_code == 204
    assert len(post.settled) == 1


async def test_a_transaction_told_otherwise_before_is_refused(post: Post) -> None:
    body = post.envelope(post.payment())
    post.failure = Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
    assert (await post.send(body, post.signed(body))).status_code == 400


async def test_wechat_is_answered_in_time(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.notices, "ANSWER_S", 0.05)
    post.pause = asyncio.Event()  # the database hangs
    body = post.envelope(post.payment())
    answer = await post.send(body, post.signed(body))
    assert (answer.status_code, answer.json()["code"]) == (503, "FAIL")
    assert post.settled == []


async def test_nothing_secret_is_logged(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    plain = post.payment(payer={"openid": "o-very-secret-openid"})
    good, bad = post.envelope(plain), post.envelope(plain, "COUPON.USE")
    await post.send(good, post.signed(good))
    await post.send(bad, post.signed(bad))
    await post.send(good, {})
    written = "".join(capsys.readouterr())
    assert "RCH0000001" in written
    for secret in ("o-very-secret-openid", post.names.api_v3_key, json.loads(good)["resource"]["ciphertext"]):
        assert secret not in written


async def test_only_post(post: Post) -> None:
    assert (await post.http.get("http://school/wechat/notify/pay")).status_code == 405
