"""绑定银行卡: the holder signs at the bank, on its own page; from then on their card can pay when they say so.

What the browser brings back is never believed: the bank is asked. One card at a time, and no money moves here.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from onecard.actions.attempts import take_attempt
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.outside.bank import AgreementState, Bank
from onecard.outside.providers import ProviderRefused
from onecard.outside.rate_limits import Limit
from onecard.registry.bank_cards import (
    BankCard,
    bind_bank_card,
    end_bank_card,
    find_bank_card,
    open_bank_card,
)
from onecard.registry.record import record_audit
from onecard.rules.access import Caller, require_person
from onecard.rules.ids import new_id
from onecard.rules.kinds import BankCardState
from onecard.rules.refusals import Refusal, RefusalCode

SIGNED_WITHIN = timedelta(minutes=30)
SIGNINGS = Limit("bank_card", 5, 600)

log = structlog.get_logger(__name__)


@or_unavailable()
async def begin_binding(parts: Parts, caller: Caller) -> tuple[BankCard, str]:
    """The card that is being signed, and the address of the bank's page for it; asked for again, the same. Refuses
    NOT_ALLOWED, NOT_BOUND, METHOD_NOT_OFFERED (the school has no such bank), BANK_CARD_BOUND, TOO_MANY_ATTEMPTS,
    SERVICE_UNAVAILABLE."""
    person_id, bank = _holder(caller), _bank(parts)
    person = (await parts.registry.people_by_ids([person_id]))[person_id]
    await take_attempt(parts, SIGNINGS, person_id)
    before = await find_bank_card(parts.database, person_id)
    if before is not None:
        await _ask(parts, bank, before)
    now = parts.clock()
    card = await open_bank_card(parts.database, new_id("bcd"), person_id, now, now + SIGNED_WITHIN)
    if card.state is BankCardState.BOUND:
        raise Refusal(RefusalCode.BANK_CARD_BOUND)
    try:
        url = await bank.open_signing(
            card.id, person.name, card.expires_at, f"{parts.settings.public_url}/#/bank"
        )
    except ProviderRefused as refused:
        log.error("signing_refused", card=card.id, why=refused.code)
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from refused
    return card, url


@or_unavailable()
async def confirm_binding(parts: Parts, caller: Caller) -> BankCard | None:
    """The caller's card as the bank has it now; None: no card is bound or being signed. Refuses NOT_ALLOWED, NOT_BOUND,
    SERVICE_UNAVAILABLE."""
    person_id = _holder(caller)
    card = await find_bank_card(parts.database, person_id)
    if card is None:
        return None
    await _ask(parts, _bank(parts), card)
    return await find_bank_card(parts.database, person_id)


@or_unavailable()
async def end_binding(parts: Parts, caller: Caller, card_id: str) -> None:
    """The bank first: when this answers, nothing is debited any more. Ended twice is ended; what the bank is debiting
    already goes on. Refuses NOT_ALLOWED, NOT_BOUND, SERVICE_UNAVAILABLE."""
    person_id = _holder(caller)
    card = await find_bank_card(parts.database, person_id)
    if card is None or card.id != card_id:
        return
    try:
        await _bank(parts).end_agreement(card.id)
    except ProviderRefused as refused:
        log.error("unbinding_refused", card=card.id, why=refused.code)
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from refused
    await forget_card(parts, card, by=person_id)


async def forget_card(parts: Parts, card: BankCard, *, by: str) -> None:
    """The bank debits it no more."""
    now = parts.clock()
    if await end_bank_card(parts.database, card.id, now):
        await record_audit(parts.database, now, by, "END_BANK_CARD", card.id)


async def bank_card_of(parts: Parts, caller: Caller) -> BankCard | None:
    """The caller's card that is bound or being signed."""
    person_id = require_person(caller).person_id
    return None if person_id is None else await find_bank_card(parts.database, person_id)


async def _ask(parts: Parts, bank: Bank, card: BankCard) -> None:
    """What the bank says of an open agreement, written down."""
    status = await bank.query_agreement(card.id)
    now = parts.clock()
    if status.state is AgreementState.SIGNED:
        # The port's promise for a signed agreement.
        assert status.agreement_id is not None
        assert status.bank_name is not None
        assert status.last_four is not None
        assert status.once_limit_fen is not None
        assert status.day_limit_fen is not None
        assert status.signed_at is not None
        is_new = await bind_bank_card(
            parts.database,
            card.id,
            agreement_id=status.agreement_id,
            bank_name=status.bank_name,
            last_four=status.last_four,
            once_limit_fen=status.once_limit_fen,
            day_limit_fen=status.day_limit_fen,
            bound_at=status.signed_at,
        )
        if is_new:
            await record_audit(parts.database, now, card.person_id, "BIND_BANK_CARD", card.id)
    elif status.state is AgreementState.ENDED or (
        card.state is BankCardState.SIGNING and now >= card.expires_at
    ):
        await forget_card(parts, card, by="bank")


def _holder(caller: Caller) -> str:
    person = require_person(caller)
    if person.account_id is None or person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    return person.person_id


def _bank(parts: Parts) -> Bank:
    if parts.bank is None:
        raise Refusal(RefusalCode.METHOD_NOT_OFFERED)
    return parts.bank
