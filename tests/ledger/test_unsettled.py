"""What waits for a provider's word is found among years of what does not, without reading those."""

from datetime import UTC, datetime, timedelta

from support.database import connected

from onecard.ledger.unsettled import find_open_refunds, find_unpaid_orders

YEARS = """
    INSERT INTO posting_key (key, body, subject, recorded_at)
    SELECT 'old:' || n, sha256('x'), 'rch_' || n, now() FROM generate_series(1, 5000) n;
    INSERT INTO recharge_order (id, account_id, amount_fen, wallet_type, method, state, out_trade_no, key,
                                ordered_at, expires_at, closed_at)
    SELECT 'rch_' || n, $A$, 100, 'CARD_ACCOUNT', 'WECHAT', 'CLOSED', 'old' || lpad(n::text, 9, '0'), 'old:' || n,
           now() - interval '1 year', now() - interval '1 year', now() - interval '1 year'
      FROM generate_series(1, 5000) n;
    ANALYZE recharge_order;
"""


async def test_unpaid_orders_are_found_among_years_of_closed_ones(school):
    account = await school.person()
    async with connected(school.dsn) as connection:
        await connection.execute(YEARS.replace("$A$", f"'{account}'"))
        order = await school.order(account, 100)
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert await find_unpaid_orders(school.database, later, 200) == [order.out_trade_no]
        assert await find_open_refunds(school.database, later, 200) == []
        plan = "\n".join(
            row[0]
            for row in await connection.fetch(
                "EXPLAIN SELECT out_trade_no FROM recharge_order WHERE state = 'ORDERED' AND ordered_at < now() "
                "ORDER BY position LIMIT 200"
            )
        )
    assert "recharge_order_unpaid" in plan, plan
