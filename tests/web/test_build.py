"""What is built: small, pre-compressed, no inline scripts, the very documents the server will know."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
WEBAPP = Path(__file__).parents[2] / "webapp"


def test_every_file_is_within_its_budget(built_page: Path) -> None:
    checked = subprocess.run(
        ["node", "scripts/check-budgets.mjs"], cwd=WEBAPP, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "entry js" in checked.stdout
    assert "entry css" in checked.stdout


def test_the_budgets_can_fail(built_page: Path) -> None:
    script = (WEBAPP / "scripts/check-budgets.mjs").read_text().replace("40_000", "20_000")
    small = WEBAPP / "scripts" / ".check-budgets-small.mjs"
    small.write_text(script)
    try:
        assert subprocess.run(["node", small], capture_output=True, check=False).returncode == 1
    finally:
        small.unlink()


def test_documents_travel_with_the_page(built_page: Path) -> None:
    documents = json.loads((built_page / "persisted.json").read_text())
    assert documents == json.loads((WEBAPP / "src/graphql/persisted.json").read_text())
    for key, text in documents.items():
        assert hashlib.sha256(text.encode()).hexdigest() == key
    code = "".join(path.read_text() for path in built_page.rglob("*.js"))
    assert {key for key in documents if key in code} == set(documents)
    assert "mutation " not in code


def test_documents_are_those_of_the_schema(tmp_path: Path) -> None:
    subprocess.run(["node", "scripts/codegen.mjs", tmp_path], cwd=WEBAPP, check=True, capture_output=True)
    made = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.*")}
    kept = {path: (WEBAPP / "src/graphql" / path) for path in made}
    assert len(made) > 20
    changed = [
        str(path) for path, text in made.items() if not kept[path].exists() or kept[path].read_text() != text
    ]
    assert changed == [], "run `npm run codegen` in webapp/ and commit"


@pytest.mark.parametrize("entry", ["index.html", "desk.html"])
def test_nothing_inline_for_the_policy_to_forbid(built_page: Path, entry: str) -> None:
    html = (built_page / entry).read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert "<style" not in html
    assert "style=" not in html
    assert "onload=" not in html
    assert "http://" not in html
    assert "https://" not in html


def test_compressed_files_stand_beside_the_plain(built_page: Path) -> None:
    scripts = [path for path in (built_page / "assets").glob("*.js") if path.stat().st_size > 1000]
    assert scripts
    for path in scripts:
        small = path.with_name(path.name + ".br")
        assert small.stat().st_size < path.stat().st_size


def test_the_lock_names_no_address() -> None:
    lock = (WEBAPP / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
    assert "omit-lockfile-registry-resolved=true" in (WEBAPP / ".npmrc").read_text()
