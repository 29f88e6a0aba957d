"""`onecard dashboard add | list | end`, as a school's engineer types them."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.database import connected, run

from onecard.bootstrap import open_vault
from onecard.registry.dashboards import read_token
from onecard.settings import Settings
from sandbox.wechat_keys import environment

ONECARD = Path(sys.executable).with_name("onecard")


@pytest.fixture
def onecard(database, redis_url, home):
    given = {
        **environment(home, "127.0.0.1", 8001, 8000),
        "PATH": os.environ["PATH"],
        "ONECARD_HOME": str(home),
        "ONECARD_DATABASE_URL": database,
        "ONECARD_REDIS_URL": redis_url,
    }

    def type_(*words):
        return subprocess.run(
            [ONECARD, "dashboard", *words],
            env=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    type_.settings = Settings.from_env(given)
    return type_


def test_one_is_made_seen_and_ended(onecard, database):
    made = onecard("add", "后勤大屏", "--days", "30")
    assert made.returncode == 0, made.stderr
    token_id = read_token(open_vault(onecard.settings), made.stdout.strip())
    assert token_id is not None
    assert token_id in made.stderr
    until = (datetime.now(UTC) + timedelta(days=30)).date()
    (line,) = onecard("list").stdout.splitlines()
    assert line.split() == [
        *(token_id, "good", "until", until.isoformat(), "used", "never", "all", "campuses", "后勤大屏")
    ]
    for _ in range(2):
        assert onecard("end", token_id).stdout == f"{token_id} has ended.\n"
    assert " ended " in onecard("list").stdout

    async def audits():
        async with connected(database) as connection:
            return [
                row["verb"] for row in await connection.fetch("SELECT verb FROM audit ORDER BY id LIMIT 2")
            ]

    assert run(audits()) == ["MAKE_DASHBOARD_TOKEN", "END_DASHBOARD_TOKEN"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "大屏", "--campus", "nowhere"), "No campus has the code nowhere."),
        (("end", "dtk_none"), "There is no token dtk_none."),
    ],
)
def test_what_is_not_there_is_said(onecard, words, said):
    refused = onecard(*words)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(said)
    assert "→ " in refused.stderr
