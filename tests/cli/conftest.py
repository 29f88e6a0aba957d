"""A data folder that the servers' unprivileged user can reach; removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers import server_folder


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder
