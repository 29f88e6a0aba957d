"""Whom a newcomer is told about, in the terminal, the login picker and the playground: number → what to try."""

from __future__ import annotations

FEATURED = {
    "2002001": "学生，已绑定，有账单",
    "2002002": "学生，未绑定",
    "2002003": "学生，未绑定，末位是 X",
    "1005001": "辅导员",
    "9001001": "卡务中心操作员",
    "9003001": "水电中心",
    "9005001": "信息工程学院院部办公室",
}
