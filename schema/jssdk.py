"""What the page needs to use WeChat's scanner and friends."""

from typing import Self

import strawberry

from onecard.outside import wecom


@strawberry.type(description="What `wx.config` takes on one page, signed with the school's JSSDK ticket.")
class JssdkConfig:
    app_id: str = strawberry.field(description="The school's corp id or app id at WeChat.")
    timestamp: int = strawberry.field(description="Seconds since 1970 that the signature covers.")
    nonce_str: str = strawberry.field(description="A random word that the signature covers.")
    signature: str = strawberry.field(description="SHA-1 as WeChat prescribes 签名.")

    @classmethod
    def of(cls, config: wecom.JssdkConfig) -> Self:
        return cls(
            app_id=config.app_id,
            timestamp=config.timestamp,
            nonce_str=config.nonce_str,
            signature=config.signature,
        )
