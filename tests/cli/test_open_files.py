"""A service takes as many open files as it may have."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
from api.cli._files import raise_open_files
assert raise_open_files() == hard
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
assert raise_open_files() == hard
"""


def test_the_soft_limit_is_lifted_to_the_hard_one() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], check=True, timeout=60)


def test_api_and_gateway_lift_it() -> None:
    import inspect

    from api.cli import api, gateway

    for module in (api, gateway):
        assert "raise_open_files()" in inspect.getsource(module.command)
