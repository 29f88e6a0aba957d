"""Many at the same moment: sums stay exact, one id acts once, nobody waits for ever."""

import asyncio
import hashlib
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

from support.ledger import CANTEEN

from onecard.ledger.book import FactKind, Kept, Receipt, Reversed
from onecard.rules.refusals import Refusal, RefusalCode

PATIENCE_S = 60


async def all_at_once(*works):
    """Every result or refusal, in order; anything else is raised."""
    async with asyncio.timeout(PATIENCE_S):
        results = await asyncio.gather(*works, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Refusal):
            raise result
    return results


def words(results):
    return Counter(str(one.code) if isinstance(one, Refusal) else "posted" for one in results)


async def test_the_same_id_50_at_once_posts_once(school):
    account = await school.person(5000)
    results = await all_at_once(*(school.charge(account, 1250, "one") for _ in range(50)))
    assert len({receipt.transfer_id for receipt in results}) == 1
    assert Counter(receipt.replayed for receipt in results) == {False: 1, True: 49}
    assert await school.three(account) == (0, 3750, 0)
    await school.check()


async def test_the_same_id_50_at_once_from_separate_connections(school):
    """Past the queue of one process: the database alone decides."""
    account = await school.person(5000)
    order = school.charging(account, 1250, "one")
    results = await all_at_once(*(school.book._charge_batch([order]) for _ in range(50)))
    assert Counter(rows[0]["outcome"] for rows in results) == {"POSTED": 1, "REPLAYED": 49}
    assert await school.three(account) == (0, 3750, 0)


async def test_a_hundred_payers_at_one_canteen(school):
    payers = [await school.person(5000) for _ in range(100)]
    results = await all_at_once(
        *(school.charge(payer, 100 + n) for n, payer in enumerate(payers)),
        *(school.book._charge_batch([school.charging(payer, 7)]) for payer in reversed(payers)),
    )
    assert len(results) == 200
    assert await school.balance(f"merchant:{CANTEEN}") == -(sum(100 + n for n in range(100)) + 700)
    for n, payer in enumerate(payers):
        assert await school.three(payer) == (0, 5000 - 107 - n, 0)
    await school.check()


async def test_batches_over_the_same_wallets_in_any_order_do_not_deadlock(school):
    payers = [await school.person(50_000) for _ in range(12)]

    def batch(turn):
        order = payers[turn % 12 :] + payers[: turn % 12]
        return [school.charging(payer, 10) for payer in (order if turn % 2 else reversed(order))]

    await all_at_once(*(school.book._charge_batch(batch(turn)) for turn in range(40)))
    for payer in payers:
        assert await school.three(payer) == (0, 49_600, 0)
    await school.check()


async def test_five_spends_of_20_from_50(school):
    for connection_apart in (False, True):
        account = await school.person(5000)
        if connection_apart:
            works = [school.book._charge_batch([school.charging(account, 2000)]) for _ in range(5)]
            outcomes = Counter(rows[0]["outcome"] for rows in await all_at_once(*works))
            assert outcomes == {"POSTED": 2, "REFUSED": 3}
        else:
            results = await all_at_once(*(school.charge(account, 2000) for _ in range(5)))
            assert words(results) == {"posted": 2, "INSUFFICIENT_BALANCE": 3}
        assert await school.three(account) == (0, 1000, 0)
    await school.check()


async def test_one_code_at_many_tills(school):
    account = await school.person(50_000)
    code = hashlib.sha256(b"one code").digest()
    results = await all_at_once(*(school.charge(account, 100 + n, code_hash=code) for n in range(20)))
    assert words(results) == {"posted": 1, "CODE_USED": 19}
    assert await school.value("SELECT count(*) FROM code_claim") == 1
    await school.check()


async def test_a_reversal_and_its_charge_at_once_never_lose_the_money(school):
    account = await school.person(50_000)
    for n in range(30):
        order = school.charging(account, 100, f"charge-{n}")
        reversing = school.book.reverse(
            school.key(f"reverse-{n}", of=n), order.key.text, terminal_id=None, occurred_at=datetime.now(UTC)
        )
        pair = (school.book.charge(order), reversing)
        charged, reversed_ = await all_at_once(*pair if n % 2 else pair[::-1])
        if n % 2 == 0:
            charged, reversed_ = reversed_, charged
        if isinstance(charged, Receipt):
            assert isinstance(reversed_, Reversed)
        else:
            assert charged.code is RefusalCode.CHARGE_REVERSED_BEFORE
            assert isinstance(reversed_, Kept)
        assert await school.three(account) == (0, 50_000, 0)
    await school.check()


async def test_twenty_reversals_of_one_charge(school):
    account = await school.person(5000)
    order = school.charging(account, 1250)
    await school.book.charge(order)
    moment = datetime.now(UTC)
    results = await all_at_once(
        *(
            school.book.reverse(
                school.key(f"r{n // 2}"), order.key.text, terminal_id=None, occurred_at=moment
            )
            for n in range(20)
        )
    )
    assert words(results) == {"posted": 2, "ALREADY_REVERSED": 18}  # its own id twice
    assert await school.three(account) == (0, 5000, 0)
    await school.check()


async def test_a_notification_and_a_query_at_once_credit_once(school):
    account = await school.person()
    order = await school.order(account, 5000)
    outcomes = await all_at_once(*(school.credit(order, 5000, "wx-1") for _ in range(20)))
    assert Counter(str(one.state) for one in outcomes) == {"CREDITED": 1, "REPLAYED": 19}
    assert await school.three(account) == (0, 5000, 0)
    stray = await all_at_once(*(school.credit("unknownorder", 700, "wx-2") for _ in range(20)))
    assert Counter(str(one.state) for one in stray) == {"SUSPENDED": 1, "REPLAYED": 19}
    assert len({one.case_id for one in stray}) == 1
    assert await school.balance("suspense") == -700
    await school.check()


async def test_refunds_and_payments_at_once_never_give_back_more_than_there_is(school):
    account = await school.person()
    order = await school.pay_in(account, 10_000)
    results = await all_at_once(
        *(school.book.ask_refund(school.key(), order.id, 4000, "asked", "usr_operator") for _ in range(5)),
        *(school.charge(account, 3000) for _ in range(5)),
    )
    refunds, payments = words(results[:5]), words(results[5:])
    assert set(refunds) <= {"posted", "REFUND_TOO_LARGE"}
    left = 10_000 - 4000 * refunds["posted"] - 3000 * payments["posted"]
    assert 0 <= left < 3000
    assert await school.three(account) == (0, left, 0)
    await school.check()


async def test_one_hold_captured_released_and_expired_at_once_ends_once(school):
    account = await school.person(5000)
    for n in range(10):
        hold = await school.book.place_hold(
            school.key(), account, 50, merchant_id=CANTEEN, terminal_id=None, expires_at=datetime.now(UTC)
        )
        await all_at_once(
            *(
                school.book.capture_hold(school.key(), hold.hold_id, 31, occurred_at=datetime.now(UTC))
                for _ in range(5)
            ),
            school.book.expire_holds(datetime.now(UTC)),
            school.book.release_hold(school.key(), hold.hold_id),
        )
        assert (await school.wallets(account)).held_fen == 0
        assert await school.three(account) == (0, 5000 - 31 * (n + 1), 0)
    await school.check()


async def test_everything_at_once_on_one_wallet(school):
    account = await school.person(20_000, 10_000, 5_000)
    before = sum(await school.three(account))
    results = await all_at_once(
        *(school.charge(account, 137) for _ in range(30)),
        *(school.fact(FactKind.CARD_TAP, account, 211) for _ in range(15)),
        *(school.fact(FactKind.CASH_TOP_UP, account, 499) for _ in range(15)),
        *(school.fact(FactKind.CHIP_LOAD, account, 20 - n * 3) for n in range(15)),
    )
    assert words(results) == {"posted": 75}
    assert sum(await school.three(account)) == before - 30 * 137 - 15 * 211 + 15 * 499
    history = await school.rows(
        "SELECT id, card_fen + transition_fen + electronic_fen AS after, amount_fen FROM transfer "
        "WHERE account_id = $1 ORDER BY id",
        account,
    )
    for older, newer in pairwise(history):  # ids order the wallet's history
        assert newer["after"] == older["after"] + newer["amount_fen"]
    await school.check()
