"""The one pager: opaque cursors, bounded pages."""

import base64

import pytest
from graphql import GraphQLError

from schema.connections import check_first, connect, read_cursor, write_cursor

pytestmark = pytest.mark.pure


def test_a_page_knows_where_it_lies() -> None:
    page = connect("bil", [30, 20], more=True, after=None, key=lambda row: row, node=str)
    assert [edge.node for edge in page.edges] == ["30", "20"]
    assert (page.page_info.has_next_page, page.page_info.has_previous_page) == (True, False)
    assert read_cursor("bil", page.page_info.end_cursor) == 20
    assert page.page_info.start_cursor == page.edges[0].cursor


def test_an_empty_page_has_no_cursors() -> None:
    page = connect("bil", [], more=False, after=write_cursor("bil", 5), key=lambda row: row, node=str)
    assert page.page_info.start_cursor is None
    assert page.page_info.has_previous_page


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
def test_a_page_has_1_to_100_entries(first: int) -> None:
    with pytest.raises(GraphQLError):
        check_first(first)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "5",
        "x" * 500,
        write_cursor("bil", 0),
        write_cursor("bil", -1),
        write_cursor("rch", 5),
        write_cursor("bil:1; DROP TABLE entry", 1),
        write_cursor("bil", 10**19 - 1),
        base64.urlsafe_b64encode(b"5").decode(),
        "é",
    ],
)
def test_a_cursor_of_somebody_else_is_a_mistake(cursor: str) -> None:
    with pytest.raises(GraphQLError):
        read_cursor("bil", cursor)
