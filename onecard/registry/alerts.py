"""用电提醒 in the register: subscriptions, and what is on its way to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.alerts import Watched
from onecard.rules.kinds import AlertKind

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Subscription:
    """`room_id`: where the person lives now; None: nowhere. `watched.said` is None after a move."""

    person_id: str
    room_id: str | None
    watched: Watched


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message on its way; `wecom_userid` None: nobody logs in for them any more."""

    id: int
    wecom_userid: str | None
    words: str
    made_at: datetime


# What was said of another room is over with the move.
_SUBSCRIPTION = """
    SELECT s.person_id, s.kind, s.threshold_wh, h.room_id, s.told_at,
           CASE WHEN s.room_id = h.room_id THEN s.said END AS said
      FROM alert_subscription s LEFT JOIN residence h ON h.person_id = s.person_id AND h.until IS NULL
"""


async def subscriptions_of(database: BaseDBAsyncClient, person_id: str) -> list[Subscription]:
    rows = await database.execute_query_dict(_SUBSCRIPTION + "WHERE s.person_id = $1", [person_id])
    return [_subscription(row) for row in rows]


async def all_subscriptions(database: BaseDBAsyncClient) -> list[Subscription]:
    """Of those who live somewhere."""
    rows = await database.execute_query_dict(_SUBSCRIPTION + "WHERE h.room_id IS NOT NULL")
    return [_subscription(row) for row in rows]


async def subscribe(database: BaseDBAsyncClient, person_id: str, kind: AlertKind, threshold_wh: int) -> None:
    """Anew: what was said before counts no more."""
    await database.execute_query(
        """INSERT INTO alert_subscription AS s (person_id, kind, threshold_wh) VALUES ($1, $2, $3)
           ON CONFLICT (person_id, kind) DO UPDATE SET threshold_wh = excluded.threshold_wh, said = NULL
            WHERE s.threshold_wh <> excluded.threshold_wh""",
        [person_id, kind, threshold_wh],
    )


async def unsubscribe(database: BaseDBAsyncClient, person_id: str, kind: AlertKind) -> None:
    await database.execute_query(
        "DELETE FROM alert_subscription WHERE person_id = $1 AND kind = $2", [person_id, kind]
    )


async def remember_said(
    database: BaseDBAsyncClient,
    subscription: Subscription,
    said: str | None,
    words: str | None,
    now: datetime,
) -> bool:
    """With the words, if any, on their way in the same statement. False: somebody else did it, or it is off."""
    rows = await database.execute_query_dict(
        """WITH moved AS (
               UPDATE alert_subscription
                  SET said = $4, room_id = $3, told_at = CASE WHEN $6::text IS NULL THEN told_at ELSE $7 END
                WHERE person_id = $1 AND kind = $2 AND threshold_wh = $8
                  AND CASE WHEN room_id = $3 THEN said END IS NOT DISTINCT FROM $5
               RETURNING person_id, kind
           ), told AS (
               INSERT INTO alert (person_id, kind, words, made_at)
               SELECT person_id, kind, $6, $7 FROM moved WHERE $6 IS NOT NULL
           ) SELECT 1 FROM moved""",
        [
            subscription.person_id,
            subscription.watched.kind,
            subscription.room_id,
            said,
            subscription.watched.said,
            words,
            now,
            subscription.watched.threshold_wh,
        ],
    )
    return bool(rows)


async def find_waiting(database: BaseDBAsyncClient, limit: int) -> list[Waiting]:
    """Oldest first."""
    rows = await database.execute_query_dict(
        """SELECT a.id, l.wecom_userid, a.words, a.made_at
             FROM alert a LEFT JOIN login l ON l.person_id = a.person_id
            WHERE a.state = 'WAITING' ORDER BY a.id LIMIT $1""",
        [limit],
    )
    return [Waiting(**row) for row in rows]


async def end_alert(database: BaseDBAsyncClient, alert_id: int, state: str) -> None:
    await database.execute_query("UPDATE alert SET state = $2 WHERE id = $1", [alert_id, state])


async def forget_alerts(database: BaseDBAsyncClient, before: datetime) -> int:
    gone, _ = await database.execute_query("DELETE FROM alert WHERE made_at < $1", [before])
    return gone


def _subscription(row: Mapping[str, Any]) -> Subscription:
    watched = Watched(AlertKind(row["kind"]), row["threshold_wh"], row["said"], row["told_at"])
    return Subscription(row["person_id"], row["room_id"], watched)
