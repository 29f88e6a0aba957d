"""What PostgreSQL's catalogue says about the schools in one database."""

from __future__ import annotations

import asyncpg

# Every object that lies in a schema, and its schema. Row types, arrays and indexes follow their tables.
OBJECTS = """
    SELECT n.nspname AS school, o.kind, o.name
      FROM (
        SELECT relnamespace AS namespace, 'relation ' || relkind::text AS kind, relname::text AS name
          FROM pg_class
        UNION ALL
        SELECT pronamespace, 'function', proname || '(' || pg_get_function_identity_arguments(oid) || ')'
          FROM pg_proc
        UNION ALL
        SELECT typnamespace, 'type ' || typtype::text, typname FROM pg_type
         WHERE typrelid = 0 AND typelem = 0
        UNION ALL
        SELECT c.relnamespace, 'trigger', c.relname || '.' || t.tgname
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
        UNION ALL
        SELECT connamespace, 'constraint ' || contype::text, conname || ' on ' || conrelid::regclass::text
          FROM pg_constraint
      ) o JOIN pg_namespace n ON n.oid = o.namespace
     WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""

# Dependencies between two schemas of ours: foreign keys, defaults, triggers' functions, column types, views.
CROSSINGS = """
    WITH place (class, object, namespace) AS (
        SELECT 'pg_class'::regclass, oid, relnamespace FROM pg_class
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
        UNION ALL SELECT 'pg_constraint'::regclass, oid, connamespace FROM pg_constraint
        UNION ALL SELECT 'pg_trigger'::regclass, t.oid, c.relnamespace
                    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, c.relnamespace
                    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
        UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, c.relnamespace
                    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    )
    SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS what,
           pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS needs
      FROM pg_depend d
      JOIN place a ON a.class = d.classid AND a.object = d.objid
      JOIN place b ON b.class = d.refclassid AND b.object = d.refobjid
     WHERE a.namespace <> b.namespace
       AND a.namespace <> 'pg_toast'::regnamespace AND b.namespace <> 'pg_catalog'::regnamespace
"""


async def objects(connection: asyncpg.Connection, school: str) -> set[tuple[str, str]]:
    """Everything that lies in the school's schema: (kind, name)."""
    rows = await connection.fetch(f"SELECT * FROM ({OBJECTS}) found WHERE school = $1", school)
    return {(row["kind"], row["name"].replace(f"{school}.", "")) for row in rows}


async def inhabited_schemas(connection: asyncpg.Connection) -> set[str]:
    """The schemas in which anything of ours lies."""
    return {row["school"] for row in await connection.fetch(f"SELECT DISTINCT school FROM ({OBJECTS}) found")}


async def crossings(connection: asyncpg.Connection) -> list[str]:
    """Each dependency that leaves its schema, in words."""
    return [f"{row['what']} needs {row['needs']}" for row in await connection.fetch(CROSSINGS)]


async def sources(connection: asyncpg.Connection, school: str) -> dict[str, str]:
    """Function → its settings and body, comments cut away (types are dependencies: see `crossings`)."""
    rows = await connection.fetch(
        """SELECT p.oid::regprocedure::text AS name,
                  concat(p.proconfig, regexp_replace(p.prosrc, '--[^\\n]*', '', 'g')) AS text
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = $1""",
        school,
    )
    return {row["name"]: row["text"] for row in rows}


async def contents(connection: asyncpg.Connection, school: str) -> dict[str, tuple[int, str]]:
    """Each table and sequence of the school → its rows' number and fingerprint."""
    rows = await connection.fetch(
        """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'S')""",
        school,
    )
    found = {}
    for row in rows:
        name = row["relname"]
        query = f"""SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
                      FROM (SELECT * FROM "{school}"."{name}") t"""
        found[name] = tuple(await connection.fetchrow(query))
    return found
