"""What must lie in the data folder before the pretend campus can start, made once and then left alone."""

from __future__ import annotations

import json
import os
from datetime import datetime, time
from pathlib import Path
from typing import Any

from sandbox.secret_file import write_secret
from sandbox.wechat_keys import environment

ACCOUNTS = Path("sandbox") / "accounts.json"  # written last, so it stands for all rows
GATEWAY = Path("gateway") / "gateway.json"
OPEN_FROM, OPEN_UNTIL = time(5, 5), time(20, 55)  # recharging is open 05:00–22:55; two hours to play


def prepare(home: Path, *, host: str, port: int, now: datetime) -> dict[str, str]:
    """Keys, rows, policy and the gateway's configuration; returns ONECARD_* for the other processes.

    The page is at `port`, the sandbox one above, terminals two above, meters' lines from three above. An existing
    campus keeps its people and its history; only addresses follow `host` and `port`. `now`: on the school's wall
    clock.
    """
    api_url, pos_listen = f"http://{host}:{port}", f"{host}:{port + 2}"
    if not (home / ACCOUNTS).exists():
        from sandbox.campus import SEED, build_campus, write_campus

        write_campus(build_campus(SEED, now.date()), home, api_url=api_url, pos_listen=pos_listen)
    _readdress(home / GATEWAY, port + 3, apiUrl=api_url, posListen=pos_listen)
    school_name = json.loads((home / ACCOUNTS).read_text("utf-8"))["school"]
    given = {"ONECARD_SCHOOL_NAME": school_name, **environment(home, host, port + 1, port)}
    if plays_at_night(now) and not os.environ.get("ONECARD_POLICY_FILE"):
        policy = home / "sandbox" / "policy.json"
        policy.write_text(json.dumps({"recharge_hours": ["00:00", "00:00"]}) + "\n", "utf-8")
        given["ONECARD_POLICY_FILE"] = str(policy)
    return given


def plays_at_night(now: datetime) -> bool:
    """Whether recharging would be closed, or close soon: a newcomer in another time zone wants to try it too,
    so a pretend campus that is started then recharges round the clock until its next start."""
    return not OPEN_FROM <= now.time() < OPEN_UNTIL


def people_to_try(home: Path) -> list[str]:
    """A line a person, for the newcomer's terminal."""
    accounts: list[dict[str, Any]] = json.loads((home / ACCOUNTS).read_text("utf-8"))["accounts"]
    return [
        f"{one['number']}  {one['name']}  {one['note']}（查询密码 {one['queryPassword']}）"
        for one in accounts
    ]


def _readdress(config_file: Path, first_line: int, **addresses: str) -> None:
    config = json.loads(config_file.read_text("utf-8"))
    lines = [bus | {"port": first_line + n} for n, bus in enumerate(config.get("buses", ()))]
    wanted = config | addresses | ({"buses": lines} if lines else {})
    if wanted != config:
        write_secret(config_file, json.dumps(wanted, indent=2).encode() + b"\n")
