"""Who gets in, by token: EdDSA, our audience, our keys, short lives; every trick is 401."""

from __future__ import annotations

import base64
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from support.campus import Campus, Device, gateway_token

from api.tokens import LONGEST_LIFE, PERSON_LIVES, read_or_make_private_key

ME = "{ me { number } }"
TERMINALS = "{ terminals { number } }"


async def status(campus: Campus, token: str, document: str = ME) -> tuple[int, str | None]:
    response = await campus.post({"query": document}, authorization=f"Bearer {token}")
    body = response.json()
    return response.status_code, (body.get("errors") or [{"extensions": {"code": None}}])[0]["extensions"][
        "code"
    ]


def person_claims(campus: Campus, **changes: Any) -> dict[str, Any]:
    now = int(campus.clock().timestamp())
    return {
        "iss": "onecard",
        "aud": "onecard",
        "sub": campus.people["student"].login_id,
        "typ": "person",
        "iat": now,
        "exp": now + 600,
        **changes,
    }


def server_key(campus: Campus) -> Ed25519PrivateKey:
    return read_or_make_private_key("", campus.parts.settings.jwt_key_file)


def kid(campus: Campus) -> str:
    return jwt.get_unverified_header(campus.house.tokens.sign_person("usr_x"))["kid"]


async def test_a_person_s_token_lets_them_in(campus: Campus) -> None:
    data = await campus.data(ME, who="student")
    assert data == {"me": {"number": "2002001"}}


async def test_a_token_made_here_by_hand_lets_in_so_that_the_tricks_below_fail_for_their_trick(
    campus: Campus,
) -> None:
    token = jwt.encode(person_claims(campus), server_key(campus), "EdDSA", {"kid": kid(campus)})
    assert await status(campus, token) == (200, None)


def public_pem(campus: Campus) -> bytes:
    return server_key(campus).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def tricks(campus: Campus) -> dict[str, str]:
    """Every way we know to get in without the key, or with one that is not for this."""
    key, good = server_key(campus), person_claims(campus)
    header = {"alg": "EdDSA", "typ": "JWT", "kid": kid(campus)}
    now = good["iat"]

    def signed(**changes: Any) -> str:
        claims = {name: value for name, value in (good | changes).items() if value is not None}
        return jwt.encode(claims, key, "EdDSA", {"kid": kid(campus)})

    import hashlib
    import hmac

    hs_input = f"{b64({**header, 'alg': 'HS256'})}.{b64(good)}"
    hs = b64(hmac.new(public_pem(campus), hs_input.encode(), hashlib.sha256).digest())
    whole = signed()
    return {
        "alg none": f"{b64({**header, 'alg': 'none'})}.{b64(good)}.",
        "alg None": f"{b64({**header, 'alg': 'None'})}.{b64(good)}.",
        "alg missing": f"{b64({'kid': kid(campus)})}.{b64(good)}.",
        "HS256 with the public key": f"{hs_input}.{hs}",
        "another's key": jwt.encode(good, Ed25519PrivateKey.generate(), "EdDSA", {"kid": kid(campus)}),
        "another kid": jwt.encode(good, key, "EdDSA", {"kid": "other"}),
        "no kid": jwt.encode(good, key, "EdDSA"),
        "a key in the header": jwt.encode(
            good, Ed25519PrivateKey.generate(), "EdDSA", {"kid": kid(campus), "jwk": {}}
        ),
        "other audience": signed(aud="elsewhere"),
        "no audience": signed(aud=None),
        "other issuer": signed(iss="somebody"),
        "no issuer": signed(iss=None),
        "expired": signed(iat=now - 700, exp=now - 1),
        "no end": signed(exp=None),
        "no beginning": signed(iat=None),
        "from the future": signed(iat=now + 300, exp=now + 600),
        "not good yet": signed(nbf=now + 300),
        "not good before a word": signed(nbf="later"),
        "lives too long": signed(exp=now + int(LONGEST_LIFE.total_seconds()) + 1),
        "ends before it begins": signed(iat=now + 20, exp=now + 10),
        "times as text": f"{b64(header)}.{b64({**good, 'exp': 'never'})}.{b64(b'x' * 64)}",
        "a person signed as a gateway": signed(typ="gateway"),
        "no type": signed(typ=None),
        "no such login": signed(sub="usr_00000000000000000000000000"),
        "no subject": signed(sub=None),
        "the signature cut": whole[:-4],
        "other claims under the signature": f"{whole.split('.')[0]}.{b64({**good, 'sub': 'x'})}.{whole.split('.')[2]}",
        "no token": "x",
        "two dots": "..",
        "too long": "x" * 10_000,
    }


async def test_tricks_with_a_person_s_token_are_401(campus: Campus) -> None:
    for trick, token in tricks(campus).items():
        assert await status(campus, token) == (401, "UNAUTHENTICATED"), trick


async def test_401_names_the_scheme_and_runs_nothing(campus: Campus) -> None:
    response = await campus.post({"query": "{ school { name } }"}, authorization="Bearer x")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "data" not in response.json()


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "token"])
async def test_another_scheme_is_401(campus: Campus, header: str) -> None:
    assert (await campus.post({"query": ME}, authorization=header)).status_code == 401


async def test_a_token_ends(campus: Campus) -> None:
    token = campus.house.tokens.sign_person(campus.people["student"].login_id)
    assert await status(campus, token) == (200, None)
    campus.clock.offset = PERSON_LIVES + timedelta(seconds=1)
    assert await status(campus, token) == (401, "UNAUTHENTICATED")


async def test_a_gateway_speaks_with_its_own_key(campus: Campus) -> None:
    assert await campus.data(TERMINALS, who=campus.gateway) == {"terminals": [{"number": "10000001"}]}


async def test_tricks_with_a_gateway_s_token_are_401(campus: Campus) -> None:
    gateway, other = campus.gateway, campus.other_gateway
    now = campus.clock()
    stamp = int(now.timestamp())
    assert (await status(campus, gateway_token(gateway, now), TERMINALS)) == (200, None)
    cases = {
        "another's key": gateway_token(Device(gateway.gateway_id, other.key, "", ""), now),
        "another's subject": gateway_token(gateway, now, sub=other.gateway_id),
        "unknown gateway": gateway_token(Device("gwy_x", gateway.key, "", ""), now),
        "U+0000 in its name": gateway_token(Device("gwy_\x00", gateway.key, "", ""), now),
        "half a character in its name": gateway_token(Device("gwy_\ud800", gateway.key, "", ""), now),
        "other audience": gateway_token(gateway, now, aud="elsewhere"),
        "expired": gateway_token(gateway, now, iat=stamp - 700, exp=stamp - 1),
        "lives too long": gateway_token(gateway, now, exp=stamp + 901),
        "as a person": gateway_token(gateway, now, typ="person"),
        "as the server": gateway_token(gateway, now, iss="onecard", typ="person"),
        "as somebody's login": gateway_token(
            gateway, now, iss="onecard", typ="person", sub=campus.people["operator"].login_id
        ),
    }
    for trick, token in cases.items():
        assert await status(campus, token, TERMINALS) == (401, "UNAUTHENTICATED"), trick


async def test_a_gateway_cannot_give_itself_scopes(production: Campus) -> None:
    token = gateway_token(production.gateway, production.clock(), scope="open-documents")
    response = await production.post({"query": TERMINALS}, authorization=f"Bearer {token}")
    assert response.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"


async def test_a_revoked_gateway_is_out_although_its_token_lives(campus: Campus) -> None:
    token = gateway_token(campus.gateway, campus.clock())
    assert await status(campus, token, TERMINALS) == (200, None)
    await campus.parts.database.execute_query(
        "UPDATE gateway SET revoked_at = now() WHERE id = $1", [campus.gateway.gateway_id]
    )
    campus.parts.registry._gateways.clear()  # what it kept for three seconds
    assert await status(campus, token, TERMINALS) == (401, "UNAUTHENTICATED")


def test_the_key_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "jwt.pem"
    made = read_or_make_private_key("", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    again = read_or_make_private_key("", file)
    assert raw(made) == raw(again)
    assert [entry.name for entry in file.parent.iterdir()] == ["jwt.pem"]


def test_a_key_may_be_given_instead(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert raw(read_or_make_private_key(pem, tmp_path / "none")) == raw(key)
    assert not (tmp_path / "none").exists()


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes_raw()
