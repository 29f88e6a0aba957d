"""付款码."""

from datetime import datetime
from typing import Self

import strawberry

from onecard.actions.issue_payment_code import IssuedCode


@strawberry.type(
    description="A payment code 付款码: shown to a till, it pays once, within its minute. Never store "
    "or log it."
)
class PaymentCode:
    code: str = strawberry.field(description="Twenty digits, shown as QR code 二维码 and bar code 条形码.")
    expires_at: datetime = strawberry.field(description="From then on it is refused as expired 失效时间.")
    renew_at: datetime = strawberry.field(description="When the page should ask for the next one 刷新时间.")
    server_time: datetime = strawberry.field(
        description="The server's clock at the answer, so that a phone with a wrong clock counts right."
    )

    @classmethod
    def of(cls, issued: IssuedCode) -> Self:
        return cls(
            code=issued.code,
            expires_at=issued.expires_at,
            renew_at=issued.renew_at,
            server_time=issued.issued_at,
        )
