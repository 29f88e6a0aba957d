"""What a bill is called, in the reader's language; a merchant's name is the same in both."""

from __future__ import annotations

import pytest
from support.campus import Campus

from schema.bill import TITLES
from schema.words import BillKind


def test_every_kind_has_its_words() -> None:
    assert set(TITLES) == set(BillKind)


@pytest.mark.parametrize(("language", "titles"), [("ZH", ["现金充值"]), ("EN", ["Recharge in cash"])])
async def test_titles_are_in_the_language_asked_for(campus: Campus, language: str, titles: list[str]) -> None:
    await campus.top_up("student", 5_000)
    charged = await campus.data(
        "mutation ($input: PaymentCodeChargeInput!) { paymentCodeCharge(input: $input) {"
        " ... on PaymentCodeCharged { bill { merchant { name } } } ... on Refusal { message } } }",
        {"input": campus.charge_input(await campus.code())},
        who=campus.gateway,
    )
    seller = charged["paymentCodeCharge"]["bill"]["merchant"]["name"]
    told = await campus.data(
        "query ($language: Language!) { account { bills { edges { node { title(language: $language) } } } } }",
        {"language": language},
        who="student",
    )
    assert [edge["node"]["title"] for edge in told["account"]["bills"]["edges"]] == [seller, *titles]
