"""The invented month before today: meals, recharges, a refund, a reversal, chip loads and card taps.

Every event could have happened: nobody spends below 0, the till hours and the service hours hold, and the
wallets are followed with `model.Wallets`, so what the ledger shows after posting can be checked against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random

from sandbox.campus.model import SHANGHAI, Event, EventKind, Merchant, Shop, Wallets
from sandbox.campus.shops import MERCHANTS, TERMINAL_OF

STORY_CARD_FEN, STORY_TRANSITION_FEN = 8634, -504  # 卡余额 86.34, 过渡余额 -5.04: the guide's picture
DAYS = 30
_MEALS = {"breakfast": (time(6, 55), 55), "lunch": (time(11, 35), 60), "dinner": (time(17, 15), 75)}
_STUDENT_SHOPS = [merchant for merchant in MERCHANTS if merchant.name not in ("教工餐厅", "北校区超市")]


class Diary:
    """One person's month being written; refuses to write what could not have happened."""

    def __init__(self, person: str, draw: Random) -> None:
        self.person = person
        self.draw = draw
        self.wallets = Wallets()
        self.events: list[Event] = []

    def write(
        self,
        kind: EventKind,
        amount_fen: int,
        at: datetime,
        *,
        wallet_type: str | None = None,
        shop: str | None = None,
        of: Event | None = None,
    ) -> Event:
        event = Event(
            key=f"{self.person}-{len(self.events) + 1:04d}",
            kind=kind,
            person=self.person,
            amount_fen=amount_fen,
            at=at,
            wallet_type=wallet_type,
            terminal=TERMINAL_OF[shop].number if shop else None,
            of=of.key if of else None,
        )
        assert kind is not EventKind.REFUND or amount_fen <= self.wallets.off_card_fen, (
            "refunds take no chip value"
        )
        assert not self.events or self.events[-1].at < at, f"{self.person} goes back in time at {at}"
        self.wallets.apply(event)
        assert min(self.wallets.balance_fen, self.wallets.electronic_fen) >= 0, f"{event} overdraws"
        self.events.append(event)
        return event

    def eat(self, day: date, meal: str) -> None:
        at = _moment(self.draw, day, *_MEALS[meal])
        shop, price_fen = _choose(self.draw, meal)
        self.write(EventKind.PAYMENT, price_fen, at, shop=shop.name)

    def tap(self, amount_fen: int, at: datetime, shop: str) -> None:
        """A card tap at an online POS: 过渡余额 goes onto the chip first (or off it), then the card pays."""
        assert self.wallets.electronic_fen == 0, "the story taps only with an empty electronic account"
        load_fen = max(self.wallets.transition_fen, -self.wallets.card_fen)
        if load_fen:
            self.write(EventKind.CHIP_LOAD, load_fen, at - timedelta(seconds=2), shop=shop)
        self.write(EventKind.CARD_TAP, amount_fen, at, shop=shop)


def build_history(draw: Random, today: date, others: Iterable[str]) -> tuple[list[Event], dict[str, Wallets]]:
    """All events in the order they happened, and everybody's wallets after them."""
    diaries = [_story(Random(draw.random()), today)]
    diaries += [_ordinary(person, Random(draw.random()), today) for person in others]
    events = [event for diary in diaries for event in diary.events]
    return sorted(events, key=lambda event: (event.at, event.key)), {
        diary.person: diary.wallets for diary in diaries
    }


def _story(draw: Random, today: date) -> Diary:
    """2002001: ends with 卡余额 86.34, 过渡余额 -5.04, 电子账户 0.00."""
    diary = Diary("2002001", draw)
    day_of = {ago: today - timedelta(days=ago) for ago in range(DAYS, 0, -1)}
    wrong: Event | None = None
    for ago, day in day_of.items():
        if ago == 3:
            break
        if ago == DAYS:
            diary.write(EventKind.RECHARGE, 20000, _at(day, 6, 30), wallet_type="CARD_ACCOUNT")
        if day.isoweekday() <= 5 and draw.random() < 0.75:
            diary.eat(day, "breakfast")
        if ago == 24:
            diary.write(EventKind.CASH_TOP_UP, 10000, _at(day, 10, 24))
        if ago == 13 and wrong:  # the counter gives back what was too much
            diary.write(EventKind.REFUND, 18000, _at(day, 9, 41), of=wrong)
        if ago in (26, 22, 15, 12, 6) and not diary.wallets.electronic_fen:
            diary.tap(draw.choice((900, 1050, 1250, 1500)), _moment(draw, day, time(11, 40), 40), "家常快餐")
        else:
            diary.eat(day, "lunch")
        if ago == 18:  # typed twice at the till; the second is taken back
            twice = diary.write(EventKind.PAYMENT, 1250, _at(day, 12, 51, 8), shop="家常快餐")
            diary.write(EventKind.REVERSAL, 1250, _at(day, 12, 51, 47), shop="家常快餐", of=twice)
        if ago == 20:
            diary.write(EventKind.RECHARGE, 5000, _at(day, 15, 2), wallet_type="ELECTRONIC")
        if ago == 14:
            wrong = diary.write(EventKind.RECHARGE, 30000, _at(day, 16, 20), wallet_type="CARD_ACCOUNT")
        elif diary.wallets.balance_fen < 6000:
            amount_fen = draw.choice((5000, 10000))
            diary.write(EventKind.RECHARGE, amount_fen, _at(day, 16, 35), wallet_type="CARD_ACCOUNT")
        if draw.random() < 0.85:
            diary.eat(day, "dinner")
        if draw.random() < 0.3:
            price_fen = draw.choice((150, 350, 480, 650))
            diary.write(EventKind.PAYMENT, price_fen, _moment(draw, day, time(20, 5), 50), shop="南校区超市")
    return _ending(diary, day_of)


def _ending(diary: Diary, day_of: dict[int, date]) -> Diary:
    """A top-up at the counter, a tap that loads everything onto the chip, then 5.04 of fruit by phone."""
    lunch_fen = 980 + (diary.wallets.balance_fen - STORY_CARD_FEN - 980) % 1000
    top_up_fen = STORY_CARD_FEN + lunch_fen - diary.wallets.balance_fen
    while top_up_fen <= 0:  # the month left a lot: some books first
        after = max(diary.events[-1].at, _at(day_of[3], 9, 10))
        diary.write(EventKind.PAYMENT, 4000, after + timedelta(minutes=4), shop="南校区超市")
        top_up_fen += 4000
    diary.write(EventKind.CASH_TOP_UP, top_up_fen, _at(day_of[3], 10, 7))
    if diary.wallets.electronic_fen:
        diary.write(EventKind.PAYMENT, diary.wallets.electronic_fen, _at(day_of[3], 11, 48), shop="自选称重")
    diary.tap(lunch_fen, _at(day_of[2], 12, 6, 31), "自选称重")
    diary.write(EventKind.PAYMENT, -STORY_TRANSITION_FEN, _at(day_of[1], 18, 42, 15), shop="鲜果铺")
    assert (diary.wallets.card_fen, diary.wallets.transition_fen) == (STORY_CARD_FEN, STORY_TRANSITION_FEN)
    return diary


def _ordinary(person: str, draw: Random, today: date) -> Diary:
    """A week of somebody else, so that lists, totals and benches have something to show."""
    diary = Diary(person, draw)
    first = today - timedelta(days=draw.randrange(4, 9))
    amount_fen = draw.choice((5000, 10000, 10000, 20000, 30000))
    wallet_type = "ELECTRONIC" if draw.random() < 0.2 else "CARD_ACCOUNT"
    diary.write(
        EventKind.RECHARGE, amount_fen, _moment(draw, first, time(5, 10), 70), wallet_type=wallet_type
    )
    for ago in range((today - first).days):
        for meal, chance in (("breakfast", 0.4), ("lunch", 0.75), ("dinner", 0.6)):
            if diary.wallets.balance_fen > 3000 and draw.random() < chance:
                diary.eat(first + timedelta(days=ago), meal)
    return diary


def _choose(draw: Random, meal: str) -> tuple[Merchant, int]:
    shop = draw.choice([shop for shop in _STUDENT_SHOPS if meal in shop.hours and shop.shop is Shop.CANTEEN])
    price_fen = draw.choice(shop.prices_fen)
    return shop, price_fen + draw.randrange(-60, 61) if shop.by_weight else price_fen


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), SHANGHAI)


def _moment(draw: Random, day: date, start: time, minutes: int) -> datetime:
    return datetime.combine(day, start, SHANGHAI) + timedelta(seconds=draw.randrange(minutes * 60))
