"""张三 is 张* at a till."""

import pytest

from onecard.rules.people import mask_name

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("诸葛亮", "诸葛*"),
        ("李", "李"),
        (" 李四 ", "李*"),
        ("", "*"),
        ("Zoë", "Z**"),
    ],
)
def test_masked(name, shown):
    assert mask_name(name) == shown
