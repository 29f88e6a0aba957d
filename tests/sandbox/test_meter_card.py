"""The playground's meter: chosen by its room, a heater behind it, its faults; and how the meter takes a heater."""

from pathlib import Path

import pytest

from devices_gateway.frames.dlt645_relay import Access
from sandbox.devices.meter import OVERLOADED_S, RESTORES_AFTER_S, Meter
from sandbox.devices.meter_fleet import Hung, MeterFleet
from sandbox.playground.card import CardError
from sandbox.playground.meter_card import FAULTS, HEATER_W, MeterCard, Place

ACCESS = Access(b"\x02\x34\x56\x78", b"\x01\x02\x03\x04")
PLAIN, PREPAID = "202600010101", "202600020101"


@pytest.fixture
def fleet(tmp_path: Path) -> MeterFleet:
    lines = {1: [Hung(PLAIN, prepaid=False, remaining_wh=0)], 2: [Hung(PREPAID, True, 12_500)]}
    return MeterFleet(lines, ACCESS, tmp_path / "meters.json", baud=9600)


@pytest.fixture
def card(fleet: MeterFleet) -> MeterCard:
    return MeterCard(fleet, [Place("一栋", "101", PLAIN), Place("二栋", "101", PREPAID)], PLAIN)


async def test_a_room_is_chosen_and_shows_its_meter(card: MeterCard) -> None:
    shown = card.state()
    assert (shown["building"], shown["room"], shown["power"], shown["remainingWh"]) == (
        "一栋",
        "101",
        "ON",
        None,
    )
    assert shown["buildings"] == ["一栋", "二栋"]
    assert await card.verbs["rooms"]({"building": "二栋"}) == {"rooms": [{"room": "101", "number": PREPAID}]}
    await card.verbs["show"]({"number": PREPAID})
    assert card.state()["remainingWh"] <= 12_500
    with pytest.raises(CardError):
        await card.verbs["show"]({"number": "999999999999"})


async def test_a_heater_is_plugged_in_and_out(card: MeterCard, fleet: MeterFleet) -> None:
    await card.verbs["plug"]({"on": True})
    assert fleet[PLAIN].heater_w == HEATER_W
    assert card.state()["plugged"]
    assert card.state()["powerW"] > HEATER_W
    await card.verbs["plug"]({"on": False})
    assert fleet[PLAIN].heater_w == 0
    with pytest.raises(CardError):
        await card.verbs["plug"]({"on": "yes"})


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_played_and_taken_back(card: MeterCard, fleet: MeterFleet, fault: str) -> None:
    await card.verbs["fault"]({"fault": fault, "on": True})
    assert getattr(fleet[PLAIN].faults, fault)
    assert card.state()["faults"] == {name: name == fault for name in FAULTS}
    await card.verbs["fault"]({"fault": fault, "on": False})
    assert not getattr(fleet[PLAIN].faults, fault)


def test_a_heater_is_seen_then_cut_then_back_then_locked() -> None:
    now = 1000.0
    meter = Meter(PLAIN, ACCESS, lambda: now, load_w=100)

    def after(seconds: float) -> tuple[int, bool, bool]:
        nonlocal now
        now += seconds
        meter.run()
        return meter.power_w, meter.cut_at is not None, meter.locked

    meter.heater_w = HEATER_W
    assert after(1) == (1900, False, False)
    assert after(OVERLOADED_S - 1) == (1900, False, False), "a reading sees what it is cut for"
    assert after(1) == (0, True, False)
    assert after(RESTORES_AFTER_S) == (1900, False, False), "it tries"
    assert after(OVERLOADED_S) == (0, True, True)
    assert after(RESTORES_AFTER_S) == (0, True, True), "and stays so"


def test_a_kettle_that_is_soon_off_is_not_cut() -> None:
    now = 1000.0
    meter = Meter(PLAIN, ACCESS, lambda: now, load_w=100, heater_w=HEATER_W)
    meter.run()
    now += OVERLOADED_S / 2
    meter.heater_w = 0
    meter.run()
    meter.heater_w = HEATER_W
    now += OVERLOADED_S / 2
    meter.run()
    assert meter.is_on
