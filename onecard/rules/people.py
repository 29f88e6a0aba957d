"""How a person's name is shown to those who need not know it."""

from __future__ import annotations

# 复姓 that are still met; a name beginning with one keeps both characters.
_COMPOUND_SURNAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 夏侯 司徒 宇文 长孙 端木 轩辕 独孤 南宫 闻人 赫连",
    "澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 亓官 司空 司寇 呼延 百里 东郭 西门 拓跋",
)
_COMPOUND = frozenset(name for line in _COMPOUND_SURNAMES for name in line.split())


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳娜娜 → 欧阳**; a name of one character stays as it is, an empty one is *."""
    name = name.strip()
    kept = 2 if len(name) > 2 and name[:2] in _COMPOUND else 1
    return name[:kept] + "*" * (len(name) - kept) if name else "*"
