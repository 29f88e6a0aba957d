"""付款码: twenty digits that live for a minute and pay once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from onecard.actions.find_obstacles import PaymentChannel, find_lasting_obstacle
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.outside.code_store import CodeHolder
from onecard.outside.rate_limits import Limit
from onecard.rules.access import Caller, require_person
from onecard.rules.payment_code import hash_code, new_code
from onecard.rules.people import mask_name
from onecard.rules.refusals import Refusal, RefusalCode

CODES = Limit("code", count=30, window_s=60)  # a page renews every 45 s; somebody taps “refresh” in a hurry


@dataclass(frozen=True, slots=True)
class IssuedCode:
    code: str
    account_id: str
    issued_at: datetime  # the server's time
    renew_at: datetime
    expires_at: datetime


@or_unavailable()
async def issue_payment_code(parts: Parts, caller: Caller) -> IssuedCode:
    """Refuses NOT_BOUND, ACCOUNT_FROZEN, ACCOUNT_CLOSED, TOO_MANY_ATTEMPTS, SERVICE_UNAVAILABLE.

    An empty account gets its code: the till then says 余额不足, which is true and asks for a recharge.
    """
    account_id, person_id = require_person(caller).account_id, require_person(caller).person_id
    if account_id is None or person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    # Without Redis there is neither a count nor a place for the code: unavailable either way.
    wait_s = await parts.limits.take(CODES, account_id)
    if wait_s is not None:
        raise Refusal(RefusalCode.TOO_MANY_ATTEMPTS, retry_after_s=wait_s)
    obstacle = await find_lasting_obstacle(parts, account_id, via=PaymentChannel.PHONE)
    if obstacle is not None:
        raise obstacle
    person = (await parts.registry.people_by_ids([person_id]))[person_id]
    code, now = new_code(), parts.clock()
    expires_at = now + timedelta(seconds=parts.policy.code_valid_s)
    await parts.codes.put(hash_code(code), CodeHolder(account_id, mask_name(person.name), now, expires_at))
    return IssuedCode(code, account_id, now, now + timedelta(seconds=parts.policy.code_renew_s), expires_at)
