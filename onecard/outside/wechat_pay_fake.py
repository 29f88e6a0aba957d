"""WeChat Pay in memory, for tests of everything but WeChat. Passes the real part's contract tests."""

from __future__ import annotations

import secrets
from datetime import datetime

from onecard.outside.provider_fake import ProviderFake


class WechatPayFake(ProviderFake):
    PREFIX = "wechatpay-"

    async def prepay(
        self, out_trade_no: str, amount_fen: int, openid: str, description: str, expires_at: datetime
    ) -> str:
        self.take_order(out_trade_no, amount_fen, openid, expires_at)
        return f"wx{secrets.token_hex(17)}"

    def bridge_parameters(self, prepay_id: str) -> dict[str, str]:
        return {
            "appId": "wxfake",
            "timeStamp": str(int(self._clock().timestamp())),
            "nonceStr": secrets.token_hex(16),
            "package": f"prepay_id={prepay_id}",
            "signType": "RSA",
            "paySign": "fake",
        }
