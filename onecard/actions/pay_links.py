"""缴费链接: a resident makes one for somebody outside the school, who then pays for the room by WeChat alone.

Who holds a link is shown the room's name and what may be paid, and of orders those that were paid with it.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from onecard.actions.buy_electricity import Bought, purchase
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.start_payment import Payer
from onecard.ledger.keys import caller_key
from onecard.registry.pay_links import PayLink, end_link, find_link, open_links_of, record_link
from onecard.registry.places import rooms_of_people
from onecard.registry.record import record_audit
from onecard.rules.access import Caller, Guest, require_guest, require_person
from onecard.rules.ids import check_id
from onecard.rules.kinds import PayMethod
from onecard.rules.refusals import Refusal, RefusalCode

LIVES_FOR = timedelta(days=365)
OPEN_AT_ONCE = 5
LONGEST_LABEL = 20
_PURPOSE = "pay link"

log = structlog.get_logger(__name__)


@or_unavailable()
async def make_link(parts: Parts, caller: Caller, label: str) -> PayLink:
    """For the caller's own room, good for a year; the same label again is the same link, its year anew. Refuses
    NOT_ALLOWED, NOT_BOUND, ROOM_UNKNOWN (lives in none), TOO_MANY_LINKS."""
    person_id, now = _holder(caller), parts.clock()
    room = (await rooms_of_people(parts.database, [person_id])).get(person_id)
    if room is None:
        raise Refusal(RefusalCode.ROOM_UNKNOWN)
    known = await open_links_of(parts.database, person_id, now)
    if len(known) >= OPEN_AT_ONCE and label not in {link.label for link in known}:
        raise Refusal(RefusalCode.TOO_MANY_LINKS)
    link_id = await record_link(parts.database, person_id, room.id, label, now, now + LIVES_FOR)
    await record_audit(parts.database, now, person_id, "MAKE_PAY_LINK", link_id, room=room.id)
    link = await find_link(parts.database, link_id, now)
    assert link is not None, "just recorded"
    return link


@or_unavailable()
async def close_link(parts: Parts, caller: Caller, link_id: str) -> None:
    """From now on nobody pays with it; what was paid goes on. Refuses NOT_ALLOWED, NOT_BOUND, LINK_UNKNOWN."""
    person_id, now = _holder(caller), parts.clock()
    if not await end_link(parts.database, person_id, link_id, now):
        raise Refusal(RefusalCode.LINK_UNKNOWN)
    await record_audit(parts.database, now, person_id, "END_PAY_LINK", link_id)


async def links_of(parts: Parts, caller: Caller) -> list[PayLink]:
    """Those of the caller that are open, oldest first."""
    person_id = require_person(caller).person_id
    return [] if person_id is None else await open_links_of(parts.database, person_id, parts.clock())


def address_of(parts: Parts, link: PayLink) -> str:
    """What is given away. Who has it can pay, and nothing else."""
    mac = parts.registry.vault.sign(link.id, purpose=_PURPOSE)
    return f"{parts.settings.public_url}/pay/{link.id.removeprefix('lnk_')}{mac}"


async def read_token(parts: Parts, token: str) -> PayLink | None:
    """The open link behind what stands after /pay/; None: there is none, or no more."""
    bare, mac = token[:26], token[26:]
    try:
        link_id = check_id("lnk", f"lnk_{bare}")
    except ValueError:
        return None
    if not parts.registry.vault.signed(link_id, mac, purpose=_PURPOSE):
        return None
    link = await find_link(parts.database, link_id, parts.clock())
    return link if link is not None and link.open else None


async def link_of_guest(parts: Parts, guest: Guest) -> PayLink | None:
    """None when it has been ended meanwhile."""
    link = await find_link(parts.database, guest.link_id, parts.clock())
    return link if link is not None and link.open else None


@or_unavailable()
async def pay_by_link(parts: Parts, caller: Caller, *, id: str, amount_fen: int) -> Bought:
    """An order by WeChat for the link's room. Refuses NOT_ALLOWED, LINK_UNKNOWN, TOO_MANY_ATTEMPTS,
    SERVICE_UNAVAILABLE, IDEMPOTENCY_CONFLICT and what `purchase` refuses."""
    guest = require_guest(caller)
    link = await link_of_guest(parts, guest)
    if link is None:
        raise Refusal(RefusalCode.LINK_UNKNOWN)
    key = caller_key(link.id, id, amount_fen=amount_fen, payer=guest.openid)
    payer = Payer(link.id, None, None, openid=guest.openid)
    return await purchase(
        parts, payer, key, room_id=link.room_id, amount_fen=amount_fen, method=PayMethod.WECHAT
    )


def _holder(caller: Caller) -> str:
    person = require_person(caller)
    if person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    return person.person_id
