"""What an installation is told: everything from the environment, nothing secret in a log."""

from pathlib import Path

import pytest

from onecard.settings import Settings, SettingsError

pytestmark = pytest.mark.pure

NEEDED = {
    "ONECARD_HOME": "/data",
    "ONECARD_DATABASE_URL": "postgresql://u:hidden1@h/d",
    "ONECARD_REDIS_URL": "redis://:hidden2@h/0",
}


def test_the_least_that_is_needed():
    settings = Settings.from_env(NEEDED)
    assert (settings.school, settings.port, settings.sandbox) == ("school", 8000, False)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.wechat.mch_base == "https://api.mch.weixin.qq.com"
    assert settings.registry_key_file == Path("/data/keys/registry.key")
    assert Settings.from_env(NEEDED | {"ONECARD_HOST": "::1"}).public_url == "http://[::1]:8000"


def test_everything_can_be_told():
    told = NEEDED | {
        "ONECARD_PORT": "9000",
        "ONECARD_SANDBOX": "1",
        "ONECARD_WECHAT_MCH_BASE": "http://127.0.0.1:9001/",
        "ONECARD_WECHAT_MCH_PRIVATE_KEY_FILE": "/data/mch.pem",
        "ONECARD_WECHAT_API_V3_KEY": "hidden3",
        "ONECARD_WECHAT_CORP_SECRET": "hidden4",
        "ONECARD_REGISTRY_KEY": "hidden5",
        "ONECARD_JWT_KEY": "hidden6",
        "ONECARD_SCHOOL": "xnec",
    }
    settings = Settings.from_env(told)
    assert (settings.port, settings.sandbox, settings.school) == (9000, True, "xnec")
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.wechat.mch_base == "http://127.0.0.1:9001"
    assert settings.wechat.mch_private_key_file == Path("/data/mch.pem")
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(name):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in NEEDED.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "x"), ("PORT", "0"), ("PORT", "-1"), ("POOL_MAX", "1.5"), ("SANDBOX", "maybe")],
)
def test_what_is_wrong_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(NEEDED | {f"ONECARD_{name}": value})


def test_a_pretend_wechat_is_for_a_pretend_campus_only():
    """Its addresses, left over in an environment, must never be asked about real money."""
    given = {**NEEDED, "ONECARD_WECHAT_MCH_BASE": "http://127.0.0.1:8001"}
    assert Settings.from_env({**given, "ONECARD_SANDBOX": "1"}).wechat.mch_base == "http://127.0.0.1:8001"
    with pytest.raises(SettingsError, match="ONECARD_WECHAT_MCH_BASE"):
        Settings.from_env(given)


@pytest.mark.parametrize("name", ["ONLINE_PAYMENT", "BANK"])
def test_a_provider_of_our_protocol_is_connected_whole_or_not_at_all(name):
    given = {f"ONECARD_{name}_BASE": "https://pay/x/", f"ONECARD_{name}_MERCHANT": "S1"}
    key = {f"ONECARD_{name}_KEY": "c0ffee00" * 4}

    def read(more):
        return getattr(Settings.from_env(NEEDED | more), name.lower())

    assert read(key) is None
    provider = read(given | key)
    assert (provider.base, provider.merchant) == ("https://pay/x", "S1")
    assert "c0ffee" not in repr(provider)
    with pytest.raises(SettingsError, match=f"ONECARD_{name}_MERCHANT"):
        read(given | key | {f"ONECARD_{name}_MERCHANT": ""})
    for bad in ("", "c0ffee00" * 3, "c0ffee00" * 4 + "c", "coffee00" * 4):
        with pytest.raises(SettingsError, match=f"ONECARD_{name}_KEY"):
            read(given | {f"ONECARD_{name}_KEY": bad})
    plain = given | key | {f"ONECARD_{name}_BASE": "http://127.0.0.1:8001/x"}
    assert read(plain | {"ONECARD_SANDBOX": "1"}).base == "http://127.0.0.1:8001/x"
    with pytest.raises(SettingsError, match=f"ONECARD_{name}_BASE"):
        read(plain)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("https://card.school.edu.cn/", "https://card.school.edu.cn"),
        ("https://Card.School.edu.cn:443", "https://card.school.edu.cn"),
        ("HTTP://127.0.0.1:80", "http://127.0.0.1"),
        ("https://card.school.edu.cn:8443", "https://card.school.edu.cn:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_is_written_as_browsers_write_it(told, meant):
    assert Settings.from_env(NEEDED | {"ONECARD_PUBLIC_URL": told}).public_url == meant


@pytest.mark.parametrize(
    "told",
    [
        "card.school.edu.cn",
        "ftp://card.school.edu.cn",
        "https://",
        "https://card.school.edu.cn/card",
        "https://card.school.edu.cn?a=1",
        "https://card.school.edu.cn#/home",
        "https://user@card.school.edu.cn",
        "https://card.school.edu.cn:port",
        "https://[::1",
        "https://卡.学校.cn",
    ],
)
def test_an_address_that_is_no_origin_is_refused(told):
    with pytest.raises(SettingsError, match="ONECARD_PUBLIC_URL"):
        Settings.from_env(NEEDED | {"ONECARD_PUBLIC_URL": told})
