"""Canteens and supermarkets with their windows, prices and twelve POS terminals."""

from __future__ import annotations

from sandbox.campus.model import Merchant, Shop, Terminal

_BREAKFAST, _LUNCH, _DINNER, _ANY = ("breakfast",), ("lunch",), ("dinner",), ("breakfast", "lunch", "dinner")
_MAIN = (*_LUNCH, *_DINNER)

MERCHANTS = (
    Merchant(
        "dumpling", "早点铺", "第一食堂一楼1号窗", Shop.CANTEEN, (250, 300, 400, 450, 550, 600), _BREAKFAST
    ),
    Merchant(
        "noodle", "手工面馆", "第一食堂一楼3号窗", Shop.CANTEEN, (800, 900, 950, 1000, 1150, 1200), _ANY
    ),
    Merchant(
        "rice", "家常快餐", "第一食堂一楼5号窗", Shop.CANTEEN, (900, 1050, 1200, 1250, 1350, 1500), _MAIN
    ),
    Merchant(
        "buffet",
        "自选称重",
        "第一食堂二楼2号窗",
        Shop.CANTEEN,
        (987, 1124, 1236, 1318, 1472),
        _MAIN,
        by_weight=True,
    ),
    Merchant("claypot", "砂锅煲仔", "第一食堂二楼4号窗", Shop.CANTEEN, (1200, 1300, 1400, 1600), _MAIN),
    Merchant("halal", "清真窗口", "第二食堂一楼1号窗", Shop.CANTEEN, (900, 1000, 1100, 1300), _MAIN),
    Merchant(
        "hotpot",
        "麻辣香锅",
        "第二食堂一楼2号窗",
        Shop.CANTEEN,
        (1540, 1680, 1875, 2130),
        _MAIN,
        by_weight=True,
    ),
    Merchant(
        "porridge", "粥与小菜", "第二食堂一楼4号窗", Shop.CANTEEN, (300, 350, 450, 500, 600), _BREAKFAST
    ),
    Merchant("teacher", "教工餐厅", "丹枫美食城二楼", Shop.CANTEEN, (1200, 1500, 1800, 2000), _MAIN),
    Merchant(
        "market_s",
        "南校区超市",
        "丹枫美食城一楼",
        Shop.SUPERMARKET,
        (150, 200, 350, 480, 650, 990, 1580, 2390),
        _ANY,
    ),
    Merchant(
        "market_n", "北校区超市", "中专部1栋旁", Shop.SUPERMARKET, (150, 200, 300, 450, 690, 1280), _ANY
    ),
    Merchant(
        "fruit", "鲜果铺", "丹枫美食城一楼", Shop.SUPERMARKET, (463, 504, 718, 1052), _ANY, by_weight=True
    ),
)

TERMINALS = tuple(
    Terminal(str(number), merchant.place, merchant.code)
    for number, merchant in enumerate(MERCHANTS, 10000001)
)


TERMINAL_OF = dict(zip((merchant.name for merchant in MERCHANTS), TERMINALS, strict=True))
