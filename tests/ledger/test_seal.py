"""The hash chain: nothing skipped, nothing twice, whoever commits late and wherever the journal is restored."""

import asyncio
from datetime import UTC, datetime

import pytest
from support.database import connected

from onecard.ledger import check as ledger_check
from onecard.ledger import seal
from onecard.ledger.check import check
from onecard.ledger.seal import find_head, seal_pending
from onecard.rules.policy import Policy

CASH_IN = """
    SELECT * FROM ledger_fact($1, $2, 'RECHARGE', $3, ARRAY['cash', 'transition:' || $3], ARRAY[100, -100], 100,
                              false, NULL, NULL, $4, NULL, NULL)
"""


async def cash_in(connection, account, name):
    row = await connection.fetchrow(CASH_IN, f"test:{name}", b"\0" * 32, account, datetime.now(UTC))
    return row["transfer_id"]


async def sealed(connection):
    return [list(row["ids"]) for row in await connection.fetch(
        "SELECT transfer_ids AS ids FROM seal_block ORDER BY number")]  # fmt: skip


async def test_nothing_posted_nothing_sealed(school):
    async with connected(school.dsn) as connection:
        assert await seal_pending(connection) is None
        assert await check(connection, Policy()) == []


async def test_sealing_again_seals_only_what_is_new(school):
    account = await school.person()
    async with connected(school.dsn) as connection:
        one, two = [await cash_in(connection, account, name) for name in ("one", "two")]
        first = await seal_pending(connection)
        assert await seal_pending(connection) == first == await find_head(connection)
        three = await cash_in(connection, account, "three")
        second = await seal_pending(connection)
        assert (first.number, second.number) == (1, 2)
        assert await sealed(connection) == [[one, two], [three]]
        assert await check(connection, Policy()) == []


async def test_the_same_journal_has_the_same_hash_and_another_order_of_blocks_another(school, monkeypatch):
    account = await school.person()
    async with connected(school.dsn) as connection:
        for number in range(7):
            await cash_in(connection, account, str(number))
        heads = []
        for limit in (5_000, 5_000, 2):
            monkeypatch.setattr(seal, "BLOCK_LIMIT", limit)
            transaction = connection.transaction()
            await transaction.start()
            head = await seal_pending(connection)
            heads.append((head.number, head.hash))
            await transaction.rollback()
    assert heads[0] == heads[1] != heads[2]
    assert heads[2][0] > 1


async def test_a_late_commit_is_sealed_by_the_next_block(school):
    """The slow transaction has the lower position; a watermark of the highest id would lose it."""
    slow_account, quick_account = await school.person(), await school.person()
    async with connected(school.dsn) as slow, connected(school.dsn) as quick:
        before = await cash_in(quick, quick_account, "before")
        transaction = slow.transaction()
        await transaction.start()
        late = await cash_in(slow, slow_account, "late")
        soon = await cash_in(quick, quick_account, "soon")
        assert late < soon
        await seal_pending(quick)
        assert await sealed(quick) == [[before]]
        await transaction.commit()
        await seal_pending(quick)
        assert await sealed(quick) == [[before], [late, soon]]
        assert await check(quick, Policy()) == []


async def test_two_sealers_at_once_make_one_chain(school, monkeypatch):
    monkeypatch.setattr(seal, "BLOCK_LIMIT", 3)
    account = await school.person()
    async with connected(school.dsn) as one, connected(school.dsn) as two:
        ids = [await cash_in(one, account, str(number)) for number in range(20)]
        heads = await asyncio.gather(seal_pending(one), seal_pending(two))
        assert heads[0] == heads[1]
        assert [number for block in await sealed(one) for number in block] == ids
        assert len(await sealed(one)) == 7
        assert await check(one, Policy()) == []


async def test_sealing_while_people_pay_skips_nobody(school, monkeypatch):
    monkeypatch.setattr(seal, "BLOCK_LIMIT", 5)
    accounts = [await school.person(10_000) for _ in range(8)]
    async with connected(school.dsn) as connection:
        paying = asyncio.gather(*(school.charge(accounts[n % 8], 1 + n) for n in range(120)))
        while not paying.done():
            await seal_pending(connection)
            await asyncio.sleep(0)
        await paying
        await seal_pending(connection)
        named = [number for block in await sealed(connection) for number in block]
        posted = [row["id"] for row in await connection.fetch("SELECT id FROM transfer ORDER BY id")]
        assert sorted(named) == posted
        assert await check(connection, Policy()) == []


@pytest.mark.parametrize("fence", ["3", "999999999999"], ids=["counts lower there", "counts higher there"])
async def test_a_journal_restored_into_another_cluster_goes_on(school, postgres_server, fence):
    """Transaction numbers start anew there; the chain does not."""
    account = await school.person()
    admin = postgres_server.admin_dsn.rsplit("/", 1)[0] + "/" + school.dsn.rsplit("/", 1)[1]
    async with connected(admin) as connection:
        one = await cash_in(connection, account, "one")
        await seal_pending(connection)
        two = await cash_in(connection, account, "two")
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE seal_block SET cluster = 'another', fence = $1::text::xid8", fence)
        await connection.execute("SET session_replication_role = origin")
        three = await cash_in(connection, account, "three")
        assert (await seal_pending(connection)).number == 2
        four = await cash_in(connection, account, "four")
        assert (await seal_pending(connection)).number == 3
        assert await sealed(connection) == [[one], [two, three], [four]]
        assert await check(connection, Policy()) == []


@pytest.mark.parametrize(("place", "block"), [(0, 1), (3, 2), (5, 3)])
async def test_an_altered_sealed_transfer_is_found_and_its_block_named(
    school, postgres_server, monkeypatch, place, block
):
    monkeypatch.setattr(seal, "BLOCK_LIMIT", 2)
    monkeypatch.setattr(ledger_check, "PREFETCH", 3)  # two blocks together, then one
    account = await school.person()
    admin = postgres_server.admin_dsn.rsplit("/", 1)[0] + "/" + school.dsn.rsplit("/", 1)[1]
    async with connected(admin) as connection:
        ids = [await cash_in(connection, account, str(number)) for number in range(6)]
        await seal_pending(connection)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE transfer SET terminal_id = 'ter_other' WHERE id = $1", ids[place])
        await connection.execute("SET session_replication_role = origin")
        (found,) = await check(connection, Policy())
    assert (found.invariant, found.examples) == ("I16", (f"block {block}",))
