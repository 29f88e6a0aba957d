"""Histories, a page at a time: the one Relay connection helper, keyset-paged.

A cursor is opaque: it holds the name of its history (the prefix of the ids in it) and the key of the last row
seen, so that a page neither skips nor repeats when new rows arrive, and page 500 costs as much as page 1. A reader
asks its table for `first + 1` rows after the key.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from schema.scalars import mistake

LARGEST_PAGE = 100
LARGEST_POSITION = 2**63 - 1
LONGEST_CURSOR = 120
_POSITION = re.compile(r"[1-9][0-9]{0,18}")

NodeType = TypeVar("NodeType")
Row = TypeVar("Row")


@strawberry.type(description="Where a page lies within its history.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Are there older entries after this page?")
    has_previous_page: bool = strawberry.field(
        description="Did this page start after a cursor, so that newer entries come before it?"
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first entry; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last entry: pass it as `after` for the next page; null on an empty page."
    )


@strawberry.type(description="One entry of a history, with its place in it.")
class Edge(Generic[NodeType]):
    node: NodeType = strawberry.field(description="The entry itself.")
    cursor: str = strawberry.field(description="Opaque; pass it as `after` to read on from here.")


@strawberry.type(description="A page of a history, newest first.")
class Connection(Generic[NodeType]):
    edges: list[Edge[NodeType]] = strawberry.field(description="The entries of this page, newest first.")
    page_info: PageInfo = strawberry.field(description="Where this page lies, and how to read on.")


def check_first(first: int) -> int:
    if not 1 <= first <= LARGEST_PAGE:
        raise mistake(f"first is the size of a page: from 1 to {LARGEST_PAGE}.")
    return first


def write_cursor(history: str, position: int) -> str:
    return base64.urlsafe_b64encode(f"{history}:{position}".encode()).decode().rstrip("=")


def read_cursor(history: str, after: str | None) -> int | None:
    """The position inside a cursor, or None for the first page. One that is made up, or of another history, is the
    caller's mistake.
    """
    if after is None:
        return None
    try:
        if not 0 < len(after) <= LONGEST_CURSOR:
            raise ValueError("no cursor of ours is that long")
        name, _, digits = (
            base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode("ascii").partition(":")
        )
        if name != history or not _POSITION.fullmatch(digits) or int(digits) > LARGEST_POSITION:
            raise ValueError("no cursor of this history")
    except (ValueError, binascii.Error) as error:
        raise mistake(
            "This cursor is not one of this history; take endCursor or a cursor of an edge."
        ) from error
    return int(digits)


def connect(
    history: str,
    rows: Sequence[Row],
    *,
    more: bool,
    after: str | None,
    key: Callable[[Row], int],
    node: Callable[[Row], NodeType],
) -> Connection[NodeType]:
    edges = [Edge(node=node(row), cursor=write_cursor(history, key(row))) for row in rows]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=more,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
