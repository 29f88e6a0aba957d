"""A small API for the gateway's own tests: the contract's answers, truth in memory, faults on demand.

It speaks trusted documents over HTTP and graphql-transport-ws on a real port, and checks the gateway's token.
`charges` and `reversals` are the world's truth, kept apart from what was answered.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import jwt
from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from devices_gateway.transport.documents import documents

NAMES = {document.id: name for name, document in documents().items()}


@dataclass
class Faults:
    """What the API does instead of answering. Counts: that many times; then it is well again."""

    status: int = 0  # answer every POST so
    body: str = ""  # answer every POST 200 with this
    errors: int = 0  # GraphQL errors instead of data, after doing nothing
    error_code: str = "INTERNAL"
    cut_after: int = 0  # do it, then cut the line
    hang_after: bool = False  # do it, then say nothing
    hang_before: bool = False
    nonsense: int = 0  # do it, then answer something unreadable
    poison: set[str] = field(default_factory=set)  # charges whose reversal ends in a GraphQL error


class StubApi:
    """`async with StubApi(public_key) as api`; `stop()` and `start()` keep the port."""

    def __init__(self, public_key: Ed25519PublicKey) -> None:
        self.faults = Faults()
        self.available_fen = 5000
        self.codes: dict[str, str] = {}  # code → refusal type; others are good
        self.charges: dict[str, dict[str, Any]] = {}  # id → input and result, refusals included
        self.reversals: dict[str, dict[str, Any]] = {}  # id → input
        self.reversed: set[str] = set()  # charge ids
        self.order: list[str] = []  # ids as they were done
        self.calls: list[str] = []  # document names as they came
        self.commands: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.seen: list[list[str]] = []
        self.readings: list[dict[str, Any]] = []
        self.subscriptions: list[int] = []  # afterSequence of each
        self.reverse_result: dict[str, Any] | None = None
        self.refuse_again = ""  # refusal type for an id that has a result, without looking at it
        self.now = time.time
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self._public_key = public_key
        self._runner: web.AppRunner | None = None
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> StubApi:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/graphql", self._post), web.get("/graphql", self._socket)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            for site in runner.sites:
                await site.stop()
            await asyncio.sleep(0.01)  # so that whoever was let in meanwhile is known, and closed below
            await self.drop_subscriptions()
            await runner.cleanup()

    async def drop_subscriptions(self) -> None:
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            await socket.close(code=1012)

    async def push(self, command: dict[str, Any]) -> None:
        """A command for those who listen now; add it to `commands` for those who ask."""
        for socket in self._sockets:
            await socket.send_json(
                {"type": "next", "id": "1", "payload": {"data": {"deviceCommands": command}}}
            )

    # ── wire ─────────────────────────────────────────────────────────────────────────────────────────────

    def _claims(self, authorization: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            authorization.removeprefix("Bearer "),
            self._public_key,
            algorithms=["EdDSA"],
            audience="onecard",
            options={"verify_exp": False, "verify_iat": False},  # by the machine's clock
        )
        if not claims["iat"] - 30 <= self.now() < claims["exp"]:
            raise jwt.InvalidTokenError("not now")
        assert claims["iss"] == claims["sub"] == "gw_test"
        assert claims["typ"] == "gateway"
        assert claims["exp"] - claims["iat"] <= 900
        return claims

    async def _post(self, request: web.Request) -> web.StreamResponse:
        try:
            self._claims(request.headers.get("Authorization", ""))
        except jwt.InvalidTokenError:
            date = formatdate(self.now(), usegmt=True)
            return web.json_response({"errors": [{"message": "who?"}]}, status=401, headers={"Date": date})
        body = await request.json()
        assert set(body) == {"documentId", "variables"}
        name = NAMES[body["documentId"]]
        self.calls.append(name)
        faults = self.faults
        if faults.hang_before:
            await asyncio.sleep(3600)
        if faults.status:
            return web.json_response({"errors": [{"message": "no"}]}, status=faults.status)
        if faults.body:
            return web.Response(text=faults.body, content_type="application/json")
        if faults.errors > 0:
            faults.errors -= 1
            return self._error()
        given = body["variables"].get("input", {})
        if name == "charge_reverse" and given["charge"] in faults.poison:
            return self._error()
        data = getattr(self, f"_{name}")(**body["variables"])
        if name in ("payment_code_charge", "charge_reverse"):
            if faults.hang_after:
                await asyncio.sleep(3600)
            if faults.cut_after > 0:
                faults.cut_after -= 1
                assert request.transport is not None
                request.transport.abort()
            if faults.nonsense > 0:
                faults.nonsense -= 1
                return web.Response(text="<html>bad gateway</html>")
        return web.json_response({"data": data}, content_type="application/graphql-response+json")

    def _error(self) -> web.Response:
        return web.json_response(
            {"data": None, "errors": [{"message": "boom", "extensions": {"code": self.faults.error_code}}]}
        )

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["graphql-transport-ws"])
        await socket.prepare(request)
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            told = json.loads(message.data)
            if told["type"] == "connection_init":
                self._claims(told["payload"]["authorization"])
                await socket.send_json({"type": "connection_ack"})
            elif told["type"] == "ping":
                await socket.send_json({"type": "pong"})
            elif told["type"] == "subscribe":
                assert NAMES[told["payload"]["documentId"]] == "device_commands"
                assert told["id"] == "1"
                self.subscriptions.append(told["payload"]["variables"]["afterSequence"])
                self._sockets.append(socket)
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    # ── the contract ─────────────────────────────────────────────────────────────────────────────────────

    def _payment_code_charge(self, input: dict[str, Any]) -> dict[str, Any]:
        known = self.charges.get(input["id"])
        if known is not None:
            if self.refuse_again:
                return {"paymentCodeCharge": _refusal(self.refuse_again, *REFUSALS[self.refuse_again])}
            if known["input"] != input:
                return {
                    "paymentCodeCharge": _refusal("IdempotencyConflict", "IDEMPOTENCY_CONFLICT", "请求重复")
                }
            result = {**known["result"]}
            if "replayed" in result:
                result["replayed"] = True
            return {"paymentCodeCharge": result}
        amount_fen = int(input["amount"].replace(".", ""))
        if any(reversal["charge"] == input["id"] for reversal in self.reversals.values()):
            result = _refusal("ChargeReversedBefore", "CHARGE_REVERSED_BEFORE", "交易已撤销")
        elif (refused := self.codes.get(input["code"])) is not None:
            result = _refusal(refused, *REFUSALS[refused])
        elif any(
            _took(charge) and charge["input"]["code"] == input["code"] for charge in self.charges.values()
        ):
            result = _refusal("CodeUsed", "CODE_USED", "付款码已使用")
        elif amount_fen > self.available_fen:
            result = _refusal("InsufficientBalance", "INSUFFICIENT_BALANCE", "余额不足")
        else:
            self.available_fen -= amount_fen
            number = len(self.order) + 1
            result = {
                "__typename": "PaymentCodeCharged",
                "bill": {"id": f"bil_{number}", "reference": f"B{number:05d}"},
                "available": f"{self.available_fen // 100}.{self.available_fen % 100:02d}",
                "payer": "张*",
                "voicePrompt": "支付成功",
                "replayed": False,
            }
        self.charges[input["id"]] = {"input": input, "result": result, "amount_fen": amount_fen}
        self.order.append(input["id"])
        return {"paymentCodeCharge": result}

    def _charge_reverse(self, input: dict[str, Any]) -> dict[str, Any]:
        if self.reverse_result is not None:
            return {"chargeReverse": self.reverse_result}
        known = self.reversals.get(input["id"])
        if known is not None:
            if known != input:
                return {"chargeReverse": _refusal("IdempotencyConflict", "IDEMPOTENCY_CONFLICT", "请求重复")}
        else:
            self.reversals[input["id"]] = input
            self.order.append(input["id"])
        charge = self.charges.get(input["charge"])
        if charge is None:
            return {"chargeReverse": {"__typename": "ReversalKept", "replayed": known is not None}}
        if not _took(charge):
            return {"chargeReverse": {"__typename": "ChargeNeverPosted", "replayed": known is not None}}
        if known is None:
            assert input["charge"] not in self.reversed, "reversed twice"
            self.reversed.add(input["charge"])
            self.available_fen += charge["amount_fen"]
        bill = {"__typename": "ChargeReversed", "bill": {"id": "bil_99"}, "replayed": known is not None}
        return {"chargeReverse": bill}

    def paid_fen(self) -> int:
        """What students are out of pocket."""
        return sum(
            charge["amount_fen"]
            for key, charge in self.charges.items()
            if _took(charge) and key not in self.reversed
        )

    def _pending_commands(self, afterSequence: int) -> dict[str, Any]:
        done = {report["command"] for report in self.reports}
        return {
            "pendingCommands": [
                command
                for command in self.commands
                if command["sequence"] > afterSequence and command["id"] not in done
            ]
        }

    def _device_command_report(self, input: dict[str, Any]) -> dict[str, Any]:
        self.reports.append(input)
        command = {"id": input["command"], "state": input["state"]}
        return {"deviceCommandReport": {"__typename": "DeviceCommandReported", "command": command}}

    def _meter_readings_record(self, input: dict[str, Any]) -> dict[str, Any]:
        assert 0 < len(input["readings"]) <= 500
        self.readings += input["readings"]
        outcomes = ["ACCEPTED"] * len(input["readings"])
        return {"meterReadingsRecord": {"__typename": "MeterReadingsRecorded", "outcomes": outcomes}}

    def _terminals_seen(self, input: dict[str, Any]) -> dict[str, Any]:
        self.seen.append(input["terminals"])
        count = len(input["terminals"])
        return {"terminalsSeen": {"__typename": "TerminalsRecorded", "count": count}}


REFUSALS = {
    "InsufficientBalance": ("INSUFFICIENT_BALANCE", "余额不足"),
    "AccountFrozen": ("ACCOUNT_FROZEN", "账户已冻结"),
    "AccountClosed": ("ACCOUNT_CLOSED", "账户已注销"),
    "CodeUnknown": ("CODE_UNKNOWN", "无效付款码"),
    "CodeExpired": ("CODE_EXPIRED", "付款码已过期"),
    "CodeUsed": ("CODE_USED", "付款码已使用"),
    "CodeForDoors": ("CODE_FOR_DOORS", "请出示付款码"),
    "AmountInvalid": ("AMOUNT_INVALID", "金额有误"),
    "PaymentLimitReached": ("PAYMENT_LIMIT_REACHED", "超出消费限额"),
    "TerminalUnknown": ("TERMINAL_UNKNOWN", "终端未登记"),
    "TerminalStopped": ("TERMINAL_STOPPED", "终端已停用"),
    "ChargeReversedBefore": ("CHARGE_REVERSED_BEFORE", "交易已撤销"),
    "IdempotencyConflict": ("IDEMPOTENCY_CONFLICT", "请求重复"),
    "NotAllowed": ("NOT_ALLOWED", "没有权限"),
    "BornTomorrow": ("BORN_TOMORROW", "明天才有"),
}


def _refusal(type_name: str, code: str, voice: str) -> dict[str, Any]:
    return {"__typename": type_name, "code": code, "voicePrompt": voice}


def _took(charge: dict[str, Any]) -> bool:
    return charge["result"]["__typename"] == "PaymentCodeCharged"
