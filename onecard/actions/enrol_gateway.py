"""登记网关: a device gateway's public key comes into the register; from then on it may speak for its terminals."""

from __future__ import annotations

from onecard.actions.parts import Records
from onecard.registry.database import transaction
from onecard.registry.record import record_audit


async def enrol_gateway(
    records: Records, *, gateway_id: str, name: str, public_key_pem: str, actor: str
) -> list[str]:
    """The numbers of its terminals. A known gateway gets the new key, and the old one ends at once."""
    async with transaction(records.database) as connection:
        await connection.execute_query(
            """INSERT INTO gateway (id, name, public_key) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE
                  SET name = excluded.name, public_key = excluded.public_key, revoked_at = NULL""",
            [gateway_id, name, public_key_pem],
        )
        await record_audit(connection, records.clock(), actor, "ENROL_GATEWAY", gateway_id)
        rows = await connection.execute_query_dict(
            "SELECT number FROM terminal WHERE gateway_id = $1 ORDER BY number", [gateway_id]
        )
    return [row["number"] for row in rows]
