"""POST /wechat/notify/pay and /refund, /online-payment/notify, /bank/notify: who was paid tells us, signed.

204: done, or known already. 401: not theirs. 400: theirs, and nothing we can use. 500: we could not store it;
they repeat, WeChat for 24 hours. Always within the 5 seconds WeChat waits.
"""

from __future__ import annotations

import asyncio

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from onecard.actions.parts import Parts
from onecard.actions.settle_recharge import settle_recharge
from onecard.actions.settle_refund import settle_refund
from onecard.outside.bank_http import BankHttp
from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.outside.payments import PaymentNotice, RefundNotice
from onecard.outside.providers import (
    ForgedNotification,
    MalformedNotification,
    UndecipherableNotification,
)
from onecard.rules.kinds import RechargeMethod
from onecard.rules.refusals import Refusal

ANSWER_S = 4.5  # WeChat gives up after 5
LARGEST_BODY = 64 * 1024

log = structlog.get_logger(__name__)


def routes(parts: Parts) -> list[Route]:
    def told(path: str, by: RechargeMethod, *wanted: type[PaymentNotice] | type[RefundNotice]) -> Route:
        async def answer(request: Request) -> Response:
            return await _answer(parts, request, by, *wanted)

        return Route(path, answer, methods=["POST"])

    either = (PaymentNotice, RefundNotice)
    routes = [
        told("/wechat/notify/pay", RechargeMethod.WECHAT, PaymentNotice),
        told("/wechat/notify/refund", RechargeMethod.WECHAT, RefundNotice),
    ]
    if parts.online_payment is not None:
        routes.append(told(OnlinePaymentHttp.NOTIFY_PATH, RechargeMethod.ONLINE_PAYMENT, *either))
    if parts.bank is not None:
        routes.append(told(BankHttp.NOTIFY_PATH, RechargeMethod.BANK_CARD, *either))
    return routes


async def _answer(
    parts: Parts, request: Request, by: RechargeMethod, *wanted: type[PaymentNotice] | type[RefundNotice]
) -> Response:
    try:
        async with asyncio.timeout(ANSWER_S):
            body = await _body(request)
            notice = parts.provider(by).read_notification(request.headers.items(), body)
            if not isinstance(notice, wanted):
                raise MalformedNotification("sent to the other address")
            await _settle(parts, notice, by)
    except ForgedNotification as problem:
        log.warning("notification_forged", reason=str(problem))
        return _fail(401, "签名验证失败")
    except MalformedNotification as problem:
        log.error("notification_malformed", reason=str(problem))
        return _fail(400, "通知内容无法识别")
    except UndecipherableNotification as problem:
        log.error("notification_undecipherable", mend="ONECARD_WECHAT_API_V3_KEY", reason=str(problem))
        return _fail(500, "暂时无法处理")
    except Refusal as refusal:
        # Final: the ledger knows this transaction with another content. An operator must look.
        log.error("notification_contradicts", refusal=refusal.code)
        return _fail(400, "通知内容与之前不符")
    except ClientDisconnect:
        return _fail(400, "连接断开")
    except TimeoutError:
        log.warning("notification_too_slow")
        return _fail(503, "暂时无法处理")
    except Exception:
        # Whatever it was, the money is not ours yet: WeChat must say it again.
        log.exception("notification_not_settled")
        return _fail(500, "暂时无法处理")
    return Response(status_code=204)


async def _settle(parts: Parts, notice: PaymentNotice | RefundNotice, by: RechargeMethod) -> None:
    if isinstance(notice, PaymentNotice):
        await settle_recharge(parts, notice, by)
        log.info("payment_notified", out_trade_no=notice.out_trade_no, notice=notice.notice_id)
    else:
        await settle_refund(parts, notice, by)
        log.info("refund_notified", out_refund_no=notice.out_refund_no, notice=notice.notice_id)


async def _body(request: Request) -> bytes:
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LARGEST_BODY:
            raise ForgedNotification("larger than any notification")
    return bytes(read)


def _fail(status: int, message: str) -> Response:
    return JSONResponse({"code": "FAIL", "message": message}, status)
