"""Which packages of others a room may import, where its `__init__` promises so."""

import sys

import grimp
import pytest

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "onecard", "api", "devices_gateway", include_external_packages=True, cache_dir=None
    )


def _foreign(graph: grimp.ImportGraph, room: str) -> set[str]:
    """What `room` imports from neither itself nor the standard library, by package."""
    modules = {room} | graph.find_descendants(room)
    imported = {name for module in modules for name in graph.find_modules_directly_imported_by(module)}
    return {name.split(".")[0] for name in imported - modules} - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("onecard.rules", set()),
        ("onecard.together", set()),
        ("api.launch", set()),
        ("devices_gateway.frames", {"cryptography", "iso8583", "pymodbus"}),
    ],
)
def test_a_room_imports_no_more_than_it_promises(graph, room, allowed):
    assert _foreign(graph, room) == allowed


def test_the_look_itself_sees_foreign_imports(graph):
    assert {"asyncpg", "tortoise"} <= _foreign(graph, "onecard.migrations")
