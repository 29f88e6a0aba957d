"""From paid to delivered, or back: every step of an order for electricity, taken by whoever comes by first.

SERVER_CREDIT: the energy is posted in our ledger at once. METER_CREDIT: the meter is told by one command at a time,
under its order counter, and the counter alone decides what became of it: remaining energy moves while load runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from onecard.actions.command_meter import MeterOperation, tell_meter
from onecard.actions.parts import Parts
from onecard.ledger.book import CreditOutcome, CreditState
from onecard.ledger.electricity import MustReprice, Priced
from onecard.ledger.energy import ElectricityOrder, find_bought, find_electricity, find_undecided
from onecard.ledger.keys import caller_key
from onecard.outside.payments import PaymentState, PaymentStatus
from onecard.outside.providers import ProviderRefused
from onecard.registry.access import COMMAND, command_of
from onecard.registry.meters import find_meter, states_by_meters
from onecard.registry.things import CommandState, DeviceCommand
from onecard.rules.ids import new_id
from onecard.rules.kinds import ElectricityState, MeterWay, RechargeMethod
from onecard.rules.tariffs import Part, Tariff, month_of, price_energy, tariff_on

REPRICED_AT_MOST = 10
WRITES_AT_MOST = 3  # of one order; then the money goes back
CREDIT_STEP_WH = 10  # meters take hundredths of a kWh; what is less than one is worth less than a fen
WORKER = "worker"
# Beyond its expiry no gateway sends a command; so long after, its meter's counter has the last word.
SETTLED_AFTER = timedelta(seconds=10)

log = structlog.get_logger(__name__)


def find_tariff(parts: Parts) -> tuple[Tariff, datetime]:
    """The tariff of today, and since when a room's purchases count towards its steps."""
    now = parts.clock()
    _, since = month_of(now)
    return tariff_on(parts.policy.tariffs, now.astimezone(since.tzinfo).date()), since


async def credit_electricity(
    parts: Parts,
    order: ElectricityOrder,
    channel: RechargeMethod,
    transaction_id: str,
    paid_fen: int,
    paid_at: datetime,
    source: str,
) -> CreditOutcome:
    """The provider has the money, and the order goes on. Raises LedgerUnavailable."""
    assert order.out_trade_no is not None, "paid from outside"
    outcome = await parts.book.credit_electricity(
        channel=channel,
        out_trade_no=order.out_trade_no,
        transaction_id=transaction_id,
        paid_fen=paid_fen,
        paid_at=paid_at,
        source="NOTIFY" if source == "NOTIFY" else "QUERY",
    )
    log.info("electricity_paid", order=order.id, outcome=outcome.state, case=outcome.case_id)
    if outcome.state is not CreditState.SUSPENDED:
        await carry_on(parts, order.id)
    _tell(parts, order)
    return outcome


async def settle_electricity_by_query(parts: Parts, order: ElectricityOrder) -> PaymentStatus:
    """Ask whoever was to be paid about an order, and go on when it was. Raises the port's errors."""
    assert order.out_trade_no is not None, "paid from outside"
    channel = RechargeMethod(order.method)
    status = await parts.provider(channel).query(order.out_trade_no)
    if status.state.was_paid:
        # The port's promise for a paid order.
        assert status.transaction_id is not None
        assert status.paid_fen is not None
        assert status.paid_at is not None
        await credit_electricity(
            parts, order, channel, status.transaction_id, status.paid_fen, status.paid_at, "QUERY"
        )
    return status


async def carry_on(parts: Parts, order_id: str) -> ElectricityOrder:
    """The next step of an order, if there is one now; the order as it is afterwards. Safe to call at any time, by
    several at once."""
    order = await find_electricity(parts.database, order_id)
    assert order is not None, f"no order {order_id}"
    if order.state is ElectricityState.PAID:
        await _start(parts, order)
    elif order.state in (ElectricityState.DELIVERING, ElectricityState.UNKNOWN):
        await _decide(parts, order)
    elif order.state in (ElectricityState.REFUNDING, ElectricityState.REFUNDED):
        command = await _command(parts, order.command_id)
        if command is not None and command.state is CommandState.VERIFIED:
            await _deliver(parts, order, parts.clock())  # too late: a dispute
    now = await find_electricity(parts.database, order_id)
    assert now is not None, "orders are never removed"
    if now.state is not order.state:
        log.info("electricity_moved", order=order_id, state=now.state)
        _tell(parts, now)
    return now


async def look_after_electricity(parts: Parts, order_id: str) -> bool:
    """The worker's care: an unpaid order is asked for, closed when nobody will pay it; a paid one goes on. Whether
    it came to an end. Raises ProviderUnavailable and LedgerUnavailable."""
    order = await find_electricity(parts.database, order_id)
    assert order is not None, f"no order {order_id}"
    if order.state is not ElectricityState.ORDERED:
        return (await carry_on(parts, order_id)).state in _ENDS
    status = await settle_electricity_by_query(parts, order)
    if status.state.was_paid:
        return False
    now = parts.clock()
    assert order.expires_at is not None, "paid from outside"
    if status.state in (PaymentState.CLOSED, PaymentState.REVOKED):
        await parts.book.close_electricity(order.id, now)
    elif status.state is PaymentState.PAYERROR:
        await parts.book.fail_electricity(order.id, now, status.declined)
    elif now < order.expires_at:
        return False
    else:
        await _close(parts, order)
    _tell(parts, order)
    return True


_ENDS = frozenset(
    (
        ElectricityState.DELIVERED,
        ElectricityState.REFUNDED,
        ElectricityState.CLOSED,
        ElectricityState.FAILED,
        ElectricityState.DISPUTED,
    )
)


async def _start(parts: Parts, order: ElectricityOrder) -> None:
    meter = await find_meter(parts.database, order.meter_id) if order.meter_id else None
    if meter is None or meter.removed_at is not None or meter.room_id != order.room_id:
        await parts.book.unmap_electricity(order.id)
    elif order.way is MeterWay.SERVER_CREDIT:
        await _deliver(parts, order, parts.clock())
    elif not await find_undecided(parts.database, meter.id):
        state = (await states_by_meters(parts.database, [meter.id])).get(meter.id)
        if state is None or state.credit_counter is None:
            return  # its counter is not known yet: the money waits in clearing
        priced = await _price(parts, order)
        wh = priced.wh - priced.wh % CREDIT_STEP_WH
        started = await parts.book.start_delivery(
            order.id, new_id("cmd"), wh, priced.steps, state.credit_counter
        )
        if started is not None:
            await _write_credit(parts, started)


async def _write_credit(parts: Parts, order: ElectricityOrder) -> None:
    """The command under the id that the order holds: issued once, whoever comes by."""
    assert order.meter_id is not None, "it is being delivered"
    meter = await find_meter(parts.database, order.meter_id)
    assert meter is not None, "meters are never removed from the register"
    assert order.wh is not None, "fixed before the meter is told"
    assert order.credit_counter is not None, "fixed before the meter is told"
    assert order.command_id is not None, "it is being delivered"
    key = caller_key("electricity", order.command_id, wh=order.wh, counter=order.credit_counter)
    await tell_meter(
        parts,
        key,
        meter,
        MeterOperation.CREDIT_WRITE,
        {"order": order.id, "wh": order.wh, "counter": order.credit_counter},
        actor=WORKER,
        reason=order.id,
        command_id=order.command_id,
    )


async def _decide(parts: Parts, order: ElectricityOrder) -> None:
    """What the command's end, and else the meter's counter, say of a credit write."""
    command = await _command(parts, order.command_id)
    if command is None:  # we stopped between the order and its command
        await _write_credit(parts, order)
        return
    if command.state is CommandState.VERIFIED:
        await _deliver(parts, order, parts.clock())
    elif command.state is CommandState.REJECTED:
        await parts.book.refund_electricity(
            order.id, f"电表没有收下：{command.detail or command.operation}", WORKER
        )
    elif command.state in (CommandState.UNKNOWN, CommandState.EXPIRED):
        # Expired is often our word alone: the gateway may have sent it and be unable to say so.
        await parts.book.doubt_delivery(order.id)
        await _ask_counter(parts, order, command)


async def _ask_counter(parts: Parts, order: ElectricityOrder, command: DeviceCommand) -> None:
    assert order.meter_id is not None, "it is being delivered"
    state = (await states_by_meters(parts.database, [order.meter_id])).get(order.meter_id)
    after = command.expires_at + SETTLED_AFTER
    if state is None or state.credit_counter is None or state.heard_at is None or state.heard_at <= after:
        meter = await find_meter(parts.database, order.meter_id)
        if meter is not None and parts.clock() > after:
            window = int(parts.clock().timestamp()) // 120
            key = caller_key("electricity", f"{order.id}:read:{window}")
            await tell_meter(parts, key, meter, MeterOperation.READ_NOW, {}, actor=WORKER, reason=order.id)
        return
    assert order.credit_counter is not None, "fixed before the meter is told"
    if state.credit_counter >= order.credit_counter:
        await _deliver(parts, order, parts.clock())
    elif await _writes(parts, order) < WRITES_AT_MOST:
        repeated = await parts.book.repeat_delivery(order.id, new_id("cmd"))
        if repeated is not None:
            await _write_credit(parts, repeated)
    else:
        await parts.book.refund_electricity(order.id, "电表的购电次数证明没有写入", WORKER)


async def _deliver(parts: Parts, order: ElectricityOrder, at: datetime) -> None:
    merchant_id = await power_merchant(parts)
    for _ in range(REPRICED_AT_MOST):
        try:
            await parts.book.deliver_electricity(
                order.id, await _price(parts, order), merchant_id=merchant_id, occurred_at=at
            )
            return
        except MustReprice:
            continue
    log.warning("electricity_left_for_later", order=order.id)


async def _price(parts: Parts, order: ElectricityOrder) -> Priced:
    tariff, since = find_tariff(parts)
    bought_wh, owed_fen = await find_bought(parts.database, order.room_id, since)
    repaid_fen = min(owed_fen, order.amount_fen)
    priced = price_energy(tariff, order.amount_fen - repaid_fen, bought_wh)
    return Priced(
        sum(part.wh for part in priced), repaid_fen, [_step(part) for part in priced], bought_wh, since
    )


def _step(part: Part) -> dict[str, str | int]:
    return {"price": str(part.price), "wh": part.wh, "fen": part.fen}


async def power_merchant(parts: Parts) -> str:
    """Who is paid for electricity. LookupError: the register lacks the policy's `power_merchant`."""
    rows = await parts.database.execute_query_dict(
        "SELECT id FROM merchant WHERE code = $1", [parts.policy.power_merchant]
    )
    if not rows:
        raise LookupError(
            f"no merchant has the code {parts.policy.power_merchant!r} (policy: power_merchant)"
        )
    merchant_id: str = rows[0]["id"]
    return merchant_id


async def _command(parts: Parts, command_id: str | None) -> DeviceCommand | None:
    rows = await parts.database.execute_query_dict(COMMAND + " WHERE id = $1", [command_id])
    return command_of(rows[0]) if rows else None


async def _writes(parts: Parts, order: ElectricityOrder) -> int:
    """How often its meter was told already."""
    rows = await parts.database.execute_query_dict(
        "SELECT count(*) AS n FROM device_command WHERE device = $1 AND operation = $2 AND reason = $3",
        [order.meter_id, MeterOperation.CREDIT_WRITE, order.id],
    )
    return int(rows[0]["n"])


async def _close(parts: Parts, order: ElectricityOrder) -> None:
    """At the provider first, so that nobody can pay it after we say it is closed."""
    assert order.out_trade_no is not None, "paid from outside"
    try:
        await parts.provider(RechargeMethod(order.method)).close(order.out_trade_no)
    except ProviderRefused as refused:
        # Paid in the very moment: go on. An order that never reached the provider cannot be paid either.
        log.info("close_refused", order=order.id, why=refused.code)
        status = await settle_electricity_by_query(parts, order)
        if status.state.was_paid:
            return
        if status.state is not PaymentState.UNKNOWN:
            raise
    await parts.book.close_electricity(order.id, parts.clock())


def _tell(parts: Parts, order: ElectricityOrder) -> None:
    if order.account_id is not None:
        parts.events.account_changed(order.account_id)
