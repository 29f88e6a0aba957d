"""What the playground shows of a frame: everything, but no payment code."""

from __future__ import annotations

import pytest

from devices_gateway.frames.iso8583 import PurchaseReply, PurchaseRequest, encode
from sandbox.playground.frame_view import view_frame

pytestmark = pytest.mark.pure

KEY = bytes(16)
CODE = "91234567890123456783"
REQUEST = PurchaseRequest(
    sent_at="1123120501", trace="000042", terminal="10000003", amount_fen=1250, code=CODE
)


def test_a_purchase_shows_its_fields_by_name_and_hides_the_code_in_text_and_bytes() -> None:
    view = view_frame(encode(REQUEST, KEY)[2:])

    fields = {field.number: field.value for field in view.fields}
    assert view.title == "0200 付款请求"
    assert fields["4"] == "000000001250"
    assert fields["41"] == "10000003"
    assert fields["48"] == "…6783"
    assert len(fields["64"]) == 16
    assert CODE.encode().hex() not in view.hex
    assert (b"*" * 16 + b"6783").hex() in view.hex
    assert len(view.hex) == len(encode(REQUEST, KEY)[2:]) * 2


def test_a_reply_shows_its_response_code_and_its_words() -> None:
    reply = PurchaseReply(response_code="51", sent_at="1123120501", trace="000042", text="余额不足\n请充值")

    view = view_frame(encode(reply, KEY)[2:])

    assert view.title == "0210 付款应答 · 51"
    assert {field.number: field.value for field in view.fields}["63"] == "余额不足\n请充值"


@pytest.mark.parametrize("cut", [2, 8, 30])
def test_bytes_that_cannot_be_decoded_show_no_long_number(cut: int) -> None:
    message = encode(REQUEST, KEY)[2:]

    view = view_frame(message[:-cut] + b"\xff")

    assert view.title.startswith("无法解读的报文")
    assert CODE.encode().hex() not in view.hex
    assert view.fields == ()
