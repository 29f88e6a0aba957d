"""Whom the sandbox knows: the rows of the pretend campus, as WeChat users."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sandbox.featured import FEATURED

_ROLES = {
    "STUDENT": "学生",
    "COUNSELOR": "辅导员",
    "OPERATOR": "卡务中心",
    "FINANCE": "财务处",
    "UTILITY_STAFF": "水电中心",
    "DEPARTMENT_OFFICE": "院部办公室",
    "AUDITOR": "审计处",
}
MOST_FOUND = 30
# Who has a WeChat and is nobody at the school.
_OUTSIDERS = (
    ("家长001", "张桂兰", "家长，不在学校通讯录里"),
    ("家长002", "李建国", "家长，不在学校通讯录里"),
)


@dataclass(frozen=True, slots=True)
class WechatUser:
    userid: str
    openid: str
    name: str
    number: str
    about: str
    is_member: bool = True

    @property
    def masked(self) -> str:
        return self.name[:1] + "*" * (len(self.name) - 1)


class People:
    def __init__(self, users: list[WechatUser]) -> None:
        users = [*users, *(WechatUser(n, _openid(n), name, n, about, False) for n, name, about in _OUTSIDERS)]
        self._by_userid = {user.userid: user for user in users}
        self._by_openid = {user.openid: user for user in users}
        self._by_number = {user.number: user for user in users}

    @classmethod
    def load(cls, path: Path) -> People:
        """From `people.jsonl`; nobody when the campus is not written yet."""
        if not path.exists():
            return cls([])
        with path.open(encoding="utf-8") as lines:
            return cls([_user(json.loads(line)) for line in lines if line.strip()])

    def __len__(self) -> int:
        return len(self._by_userid) - len(_OUTSIDERS)

    def find_userid(self, userid: str) -> WechatUser | None:
        return self._by_userid.get(userid)

    def find_member(self, userid: str) -> WechatUser | None:
        found = self._by_userid.get(userid)
        return found if found is not None and found.is_member else None

    def find_openid(self, openid: str) -> WechatUser | None:
        return self._by_openid.get(openid)

    def find_number(self, number: str) -> WechatUser | None:
        return self._by_number.get(number)

    def featured(self) -> list[WechatUser]:
        return [self._by_number[number] for number in FEATURED if number in self._by_number]

    def outsiders(self) -> list[WechatUser]:
        return [user for user in self._by_userid.values() if not user.is_member]

    def search(self, text: str) -> list[WechatUser]:
        """By number (its beginning) or name (any part), the first 30."""
        found = (user for user in self._by_userid.values() if _matches(user, text))
        return [user for user, _ in zip(found, range(MOST_FOUND), strict=False)]


def _matches(user: WechatUser, text: str) -> bool:
    return user.number.startswith(text) or text in user.name


def _user(row: dict[str, object]) -> WechatUser:
    number = str(row["number"])
    # A person who has not bound the card still has a WeChat; the row leaves it out.
    userid = str(row.get("wecom_userid") or number)
    roles = row.get("roles")
    role = roles[0] if isinstance(roles, list) and roles else ""
    place = str(row.get("class_name") or row.get("department") or "")
    about = FEATURED.get(number) or " · ".join(word for word in (_ROLES.get(str(role), ""), place) if word)
    return WechatUser(userid, str(row.get("openid") or _openid(userid)), str(row["name"]), number, about)


def _openid(userid: str) -> str:
    """Stable, 28 characters as WeChat's are, and no way back to the person."""
    return "o" + hashlib.sha256(b"onecard sandbox openid " + userid.encode()).hexdigest()[:27]
