"""Brings the register's people up to date with the school's rows, and binds those who are bound already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.actions.parts import Records
from onecard.actions.rows import PersonRow, RowsError
from onecard.registry.database import transaction
from onecard.registry.digits import DigitsProfile, hash_digits
from onecard.registry.record import record_audit, record_binding, record_login
from onecard.rules.ids import new_id

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

AT_ONCE = 200  # people a statement; so many real query passwords take ten seconds

_WRITE = """
    INSERT INTO person (id, number, name_sealed, phone_sealed, digits_hash, digits_profile, roles,
                        department_id, class_id)
    SELECT r.id, r.number, r.name, r.phone, r.digits, r.profile, string_to_array(r.roles, ','), d.id, c.id
      FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::text[])
           AS r (id, number, name, phone, digits, profile, roles, department, class_code)
      LEFT JOIN department d ON d.code = r.department
      LEFT JOIN class_group c ON c.code = r.class_code
    ON CONFLICT (number) DO UPDATE
       SET name_sealed = excluded.name_sealed, phone_sealed = excluded.phone_sealed,
           digits_hash = coalesce(person.digits_hash, excluded.digits_hash),
           digits_profile = coalesce(person.digits_profile, excluded.digits_profile),
           roles = excluded.roles, department_id = excluded.department_id, class_id = excluded.class_id
"""
_RESIDENCE = """
    WITH wanted AS (
        SELECT p.id AS person_id, room.id AS room_id, r.id, r.since
          FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS r (id, number, room, since)
          JOIN person p ON p.number = r.number
          JOIN room ON room.code = r.room
    ), ended AS (
        UPDATE residence o SET until = greatest(o.since, w.since)
          FROM wanted w
         WHERE o.person_id = w.person_id AND o.until IS NULL AND o.room_id <> w.room_id
        RETURNING o.person_id, o.until
    )
    SELECT w.id, w.person_id, w.room_id, greatest(w.since, e.until) AS since
      FROM wanted w LEFT JOIN ended e ON e.person_id = w.person_id
     WHERE e.person_id IS NOT NULL
        OR NOT EXISTS (SELECT FROM residence o WHERE o.person_id = w.person_id AND o.until IS NULL)
"""


async def load_people(records: Records, people: Sequence[PersonRow], progress: Callable[[int], None]) -> None:
    """A query password that is set already stays; RowsError when a login is another person's."""
    for start in range(0, len(people), AT_ONCE):
        batch = people[start : start + AT_ONCE]
        hashes = await _hash(records, batch)
        async with transaction(records.database) as connection:
            await _write(records, connection, batch, hashes)
            await _house(records, connection, batch)
            await _care(connection, batch)
        progress(start + len(batch))
    for row in people:
        if row.wecom_userid is not None:
            await _bind(records, row, row.wecom_userid)


async def _hash(records: Records, people: Sequence[PersonRow]) -> dict[str, str]:
    """By number, of those who have no query password yet. Before the transaction: the database ends one that
    idles as long as a batch of dear hashes takes."""
    kept = await records.database.execute_query_dict(
        "SELECT number FROM person WHERE number = ANY ($1) AND digits_hash IS NOT NULL",
        [[row.number for row in people]],
    )
    having = {row["number"] for row in kept}

    async def of(row: PersonRow, digits: str) -> tuple[str, str]:
        try:
            return row.number, await hash_digits(digits, _profile(row))
        except ValueError as problem:
            raise RowsError(f"person {row.number}: {problem}") from problem

    wanted = [
        of(row, row.id_digits) for row in people if row.id_digits is not None and row.number not in having
    ]
    return dict(await asyncio.gather(*wanted))


async def _write(
    records: Records, connection: BaseDBAsyncClient, people: Sequence[PersonRow], hashes: Mapping[str, str]
) -> None:
    found = await connection.execute_query_dict(
        """SELECT p.id, p.number, p.name_sealed, p.phone_sealed, p.digits_hash IS NOT NULL AS has_digits, p.roles,
                  d.code AS department, c.code AS class_name
             FROM person p LEFT JOIN department d ON d.id = p.department_id
             LEFT JOIN class_group c ON c.id = p.class_id
            WHERE p.number = ANY ($1)""",
        [[row.number for row in people]],
    )
    known = {row["number"]: row for row in found}
    wanted = [row for row in people if not _same(records, known.get(row.number), row)]
    written = [_sealed(records, known.get(row.number), row, hashes.get(row.number)) for row in wanted]
    if written:
        await connection.execute_query(_WRITE, [list(column) for column in zip(*written, strict=True)])


def _same(records: Records, known: dict[str, Any] | None, row: PersonRow) -> bool:
    """Whether nothing is to be written; sealing the same name twice gives two different seals."""
    if known is None or (row.id_digits is not None and not known["has_digits"]):
        return False
    open_, person_id = records.vault.open, known["id"]
    phone = known["phone_sealed"] and open_(known["phone_sealed"], belongs_to=f"{person_id}.phone")
    return (
        open_(known["name_sealed"], belongs_to=f"{person_id}.name") == row.name
        and phone == row.phone
        and sorted(known["roles"]) == sorted(row.roles)
        and (known["department"], known["class_name"]) == (row.department, row.class_name)
    )


def _sealed(
    records: Records, known: dict[str, Any] | None, row: PersonRow, hashed: str | None
) -> tuple[object, ...]:
    person_id = known["id"] if known else new_id("per")
    seal = records.vault.seal
    return (
        person_id,
        row.number,
        seal(row.name, belongs_to=f"{person_id}.name"),
        None if row.phone is None else seal(row.phone, belongs_to=f"{person_id}.phone"),
        hashed,
        _profile(row).value if hashed else None,
        ",".join(row.roles),
        row.department,
        row.class_name,
    )


async def _house(records: Records, connection: BaseDBAsyncClient, people: Sequence[PersonRow]) -> None:
    """Who lives where, from the row's moment or from now on; a move ends the residence before."""
    housed = [row for row in people if row.room is not None]
    now = records.clock()
    moved = await connection.execute_query_dict(
        _RESIDENCE,
        [
            [new_id("res") for _ in housed],
            [row.number for row in housed],
            [row.room for row in housed],
            [min(_moment(row, "room_since") or now, now) for row in housed],
        ],
    )
    await connection.execute_query(
        """INSERT INTO residence (id, person_id, room_id, since)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])""",
        [[row[name] for row in moved] for name in ("id", "person_id", "room_id", "since")],
    )


async def _care(connection: BaseDBAsyncClient, people: Sequence[PersonRow]) -> None:
    """Counselors care for exactly the classes that their rows name."""
    pairs = [(row.number, code) for row in people for code in row.cares_for]
    counselors = [row.number for row in people if "COUNSELOR" in row.roles]
    await connection.execute_query(
        """DELETE FROM class_counselor k USING person p, class_group c
            WHERE p.id = k.person_id AND c.id = k.class_id AND p.number = ANY ($1)
              AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS w (number, code)
                               WHERE w.number = p.number AND w.code = c.code)""",
        [counselors, [number for number, _ in pairs], [code for _, code in pairs]],
    )
    await connection.execute_query(
        """INSERT INTO class_counselor (class_id, person_id)
           SELECT c.id, p.id FROM unnest($1::text[], $2::text[]) AS w (number, code)
             JOIN person p ON p.number = w.number JOIN class_group c ON c.code = w.code
           ON CONFLICT DO NOTHING""",
        [[number for number, _ in pairs], [code for _, code in pairs]],
    )


async def _bind(records: Records, row: PersonRow, wecom_userid: str) -> None:
    """The account is opened once; a second run finds the binding and leaves it."""
    now = records.clock()
    async with transaction(records.database) as connection:
        login = await record_login(connection, wecom_userid, row.openid, now)
        (person,) = await connection.execute_query_dict(
            "SELECT id, account_id FROM person WHERE number = $1 FOR NO KEY UPDATE", [row.number]
        )
        if login.person_id == person["id"]:
            return
        taken = await connection.execute_query_dict(
            "SELECT 1 FROM login WHERE person_id = $1", [person["id"]]
        )
        if login.person_id is not None or taken:
            raise RowsError(f"person {row.number}: bound to another login already")
        account_id = person["account_id"] or await records.book.open_account(connection=connection)
        await record_binding(connection, login.id, person["id"], account_id, _moment(row, "bound_at") or now)
        await record_audit(connection, now, "system", "BIND", person["id"], account=account_id)


def _profile(row: PersonRow) -> DigitsProfile:
    return DigitsProfile.INVENTED if row.invented else DigitsProfile.REAL


def _moment(row: PersonRow, name: str) -> datetime | None:
    text: str | None = getattr(row, name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise RowsError(f"person {row.number}: {name} {text} is no moment") from problem
    if at.tzinfo is None:
        raise RowsError(f"person {row.number}: {name} {text} lacks its offset")
    return at
