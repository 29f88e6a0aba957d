"""Names at rest: sealed for one place, readable through a change of keys, and never after a change of bytes."""

import base64
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from onecard.registry.vault import Vault, VaultError, read_keys, read_or_make_keys

pytestmark = pytest.mark.pure

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


def test_what_is_sealed_opens_in_its_own_place_only():
    vault = Vault([NEW])
    sealed = vault.seal("欧阳娜娜", belongs_to="per_1.name")
    assert "欧阳".encode() not in sealed
    assert vault.open(sealed, belongs_to="per_1.name") == "欧阳娜娜"
    with pytest.raises(VaultError):
        vault.open(sealed, belongs_to="per_2.name")
    assert vault.seal("欧阳娜娜", belongs_to="per_1.name") != sealed


def test_every_altered_byte_is_noticed():
    vault = Vault([NEW])
    sealed = vault.seal("张三", belongs_to="per_1.name")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(VaultError):
            vault.open(bytes(altered), belongs_to="per_1.name")
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            vault.open(sealed[:length], belongs_to="per_1.name")


def test_keys_change_and_old_names_stay_readable():
    sealed = Vault([OLD]).seal("张三", belongs_to="per_1.name")
    both = Vault([NEW, OLD])
    assert both.open(sealed, belongs_to="per_1.name") == "张三"
    fresh = both.seal("张三", belongs_to="per_1.name")
    assert Vault([NEW]).open(fresh, belongs_to="per_1.name") == "张三"
    with pytest.raises(VaultError, match="not here"):
        Vault([NEW]).open(sealed, belongs_to="per_1.name")


def test_a_signature_is_for_one_purpose():
    vault = Vault([NEW])
    mac = vault.sign("ses_1.1", purpose="refresh token")
    assert vault.signed("ses_1.1", mac, purpose="refresh token")
    assert not vault.signed("ses_1.2", mac, purpose="refresh token")
    assert not vault.signed("ses_1.1", mac, purpose="another")
    assert not Vault([OLD]).signed("ses_1.1", mac, purpose="refresh token")
    assert Vault([OLD, NEW]).signed("ses_1.1", mac, purpose="refresh token")


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key(text):
    with pytest.raises(VaultError):
        Vault(read_keys(text))


def test_ten_processes_at_once_make_one_key(tmp_path):
    file = tmp_path / "keys" / "registry.key"
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: read_or_make_keys(file), range(10)))
    assert all(keys == made[0] for keys in made)
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert [child.name for child in file.parent.iterdir()] == ["registry.key"]
