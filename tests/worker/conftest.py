import pytest
from support.town import open_town


@pytest.fixture
async def town(database, redis_url, tmp_path):
    async with open_town(database, redis_url, tmp_path) as town:
        yield town
