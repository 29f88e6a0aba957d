"""`onecard enrol gateway`: keys made once, kept, registered; a new key ends the old one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from support.database import connected
from support.servers import server_folder
from typer.testing import CliRunner

from api.cli import Failure
from api.cli.enrol import app
from devices_gateway.config import read_config
from devices_gateway.transport.token import TokenSource

ENROL = ["gateway", "gw_canteen", "--api-url", "https://card.example"]


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


@pytest.fixture
def enrol(home: Path, database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONECARD_HOME", str(home))
    monkeypatch.setenv("ONECARD_DATABASE_URL", database)
    monkeypatch.setenv("ONECARD_REDIS_URL", redis_url)

    def run(*options: str) -> str:
        result = CliRunner().invoke(app, [*ENROL, *options], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def registered_key(database: str) -> str:
    async def look() -> str:
        async with connected(database) as connection:
            return await connection.fetchval("SELECT public_key FROM gateway WHERE id = 'gw_canteen'")

    return asyncio.run(look())


def test_what_it_makes_works(enrol, database: str, home: Path) -> None:
    said = enrol("--terminal", "10000001", "--pos-listen", "127.0.0.1:9000")
    path = home / "gateway" / "gateway.json"
    assert path.stat().st_mode & 0o777 == 0o600
    config = read_config(path)
    assert (config.gateway_id, config.api_url) == ("gw_canteen", "https://card.example/graphql")
    assert (config.pos_host, config.pos_port) == ("127.0.0.1", 9000)
    token = TokenSource(config.gateway_id, config.private_key).bearer().removeprefix("Bearer ")
    claims = jwt.decode(token, registered_key(database), algorithms=["EdDSA"], audience="onecard")
    assert claims["iss"] == "gw_canteen"
    assert config.mac_keys["10000001"].hex() not in said
    assert "PRIVATE" not in said


def test_again_keeps_the_keys_and_adds_what_is_new(enrol, home: Path) -> None:
    enrol("--terminal", "10000001")
    path = home / "gateway" / "gateway.json"
    first = json.loads(path.read_text())
    enrol("--terminal", "10000001", "--terminal", "10000002")
    second = json.loads(path.read_text())
    assert second["privateKeyPem"] == first["privateKeyPem"]
    assert second["terminals"]["10000001"] == first["terminals"]["10000001"]
    assert set(second["terminals"]) == {"10000001", "10000002"}


def test_again_keeps_where_it_listens(enrol, home: Path) -> None:
    """Who enrols again to add a terminal does not open the gateway to every network."""
    enrol("--pos-listen", "10.0.0.7:9000")
    enrol("--terminal", "10000001")
    assert read_config(home / "gateway" / "gateway.json").pos_host == "10.0.0.7"


def test_a_new_key_replaces_the_old_one(enrol, database: str) -> None:
    enrol()
    before = registered_key(database)
    enrol("--new-key")
    assert registered_key(database) != before


@pytest.mark.parametrize(
    ("text", "said"), [("{", "is no JSON"), ('{"gatewayId": "gw_other"}', "belongs to the gateway gw_other")]
)
def test_a_file_that_is_not_this_gateways_is_left_alone(enrol, home: Path, text: str, said: str) -> None:
    path = home / "gateway" / "gateway.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(Failure, match=said):
        enrol()
    assert path.read_text() == text


@pytest.mark.parametrize("options", [["--terminal", "123"], ["--terminal", "'; DROP--"]])
def test_what_is_no_terminal(enrol, options: list[str]) -> None:
    with pytest.raises(Failure, match="eight digits"):
        enrol(*options)
