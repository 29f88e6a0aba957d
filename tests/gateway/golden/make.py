"""Makes iso8583.json, the golden frames, with an encoder and a CMAC of its own: it imports nothing of ours.

Run `python tests/gateway/golden/make.py` after changing a frame here, and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")  # the example key of RFC 4493
LLLVAR = {48, 54, 63}


def aes(block: bytes) -> bytes:
    encryptor = Cipher(AES(KEY), ECB()).encryptor()  # one block: the raw permutation that CMAC is made of
    return encryptor.update(block) + encryptor.finalize()


def double(block: bytes) -> bytes:
    shifted = int.from_bytes(block, "big") << 1
    return ((shifted & ((1 << 128) - 1)) ^ (0x87 if shifted >> 128 else 0)).to_bytes(16, "big")


def cmac(message: bytes) -> bytes:
    """RFC 4493 §2.4, step by step."""
    subkey = double(aes(bytes(16)))
    blocks = [message[at : at + 16] for at in range(0, len(message), 16)] or [b""]
    last = blocks.pop()
    if len(last) < 16:
        subkey = double(subkey)
        last = (last + b"\x80").ljust(16, b"\0")
    state = bytes(16)
    for block in blocks:
        state = aes(bytes(a ^ b for a, b in zip(state, block, strict=True)))
    return aes(bytes(a ^ b ^ c for a, b, c in zip(state, last, subkey, strict=True)))


def frame(mti: str, elements: dict[int, bytes]) -> bytes:
    """Length | MTI | bitmap(s) | elements in order; DE64 = first 8 bytes over all that is not DE64."""
    present = {*elements, 64} | ({1} if max(elements) > 64 else set())
    bits = 128 if 1 in present else 64
    bitmap = sum(1 << (bits - element) for element in present).to_bytes(bits // 8, "big")
    head = mti.encode() + bitmap
    tail = b""
    for element in sorted(elements):
        value = elements[element]
        value = b"%03d" % len(value) + value if element in LLLVAR else value
        if element < 64:
            head += value
        else:
            tail += value
    message = head + cmac(head + tail)[:8] + tail
    return len(message).to_bytes(2, "big") + message


SALE = {3: b"000000", 4: b"000000001250", 7: b"1123120501", 11: b"000042", 41: b"10000001"}
GOLDEN = [
    (
        "sign-on",
        "0800, DE7 1123120000, DE11 000001, DE41 10000001",
        frame("0800", {7: b"1123120000", 11: b"000001", 41: b"10000001"}),
        {"type": "SignOn", "sent_at": "1123120000", "trace": "000001", "terminal": "10000001"},
    ),
    (
        "sign-on reply",
        "0810 00 with DE12 and DE13, the gateway's time and date; DE63 签到成功",
        frame(
            "0810",
            {
                7: b"1123120000",
                11: b"000001",
                12: b"120003",
                13: b"1123",
                39: b"00",
                41: b"10000001",
                63: "签到成功".encode("gb18030"),
            },
        ),
        {
            "type": "SignOnReply",
            "sent_at": "1123120000",
            "trace": "000001",
            "terminal": "10000001",
            "time": "120003",
            "date": "1123",
            "response_code": "00",
            "text": "签到成功",
        },
    ),
    (
        "purchase",
        "0200: 12.50 yuan by the payment code in DE48 (LLLVAR, 20 digits)",
        frame("0200", {**SALE, 48: b"91234567890123456784"}),
        {
            "type": "PurchaseRequest",
            "processing": "000000",
            "amount_fen": 1250,
            "sent_at": "1123120501",
            "trace": "000042",
            "terminal": "10000001",
            "code": "91234567890123456784",
        },
    ),
    (
        "purchase approved",
        "0210 00: DE37 reference, DE54 available 37.50 (00 02 156 C n12), DE63 three lines",
        frame(
            "0210",
            {
                **SALE,
                37: b"0000000B7K2Q",
                39: b"00",
                54: b"0002156C000000003750",
                63: "支付成功\n张* 12.50元\n可用余额 37.50元".encode("gb18030"),
            },
        ),
        {
            "type": "PurchaseReply",
            "processing": "000000",
            "amount_fen": 1250,
            "sent_at": "1123120501",
            "trace": "000042",
            "terminal": "10000001",
            "reference": "0000000B7K2Q",
            "response_code": "00",
            "available_fen": 3750,
            "text": "支付成功\n张* 12.50元\n可用余额 37.50元",
        },
    ),
    (
        "purchase refused",
        "0210 51; available is below zero (D) after a late fact",
        frame(
            "0210",
            {**SALE, 39: b"51", 54: b"0002156D000000000020", 63: "余额不足\n没有扣款".encode("gb18030")},
        ),
        {
            "type": "PurchaseReply",
            "processing": "000000",
            "amount_fen": 1250,
            "sent_at": "1123120501",
            "trace": "000042",
            "terminal": "10000001",
            "reference": None,
            "response_code": "51",
            "available_fen": -20,
            "text": "余额不足\n没有扣款",
        },
    ),
    (
        "reversal",
        "0400: DE90 names the sale above (MTI, DE11, DE7, zeros) after DE64; the MAC covers it all the same",
        frame(
            "0400",
            {
                7: b"1123120540",
                11: b"000043",
                41: b"10000001",
                90: b"0200" + b"000042" + b"1123120501" + b"0" * 22,
            },
        ),
        {
            "type": "ReversalRequest",
            "sent_at": "1123120540",
            "trace": "000043",
            "terminal": "10000001",
            "original": {"mti": "0200", "trace": "000042", "sent_at": "1123120501"},
        },
    ),
    (
        "reversal reply",
        "0410 00: kept",
        frame(
            "0410",
            {7: b"1123120540", 11: b"000043", 39: b"00", 41: b"10000001", 63: "冲正成功".encode("gb18030")},
        ),
        {
            "type": "ReversalReply",
            "sent_at": "1123120540",
            "trace": "000043",
            "terminal": "10000001",
            "response_code": "00",
            "text": "冲正成功",
        },
    ),
]


def main() -> None:
    rows = [
        {"name": name, "note": note, "hex": data.hex(), "fields": fields}
        for name, note, data, fields in GOLDEN
    ]
    golden = {"key": KEY.hex(), "frames": rows}
    path = Path(__file__).with_name("iso8583.json")
    path.write_text(json.dumps(golden, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
