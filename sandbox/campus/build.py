"""The whole campus out of one seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from sandbox.campus.history import build_history
from sandbox.campus.meters import MeterSpec, build_meters, invent_use
from sandbox.campus.model import Building, Campus, Event, Merchant, Person, Role, Room, Terminal, Wallets
from sandbox.campus.people import build_people
from sandbox.campus.places import CAMPUSES, build_places
from sandbox.campus.shops import MERCHANTS, TERMINALS

SEED = 2002001
STAYS_UNBOUND = ("2002002", "2002003")  # for the binding story; 2002003's ID number ends in X
ALWAYS_BOUND = ("2002001", "1005001", "9001001", "9002001", "9003001", "9004001", "9005001")
OTHERS_WITH_MONEY = 300


@dataclass(frozen=True, slots=True)
class Pretend:
    """The pretend campus as plain facts; `wallets` are what the history must leave behind."""

    today: date
    campuses: tuple[Campus, ...]
    buildings: tuple[Building, ...]
    rooms: tuple[Room, ...]
    people: tuple[Person, ...]
    merchants: tuple[Merchant, ...]
    terminals: tuple[Terminal, ...]
    bound: frozenset[str]
    meters: tuple[MeterSpec, ...]
    use: tuple[tuple[str, date, str], ...]  # (a meter's number, day, kWh)
    history: tuple[Event, ...]
    wallets: dict[str, Wallets]

    def person(self, number: str) -> Person:
        return next(person for person in self.people if person.number == number)


def build_campus(seed: int, today: date) -> Pretend:
    draw = Random(seed)
    buildings, rooms = build_places()
    people = build_people(draw, today, buildings, rooms)
    candidates = [
        person.number
        for person in people
        if person.role is Role.STUDENT and person.number not in (*ALWAYS_BOUND, *STAYS_UNBOUND)
    ]
    others = ["1005001", *sorted(draw.sample(candidates, OTHERS_WITH_MONEY))]
    history, wallets = build_history(draw, today, others)
    # Drawn apart, so that what was there before stays as it was.
    power = Random(seed + 1)
    first = next(person.room for person in people if person.number == ALWAYS_BOUND[0])
    meters = build_meters(power, buildings, rooms, first)
    return Pretend(
        today=today,
        campuses=CAMPUSES,
        buildings=tuple(buildings),
        rooms=tuple(rooms),
        people=tuple(people),
        merchants=MERCHANTS,
        terminals=TERMINALS,
        bound=frozenset((*ALWAYS_BOUND, *others)),
        meters=meters,
        use=tuple(invent_use(power, meters, today)),
        history=tuple(history),
        wallets=wallets,
    )
