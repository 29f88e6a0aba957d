"""Large files, not long functions, are what make a codebase hard."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
LONGEST = 500
KINDS = {".py", ".ts", ".vue"}
GENERATED = ("webapp/src/graphql/generated", "webapp/src/graphql/gql")


def _sources() -> list[Path]:
    """Every file that is, or will be, committed."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name and not name.startswith(GENERATED))
    return [path for path in paths if path.suffix in KINDS and path.is_file()]


def test_no_file_is_longer_than_one_idea():
    lengths = {
        str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n")
        for path in _sources()
        if "generated" not in path.parts
    }
    assert len(lengths) > 10, "found hardly any source: is this a checkout?"
    too_long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert not too_long, f"split these when a second idea has moved in: {too_long}"
