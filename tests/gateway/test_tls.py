"""The way to the API: a school's own authority, and a proxy that asks the gateway for a certificate."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.gateway_config import write
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway.config import ConfigError, read_config

CODE = "91234567890123456784"


class Authority:
    """Issues certificates into `folder`: ca.pem, and NAME.pem with NAME.key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "school")])
        self._write("ca", self._key, self._sign(self._name, self._key, is_authority=True))

    def issue(self, name: str) -> tuple[Path, Path]:
        key = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        return self._write(name, key, self._sign(subject, key, is_authority=False))

    def _sign(
        self, subject: x509.Name, key: EllipticCurvePrivateKey, *, is_authority: bool
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
            .sign(self._key, SHA256())
        )

    def _write(
        self, name: str, key: EllipticCurvePrivateKey, certificate: x509.Certificate
    ) -> tuple[Path, Path]:
        pem, secret = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        pem.write_bytes(certificate.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pem, secret


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def secured(api: StubApi, authority: Authority, tmp_path: Path) -> StubApi:
    """The API behind TLS that lets nobody in without a certificate of the school."""
    await api.stop()
    api.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    api.tls.load_cert_chain(*authority.issue("server"))
    api.tls.verify_mode = ssl.CERT_REQUIRED
    await api.start()
    return api


async def test_a_certificate_is_shown_and_the_school_s_own_is_trusted(
    house, secured: StubApi, authority: Authority
) -> None:
    authority.issue("gateway")
    await house.open(apiCaFile="ca.pem", apiCertFile="gateway.pem", apiKeyFile="gateway.key")
    assert (await house.terminal().pay(CODE, 1250)).approved
    await until(lambda: secured.subscriptions, "the subscription")


@pytest.mark.parametrize("members", [{}, {"apiCaFile": "ca.pem"}], ids=["a stranger's", "none shown"])
async def test_without_them_nothing_is_said(house, secured: StubApi, members: dict[str, str]) -> None:
    await house.open(answerWithinS=0.5, **members)
    assert (await house.terminal().pay(CODE, 1250)).response_code == "91"
    assert secured.calls == []


def _nothing(authority: Authority) -> None: ...


@pytest.mark.parametrize(
    ("members", "make", "why"),
    [
        ({"apiCaFile": "none.pem"}, _nothing, "No such file"),
        ({"apiCertFile": "gateway.pem"}, _nothing, "go together"),
        ({"apiCaFile": "ca.pem", "apiUrl": "http://card.example"}, _nothing, "not https"),
        ({"apiCaFile": "gateway.key"}, lambda authority: authority.issue("gateway"), "apiCaFile"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, authority: Authority, members: dict, make: Callable[[Authority], object], why: str
) -> None:
    make(authority)
    with pytest.raises(ConfigError, match=why):
        read_config(write(tmp_path, **members))
