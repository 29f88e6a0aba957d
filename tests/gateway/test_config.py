"""gateway.json: closed to others, checked whole, never printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.gateway_config import write

from devices_gateway.config import ConfigError, read_config
from devices_gateway.money import to_fen, to_yuan

pytestmark = pytest.mark.pure


def test_it_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path))
    assert (config.gateway_id, config.pos_host, config.pos_port) == ("gw_1", "127.0.0.1", 8002)
    assert config.api_url == "https://card.example/graphql"
    assert config.subscription_url == "wss://card.example/graphql"
    assert config.journal == tmp_path / "journal.db"
    assert config.mac_keys["10000001"].hex() not in repr(config)


def test_an_address_with_a_path_is_kept(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, apiUrl="http://127.0.0.1:8000/card/graphql"))
    assert config.api_url == "http://127.0.0.1:8000/card/graphql"
    assert config.subscription_url == "ws://127.0.0.1:8000/card/graphql"


def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_config(path)


def test_a_missing_one_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="onecard enrol gateway"):
        read_config(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gatewayId": None}, "gatewayId is missing"),
        ({"privateKeyPem": "-----BEGIN"}, "privateKeyPem is no Ed25519 key"),
        ({"apiUrl": "ftp://x"}, "no http"),
        ({"posListen": "nowhere"}, "no HOST:PORT"),
        ({"terminals": {"10000001": {"macKeyHex": "abcd"}}}, "terminal 10000001"),
        ({"terminals": {"10000001": {"macKeyHex": "no hex"}}}, "terminal 10000001"),
        ({"terminals": {"1": {"macKeyHex": "00" * 16}}}, "'1' is no terminal number"),
        ({"terminals": []}, "cannot be used"),
        ({"privateKeyPem": 5}, "cannot be used"),
        ({"answerWithinS": 0}, "answerWithinS is 0"),
        ({"answerWithinS": "8"}, "answerWithinS is '8'"),
        ({"repeatWindowS": -1}, "repeatWindowS is -1"),
        ({"journalCapBytes": 0}, "journalCapBytes is 0"),
        ({"showPayer": "no"}, "showPayer is neither"),
        ({"helthListen": "127.0.0.1:9102"}, "no member helthListen"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read_config(write(tmp_path, **changes))


@pytest.mark.parametrize(("fen", "yuan"), [(0, "0.00"), (1250, "12.50"), (-20, "-0.20"), (5, "0.05")])
def test_money_on_its_way(fen: int, yuan: str) -> None:
    assert to_yuan(fen) == yuan
    assert to_fen(yuan) == fen


@pytest.mark.parametrize("text", ["1", "1.5", "1.234", "1e2", " 1.00", "+1.00", "١.٠٠", ""])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        to_fen(text)


def test_the_lines_that_the_handbook_shows_can_be_read(tmp_path: Path) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "devices" / "meters.md").read_text("utf-8")
    (shown,) = re.findall(r"^```json\n(.*?)^```", handbook, re.M | re.S)
    (line,) = read_config(write(tmp_path, **json.loads(shown))).lines
    (meter,) = line.meters
    assert (line.baud, meter.number, meter.model.prepaid) == (9600, "202611030101", False)
    assert meter.model.status_bits[10] == "MALICIOUS_CUT"
    assert "02000000" not in repr(line)
