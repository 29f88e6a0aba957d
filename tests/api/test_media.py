"""What a client accepts and sends: RFC 9110's weights, JSON in UTF-8."""

import pytest

from api.media import GRAPHQL, JSON, choose, is_json

pytestmark = pytest.mark.pure
OFFERED = (GRAPHQL, JSON)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", GRAPHQL),
        ("*/*", GRAPHQL),
        (JSON, JSON),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{JSON};q=0.5, */*;q=0.4", JSON),
        (f"*/*;q=0.4, {GRAPHQL};q=0", JSON),
        ("text/html", None),
        ("*/*;q=0", None),
        (f"{JSON};q=x", None),
        (",,,", None),
        (JSON + "," * 2000, None),
    ],
)
def test_choose(accept: str, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("content_type", "fine"),
    [
        (JSON, True),
        ("Application/JSON; Charset=UTF-8", True),
        ('application/json; charset="utf8"', True),
        ("application/json; charset=gbk", False),
        ("text/plain", False),
        ("application/jsonp", False),
        ("", False),
        ("text/plain; application/json", False),
    ],
)
def test_is_json(content_type: str, fine: bool) -> None:
    assert is_json(content_type) is fine
