"""Logs hold facts with ids; whatever could be a secret does not come out."""

import pytest

from api.logs import HIDDEN, redact

pytestmark = pytest.mark.pure

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl"
CODE = "91" + "1234567890" + "12345678"


def logged(**event: object) -> dict:
    return dict(redact(None, "info", dict(event)))


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "authorization",
        "cookie",
        "refresh_token",
        "query_password",
        "code",
        "payment_code",
        "mac_key",
        "api_v3_key",
        "openid",
        "jsapi_ticket",
        "id_digits",
        "phone",
    ],
)
def test_what_has_a_secret_name_is_hidden(name: str) -> None:
    assert logged(event="x", **{name: "anything"})[name] == HIDDEN
    assert logged(event="x", body={"inner": {name: "anything"}})["body"]["inner"][name] == HIDDEN


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"Bearer {TOKEN}",
        CODE,
        "420102200501011234",
        "42010220050101123X",
        "13800138000",
        "-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(secret: str) -> None:
    for text in (
        logged(event=f"got {secret} there")["event"],
        logged(event="x", detail=[f"a {secret}"])["detail"][0],
        logged(event="x", exception=f"ValueError: {secret}")["exception"],
    ):
        assert secret not in text
        assert HIDDEN in text


@pytest.mark.parametrize("name", ["access_token", "corpsecret", "secret", "code"])
def test_an_address_comes_out_without_its_secrets(name: str) -> None:
    address = f"https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=ww1&{name}=s3cret&debug=0"
    text = logged(exception=f"ConnectError: {address}")["exception"]
    assert "s3cret" not in text
    assert "gettoken?corpid=ww1&" in text
    assert text.endswith("&debug=0")


def test_facts_come_out_whole() -> None:
    facts = {
        "event": "charged",
        "transfer": 42,
        "account": "acc_0a1b2c3d4e5f6g7h8j9k0m1n2p",
        "terminal": "10000001",
        "amount_fen": 1250,
        "request": "9118fa20c57b4f2d",
        "out_trade_no": "6n5hgc037q8dhs435gy9gfhpjm",
        "outcomes": ["PaymentCodeCharged"],
    }
    assert logged(**facts) == facts
