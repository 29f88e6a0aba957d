"""Invented names: a common surname and one or two given characters, drawn at random. They name nobody."""

from __future__ import annotations

from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷"
    "钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "夏侯")
GIVEN = {
    "M": (
        "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳岩航博睿哲轩宸泽霖"
        "翔昊然煜诚毅恒嘉铭晨一子文志建思远景知行承安"
    ),
    "F": (
        "芳娜敏静丽艳娟霞秀玲婷雪琳慧倩颖洁莉萍红玉梅欣怡佳悦涵雨梦琪瑶妍诗语晴岚嫣蕊薇楠"
        "筱若思可心安然书清舒月凝知夏予彤禾苒"
    ),
}


def invent_name(draw: Random, gender: str) -> str:
    compound = draw.random() < 0.006
    surname = draw.choice(COMPOUND_SURNAMES) if compound else draw.choice(SURNAMES)
    given = draw.sample(GIVEN[gender], 1 if draw.random() < 0.22 else 2)
    return surname + "".join(given)
