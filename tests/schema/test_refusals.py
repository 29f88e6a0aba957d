"""One type per row of the refusals' table, each with its data, in both languages."""

import pytest
from graphql import graphql_sync

from onecard.rules.refusals import Refusal as Refused
from onecard.rules.refusals import RefusalCode
from schema.refusals import TYPES, as_type

pytestmark = pytest.mark.pure

DATA = {
    "INSUFFICIENT_BALANCE": {"available_fen": 304, "amount_fen": 1250},
    "ACCOUNT_FROZEN": {"reasons": ["LOSS", "OVERDRAFT"]},
    "AMOUNT_INVALID": {"minimum_fen": 1, "maximum_fen": 50_000},
    "PAYMENT_LIMIT_REACHED": {"limit_fen": 50_000, "period": "DAY", "spent_fen": 49_000},
    "OUTSIDE_SERVICE_HOURS": {"opens_at": "05:00", "closes_at": "22:55"},
    "TOO_MANY_ATTEMPTS": {"retry_after_s": 30},
    "REFUND_TOO_LARGE": {"refundable_fen": 3_000},
    "ENERGY_USED": {"left_wh": 2_500},
}
EXTRA = {
    "INSUFFICIENT_BALANCE": ("available amount", {"available": "3.04", "amount": "12.50"}),
    "ACCOUNT_FROZEN": ("reasons", {"reasons": ["LOSS", "OVERDRAFT"]}),
    "AMOUNT_INVALID": ("minimum maximum", {"minimum": "0.01", "maximum": "500.00"}),
    "PAYMENT_LIMIT_REACHED": ("limit period spent", {"limit": "500.00", "period": "DAY", "spent": "490.00"}),
    "OUTSIDE_SERVICE_HOURS": ("opensAt closesAt", {"opensAt": "05:00", "closesAt": "22:55"}),
    "TOO_MANY_ATTEMPTS": ("retryAfterSeconds", {"retryAfterSeconds": 30}),
    "REFUND_TOO_LARGE": ("refundable", {"refundable": "30.00"}),
    "ENERGY_USED": ("left", {"left": "2.500"}),
}


def test_the_table_and_the_types_are_one() -> None:
    assert {code.value for code in RefusalCode} == set(TYPES)
    assert all(TYPES[code.value].__name__ == code.type_name for code in RefusalCode)


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_says_what_happened_and_what_to_do(code: RefusalCode) -> None:
    from schema.build import build, core_schema

    refused = Refused(code, **DATA.get(code.value, {}))
    core = core_schema(build())
    fields, expected = EXTRA.get(code.value, ("", {}))
    answer = _ask(core, code.type_name, refused, fields)
    assert answer["code"] == code.value
    assert answer["zh"] == refused.message("ZH")
    assert answer["en"] == refused.message("EN")
    assert answer["zh"] != answer["en"]
    assert answer["voicePrompt"] == refused.voice_prompt
    assert answer["remedy"] == refused.remedy("ZH")
    assert answer["there"] == refused.remedy("EN")
    assert {name: answer[name] for name in expected} == expected


def _ask(core, type_name: str, refused: Refused, fields: str) -> dict:
    """Execute on the refusal's own type, as the root of a schema of its own."""
    from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

    root = GraphQLObjectType(
        "Root", {"it": GraphQLField(core.type_map[type_name], resolve=lambda *_: as_type(refused))}
    )
    result = graphql_sync(
        GraphQLSchema(root),
        "{ it { code zh: message en: message(language: EN) voicePrompt remedy there: remedy(language: EN) "
        f"{fields} }} }}",
    )
    assert result.errors is None, result.errors
    return result.data["it"]
