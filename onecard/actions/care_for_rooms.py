"""A counselor 辅导员 and the rooms of their classes: those with the least energy first, paid for in one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onecard.actions.attempts import take_attempt
from onecard.actions.buy_electricity import orders_of_a_payer, purchase
from onecard.actions.look_into_rooms import find_energy
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.start_payment import Payer
from onecard.ledger.energy import ElectricityOrder
from onecard.ledger.keys import caller_key
from onecard.registry.places import Room, rooms_cared_for
from onecard.rules.access import Caller, Person, Role, require_role
from onecard.rules.kinds import PayMethod
from onecard.rules.refusals import Refusal, RefusalCode

MOST_ROOMS = 50  # in one action


@dataclass(frozen=True, slots=True)
class ForRoom:
    """What came of one room: an order, or why there is none."""

    room_id: str
    order: ElectricityOrder | None
    refusal: Refusal | None


async def find_rooms_in_care(parts: Parts, caller: Caller) -> list[Room]:
    """Least energy first; those of which nothing is known come last. Others than counselors care for none."""
    if not isinstance(caller, Person) or caller.person_id is None or not caller.has(Role.COUNSELOR):
        return []
    rooms = await rooms_cared_for(parts.database, caller.person_id)
    energy = await find_energy(parts, [room.id for room in rooms])

    def how_urgent(room: Room) -> tuple[bool, int]:
        has = energy.get(room.id)
        return (has is None, has.remaining_wh if has else 0)

    return sorted(rooms, key=how_urgent)


@or_unavailable()
async def buy_for_rooms(
    parts: Parts, caller: Caller, *, id: str, room_ids: Sequence[str], amount_fen: int, note: str | None
) -> list[ForRoom]:
    """From the counselor's account, the same for each, one after the other: what one room refuses stops no other. Sent
    again under its id, it goes on where it stopped and pays for none twice.

    Refuses NOT_ALLOWED, NOT_BOUND, TOO_MANY_ATTEMPTS; for a room: NOT_ALLOWED (not in their care) and what a purchase
    for it refuses.
    """
    person = require_role(caller, Role.COUNSELOR)
    if person.account_id is None or person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    payer = Payer(person.person_id, person.account_id, person.login_id)
    theirs = {room.id for room in await rooms_cared_for(parts.database, person.person_id)}
    keys = {
        room_id: caller_key(
            person.person_id, f"{id}:{room_id}", room=room_id, amount_fen=amount_fen, note=note
        )
        for room_id in room_ids
    }
    first = keys[room_ids[0]]
    if not await parts.recharges.has_result(first):
        await take_attempt(parts, orders_of_a_payer(parts.policy), payer.id)
    outcomes = []
    for room_id, key in keys.items():
        try:
            if room_id not in theirs:
                raise Refusal(RefusalCode.NOT_ALLOWED)
            bought = await purchase(
                parts,
                payer,
                key,
                room_id=room_id,
                amount_fen=amount_fen,
                method=PayMethod.CARD_ACCOUNT,
                note=note,
                counted=False,
            )
            outcomes.append(ForRoom(room_id, bought.order, None))
        except Refusal as refusal:
            outcomes.append(ForRoom(room_id, None, refusal))
    return outcomes
