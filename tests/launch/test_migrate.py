"""Migrating: again, at once, halfway, and two schools in one database."""

import asyncio
import re
import shutil
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pgqueuer.adapters.persistence import schema_ddl
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.queries import Queries
from support.catalogue import contents, crossings, inhabited_schemas, objects, sources
from support.database import connected, tortoise
from tortoise.exceptions import OperationalError

from onecard.migrations import MIGRATIONS, UnusableSetting, jobs_channel, migrate, pending, tortoise_config

NORTH, SOUTH = "north", "south"

MIGRATE = """
import asyncio, sys
from onecard.migrations import migrate
print(*asyncio.run(migrate(sys.argv[1])))
"""


async def test_once_applies_everything_and_twice_nothing(empty_database):
    before = await pending(empty_database)
    assert sorted(await migrate(empty_database)) == sorted(before)
    assert "ledger.0002_jobs" in before
    assert await migrate(empty_database) == []
    assert await pending(empty_database) == []


async def test_several_processes_at_once_migrate_once(empty_database):
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, empty_database, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(len(names) > 0 for names in said) == [False, False, True]
    assert await pending(empty_database) == []


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database, tmp_path, monkeypatch):
    app = _throw_away_app(
        tmp_path, monkeypatch, {"0001_good": "CREATE TABLE kept ();", "0002_bad": "CREATE TABLE kept ();"}
    )
    with pytest.raises(OperationalError, match="already exists") as failed:
        await migrate(empty_database, NORTH, apps=app)
    assert failed.value.__notes__ == ["in migration broken.0002_bad"]
    async with connected(empty_database) as connection:
        assert NORTH not in await inhabited_schemas(connection)
    (tmp_path / "broken_app" / "migrations" / "0002_bad.sql").write_text("CREATE TABLE other ();")
    monkeypatch.delitem(sys.modules, "broken_app.migrations.0002_bad")
    assert await migrate(empty_database, NORTH, apps=app) == ["broken.0001_good", "broken.0002_bad"]


async def test_who_lived_where_is_kept_when_days_become_moments(empty_database, tmp_path, monkeypatch):
    before = MIGRATIONS | {"registry": _registry_until(8, tmp_path, monkeypatch)}
    await migrate(empty_database, NORTH, apps=before)
    async with connected(empty_database) as connection:
        await connection.execute(f"SET search_path = {NORTH}")
        await connection.execute("INSERT INTO campus (id, code, name) VALUES ('c', 'c', '校区')")
        await connection.execute(
            "INSERT INTO building (id, code, campus_id, name, floors) VALUES ('b', 'b', 'c', '1栋', 6)"
        )
        await connection.execute(
            "INSERT INTO room (id, code, building_id, floor, number) VALUES ('r', 'r', 'b', 1, '101')"
        )
        await connection.execute("INSERT INTO person (id, number, name_sealed) VALUES ('p', '2002001', 'x')")
        await connection.execute(
            "INSERT INTO residence (id, person_id, room_id, since, until) VALUES"
            " ('old', 'p', 'r', '2026-09-01', '2026-11-20'), ('new', 'p', 'r', '2026-11-20', NULL)"
        )
    assert "registry.0009_moves" in await migrate(empty_database, NORTH)
    async with connected(empty_database) as connection:
        rows = await connection.fetch(f"SELECT id, since, until FROM {NORTH}.residence ORDER BY since")
    moved = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert [tuple(row) for row in rows] == [
        ("old", datetime(2026, 9, 1, tzinfo=ZoneInfo("Asia/Shanghai")), moved),
        ("new", moved, None),
    ]


@pytest.mark.parametrize("school", ["", "public", "pg_school", "North", 'a"b', "1st", "a;b", "a" * 41, "a.b"])
async def test_a_school_has_a_plain_schema_name(school):
    with pytest.raises(UnusableSetting, match="not a school's schema name"):
        tortoise_config("postgresql://user:word@127.0.0.1/db", school)


async def test_two_schools_lie_in_their_own_schemas_and_nothing_crosses(empty_database):
    await migrate(empty_database, NORTH)
    await migrate(empty_database, SOUTH)
    async with connected(empty_database) as connection:
        north, south = await objects(connection, NORTH), await objects(connection, SOUTH)
        assert north == south
        assert {("relation r", "tortoise_migrations"), ("relation r", "pgqueuer")} <= north
        assert ("function", "fn_pgqueuer_changed()") in north
        assert await inhabited_schemas(connection) == {NORTH, SOUTH}
        assert await crossings(connection) == []
        for name, text in (await sources(connection, SOUTH)).items():
            assert not re.search(rf"\b({NORTH}|{SOUTH}|public)\.", text), f"{name} names a schema"
            assert "search_path" not in text, f"{name} sets its own search_path"


async def test_the_look_itself_sees_a_crossing(empty_database):
    await migrate(empty_database, NORTH)
    await migrate(empty_database, SOUTH)
    async with connected(empty_database) as connection:
        await connection.execute(
            "CREATE TABLE south.stray (job bigint REFERENCES north.pgqueuer, n bigint DEFAULT"
            " nextval('north.pgqueuer_id_seq'), s north.pgqueuer_status)"
        )
        found = "\n".join(await crossings(connection))
    for what in ("constraint", "sequence", "type"):
        assert f"{what} " in found


async def test_migrating_and_writing_one_school_leaves_the_other_untouched(empty_database):
    await migrate(empty_database, SOUTH)
    async with connected(empty_database, SOUTH) as south, connected(empty_database, NORTH) as north:
        before = await contents(south, SOUTH)
        await migrate(empty_database, NORTH)
        heard: dict[str, list[str]] = {NORTH: [], SOUTH: []}
        for school, lines in heard.items():
            await south.add_listener(jobs_channel(school), lambda *said, lines=lines: lines.append(said[3]))
        queries = Queries(AsyncpgDriver(north))
        await queries.enqueue("probe", b"payload")
        assert (await contents(north, NORTH))["pgqueuer"][0] == 1
        assert await contents(south, SOUTH) == before
        assert len(heard[NORTH]) == 1
        assert heard[SOUTH] == []
        for school in heard:
            await south.reset()
            assert await pending(empty_database, school) == []


def test_the_jobs_migration_is_what_pgqueuer_installs_but_for_the_channel():
    root = Path(sys.modules["onecard.migrations"].__file__).parent
    ours = (root / "ledger" / "migrations" / "0002_jobs.sql").read_text("utf-8")
    theirs = schema_ddl.render_install(DBSettings(channel="CHANNEL"), create_schema=False)
    assert _bare(ours) == _bare(theirs).replace("'CHANNEL'", "'ch_pgqueuer_' || TG_TABLE_SCHEMA")


async def test_the_pool_takes_the_schema_and_gives_connections_back_without_a_query(database):
    async with tortoise(database) as context:
        connection = context.db("default")
        (row,) = await connection.execute_query_dict(
            """SELECT current_schema() AS school, current_setting('TimeZone') AS zone,
                      current_setting('application_name') AS application"""
        )
        assert row == {"school": "school", "zone": "Asia/Shanghai", "application": "onecard"}
        async with connection.acquire_connection() as raw:
            assert raw.get_reset_query() == ""


def _bare(sql: str) -> str:
    """The statements without whole-line comments and layout."""
    statements = "\n".join(line for line in sql.split("\n") if not line.startswith("--"))
    return " ".join(statements.split())


def _throw_away_app(tmp_path: Path, monkeypatch, files: dict[str, str]) -> dict[str, str]:
    """An app `broken` with one migration for each name → SQL, each after the one before."""
    folder = tmp_path / "broken_app" / "migrations"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("")
    before: list[tuple[str, str]] = []
    for name, sql in files.items():
        (folder / f"{name}.sql").write_text(sql)
        (folder / f"{name}.py").write_text(
            textwrap.dedent(
                f"""
                from pathlib import Path

                from tortoise import migrations
                from tortoise.migrations.operations import RunSQL


                class Migration(migrations.Migration):
                    dependencies = {before!r}
                    operations = [RunSQL(Path(__file__).with_suffix(".sql").read_text("utf-8"))]
                """
            )
        )
        before = [("broken", name)]
    monkeypatch.syspath_prepend(tmp_path)
    return {"broken": "broken_app.migrations"}


def _registry_until(number, folder, monkeypatch):
    """The register's migrations as they were up to that one."""
    package = folder / "older_registry"
    package.mkdir()
    (package / "__init__.py").touch()
    for path in (Path(__file__).parents[2] / "onecard" / "registry" / "migrations").glob("0*"):
        if path.is_file() and int(path.name[:4]) <= number:
            shutil.copy(path, package)
    monkeypatch.syspath_prepend(folder)
    return "older_registry"
