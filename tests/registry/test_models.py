"""The models say what the migrations made: the same tables, columns and nullability."""

import pytest
from support.database import connected
from tortoise.models import Model

from onecard.registry import models

MODELS = [
    model
    for model in vars(models).values()
    if isinstance(model, type) and issubclass(model, Model) and model is not Model
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
async def test_a_model_maps_its_table(database, model):
    async with connected(database) as connection:
        rows = await connection.fetch(
            """SELECT column_name, is_nullable = 'YES' AS nullable FROM information_schema.columns
                WHERE table_schema = 'school' AND table_name = $1""",
            model._meta.db_table,
        )
    columns = {row["column_name"]: row["nullable"] for row in rows}
    assert columns == {
        field.source_field or name: field.null for name, field in model._meta.fields_map.items()
    }


async def test_audit_rows_are_never_changed(database):
    async with connected(database) as connection:
        await connection.execute(
            "INSERT INTO audit (at, actor, verb, subject) VALUES (now(), 'per_1', 'BIND', 'per_1')"
        )
        for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            with pytest.raises(Exception, match="never changed"):
                await connection.execute(statement)
        assert await connection.fetchval("SELECT actor FROM audit") == "per_1"
