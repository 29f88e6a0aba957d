"""The school's bank in memory. Passes the real part's contract tests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from onecard.outside.bank import AgreementState, AgreementStatus
from onecard.outside.payments import PaymentState, PaymentStatus
from onecard.outside.provider_fake import Order, ProviderFake
from onecard.outside.providers import ProviderRefused
from onecard.rules.clock import Clock, in_shanghai
from onecard.rules.kinds import DeclineReason


@dataclass(slots=True)
class _Agreement:
    holder_name: str
    expires_at: datetime
    status: AgreementStatus


class BankFake(ProviderFake):
    """Play the holder with `sign` and `end_by_holder`. While `declines` is set, new debits are declined with it; while
    `late`, they are being processed until `finish_debit`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.declines: DeclineReason | None = None
        self.late = False
        self._agreements: dict[str, _Agreement] = {}

    async def open_signing(
        self, out_agreement_no: str, holder_name: str, expires_at: datetime, return_url: str
    ) -> str:
        self._fail()
        known = self._agreements.get(out_agreement_no)
        if known is None:
            status = AgreementStatus(out_agreement_no, AgreementState.SIGNING)
            known = self._agreements[out_agreement_no] = _Agreement(holder_name, expires_at, status)
        state = self._status(known).state
        if state is not AgreementState.SIGNING:
            raise ProviderRefused(f"AGREEMENT_{state}")
        if known.holder_name != holder_name:
            raise ProviderRefused("INVALID_REQUEST", "the agreement's number was used for another holder")
        return f"https://bank.invalid/{out_agreement_no}"

    async def query_agreement(self, out_agreement_no: str) -> AgreementStatus:
        self._fail()
        known = self._agreements.get(out_agreement_no)
        return self._status(known) if known else AgreementStatus(out_agreement_no, AgreementState.UNKNOWN)

    async def end_agreement(self, out_agreement_no: str) -> None:
        self._fail()
        if out_agreement_no in self._agreements:
            self.end_by_holder(out_agreement_no)

    async def debit(
        self, out_trade_no: str, amount_fen: int, agreement_id: str, description: str, expires_at: datetime
    ) -> PaymentStatus:
        assert amount_fen > 0, "a debit of nothing"
        self._fail()
        order = self._orders.get(out_trade_no)
        if order is None:
            order = self.keep_order(out_trade_no, amount_fen, agreement_id, expires_at)
            self._begin(out_trade_no, order)
        if (order.amount_fen, order.payer) != (amount_fen, agreement_id):
            raise ProviderRefused("INVALID_REQUEST", "the number was used for another debit")
        if order.status.state is PaymentState.CLOSED:
            raise ProviderRefused("ORDER_CLOSED")
        return order.status

    # The world's side, for tests.

    def sign(
        self,
        out_agreement_no: str,
        *,
        bank_name: str = "工商银行",
        last_four: str = "0001",
        once_limit_fen: int = 50_000,
        day_limit_fen: int = 100_000,
    ) -> None:
        agreement = self._agreements[out_agreement_no]
        assert self._status(agreement).state is AgreementState.SIGNING, "it would be refused"
        agreement.status = AgreementStatus(
            out_agreement_no,
            AgreementState.SIGNED,
            agreement_id=f"AG{secrets.randbelow(10**20):020}",
            bank_name=bank_name,
            last_four=last_four,
            once_limit_fen=once_limit_fen,
            day_limit_fen=day_limit_fen,
            signed_at=self._clock(),
        )

    def end_by_holder(self, out_agreement_no: str) -> None:
        self._agreements[out_agreement_no].status = AgreementStatus(out_agreement_no, AgreementState.ENDED)

    def finish_debit(self, out_trade_no: str, declined: DeclineReason | None = None) -> None:
        assert self._orders[out_trade_no].status.state is PaymentState.USERPAYING, "it is finished"
        if declined is None:
            self.pay(out_trade_no)
        else:
            self._orders[out_trade_no].status = PaymentStatus(
                out_trade_no, PaymentState.PAYERROR, declined=declined
            )

    # ------------------------------------------------------------------------------------------------------

    def _begin(self, out_trade_no: str, order: Order) -> None:
        if order.expires_at <= self._clock():
            order.status = replace(order.status, state=PaymentState.CLOSED)
            return
        order.status = replace(order.status, state=PaymentState.USERPAYING)
        declined = self._objection(order) or self.declines
        if declined is not None or not self.late:
            self.finish_debit(out_trade_no, declined)

    def _objection(self, order: Order) -> DeclineReason | None:
        """What the agreement has against it."""
        for agreement in self._agreements.values():
            status = agreement.status
            if status.agreement_id == order.payer:
                assert status.once_limit_fen is not None
                assert status.day_limit_fen is not None
                above = order.amount_fen > status.once_limit_fen or self._today(order) > status.day_limit_fen
                return DeclineReason.LIMIT_EXCEEDED if above else None
        return DeclineReason.AGREEMENT_ENDED

    def _today(self, order: Order) -> int:
        """What was taken by that order's agreement on its day, itself included."""
        day = in_shanghai(order.taken_at).date()
        return sum(
            other.amount_fen
            for other in self._orders.values()
            if other.payer == order.payer
            and in_shanghai(other.taken_at).date() == day
            and (other.status.state.was_paid or other.status.state is PaymentState.USERPAYING)
        )

    def _status(self, agreement: _Agreement) -> AgreementStatus:
        """As it is by now: what was not signed in time has ended."""
        status = agreement.status
        if status.state is AgreementState.SIGNING and agreement.expires_at <= self._clock():
            return AgreementStatus(status.out_agreement_no, AgreementState.ENDED)
        return status
