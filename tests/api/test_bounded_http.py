"""Heads of any length and shape, against a real server: what fits is answered, what does not is hung up on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from support.serving import serving

from api.bounded_http import LONGEST_HEAD

FIRST = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def hello(request: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with serving(Starlette(routes=[Route("/", hello, methods=["GET", "POST"])])) as served:
        yield served


async def answer(address: str, *parts: bytes) -> bytes:
    """All that the server says until it hangs up."""
    host, port = address.split(":")
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, int(port))
        said = asyncio.create_task(reader.read())
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await said
        except ConnectionError:
            return b""  # hung up on us while we spoke
        finally:
            said.cancel()
            writer.close()


def many(count: int) -> Iterable[bytes]:
    return (b"x-%d: %s\r\n" % (n, b"y" * 100) for n in range(count))


async def test_a_long_head_that_fits_is_answered(address: str) -> None:
    fits = FIRST + b"".join(many(LONGEST_HEAD // 150)) + b"connection: close\r\n\r\n"
    assert (await answer(address, fits)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "parts",
    [
        [FIRST + b"x: " + b"y" * (LONGEST_HEAD + 1) + b"\r\n\r\n"],
        [FIRST, *many(LONGEST_HEAD // 50), b"\r\n"],
        [FIRST, b"x: ", *[b"y" * 1024] * 200],  # never ends
        [b"GET /", *[b"y" * 1024] * 200],
    ],
    ids=["one header", "many headers", "a header without end", "an address without end"],
)
async def test_a_head_too_long_is_not_taken(address: str, parts: list[bytes]) -> None:
    said = await answer(address, *parts)
    assert said == b"" or said.startswith(b"HTTP/1.1 400"), said[:80]


async def test_a_body_and_many_requests_are_no_head(address: str) -> None:
    body = b"z" * (LONGEST_HEAD * 2)
    post = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n" % len(body)
    said = await answer(
        address,
        *[FIRST + b"x: " + b"y" * 1000 + b"\r\n\r\n"] * 100,
        post + b"connection: close\r\n\r\n",
        body,
    )
    assert said.count(b"HTTP/1.1 200") == 101
