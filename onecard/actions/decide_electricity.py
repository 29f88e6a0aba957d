"""两人处理: what no machine can know about an order is proposed by one person of the offices and decided by another.

A refund of an order whose meter never answered, the right room of one that was paid for a room without a meter,
unused energy that was paid into the wrong room, and the end of a dispute.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from onecard.actions.issue_command import lock_caller_id
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import carry_on
from onecard.ledger.energy import ElectricityOrder, find_electricity
from onecard.ledger.keys import caller_key
from onecard.registry.database import transaction
from onecard.registry.meters import find_meter_of_room
from onecard.registry.proposals import PROPOSAL, Proposal, find_proposal, proposal_of
from onecard.registry.record import record_audit
from onecard.rules.access import Caller, Role, require_role
from onecard.rules.ids import new_id
from onecard.rules.kinds import ElectricityState, MeterWay, ProposalKind, ProposalState
from onecard.rules.refusals import Refusal, RefusalCode

PROPOSES = (Role.UTILITY_STAFF,)
DECIDES = (Role.UTILITY_STAFF, Role.FINANCE)
# In which states of the order each may be proposed.
WHEN = {
    ProposalKind.REFUND: (ElectricityState.UNKNOWN, ElectricityState.UNMAPPED, ElectricityState.REFUNDING),
    ProposalKind.ASSIGN: (ElectricityState.UNMAPPED,),
    ProposalKind.MOVE: (ElectricityState.DELIVERED,),
    ProposalKind.AGAINST_PAYER: (ElectricityState.DISPUTED,),
    ProposalKind.WRITE_OFF: (ElectricityState.DISPUTED,),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    proposal: Proposal
    order: ElectricityOrder


@or_unavailable()
async def propose_electricity(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    kind: ProposalKind,
    order_id: str,
    reason: str,
    to_room_id: str | None = None,
    wh: int | None = None,
) -> tuple[Proposal, bool]:
    """The proposal, and whether this id made it before. Refuses NOT_ALLOWED, ORDER_UNKNOWN, ORDER_NOT_OPEN (also
    while another proposal waits), ROOM_UNKNOWN, ROOM_HAS_NO_METER, IDEMPOTENCY_CONFLICT."""
    person = require_role(caller, *PROPOSES)
    actor = person.person_id or person.login_id
    key = caller_key(actor, id, kind=kind, order=order_id, to_room=to_room_id, wh=wh, reason=reason)
    order = await find_electricity(parts.database, order_id)
    if order is None:
        raise Refusal(RefusalCode.ORDER_UNKNOWN)
    async with transaction(parts.database) as connection:
        await lock_caller_id(connection, key)
        known = await connection.execute_query_dict(
            "SELECT body FROM electricity_proposal WHERE caller_key = $1", [key.text]
        )
        if known:
            if bytes(known[0]["body"]) != key.body:
                raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
            rows = await connection.execute_query_dict(PROPOSAL + " WHERE caller_key = $1", [key.text])
            return proposal_of(rows[0]), True
        if order.state not in WHEN[kind]:
            raise Refusal(RefusalCode.ORDER_NOT_OPEN)
        await _check_room(parts, kind, order, to_room_id)
        case_id = await _dispute(parts, order) if order.state is ElectricityState.DISPUTED else None
        await connection.execute_query(
            """INSERT INTO electricity_proposal (id, kind, order_id, case_id, to_room_id, wh, reason, proposed_by,
                                                 proposed_at, caller_key, body)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (order_id) WHERE state = 'OPEN' DO NOTHING""",
            [
                new_id("pro"),
                kind,
                order_id,
                case_id,
                to_room_id,
                wh,
                reason,
                actor,
                parts.clock(),
                key.text,
                key.body,
            ],
        )
        rows = await connection.execute_query_dict(PROPOSAL + " WHERE caller_key = $1", [key.text])
        if not rows:
            raise Refusal(RefusalCode.ORDER_NOT_OPEN)
        await record_audit(
            connection,
            parts.clock(),
            actor,
            f"PROPOSE_{kind}",
            order_id,
            reason=reason,
            proposal=rows[0]["id"],
        )
    return proposal_of(rows[0]), False


@or_unavailable()
async def decide_electricity(
    parts: Parts, caller: Caller, *, proposal_id: str, approve: bool, reason: str
) -> Decided:
    """By another person than the one who proposed. Approved, it is carried out in the same breath; should we stop in
    between, deciding the same again carries it out. Refuses NOT_ALLOWED (also to the proposer), ORDER_UNKNOWN,
    ORDER_NOT_OPEN when the order went on meanwhile, ENERGY_USED."""
    person = require_role(caller, *DECIDES)
    actor = person.person_id or person.login_id
    proposal = await find_proposal(parts.database, proposal_id)
    if proposal is None:
        raise Refusal(RefusalCode.ORDER_UNKNOWN)
    if proposal.proposed_by == actor:
        raise Refusal(RefusalCode.NOT_ALLOWED)
    state = ProposalState.APPROVED if approve else ProposalState.REJECTED
    if proposal.state is ProposalState.OPEN:
        if approve:
            await _carry_out(parts, proposal, actor)  # first: what cannot be done stays open
        proposal = await _record(parts, proposal, state, actor, reason)
    if proposal.state is not state:
        raise Refusal(RefusalCode.ORDER_NOT_OPEN)
    order = await find_electricity(parts.database, proposal.order_id)
    assert order is not None, "orders are never removed"
    log.info("electricity_decided", order=order.id, kind=proposal.kind, state=state, actor=actor)
    if order.account_id is not None:
        parts.events.account_changed(order.account_id)
    return Decided(proposal, order)


async def _carry_out(parts: Parts, proposal: Proposal, actor: str) -> None:
    """Every way of it acts once, whoever repeats it."""
    done: object
    if proposal.kind is ProposalKind.REFUND:
        done = await parts.book.refund_electricity(proposal.order_id, proposal.reason, actor)
    elif proposal.kind is ProposalKind.ASSIGN:
        assert proposal.to_room_id is not None, "the table says so"
        meter = await find_meter_of_room(parts.database, proposal.to_room_id)
        if meter is None:
            raise Refusal(RefusalCode.ROOM_HAS_NO_METER)
        await parts.book.open_room(proposal.to_room_id)
        done = await parts.book.assign_electricity(
            proposal.order_id, proposal.to_room_id, meter.id, meter.way
        )
        await carry_on(parts, proposal.order_id)
    elif proposal.kind is ProposalKind.MOVE:
        assert proposal.to_room_id is not None, "the table says so"
        assert proposal.wh is not None, "the table says so"
        order = await find_electricity(parts.database, proposal.order_id)
        assert order is not None, "orders are never removed"
        key = caller_key("proposal", proposal.id, wh=proposal.wh)
        done = await parts.book.move_energy(key, order.room_id, proposal.to_room_id, proposal.wh)
    else:
        assert proposal.case_id is not None, "the table says so"
        done = await parts.book.end_dispute(
            proposal.case_id, against_payer=proposal.kind is ProposalKind.AGAINST_PAYER, actor=actor
        )
    if not done:
        raise Refusal(RefusalCode.ORDER_NOT_OPEN)


async def _record(
    parts: Parts, proposal: Proposal, state: ProposalState, actor: str, reason: str
) -> Proposal:
    async with transaction(parts.database) as connection:
        await connection.execute_query(
            """UPDATE electricity_proposal SET state = $2, decided_by = $3, decided_at = $4, decision = $5
                WHERE id = $1 AND state = 'OPEN'""",
            [proposal.id, state, actor, parts.clock(), reason],
        )
        rows = await connection.execute_query_dict(PROPOSAL + " WHERE id = $1", [proposal.id])
        await record_audit(
            connection,
            parts.clock(),
            actor,
            f"{state}_{proposal.kind}",
            proposal.order_id,
            reason=reason,
            proposal=proposal.id,
        )
    return proposal_of(rows[0])


async def _check_room(
    parts: Parts, kind: ProposalKind, order: ElectricityOrder, to_room_id: str | None
) -> None:
    """Energy that a meter counts itself cannot be taken out of it again."""
    if to_room_id is None:
        return
    meter = await find_meter_of_room(parts.database, to_room_id)
    if meter is None:
        raise Refusal(RefusalCode.ROOM_HAS_NO_METER)
    counted_here = order.way is MeterWay.SERVER_CREDIT and meter.way is MeterWay.SERVER_CREDIT
    if kind is ProposalKind.MOVE and not (counted_here and to_room_id != order.room_id):
        raise Refusal(RefusalCode.ORDER_NOT_OPEN)


async def _dispute(parts: Parts, order: ElectricityOrder) -> str:
    rows = await parts.database.execute_query_dict(
        "SELECT id FROM suspense_case WHERE kind = 'ELECTRICITY_DISPUTE' AND reference = $1", [order.id]
    )
    case_id: str = rows[0]["id"]
    return case_id
