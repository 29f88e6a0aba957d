"""`onecard.rules` decides with values alone: it imports the standard library and itself."""

import sys

import grimp
import pytest

pytestmark = pytest.mark.pure

RULES = "onecard.rules"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("onecard", include_external_packages=True, cache_dir=None)


def _outside(graph: grimp.ImportGraph, package: str) -> dict[str, set[str]]:
    """Module of `package` → what it imports from neither the package nor the standard library."""
    modules = {package} | graph.find_descendants(package)
    found = {}
    for module in modules:
        imported = graph.find_modules_directly_imported_by(module) - modules
        foreign = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
        if foreign:
            found[module] = foreign
    return found


def test_rules_import_the_standard_library_only(graph):
    assert _outside(graph, RULES) == {}


def test_the_look_itself_sees_foreign_imports(graph):
    assert "asyncpg" in _outside(graph, "onecard.migrations")["onecard.migrations"]
