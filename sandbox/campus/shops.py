"""Canteens and supermarkets with their windows, prices and twelve POS terminals."""

from __future__ import annotations

from sandbox.campus.model import Merchant, Shop, Terminal

_FIRST, _SECOND, _PLAZA = "第一食堂", "第二食堂", "丹枫美食城"
_EARLY, _MAIN, _ANY = ("breakfast",), ("lunch", "dinner"), ("breakfast", "lunch", "dinner")


def _window(code: str, name: str, place: str, hours: tuple[str, ...], *prices_fen: int) -> Merchant:
    return Merchant(code, name, place, Shop.CANTEEN, prices_fen, hours)


def _scales(
    code: str, name: str, place: str, shop: Shop, hours: tuple[str, ...], *prices_fen: int
) -> Merchant:
    return Merchant(code, name, place, shop, prices_fen, hours, by_weight=True)


def _market(code: str, name: str, place: str, *prices_fen: int) -> Merchant:
    return Merchant(code, name, place, Shop.SUPERMARKET, prices_fen, _ANY)


MERCHANTS = (
    _window("dumpling", "早点铺", _FIRST + "一楼1号窗", _EARLY, 250, 300, 400, 450, 550, 600),
    _window("noodle", "手工面馆", _FIRST + "一楼3号窗", _ANY, 800, 900, 950, 1000, 1150, 1200),
    _window("rice", "家常快餐", _FIRST + "一楼5号窗", _MAIN, 900, 1050, 1200, 1250, 1350, 1500),
    _scales("buffet", "自选称重", _FIRST + "二楼2号窗", Shop.CANTEEN, _MAIN, 987, 1124, 1236, 1318, 1472),
    _window("claypot", "砂锅煲仔", _FIRST + "二楼4号窗", _MAIN, 1200, 1300, 1400, 1600),
    _window("halal", "清真窗口", _SECOND + "一楼1号窗", _MAIN, 900, 1000, 1100, 1300),
    _scales("hotpot", "麻辣香锅", _SECOND + "一楼2号窗", Shop.CANTEEN, _MAIN, 1540, 1680, 1875, 2130),
    _window("porridge", "粥与小菜", _SECOND + "一楼4号窗", _EARLY, 300, 350, 450, 500, 600),
    _window("staff", "教工餐厅", _PLAZA + "二楼", _MAIN, 1200, 1500, 1800, 2000),
    _market("market_s", "南校区超市", _PLAZA + "一楼", 150, 200, 350, 480, 650, 990, 1580, 2390),
    _market("market_n", "北校区超市", "中专部1栋旁", 150, 200, 300, 450, 690, 1280),
    _scales("fruit", "鲜果铺", _PLAZA + "一楼", Shop.SUPERMARKET, _ANY, 463, 504, 718, 1052),
)

TERMINALS = tuple(
    Terminal(str(number), merchant.place, merchant.code)
    for number, merchant in enumerate(MERCHANTS, 10000001)
)
TERMINAL_OF = dict(zip((merchant.name for merchant in MERCHANTS), TERMINALS, strict=True))
