"""What a room is told about its power: why there is none, and what to do."""

from __future__ import annotations

from datetime import datetime

from onecard.rules.clock import in_shanghai
from onecard.rules.kinds import IncidentState, PowerState
from onecard.rules.refusals import Language

_STATES: dict[PowerState, tuple[str, str, str, str]] = {
    PowerState.NORMAL: ("供电正常。", "", "The room has power.", ""),
    PowerState.CUT: (
        "用了违规电器，电表自动断电。",
        "请拔掉电吹风、热得快等发热电器，稍后会自动恢复；再次发现将不再自动恢复。",
        "A forbidden appliance was plugged in, so the meter cut the power.",
        "Unplug hair dryers, immersion heaters and the like. Power comes back by itself; not so the next time.",
    ),
    PowerState.LOCKED: (
        "再次发现违规电器，已断电，不会自动恢复。",
        "请先拔掉违规电器，再由住在这间的同学在这里提交申请；院部同意后，水电中心恢复供电。",
        "A forbidden appliance was seen again; the power stays off.",
        "Unplug it, then apply here as a resident. Your department approves, the utility office switches on.",
    ),
    PowerState.NO_ENERGY: (
        "电量用完，已断电。",
        "缴电费后会自动恢复供电，一般不到一分钟。",
        "The energy is used up, so the power is off.",
        "Buy electricity: power comes back by itself, within a minute as a rule.",
    ),
    PowerState.NIGHT: (
        "现在是夜间统一断电时间。",
        "到 {until} 自动恢复，不用做什么。",
        "The building is off for the night.",
        "Power comes back at {until}; there is nothing to do.",
    ),
    PowerState.SWITCHED_OFF: (
        "水电中心断开了这间的供电，或者现场拉了闸。",
        "检修完会恢复；急的话请联系水电中心。",
        "The utility office switched this room off, or somebody did so at the meter.",
        "It comes back after the work; if it is urgent, ask the utility office.",
    ),
    PowerState.UNKNOWN: (
        "电表暂时联系不上，不知道这间有没有电。",
        "如果停电了，请联系水电中心。",
        "The meter does not answer, so nobody here knows whether the room has power.",
        "If it has none, ask the utility office.",
    ),
}
_WAITING: dict[IncidentState, tuple[str, str, str, str]] = {
    IncidentState.APPLIED: (
        "申请已提交，等院部在 {until} 前处理。",
        "申请已提交，院部过了时限还没有处理，可以直接去院部问。",
        "Your application waits for your department, until {until}.",
        "Your application waits; your department let its time pass, so ask there.",
    ),
    IncidentState.APPROVED: (
        "院部已同意，等水电中心在 {until} 前恢复供电。",
        "院部已同意，水电中心过了时限还没有恢复，可以直接打电话问。",
        "Your department approved; the utility office switches on until {until}.",
        "Your department approved; the utility office let its time pass, so ask there.",
    ),
}


def explain_power(state: PowerState, language: Language) -> str:
    words = _STATES[state]
    return words[0] if language == "ZH" else words[2]


def remedy_of_power(
    state: PowerState,
    incident: IncidentState | None,
    until: datetime | None,
    *,
    overdue: bool,
    language: Language,
) -> str:
    """`until`: when it is back by itself, or the office's time ends."""
    at = in_shanghai(until).strftime("%m-%d %H:%M") if until else ""
    if incident in _WAITING:
        words = _WAITING[incident]
        text = words[int(overdue) + (0 if language == "ZH" else 2)]
    else:
        words = _STATES[state]
        text = words[1] if language == "ZH" else words[3]
    return text.format(until=at)
