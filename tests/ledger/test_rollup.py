"""The rollup loses no late commit, counts nothing twice, and survives a dump restored elsewhere."""

import asyncio

from support.database import connected
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind
from onecard.ledger.statements import find_journal_balances

MERCHANT = f"merchant:{CANTEEN}"


async def balance(school, code=MERCHANT):
    return (await find_journal_balances(school.database, [code]))[code]


async def test_balances_before_and_after_rolling_up(school):
    account = await school.person(5000)
    for _ in range(3):
        await school.charge(account, 100)
        assert await balance(school) == await school.balance(MERCHANT)
    assert await school.book.roll_up() > 0
    assert await balance(school) == -300
    await school.charge(account, 100)
    assert await balance(school) == -400
    assert await school.book.roll_up() == 1
    assert await school.book.roll_up() == 0
    assert await balance(school) == -400
    assert await balance(school, "cash") == 5000
    assert await find_journal_balances(school.database, [f"transition:{account}", "fee"]) == {"fee": 0}


async def test_a_late_commit_with_a_lower_id_is_not_lost(school):
    slow_payer, quick_payer = await school.person(5000), await school.person(5000)
    await school.book.roll_up()
    async with connected(school.dsn) as slow:
        transaction = slow.transaction()
        await transaction.start()
        late = await slow.fetchrow(
            "SELECT * FROM ledger_fact('slow', sha256('slow'), 'PAYMENT', $1, ARRAY['transition:' || $1, $2], "
            "ARRAY[77, -77]::bigint[], -77, true, NULL, NULL, now(), NULL, NULL)",
            slow_payer,
            MERCHANT,
        )
        quick = await school.charge(quick_payer, 100)
        assert quick.transfer_id > late["transfer_id"]
        await school.book.roll_up()
        assert await balance(school) == -100
        await transaction.commit()
        assert await balance(school) == -177
        await school.book.roll_up()
        assert await balance(school) == -177
        assert await school.book.roll_up() == 0


async def test_rolling_up_while_paying_never_shows_a_wrong_sum(school):
    payers = [await school.person(50_000) for _ in range(8)]
    watched = []

    async def pay(payer):
        for _ in range(15):
            await school.charge(payer, 10)

    async def roll():
        while not paying.done():
            await school.book.roll_up()
            watched.append(await balance(school))

    async with asyncio.timeout(60):
        paying = asyncio.gather(*(pay(payer) for payer in payers))
        await asyncio.gather(paying, roll(), roll())
    assert len(watched) > 2
    assert all(seen % 10 == 0 and -1200 <= seen <= 0 for seen in watched)
    assert await balance(school) == -1200
    await school.book.roll_up()
    assert await balance(school) == await school.balance(MERCHANT) == -1200


async def test_a_dump_restored_in_another_cluster(school):
    """Transaction numbers start anew there: rows with high numbers of the old cluster, new ones with low."""
    account = await school.person(5000)
    await school.charge(account, 100)
    await school.book.roll_up()
    await school.charge(account, 10)
    async with connected(school.dsn) as connection:
        # What the old cluster would have left behind: its name, a fence far ahead, and rows numbered near it.
        await connection.execute("UPDATE rollup_fence SET cluster = '7', fence = '900000000000'")
        async with connection.transaction():
            await connection.execute(
                """
                WITH old AS (
                    INSERT INTO transfer (month, id, kind, lines, amount_fen, occurred_at, recorded_at, day, late,
                                          key, xid)
                    SELECT month, nextval('ledger_position'), 'ADJUSTMENT', 2, 0, now(), now(), day, false,
                           'restored', '900000000005' FROM transfer LIMIT 1
                    RETURNING month, id
                )
                INSERT INTO entry (month, transfer_id, line, lines, account, amount)
                SELECT month, id, line, 2, account, amount FROM old,
                       (VALUES (1, 'fee', 5), (2, $1, -5)) AS e (line, account, amount)
                """.replace("$1", f"'{MERCHANT}'")
            )
    assert await balance(school) == -115  # before anybody noticed
    await school.charge(account, 1)
    assert await balance(school) == -116
    assert await school.book.roll_up() == 5  # made anew: cash, three payments, the restored one
    assert await balance(school) == -116
    await school.charge(account, 2)
    assert await balance(school) == -118
    assert await school.book.roll_up() == 1
    assert await balance(school) == await school.balance(MERCHANT) == -118
    assert await balance(school, "fee") == 5


async def test_wallet_accounts_are_not_rolled_up(school):
    account = await school.person(100)
    await school.fact(FactKind.FEE, account, 10)
    await school.book.roll_up()
    assert await school.rows("SELECT * FROM rollup WHERE account LIKE 'transition:%'") == []
