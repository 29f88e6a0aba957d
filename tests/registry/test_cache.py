"""A few things for a few seconds."""

import pytest

from onecard.registry.cache import ShortCache

pytestmark = pytest.mark.pure


def test_values_age_and_the_oldest_makes_room():
    now = 0.0
    cache = ShortCache(2, 3.0, lambda: now)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("a", 3)  # a is the newer one now
    cache.put("c", 4)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (3, None, 4)
    cache.forget("a")
    assert cache.get("a") is None
    now = 3.0
    assert cache.get("c") is None
    cache.put("d", 5)
    cache.clear()
    assert cache.get("d") is None
