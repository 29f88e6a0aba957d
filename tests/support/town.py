"""A small town for tests of actions: the real database and Redis, WeChat and WeCom played by their fakes."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from support.database import connected

from onecard.actions.create_recharge import create_recharge
from onecard.actions.issue_payment_code import issue_payment_code
from onecard.actions.load_rows import load_rows
from onecard.actions.parts import Parts, Records
from onecard.actions.pay_with_code import Charged, pay_with_code
from onecard.actions.settle_recharge import settle_by_query
from onecard.bootstrap import open_records
from onecard.ledger.recharges import RechargeOrder
from onecard.ledger.statements import Wallets, find_wallets
from onecard.outside.bank_fake import BankFake
from onecard.outside.code_store import RedisCodeStore
from onecard.outside.events import FakeEvents
from onecard.outside.online_payment_fake import OnlinePaymentFake
from onecard.outside.rate_limits import RedisRateLimits
from onecard.outside.redis_client import open_redis
from onecard.outside.wechat_pay_fake import WechatPayFake
from onecard.outside.wecom_fake import WecomFake
from onecard.registry.access import Registry
from onecard.registry.meters import Meter, find_meter_of_room
from onecard.registry.record import record_login
from onecard.rules.access import Gateway, Person
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import RechargeMethod, WalletType
from onecard.settings import Settings

GATEWAY = Gateway("gwy_one")
OTHER_GATEWAY = Gateway("gwy_two")
TILL = "10000001"
OTHER_TILL = "20000001"
BOUND, UNBOUND, OPERATOR, FINANCE = "2002001", "2002002", "9001001", "9002001"
UTILITY = "9003001"
COUNSELOR = "1005001"
OFFICE, OTHER_OFFICE = "9004001", "9004002"

ROWS: dict[str, list[dict[str, Any]]] = {
    "campuses": [{"code": "west", "name": "中专部"}],
    "buildings": [{"code": "west-03", "campus": "west", "name": "中专部3栋", "floors": 6}],
    "rooms": [
        {"code": f"west-03-{number}", "building": "west-03", "floor": number // 100, "number": str(number)}
        for number in (101, 102, 103, 201)
    ],
    "departments": [{"code": "it", "name": "信息工程学院"}, {"code": "art", "name": "艺术学院"}],
    "classes": [{"code": "it-1", "department": "it", "name": "计算机1班"}],
    "people": [
        {
            "number": BOUND,
            "name": "欧阳娜娜",
            "phone": "13800000001",
            "id_digits": "010203",
            "invented": True,
            "department": "it",
            "class_name": "it-1",
            "room": "west-03-101",
            "wecom_userid": "ouyang",
            "openid": "o-ouyang",
        },
        {
            "number": UNBOUND,
            "name": "张三",
            "id_digits": "040506",
            "invented": True,
            "department": "it",
            "class_name": "it-1",
            "room": "west-03-201",
        },
        {
            "number": OPERATOR,
            "name": "李四",
            "roles": ["OPERATOR"],
            "wecom_userid": "lisi",
            "openid": "o-lisi",
        },
        {
            "number": UTILITY,
            "name": "赵六",
            "roles": ["UTILITY_STAFF"],
            "wecom_userid": "zhaoliu",
            "openid": "o-zhaoliu",
        },
        {
            "number": FINANCE,
            "name": "王五",
            "roles": ["FINANCE"],
            "wecom_userid": "wangwu",
            "openid": "o-wangwu",
        },
        {
            "number": COUNSELOR,
            "name": "周九",
            "roles": ["COUNSELOR"],
            "department": "it",
            "cares_for": ["it-1"],
            "wecom_userid": "zhoujiu",
            "openid": "o-zhoujiu",
        },
        *(
            {
                "number": number,
                "name": name,
                "roles": ["DEPARTMENT_OFFICE"],
                "department": department,
                "wecom_userid": f"office-{department}",
                "openid": f"o-{department}",
            }
            for number, name, department in ((OFFICE, "钱七", "it"), (OTHER_OFFICE, "孙八", "art"))
        ),
    ],
    "merchants": [
        {"code": "canteen", "name": "丹枫美食城", "place": "一楼"},
        {"code": "power", "name": "水电中心"},
    ],
    "gateways": [
        {"id": GATEWAY.gateway_id, "name": "一号网关", "public_key": "PEM"},
        {"id": OTHER_GATEWAY.gateway_id, "name": "二号网关", "public_key": "PEM"},
    ],
    "terminals": [
        {"number": TILL, "merchant": "canteen", "gateway": GATEWAY.gateway_id, "place": "3号窗口"},
        {"number": OTHER_TILL, "merchant": "canteen", "gateway": OTHER_GATEWAY.gateway_id},
    ],
    "meters": [
        {
            "number": f"20261100{room}",
            "model": model,
            "protocol": "DLT645",
            "way": way,
            "gateway": GATEWAY.gateway_id,
            "bus": "west-03",
            "room": f"west-03-{room}",
            "remaining_kwh": remaining,
        }
        for room, model, way, remaining in (
            ("101", "plain", "SERVER_CREDIT", "12.500"),
            ("102", "prepaid", "METER_CREDIT", None),
            ("201", "plain", "SERVER_CREDIT", None),
        )
    ],
    "history": [],
}


class Watch:
    """The system's clock, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Town:
    parts: Parts
    records: Records
    watch: Watch
    wechat: WechatPayFake
    online: OnlinePaymentFake
    bank: BankFake
    wecom: WecomFake
    events: FakeEvents
    rows: Path
    dsn: str
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def id(self) -> str:
        return f"id-{next(self.ids)}"

    async def caller(self, number: str = BOUND) -> Person:
        login = await self.parts.registry.find_login_by_number(number)
        assert login is not None, number
        caller = await self.parts.registry.find_caller(login.id)
        assert caller is not None
        return caller

    async def newcomer(self, userid: str = "zhangsan") -> Person:
        """Logged in, nothing bound."""
        self.wecom.members[userid] = f"o-{userid}"
        login = await record_login(self.parts.database, userid, f"o-{userid}", self.watch())
        return Person(login.id)

    async def order(self, amount_fen: int, number: str = BOUND, id: str | None = None) -> RechargeOrder:
        created = await create_recharge(
            self.parts,
            await self.caller(number),
            id=id or self.id(),
            amount_fen=amount_fen,
            wallet_type=WalletType.CARD_ACCOUNT,
            method=RechargeMethod.WECHAT,
        )
        return created.recharge

    async def give(self, amount_fen: int, number: str = BOUND) -> RechargeOrder:
        """Recharged and paid."""
        order = await self.order(amount_fen, number)
        self.wechat.pay(order.out_trade_no)
        await settle_by_query(self.parts, order)
        found = await self.parts.recharges.find_order(order.out_trade_no)
        assert found is not None
        return found

    async def room(self, number: str = "101") -> str:
        """The id of a room of 中专部3栋."""
        return str(await self.value("SELECT id FROM room WHERE code = $1", f"west-03-{number}"))

    async def meter(self, number: str = "101") -> Meter:
        """The meter in that room."""
        meter = await find_meter_of_room(self.parts.database, await self.room(number))
        assert meter is not None, number
        return meter

    async def code(self, number: str = BOUND) -> str:
        return (await issue_payment_code(self.parts, await self.caller(number))).code

    async def pay(self, code: str, amount_fen: int, **more: Any) -> Charged:
        values: dict[str, Any] = {"id": self.id(), "terminal": TILL, "occurred_at": self.watch()} | more
        caller = values.pop("caller", GATEWAY)
        return await pay_with_code(self.parts, caller, code=code, amount_fen=amount_fen, **values)

    async def wallets(self, number: str = BOUND) -> Wallets:
        account_id = (await self.caller(number)).account_id
        assert account_id is not None
        return (await find_wallets(self.parts.database, [account_id]))[account_id]

    async def value(self, statement: str, *values: object) -> Any:
        """What the tables say, past all of our code."""
        async with connected(self.dsn) as connection:
            return await connection.fetchval(statement, *values)

    async def execute(self, statement: str, *values: object) -> None:
        async with connected(self.dsn) as connection:
            await connection.execute(statement, *values)

    async def transfers(self) -> int:
        """Postings of people's money; not what rooms brought along."""
        return int(
            await self.value("SELECT count(*) FROM transfer WHERE amount_fen <> 0 OR account_id IS NOT NULL")
        )


def write_rows(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    folder.mkdir(exist_ok=True)
    for kind, content in rows.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in content]
        (folder / f"{kind}.jsonl").write_text("".join(lines), "utf-8")
    return folder


@asynccontextmanager
async def open_town(database: str, redis_url: str, home: Path) -> AsyncIterator[Town]:
    settings = Settings(home=home, database_url=database, redis_url=redis_url)
    watch = Watch()
    rows = write_rows(home / "rows", ROWS)
    async with open_records(settings, clock=watch) as records, open_redis(redis_url) as redis:
        await load_rows(records, rows, lambda kind, done, total: None)
        wechat, online, bank = WechatPayFake(watch), OnlinePaymentFake(watch), BankFake(watch)
        wecom = WecomFake(
            {"ouyang": "o-ouyang", "lisi": "o-lisi", "wangwu": "o-wangwu", "zhaoliu": "o-zhaoliu"}, watch
        )
        events = FakeEvents()
        parts = Parts(
            settings=settings,
            policy=replace(records.policy, recharge_hours=ServiceHours(time(0), time(0))),  # at night too
            clock=watch,
            database=records.database,
            book=records.book,
            recharges=records.recharges,
            registry=Registry(records.database, records.vault),
            codes=RedisCodeStore(redis, "school", watch),
            events=events,
            limits=RedisRateLimits(redis, "school"),
            wechat_pay=wechat,
            wecom=wecom,
            online_payment=online,
            bank=bank,
        )
        yield Town(parts, records, watch, wechat, online, bank, wecom, events, rows, database)
        await redis.connection_pool.disconnect()
