"""Where an installation listens, as its commands read it."""

import pytest

from api.cli import _instance as instance
from api.cli import doctor
from api.cli._failure import Failure

pytestmark = pytest.mark.pure


def test_without_settings_it_is_the_defaults(monkeypatch):
    monkeypatch.delenv("ONECARD_HOST", raising=False)
    monkeypatch.delenv("ONECARD_PORT", raising=False)
    assert (instance.host(), instance.port()) == ("127.0.0.1", 8000)


@pytest.mark.parametrize("wanted", ["eight", "0", "-1", "65534", "8000.5", "８０００"])
def test_what_is_no_port_has_a_remedy(monkeypatch, wanted):
    monkeypatch.setenv("ONECARD_PORT", wanted)
    with pytest.raises(Failure, match="ONECARD_PORT"):
        instance.port()


def test_the_doctor_says_so_too(monkeypatch):
    monkeypatch.setenv("ONECARD_PORT", "eight")
    (finding,) = doctor._or_why_not("address", doctor._address)
    assert "ONECARD_PORT" in finding.found
    assert finding.remedy
