"""Who asks the book for money: tills, WeChat, recharge pages, dispensers, offline terminals, operators.

Each keeps its own truth: what a till printed, what WeChat was paid and paid out, what a meter counted. None of
them believes the ledger; the ledger is compared with them in the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from simulation.clockwork import Events, Until

from onecard.ledger.book import (
    Book,
    CallerKey,
    ChargeOrder,
    CreditOutcome,
    Fact,
    FactKind,
    HoldCaptured,
    HoldPlaced,
    Kept,
    NeverPosted,
    Receipt,
    RefundAsked,
    Reversed,
    caller_key,
)
from onecard.ledger.recharges import RechargeOrder, Recharges
from onecard.rules.kinds import FreezeReason, RechargeMethod, WalletType
from onecard.rules.refusals import Refusal, RefusalCode


@dataclass
class Campus:
    """What the actors share: the server's parts, names that no other seed uses, and their truths."""

    name: str
    events: Events
    book: Book
    recharges: Recharges
    accounts: list[str] = field(default_factory=list)
    merchants: list[str] = field(default_factory=list)
    spent: Counter[str] = field(default_factory=Counter)  # by account: approved, used, tapped
    earned: Counter[str] = field(default_factory=Counter)  # by merchant
    paid_in: Counter[str] = field(default_factory=Counter)  # by account: cash; WeChat's own truth is WeChat's
    sales: list[Sale] = field(default_factory=list)
    waters: list[Water] = field(default_factory=list)
    unsettled: Counter[str] = field(default_factory=Counter)

    def key(self, kind: str, number: object, **body: Any) -> CallerKey:
        return caller_key(f"{self.name}-{kind}", str(number), **body)

    def take(self, account: str, merchant: str, fen: int) -> None:
        self.spent[account] += fen
        self.earned[merchant] += fen


class Sale:
    """One sale at a till, which prints APPROVED only when it heard so, and reverses what it gave up on."""

    def __init__(
        self, campus: Campus, number: int, account: str, fen: int, code: bytes, *, voided: bool
    ) -> None:
        self.campus, self.number, self.account, self.fen, self.code = campus, number, account, fen, code
        self.voided = voided  # the cashier takes it back later
        self.merchant = campus.events.random.choice(campus.merchants)
        self.occurred_at = campus.events.now
        self.printed = "ASKING"
        self.was_approved = False
        self.tries = 0
        campus.sales.append(self)
        campus.unsettled["sale"] += 1
        self._ask()

    @property
    def key(self) -> CallerKey:
        return self.campus.key("sale", self.number, fen=self.fen, merchant=self.merchant, code=self.code)

    def _ask(self) -> None:
        self.tries += 1
        self.campus.events.ask(self._serve, self._heard)
        self.campus.events.after(self.campus.events.random.uniform(2, 6), self._patience)

    async def _serve(self) -> Receipt:
        return await self.campus.book.charge(
            ChargeOrder(
                self.key, self.account, self.fen, self.merchant, "ter_till", self.occurred_at, self.code
            )
        )

    def _heard(self, answer: Receipt | Refusal) -> None:
        if self.printed != "ASKING":
            return  # it had given up: what comes now is not printed any more
        self.campus.unsettled["sale"] -= 1
        if isinstance(answer, Refusal):
            assert answer.code is not RefusalCode.CHARGE_REVERSED_BEFORE, "nobody reversed it"
            self.printed = "DECLINED"
            return
        assert (answer.amount_fen, answer.account_id) == (-self.fen, self.account)
        self.printed, self.was_approved = "APPROVED", True
        if self.voided:
            self.campus.unsettled["sale"] += 1
            self.campus.events.soon(60, self._reverse)

    def _patience(self) -> None:
        if self.printed != "ASKING":
            return
        if self.tries < 3 and self.campus.events.random.random() < 0.6:
            self._ask()
        else:
            self._reverse()

    def _reverse(self) -> None:
        self.printed = "REVERSING"
        Until(self.campus.events, self._serve_reversal, self._reversed)

    async def _serve_reversal(self) -> object:
        return await self.campus.book.reverse(
            self.campus.key("void", self.number, of=self.key.text),
            self.key.text,
            terminal_id="ter_till",
            occurred_at=self.campus.events.now,
        )

    def _reversed(self, answer: object) -> None:
        assert isinstance(answer, Reversed | Kept | NeverPosted), answer
        assert isinstance(answer, Reversed) or not self.was_approved, "printed as approved, yet never posted"
        self.printed = "REVERSED"
        self.campus.unsettled["sale"] -= 1


class Wechat:
    """WeChat Pay: what it took, what it paid back. It notifies until it is answered, and a little longer."""

    def __init__(self, campus: Campus) -> None:
        self.campus = campus
        self.paid: dict[str, tuple[str, int]] = {}  # transaction id → out_trade_no, fen
        self.credited: Counter[str] = Counter()  # by account: the first payment that fits its order
        self.stray: Counter[str] = Counter()  # by transaction id: what must lie in suspense
        self.refunded: dict[str, tuple[str, int, bool]] = {}  # out_refund_no → transaction id, fen, paid out
        self._served: set[str] = set()  # orders that were paid as asked

    def pay(self, order: RechargeOrder | str, fen: int) -> None:
        """A person confirms on their phone. Nobody can stop it any more."""
        number = order if isinstance(order, str) else order.out_trade_no
        transaction_id = f"wx{self.campus.name}{len(self.paid)}"
        self.paid[transaction_id] = (number, fen)
        if not isinstance(order, str) and fen == order.amount_fen and number not in self._served:
            # Two payments that fit: which of them is credited, we do not care; one of them is.
            self._served.add(number)
            self.credited[order.account_id] += fen
        else:
            self.stray[transaction_id] = fen
        source = self.campus.events.random.choice(("NOTIFY", "QUERY"))
        for how in (source, "QUERY") if self.campus.events.random.random() < 0.4 else (source,):
            Until(self.campus.events, lambda how=how: self._notify(transaction_id, how), self._acknowledged)

    async def _notify(self, transaction_id: str, source: Any) -> CreditOutcome:
        number, fen = self.paid[transaction_id]
        return await self.campus.book.credit_recharge(
            out_trade_no=number,
            transaction_id=transaction_id,
            paid_fen=fen,
            paid_at=self.campus.events.now,
            source=source,
        )

    def _acknowledged(self, answer: object) -> None:
        assert isinstance(answer, CreditOutcome), answer

    def refund(self, out_refund_no: str, transaction_id: str, fen: int) -> None:
        """Idempotent by the refund's number, as the real one is; decided once, told later and repeatedly."""
        if out_refund_no in self.refunded:
            assert self.refunded[out_refund_no][:2] == (transaction_id, fen), (
                "another refund under its number"
            )
            return
        ok = self._fits(transaction_id, fen) and self.campus.events.random.random() < 0.7
        self._decide(out_refund_no, transaction_id, fen, ok)
        if not ok and self.campus.events.random.random() < 0.4:
            self.campus.events.soon(900, lambda: self._pay_after_all(out_refund_no))

    def _pay_after_all(self, out_refund_no: str) -> None:
        """A refund that failed (a closed bank card, say) is paid out by hand, if the payment still has so much."""
        transaction_id, fen, _ = self.refunded[out_refund_no]
        if self._fits(transaction_id, fen):
            self._decide(out_refund_no, transaction_id, fen, True)

    def _fits(self, transaction_id: str, fen: int) -> bool:
        gone = sum(fen for of, fen, paid in self.refunded.values() if of == transaction_id and paid)
        return gone + fen <= self.paid[transaction_id][1]

    def _decide(self, out_refund_no: str, transaction_id: str, fen: int, ok: bool) -> None:
        self.refunded[out_refund_no] = (transaction_id, fen, ok)
        Until(self.campus.events, lambda: self._tell(out_refund_no, ok), lambda answer: None)

    async def _tell(self, out_refund_no: str, ok: bool) -> object:
        return await self.campus.book.finish_refund(out_refund_no, ok=ok, at=self.campus.events.now)


class Recharge:
    """A page that orders until it hears the order, and a person who then pays, or not, or something else."""

    def __init__(self, campus: Campus, wechat: Wechat, number: int, account: str, fen: int) -> None:
        self.campus, self.wechat, self.number, self.account, self.fen = campus, wechat, number, account, fen
        self.wallet_type = campus.events.random.choice(list(WalletType))
        self.order: RechargeOrder | None = None
        Until(campus.events, self._serve, self._ordered)

    async def _serve(self) -> RechargeOrder:
        key = self.campus.key("order", self.number, fen=self.fen)
        order, _ = await self.campus.recharges.create_order(
            key,
            self.account,
            self.fen,
            self.wallet_type,
            RechargeMethod.WECHAT,
            self.campus.events.clock() + timedelta(hours=2),
        )
        return order

    def _ordered(self, order: RechargeOrder) -> None:
        assert (order.amount_fen, order.account_id) == (self.fen, self.account)
        self.order = order
        events, fate = self.campus.events, self.campus.events.random.random()
        if fate < 0.8:
            events.soon(20, lambda: self.wechat.pay(order, self.fen))
        if fate < 0.08:  # on two phones
            events.soon(20, lambda: self.wechat.pay(order, self.fen))
        if 0.76 < fate < 0.86:
            events.soon(20, lambda: self.wechat.pay(order, self.fen - 1 or 2))
        if fate > 0.7:  # closed here; it may be paid there all the same
            events.soon(40, self._close)

    async def _close(self) -> None:
        Until(self.campus.events, self._serve_close, lambda answer: None)

    async def _serve_close(self) -> object:
        assert self.order is not None
        return await self.campus.recharges.close_order(self.order.id, self.campus.events.now)


class RefundRequest:
    """An operator asks until they hear yes or no; the worker does the rest."""

    def __init__(self, campus: Campus, number: int, of: RechargeOrder | str, fen: int) -> None:
        self.campus, self.number, self.of, self.fen = campus, number, of, fen
        Until(campus.events, self._serve, self._heard)

    async def _serve(self) -> RefundAsked:
        if isinstance(self.of, str):
            key = self.campus.key("case refund", self.number, of=self.of)
            return await self.campus.book.ask_case_refund(key, self.of, "stray", "usr_operator")
        key = self.campus.key("refund", self.number, of=self.of.id, fen=self.fen)
        return await self.campus.book.ask_refund(key, self.of.id, self.fen, "asked", "usr_operator")

    def _heard(self, answer: object) -> None:
        if isinstance(answer, Refusal):
            allowed = (RefusalCode.NOT_ALLOWED,) if isinstance(self.of, str) else (
                RefusalCode.REFUND_TOO_LARGE, RefusalCode.RECHARGE_UNKNOWN)  # fmt: skip
            assert answer.code in allowed
            return
        assert isinstance(answer, RefundAsked)
        assert isinstance(self.of, str) or answer.amount_fen == self.fen


class Water:
    """A dispenser: hold, let water run, then capture what ran, release, or forget until the hold expires."""

    def __init__(self, campus: Campus, number: int, account: str, fen: int) -> None:
        self.campus, self.number, self.account, self.fen = campus, number, account, fen
        self.hold: HoldPlaced | None = None
        self.used = 0
        campus.waters.append(self)
        Until(campus.events, self._place, self._placed)

    async def _place(self) -> HoldPlaced:
        return await self.campus.book.place_hold(
            self.campus.key("hold", self.number, fen=self.fen),
            self.account,
            self.fen,
            merchant_id=self.campus.merchants[0],
            terminal_id="ter_water",
        )

    def _placed(self, answer: object) -> None:
        if isinstance(answer, Refusal):
            return
        assert isinstance(answer, HoldPlaced)
        assert 0 < answer.amount_fen <= self.fen
        self.hold = answer
        events, fate = self.campus.events, self.campus.events.random.random()
        if fate < 0.15:
            events.soon(60, lambda: self._end(self._release))
        elif fate < 0.9:
            metered = events.random.randint(0, self.fen + 20)
            self.used = min(metered, answer.amount_fen)
            self.campus.take(self.account, self.campus.merchants[0], self.used)
            late_s = 60 if fate < 0.7 else 1500  # the hold may have expired by then: a fact all the same
            for name in ("a", "b") if fate < 0.3 else ("a",):  # a meter that tells it twice, by two ids
                events.soon(late_s, lambda name=name: self._end(lambda: self._capture(name, metered)))

    def _end(self, serve: Any) -> None:
        Until(self.campus.events, serve, self._ended)

    async def _capture(self, name: str, metered: int) -> HoldCaptured:
        assert self.hold is not None
        key = self.campus.key("capture", f"{self.number}{name}", metered=metered)
        return await self.campus.book.capture_hold(
            key, self.hold.hold_id, metered, occurred_at=self.campus.events.now
        )

    async def _release(self) -> bool:
        assert self.hold is not None
        return await self.campus.book.release_hold(self.campus.key("release", self.number), self.hold.hold_id)

    def _ended(self, answer: object) -> None:
        assert not isinstance(answer, HoldCaptured) or answer.captured_fen == self.used, answer
        assert not isinstance(answer, Refusal), answer


class Upload:
    """What happened already and is told until it is acknowledged: taps, offline sales, cash at the counter."""

    def __init__(self, campus: Campus, number: int, kind: FactKind, account: str, fen: int) -> None:
        self.campus, self.number, self.kind, self.account, self.fen = campus, number, kind, account, fen
        self.occurred_at = campus.events.now
        at_merchant = kind in (FactKind.CARD_TAP, FactKind.OFFLINE_SALE)
        self.merchant = campus.events.random.choice(campus.merchants) if at_merchant else None
        if self.merchant:
            campus.take(account, self.merchant, fen)
        elif kind is FactKind.CASH_TOP_UP:
            campus.paid_in[account] += fen
        for name in ("a", "b") if campus.events.random.random() < 0.3 else ("a",):  # two gateways saw it
            campus.events.soon(900, lambda name=name: self._upload(name))

    def _upload(self, name: str) -> None:
        Until(self.campus.events, lambda: self._serve(name), self._told)

    async def _serve(self, name: str) -> Receipt:
        chip = f"{self.campus.name}-{self.account}" if self.kind is FactKind.CARD_TAP else None
        return await self.campus.book.record_fact(
            Fact(
                self.kind,
                self.campus.key("fact", f"{self.number}{name}", fen=self.fen),
                self.account,
                self.fen,
                self.occurred_at,
                merchant_id=self.merchant,
                terminal_id="ter_offline",
                chip=chip,
                reference=(str(self.kind), f"{self.campus.name}-{self.number}"),
            )
        )

    def _told(self, answer: object) -> None:
        assert isinstance(answer, Receipt), answer
        assert abs(answer.amount_fen) == self.fen


class Frost:
    """An operator freezes an account for a while, over a good line; meanwhile nothing new may be approved."""

    def __init__(self, campus: Campus, account: str, seconds: float) -> None:
        self.campus, self.account = campus, account
        self.spans: list[tuple[Any, Any]] = []
        self._seconds = seconds
        campus.events.soon(600, self._freeze)

    async def _freeze(self) -> None:
        await self._insist(
            lambda: self.campus.book.freeze(self.account, FreezeReason.OPERATOR, "usr_operator")
        )
        self.spans.append((self.campus.events.now, None))
        self.campus.events.after(self._seconds, self._thaw)

    async def _thaw(self) -> None:
        self.spans[-1] = (self.spans[-1][0], self.campus.events.now)
        await self._insist(
            lambda: self.campus.book.unfreeze(self.account, FreezeReason.OPERATOR, "usr_operator")
        )

    async def _insist(self, do: Any) -> None:
        """Beside the faults: the operator looks at the screen until it says so."""
        faulty, self.campus.events.faulty = self.campus.events.faulty, False
        try:
            await do()
        finally:
            self.campus.events.faulty = faulty
