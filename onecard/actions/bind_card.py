"""绑定: a login becomes a person's by number and query password (身份证后6位)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from onecard.actions.attempts import take_attempt
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.outside.rate_limits import Limit
from onecard.registry.database import transaction
from onecard.registry.digits import DigitsProfile, digits_match
from onecard.registry.record import record_audit, record_binding
from onecard.registry.things import Person
from onecard.rules.access import Caller, require_person
from onecard.rules.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

# A million passwords, ten tries an hour on a number: eleven years to try them all.
TRIES_OF_A_LOGIN = Limit("bind-login", count=5, window_s=600)
TRIES_ON_A_NUMBER = Limit("bind-number", count=10, window_s=3600)
LONGEST = 64  # of what is typed; the limits' keys and argon2 see no more

log = structlog.get_logger(__name__)

# The decoy's profile is the school's own, so that a number nobody has costs what a real one costs.
_PERSON = """
    SELECT p.id, p.digits_hash,
           coalesce(p.digits_profile,
                    (SELECT digits_profile FROM person WHERE digits_profile IS NOT NULL LIMIT 1),
                    'REAL') AS digits_profile
      FROM (VALUES (1)) AS one LEFT JOIN person p ON p.number = $1
"""


@or_unavailable()
async def bind_card(parts: Parts, caller: Caller, *, number: str, query_password: str) -> Person:
    """Bind, open the account, and return the person. Binding one's own card again returns it again.

    Refuses BIND_MISMATCH (unknown number and wrong digits alike), ALREADY_BOUND, TOO_MANY_ATTEMPTS,
    SERVICE_UNAVAILABLE, NOT_ALLOWED (not a person).
    """
    login_id = require_person(caller).login_id
    number, query_password = number.strip()[:LONGEST], query_password.strip()[:LONGEST]
    await take_attempt(parts, TRIES_OF_A_LOGIN, login_id)
    await take_attempt(parts, TRIES_ON_A_NUMBER, number)
    (row,) = await parts.database.execute_query_dict(_PERSON, [number.replace("\0", "")])
    if not await digits_match(query_password, row["digits_hash"], DigitsProfile(row["digits_profile"])):
        raise Refusal(RefusalCode.BIND_MISMATCH)
    person_id: str = row["id"]
    async with transaction(parts.database) as connection:
        await _bind(parts, connection, login_id, person_id)
    person = (await parts.registry.people_by_ids([person_id]))[person_id]
    log.info("bound", login=login_id, person=person_id, account=person.account_id)
    return person


async def _bind(parts: Parts, connection: BaseDBAsyncClient, login_id: str, person_id: str) -> None:
    """One login ↔ one person. Locks the login, then the person: two of either cannot both win."""
    rows = await connection.execute_query_dict(
        "SELECT person_id FROM login WHERE id = $1 FOR UPDATE", [login_id]
    )
    if not rows:
        raise Refusal(RefusalCode.NOT_ALLOWED)
    if rows[0]["person_id"] == person_id:
        return
    (person,) = await connection.execute_query_dict(
        "SELECT account_id FROM person WHERE id = $1 FOR NO KEY UPDATE", [person_id]
    )
    taken = await connection.execute_query_dict("SELECT 1 FROM login WHERE person_id = $1", [person_id])
    if rows[0]["person_id"] is not None or taken:
        raise Refusal(RefusalCode.ALREADY_BOUND)
    account_id = person["account_id"] or await parts.book.open_account(connection=connection)
    now = parts.clock()
    await record_binding(connection, login_id, person_id, account_id, now)
    await record_audit(connection, now, login_id, "BIND", person_id, account=account_id)
