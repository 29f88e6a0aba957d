"""Any interleaving of what may happen, with retries, against a model that knows only the rules.

The model below is written from the rules and shares nothing with the posting: plain numbers in a dataclass.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.ledger import CANTEEN, School, open_school

from onecard.ledger.book import CreditState, FactKind, Kept, NeverPosted
from onecard.rules.kinds import WalletType
from onecard.rules.refusals import Refusal

ONCE, DAY = 30_000, 50_000
EXAMPLES, STEPS = 40, 60
FACTS = {
    FactKind.CARD_TAP: (-1, 0),  # how card and transition move
    FactKind.OFFLINE_SALE: (0, -1),
    FactKind.CHIP_LOAD: (1, -1),
    FactKind.CASH_TOP_UP: (0, 1),
    FactKind.FEE: (0, -1),
}
small = st.integers(1, 3_000)
amounts = st.one_of(small, st.sampled_from([0, -1, ONCE, ONCE + 1, 25_000]))
people = st.integers(0, 2)
picks = st.integers(0, 10_000)


@dataclass
class Purse:
    card: int = 0
    transition: int = 0
    electronic: int = 0
    held: int = 0
    paid: int = 0
    overdrawn: bool = False

    @property
    def balance(self) -> int:
        return self.card + self.transition + self.electronic

    def move(self, card: int = 0, transition: int = 0, electronic: int = 0, *, fact: bool = False) -> int:
        """Applies it with the sweep; returns what was swept."""
        self.card += card
        self.transition += transition
        self.electronic += electronic
        swept = 0
        while self.transition + swept < 0 and self.electronic - swept > 0:
            swept += min(-self.transition - swept, self.electronic - swept)
        self.transition += swept
        self.electronic -= swept
        if self.balance > 0:
            self.overdrawn = False
        elif self.balance < 0 and fact:
            self.overdrawn = True
        return swept

    def says(self, amount: int) -> str | None:
        if amount <= 0:
            return "AMOUNT_INVALID"
        if self.overdrawn:
            return "ACCOUNT_FROZEN"
        if amount > ONCE or self.paid + amount > DAY:
            return "PAYMENT_LIMIT_REACHED"
        free = self.balance - self.held
        return "INSUFFICIENT_BALANCE" if free <= 0 or free < amount else None


@dataclass
class Charge:
    who: int
    amount: int
    swept: int
    counted: int
    reversed: bool = False


@dataclass
class HoldModel:
    who: int
    id: str
    amount: int
    state: str = "ACTIVE"


@dataclass
class OrderModel:
    who: int
    order: Any
    electronic: bool
    refunded: int = 0


@dataclass
class RefundModel:
    of: OrderModel
    amount: int
    from_electronic: int
    asked: Any
    state: str = "ASKED"
    swept: int = 0


@dataclass
class World:
    purses: list[Purse] = field(default_factory=lambda: [Purse(), Purse(), Purse()])
    charges: dict[str, Charge] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    holds: list[HoldModel] = field(default_factory=list)
    orders: list[OrderModel] = field(default_factory=list)
    refunds: list[RefundModel] = field(default_factory=list)
    repeats: list[tuple[Any, str]] = field(default_factory=list)


def machine(runner: asyncio.Runner, school: School) -> type[RuleBasedStateMachine]:
    def run(work: Any) -> Any:
        """The result, or the refusal's code."""

        async def bounded() -> Any:
            async with asyncio.timeout(20):
                return await work

        try:
            return runner.run(bounded())
        except Refusal as refusal:
            return str(refusal.code)

    class Ledger(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = World()
            self.accounts = [run(school.person()) for _ in range(3)]
            self.merchant_before = run(school.balance(f"merchant:{CANTEEN}"))
            self.earned = 0

        def again(self, make: Any, said: str) -> None:
            self.world.repeats.append((make, said))

        @rule(who=people, amount=amounts)
        def charge(self, who: int, amount: int) -> None:
            order = school.charging(self.accounts[who], amount)
            self.post(order, who, amount)

        def post(self, order: Any, who: int, amount: int) -> None:
            purse, text = self.world.purses[who], order.key.text
            said = run(school.book.charge(order))
            expected = "CHARGE_REVERSED_BEFORE" if text in self.world.kept else purse.says(amount)
            if expected:
                assert said == expected
                self.world.refused.add(text)
                self.again(lambda: school.book.charge(order), expected)
                return
            swept = purse.move(transition=-amount)
            purse.paid += amount
            self.earned += amount
            self.world.charges[text] = Charge(who, amount, swept, amount)
            assert said.balance_fen == purse.balance
            self.again(lambda: school.book.charge(order), f"replay {said.transfer_id}")

        @rule(who=people, amount=small, count=st.integers(2, 6))
        def burst(self, who: int, amount: int, count: int) -> None:
            """Several at once from one purse: exactly as many pass as the purse allows."""
            orders = [school.charging(self.accounts[who], amount) for _ in range(count)]

            async def at_once() -> list[Any]:
                return await asyncio.gather(
                    *(school.book.charge(order) for order in orders), return_exceptions=True
                )

            purse = self.world.purses[who]
            said = run(at_once())
            for result in said:
                assert isinstance(result, Refusal) or result.amount_fen == -amount
            for order, result in sorted(
                zip(orders, said, strict=True), key=lambda pair: getattr(pair[1], "transfer_id", 2**62)
            ):
                expected = purse.says(amount)
                if isinstance(result, Refusal):
                    assert expected == str(result.code)
                    self.world.refused.add(order.key.text)
                else:
                    assert expected is None
                    swept = purse.move(transition=-amount)
                    purse.paid += amount
                    self.earned += amount
                    self.world.charges[order.key.text] = Charge(who, amount, swept, amount)

        @rule(who=people, kind=st.sampled_from(sorted(FACTS)), amount=small, down=st.booleans())
        def fact(self, who: int, kind: FactKind, amount: int, down: bool) -> None:
            if kind is FactKind.CHIP_LOAD and down:
                amount = -amount
            key = school.key(kind=kind, amount=amount)
            said = run(school.fact(kind, self.accounts[who], amount, key=key))
            card, transition = FACTS[kind]
            purse = self.world.purses[who]
            swept = purse.move(card * amount, transition * amount, fact=True)
            if kind in (FactKind.CARD_TAP, FactKind.OFFLINE_SALE):
                purse.paid += amount
                self.earned += amount
            if kind in (FactKind.CARD_TAP, FactKind.OFFLINE_SALE):
                self.world.charges[key.text] = Charge(who, amount, swept, amount)
            self.again(
                lambda: school.fact(kind, self.accounts[who], amount, key=key), f"replay {said.transfer_id}"
            )

        @rule(pick=picks, unknown=st.booleans())
        def reverse(self, pick: int, unknown: bool) -> None:
            known = [*self.world.charges, *sorted(self.world.refused)]
            kept_order = None
            if unknown or not known:
                who = pick % 3
                kept_order = school.charging(self.accounts[who], 100)
                original = kept_order.key.text
            else:
                original = known[pick % len(known)]
            key = school.key(of=original)
            make = lambda: school.book.reverse(  # noqa: E731 - kept to be sent again
                key, original, terminal_id=None, occurred_at=datetime.now(UTC)
            )
            said = run(make())
            if kept_order is not None:
                assert said == Kept(replayed=False)
                self.world.kept.add(original)
                self.post(kept_order, pick % 3, 100)
            elif original in self.world.kept:
                assert isinstance(said, Kept)
            elif original in self.world.refused:
                assert said == NeverPosted(replayed=False)
            elif self.world.charges[original].reversed:
                assert said == "ALREADY_REVERSED"
            else:
                charge = self.world.charges[original]
                charge.reversed = True
                purse = self.world.purses[charge.who]
                # The mirror: the sweep goes back first, the rest to transition, never to a chip that is not here.
                purse.move(transition=charge.amount - charge.swept, electronic=charge.swept)
                purse.paid = max(0, purse.paid - charge.counted)
                self.earned -= charge.amount
                self.again(make, f"replay {said.receipt.transfer_id}")

        @rule(who=people, amount=st.integers(1, 500))
        def hold(self, who: int, amount: int) -> None:
            purse = self.world.purses[who]
            free = purse.balance - purse.held
            granted = min(amount, max(free, 1))
            expected = purse.says(granted)
            said = run(
                school.book.place_hold(
                    school.key(), self.accounts[who], amount, merchant_id=CANTEEN, terminal_id=None
                )
            )
            if expected:
                assert said == expected
                return
            assert said.amount_fen == granted
            purse.held += granted
            self.world.holds.append(HoldModel(who, said.hold_id, granted))

        @rule(pick=picks, metered=st.integers(0, 600))
        def capture(self, pick: int, metered: int) -> None:
            if not self.world.holds:
                return
            hold = self.world.holds[pick % len(self.world.holds)]
            said = run(
                school.book.capture_hold(school.key(), hold.id, metered, occurred_at=datetime.now(UTC))
            )
            if hold.state == "CAPTURED":
                assert said.replayed
                return
            used = min(metered, hold.amount)
            assert (said.captured_fen, said.waived_fen) == (used, metered - used)
            purse = self.world.purses[hold.who]
            if hold.state == "ACTIVE":
                purse.held -= hold.amount
            hold.state = "CAPTURED"
            if used:
                purse.move(transition=-used, fact=True)
                purse.paid += used
                self.earned += used

        @rule(pick=picks)
        def release(self, pick: int) -> None:
            if not self.world.holds:
                return
            hold = self.world.holds[pick % len(self.world.holds)]
            assert run(school.book.release_hold(school.key(), hold.id)) == (hold.state == "ACTIVE")
            if hold.state == "ACTIVE":
                hold.state = "RELEASED"
                self.world.purses[hold.who].held -= hold.amount

        @rule(who=people, amount=st.integers(1, 20_000), electronic=st.booleans())
        def recharge(self, who: int, amount: int, electronic: bool) -> None:
            wallet = WalletType.ELECTRONIC if electronic else WalletType.CARD_ACCOUNT
            order = run(school.pay_in(self.accounts[who], amount, wallet))
            purse = self.world.purses[who]
            purse.move(**{"electronic" if electronic else "transition": amount})
            self.world.orders.append(OrderModel(who, order, electronic))

        @rule(pick=picks, wrong=st.booleans())
        def notify_again(self, pick: int, wrong: bool) -> None:
            if not self.world.orders:
                return
            order = self.world.orders[pick % len(self.world.orders)].order
            if wrong:  # a second payment of the same order
                said = run(school.credit(order, order.amount_fen, str(school.key().text)))
                assert said.state is CreditState.SUSPENDED
            else:
                said = run(school.credit(order, order.amount_fen, f"wx-{order.id}"))
                assert said.state is CreditState.REPLAYED

        @rule(pick=picks, amount=st.integers(0, 20_000))
        def ask_refund(self, pick: int, amount: int) -> None:
            if not self.world.orders:
                return
            model = self.world.orders[pick % len(self.world.orders)]
            purse = self.world.purses[model.who]
            off_chip = purse.transition + purse.electronic - purse.held
            most = max(
                0, min(model.order.amount_fen - model.refunded, off_chip, off_chip + min(0, purse.card))
            )
            said = run(school.book.ask_refund(school.key(), model.order.id, amount, "asked", "usr_operator"))
            if amount <= 0 or amount > most:
                assert said == ("AMOUNT_INVALID" if amount <= 0 else "REFUND_TOO_LARGE")
                return
            from_electronic = min(purse.electronic, amount) if model.electronic else 0
            swept = purse.move(transition=-(amount - from_electronic), electronic=-from_electronic)
            model.refunded += amount
            self.world.refunds.append(RefundModel(model, amount, from_electronic, said, swept=swept))

        @rule(pick=picks, ok=st.booleans())
        def finish_refund(self, pick: int, ok: bool) -> None:
            if not self.world.refunds:
                return
            refund = self.world.refunds[pick % len(self.world.refunds)]
            if refund.state == "FAILED" and ok:
                return  # told in test_recharges
            said = run(school.book.finish_refund(refund.asked.out_refund_no, ok=ok, at=datetime.now(UTC)))
            if refund.state != "ASKED":
                assert said.replayed
                return
            refund.state = "DONE" if ok else "FAILED"
            assert said.state == refund.state
            if not ok:
                back = refund.from_electronic + refund.swept
                self.world.purses[refund.of.who].move(transition=refund.amount - back, electronic=back)
                refund.of.refunded -= refund.amount

        @rule(pick=picks)
        def retry(self, pick: int) -> None:
            """Anything said before is said again, and moves nothing."""
            if not self.world.repeats:
                return
            make, before = self.world.repeats[pick % len(self.world.repeats)]
            said = run(make())
            if before.startswith("replay"):
                receipt = getattr(said, "receipt", said)
                assert receipt.replayed
                assert f"replay {receipt.transfer_id}" == before
            else:
                assert said == before

        @rule()
        def roll_up(self) -> None:
            run(school.book.roll_up())

        @invariant()
        def the_wallets_are_the_models(self) -> None:
            for account, purse in zip(self.accounts, self.world.purses, strict=True):
                now = run(school.wallets(account))
                assert (now.card_fen, now.transition_fen, now.electronic_fen, now.held_fen, now.paid_today_fen) == (
                    purse.card, purse.transition, purse.electronic, purse.held, purse.paid
                )  # fmt: skip
                assert (now.freezes == ("OVERDRAFT",)) == purse.overdrawn

        def teardown(self) -> None:
            run(school.check())
            assert run(school.balance(f"merchant:{CANTEEN}")) == self.merchant_before - self.earned

    return Ledger


def test_the_ledger_and_the_rules_agree_whatever_happens(database: str) -> None:
    with asyncio.Runner() as runner:
        opened = open_school(database)
        school = runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(
                machine(runner, school),
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    phases=(Phase.reuse, Phase.generate),  # shrinking on a database takes minutes
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
