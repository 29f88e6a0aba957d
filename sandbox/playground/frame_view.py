"""An ISO 8583 frame as a newcomer may read it: its bytes in hex, its data elements with their names.

Payment codes are masked in both: whoever sees the log must not be able to pay with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from devices_gateway.frames.iso8583 import FrameError, mask, open_message

_TITLES = {
    "0200": "付款请求",
    "0210": "付款应答",
    "0400": "冲正请求",
    "0410": "冲正应答",
    "0800": "签到请求",
    "0810": "签到应答",
}
_NAMES = {
    "3": "处理码",
    "4": "金额（分）",
    "7": "发送时间 MMDDhhmmss",
    "11": "流水号",
    "12": "时间",
    "13": "日期",
    "37": "检索参考号",
    "39": "应答码",
    "41": "终端号",
    "48": "付款码（已遮盖）",
    "54": "可用余额",
    "63": "语音与显示",
    "64": "报文校验 MAC",
    "90": "原交易",
}
_CODE = "48"
_STAR = b"*"


@dataclass(frozen=True, slots=True)
class FieldView:
    number: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FrameView:
    title: str
    hex: str
    fields: tuple[FieldView, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def view_frame(message: bytes) -> FrameView:
    """`message` is one frame without its length prefix; what cannot be decoded is shown as bytes alone."""
    try:
        envelope = open_message(message)
    except FrameError as error:
        return FrameView(f"无法解读的报文：{error}", _hide_numbers(message).hex(), ())
    elements = envelope.elements
    fields = [FieldView("MTI", "报文类型", envelope.mti)]
    for number in sorted((name for name in elements if name.isdigit()), key=int):
        value = mask(elements[number]) if number == _CODE else elements[number]
        fields.append(FieldView(number, _NAMES.get(number, "其他"), value))
    title = f"{envelope.mti} {_TITLES.get(envelope.mti, '其他报文')}"
    if "39" in elements:
        title += f" · {elements['39']}"
    return FrameView(title, _hide_code(message, elements.get(_CODE, "")).hex(), tuple(fields))


def _hide_code(message: bytes, code: str) -> bytes:
    """The payment code's bytes become asterisks, all but the last four."""
    secret = code.encode()
    return message.replace(secret, _STAR * max(len(secret) - 4, 0) + secret[-4:]) if secret else message


def _hide_numbers(message: bytes) -> bytes:
    """Asterisks for every run of 16 digits and more: a payment code may be among them."""
    hidden = bytearray(message)
    start = 0
    for end in range(len(message) + 1):
        if end < len(message) and 48 <= message[end] <= 57:
            continue
        if end - start >= 16:
            hidden[start : end - 4] = _STAR * (end - 4 - start)
        start = end + 1
    return bytes(hidden)
