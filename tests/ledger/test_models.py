"""The models map what the migrations made, and nothing else."""

import pytest

from onecard.ledger import models

# Tortoise's class → the catalogue's types it may stand for
TYPES = {
    "CharField": {"text"},
    "TextField": {"text"},
    "BigIntField": {"bigint"},
    "SmallIntField": {"smallint"},
    "IntField": {"integer"},
    "BooleanField": {"boolean"},
    "DateField": {"date"},
    "DatetimeField": {"timestamp with time zone"},
    "BinaryField": {"bytea"},
    "JSONField": {"jsonb"},
    "ArrayField": {"ARRAY"},
}
UNMAPPED = {"xid"}  # the database's own
MODELS = [
    value
    for value in vars(models).values()
    if isinstance(value, type) and value.__module__ == models.__name__
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
async def test_a_model_is_its_table(school, model):
    rows = await school.rows(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = $1",
        model._meta.db_table,
    )
    columns = {row["column_name"]: row for row in rows if row["column_name"] not in UNMAPPED}
    fields = {field.source_field or name: field for name, field in model._meta.fields_map.items()}
    assert set(fields) == set(columns)
    for name, field in fields.items():
        assert columns[name]["data_type"] in TYPES[type(field).__name__], name
        assert (columns[name]["is_nullable"] == "YES") == field.null, name


async def test_models_read_what_the_book_wrote(school):
    account = await school.person(5000)
    receipt = await school.charge(account, 1250)
    transfer = await models.Transfer.get(id=receipt.transfer_id)
    assert (transfer.amount_fen, transfer.account_id) == (-1250, account)
    wallet = await models.WalletAccount.get(id=account)
    assert (wallet.transition_fen, wallet.freezes) == (3750, [])
