"""The real app on a real database and a real Valkey, for a campus of a few people; WeChat and WeCom are fakes.

`open_campus` gives a `Campus`: `ask` speaks GraphQL over HTTP as anybody, `http` is the plain client, and the
helpers put money into accounts the honest way.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette

from api.app import House, assemble, gateway_folder
from onecard.actions.issue_payment_code import issue_payment_code
from onecard.actions.parts import Parts
from onecard.bootstrap import build
from onecard.ledger.book import Fact, FactKind, caller_key
from onecard.outside.wechat_pay_fake import WechatPayFake
from onecard.outside.wecom_fake import WecomFake
from onecard.registry.dashboards import make_token, write_token
from onecard.registry.digits import DigitsProfile, hash_digits
from onecard.registry.record import record_binding, record_login, record_openid
from onecard.rules.access import Guest, Role
from onecard.rules.hours import ServiceHours
from onecard.rules.ids import new_id
from onecard.settings import Settings
from sandbox.wechat_keys import environment
from schema.documents import document_hash

GRAPHQL = "application/graphql-response+json"
OWN_TERMINAL = "10000001"
OTHER_TERMINAL = "10000002"
QUERY_PASSWORD = "123456"

Answer = dict[str, Any]


class MovingClock:
    """The real time, moved by `offset`."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass(frozen=True)
class Human:
    """Somebody with a login; `person_id` and `account_id` only when bound."""

    login_id: str
    userid: str
    number: str | None = None
    person_id: str | None = None
    account_id: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Device:
    """A gateway with its key and its terminal."""

    gateway_id: str
    key: Ed25519PrivateKey
    terminal_id: str
    number: str


@dataclass(frozen=True)
class Outside:
    """A dashboard outside, with its token."""

    token: str


@dataclass
class Campus:
    app: Starlette
    house: House
    parts: Parts
    http: httpx.AsyncClient
    clock: MovingClock
    wecom: WecomFake
    wechat_pay: WechatPayFake
    merchant_id: str
    people: dict[str, Human]
    gateway: Device
    other_gateway: Device
    dashboard: Outside
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def bearer(self, who: Human | Device | Guest | Outside | str | None, **claims: Any) -> dict[str, str]:
        """The Authorization header of a person (or "student"…), a gateway, a guest, a dashboard, nobody."""
        if who is None:
            return {}
        if isinstance(who, str):
            who = self.people[who]
        if isinstance(who, Outside):
            return {"authorization": f"Bearer {who.token}"}
        if isinstance(who, Guest):
            return {"authorization": f"Bearer {self.house.tokens.sign_guest(who.link_id, who.openid)}"}
        if isinstance(who, Human):
            return {"authorization": f"Bearer {self.house.tokens.sign_person(who.login_id)}"}
        return {"authorization": f"Bearer {gateway_token(who, self.clock(), **claims)}"}

    async def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        who: Human | Device | Guest | Outside | str | None = None,
    ) -> Answer:
        """The GraphQL response of an open document; 200 or an AssertionError."""
        response = await self.post({"query": document, "variables": variables or {}}, who=who)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        who: Human | Device | Guest | Outside | str | None = None,
    ) -> Answer:
        """As `ask`, without errors: the data."""
        answer = await self.ask(document, variables, who=who)
        assert "errors" not in answer, answer
        return answer["data"]

    async def post(
        self, body: Any, *, who: Human | Device | Guest | Outside | str | None = None, **headers: str
    ) -> httpx.Response:
        return await self.http.post(
            "/graphql", json=body, headers={"accept": GRAPHQL, **self.bearer(who), **headers}
        )

    async def top_up(self, who: str, amount_fen: int) -> None:
        """Cash at the counter."""
        account_id = self.people[who].account_id
        assert account_id is not None
        key = caller_key("test", f"cash{next(self.numbers)}", amount_fen=amount_fen)
        await self.parts.book.record_fact(
            Fact(
                key=key,
                kind=FactKind.CASH_TOP_UP,
                account_id=account_id,
                amount_fen=amount_fen,
                occurred_at=self.clock(),
            )
        )

    async def code(self, who: str = "student") -> str:
        """A payment code of theirs."""
        human = self.people[who]
        caller = await self.parts.registry.find_caller(human.login_id)
        assert caller is not None
        return (await issue_payment_code(self.parts, caller)).code

    def charge_input(self, code: str, amount: str = "12.50", **more: Any) -> Answer:
        return {
            "id": str(uuid.uuid4()),
            "code": code,
            "amount": amount,
            "terminal": OWN_TERMINAL,
            "occurredAt": self.clock().isoformat(),
            **more,
        }

    async def pay(self, amount: str = "12.50", who: str = "student") -> Answer:
        """One lunch; the result of the mutation."""
        data = await self.data(
            CHARGE, {"input": self.charge_input(await self.code(who), amount)}, who=self.gateway
        )
        return data["paymentCodeCharge"]


CHARGE = """
mutation Charge($input: PaymentCodeChargeInput!) {
  paymentCodeCharge(input: $input) {
    __typename
    ... on PaymentCodeCharged { bill { id amount reference balanceAfter } available payer voicePrompt replayed }
    ... on Refusal { code message voicePrompt remedy }
  }
}
"""


def gateway_token(device: Device, now: datetime, **claims: Any) -> str:
    issued = int(now.timestamp())
    body = {
        "iss": device.gateway_id,
        "sub": device.gateway_id,
        "aud": "onecard",
        "typ": "gateway",
        "iat": issued,
        "exp": issued + 600,
        **claims,
    }
    return jwt.encode({k: v for k, v in body.items() if v is not None}, device.key, algorithm="EdDSA")


@cache
def _home() -> Path:
    """The keys of this test process; they cost half a second to make."""
    folder = Path(tempfile.mkdtemp(prefix="onecard-campus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def campus_settings(database: str, redis_url: str, **changes: Any) -> Settings:
    home = _home()
    settings = Settings.from_env(
        {
            **environment(home, "127.0.0.1", 8001, 8000),
            "ONECARD_HOME": str(home),
            "ONECARD_DATABASE_URL": database,
            "ONECARD_REDIS_URL": redis_url,
            "ONECARD_SANDBOX": "1",
            "ONECARD_PUBLIC_URL": "http://campus.test",
        }
    )
    return replace(settings, pool_max=6, **changes)


@asynccontextmanager
async def open_campus(
    database: str,
    redis_url: str,
    *,
    page_folder: Path | None = None,
    policy: Mapping[str, Any] = MappingProxyType({}),
    **changes: Any,
) -> AsyncIterator[Campus]:
    """`changes` replace settings, such as sandbox=False; `policy` what the school decides."""
    clock = MovingClock()
    wecom, wechat_pay = WecomFake({}, clock), WechatPayFake(clock)
    settings = campus_settings(database, redis_url, **changes)
    houses: list[House] = []

    @asynccontextmanager
    async def open_house() -> AsyncIterator[House]:
        async with build(settings, clock=clock) as parts:
            at_any_hour = replace(parts.policy, recharge_hours=ServiceHours(time(0), time(0)), **policy)
            parts = replace(parts, wecom=wecom, wechat_pay=wechat_pay, policy=at_any_hour)
            houses.append(House(parts, page_folder or _home() / "no-page", gateway_folder()))
            yield houses[0]

    app = assemble(settings, open_house)
    async with app.router.lifespan_context(app):
        parts = houses[0].parts
        merchant_id = await _merchant(parts, "danfeng-1", "丹枫一食堂 三号窗")
        people = {
            "student": await _person(parts, wecom, "2002001", "张小明", Role.STUDENT),
            "other": await _person(parts, wecom, "2002003", "李雷", Role.STUDENT),
            "counselor": await _person(parts, wecom, "1005001", "何知秋", Role.COUNSELOR),
            "operator": await _person(parts, wecom, "9001001", "王工", Role.OPERATOR),
            "utility": await _person(parts, wecom, "9001002", "水电", Role.UTILITY_STAFF),
            "department": await _person(parts, wecom, "9001007", "院办", Role.DEPARTMENT_OFFICE),
            "merchant": await _person(parts, wecom, "9001003", "商户", Role.MERCHANT),
            "finance": await _person(parts, wecom, "9001004", "财务", Role.FINANCE),
            "auditor": await _person(parts, wecom, "9001005", "审计", Role.AUDITOR),
            "teacher": await _person(parts, wecom, "1005009", "无职务"),
            "unbound": await _login(parts, wecom, "unbound-login"),
        }
        await _unbound_person(parts, "2002002", "周一鸣", Role.STUDENT)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://campus.test"
        ) as http:
            yield Campus(
                app=app,
                house=houses[0],
                parts=parts,
                http=http,
                clock=clock,
                wecom=wecom,
                wechat_pay=wechat_pay,
                merchant_id=merchant_id,
                people=people,
                gateway=await _gateway(parts, merchant_id, OWN_TERMINAL),
                other_gateway=await _gateway(parts, merchant_id, OTHER_TERMINAL),
                dashboard=await open_dashboard(parts),
            )


async def open_dashboard(parts: Parts, campus_code: str | None = None, days: int = 30) -> Outside:
    now = parts.clock()
    made = await make_token(parts.database, "大屏", campus_code, "test", now, now + timedelta(days=days))
    assert made is not None, campus_code
    return Outside(write_token(parts.registry.vault, made.id))


async def _merchant(parts: Parts, code: str, name: str) -> str:
    merchant_id = new_id("mer")
    await parts.book.open_merchant(merchant_id)
    await parts.database.execute_query(
        "INSERT INTO merchant (id, code, name, place, journal_account) VALUES ($1, $2, $3, '一楼', $4)",
        [merchant_id, code, name, f"merchant:{merchant_id}"],
    )
    return merchant_id


async def _gateway(parts: Parts, merchant_id: str, number: str) -> Device:
    device = Device(new_id("gwy"), Ed25519PrivateKey.generate(), new_id("ter"), number)
    pem = device.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    await parts.database.execute_query(
        "INSERT INTO gateway (id, name, public_key) VALUES ($1, $2, $3)",
        [device.gateway_id, f"gateway of {number}", pem],
    )
    await parts.database.execute_query(
        "INSERT INTO terminal (id, number, place, merchant_id, gateway_id) VALUES ($1, $2, '三号窗', $3, $4)",
        [device.terminal_id, number, merchant_id, device.gateway_id],
    )
    return device


async def _unbound_person(parts: Parts, number: str, name: str, *roles: Role) -> str:
    person_id = new_id("per")
    await parts.database.execute_query(
        """INSERT INTO person (id, number, name_sealed, digits_hash, digits_profile, roles)
           VALUES ($1, $2, $3, $4, 'INVENTED', $5)""",
        [
            person_id,
            number,
            parts.registry.vault.seal(name, belongs_to=f"{person_id}.name"),
            await hash_digits(QUERY_PASSWORD, DigitsProfile.INVENTED),
            [role.value for role in roles],
        ],
    )
    return person_id


async def _login(parts: Parts, wecom: WecomFake, userid: str) -> Human:
    wecom.members[userid] = f"openid-{userid}"
    login = await record_login(parts.database, userid, None, parts.clock())
    await record_openid(parts.database, login.id, f"openid-{userid}")
    return Human(login.id, userid)


async def _person(parts: Parts, wecom: WecomFake, number: str, name: str, *roles: Role) -> Human:
    person_id = await _unbound_person(parts, number, name, *roles)
    human = await _login(parts, wecom, number)
    account_id = await parts.book.open_account()
    await record_binding(parts.database, human.login_id, person_id, account_id, parts.clock())
    return replace(human, number=number, person_id=person_id, account_id=account_id, name=name)


def trust(campus: Campus, document: str) -> str:
    """Commit a document; its id."""
    campus.house.documents.trust([(document_hash(document), document)])
    return document_hash(document)


def browser(campus: Campus) -> httpx.AsyncClient:
    """A client with cookies of its own."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(campus.app, raise_app_exceptions=False), base_url="http://campus.test"
    )
