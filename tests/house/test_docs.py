"""What the documents promise exists: files they link to, commands, make targets, settings, ADR numbers."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ours = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@ours
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        if not re.match(r"[a-z]+:", link):
            assert (document.parent / link).exists(), link


@ours
def test_commands_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text)) + " ".join(
        re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    )
    commands = {path.stem.replace("_", "-") for path in (ROOT / "api" / "cli").glob("[!_]*.py")}
    for word in re.findall(r"\bonecard ([a-z]+)\b", quoted):
        assert word in commands, f"onecard {word}"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", quoted):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


@ours
def test_settings_are_read_by_somebody(document: Path) -> None:
    names = set(re.findall(r"\bONECARD_([A-Z_]+[A-Z])\b", document.read_text("utf-8")))
    sources = _sources()
    for name in names:
        assert re.search(rf'"(ONECARD_)?{name}', sources), f"ONECARD_{name}"


@cache
def _sources() -> str:
    rooms = (ROOT / room for room in ("api", "onecard", "sandbox"))
    return "\n".join(path.read_text("utf-8") for room in rooms for path in room.rglob("*.py"))


def test_every_decision_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert sorted(set(numbers)) == sorted(numbers)


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    """No address of a package registry, no path of somebody's machine."""
    wrong = [
        "/".join(("", "work", "main")),
        "registry.npm" + "js.org",
        "pypi" + ".org",
        "files.python" + "hosted",
    ]
    for word in wrong:
        found = subprocess.run(
            ["git", "grep", "-nIF", word], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout
        assert found == "", found


def test_every_setting_is_explained() -> None:
    """What an installation may be told stands in docs/, so that nobody has to read the code for it."""
    told = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    sources = _sources()
    names = set(re.findall(r'\b(?:read\.\w+|address)\("([A-Z_]+)"', sources))
    for together in re.findall(r"\b_signed_provider\(\s*read,([^)]+)\)", sources):
        names.update(re.findall(r'"([A-Z_]+)"', together))
    assert len(names) > 20
    missing = [
        name
        for name in sorted(names)
        if not re.search(rf"(ONECARD_|…_){name.removeprefix('WECHAT_')}\b", told)
        and f"ONECARD_{name}" not in told
    ]
    assert missing == []
