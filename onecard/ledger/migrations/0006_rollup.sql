-- Merchants and clearing accounts are never updated by a posting: their balance is a rollup and what is above it.
-- The fence is pg_snapshot_xmin: everything below it is committed or gone, so no late commit is ever missed
-- (the highest id seen would miss one). Transaction numbers start anew in a cluster that was filled from a dump:
-- then the sums are made again from all entries, and ids up to that moment count as inside them.

CREATE FUNCTION ledger_cluster() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT system_identifier::text FROM pg_control_system()
$$;

-- One statement, one snapshot: rollup, fence and what is above it belong together.
CREATE FUNCTION ledger_balances(p_codes text[]) RETURNS TABLE (code text, amount bigint)
LANGUAGE sql STABLE AS $$
    WITH f AS (SELECT * FROM rollup_fence WHERE cluster = ledger_cluster()),
    above AS (
        SELECT e.account, sum(e.amount) AS amount
          FROM f JOIN transfer t ON t.xid >= f.fence AND t.id > f.base_id
          JOIN entry e ON e.month = t.month AND e.transfer_id = t.id
         WHERE e.account = ANY (p_codes) GROUP BY e.account
    ), all_of_it AS (       -- no fence of this cluster: every entry
        SELECT e.account, sum(e.amount) AS amount FROM entry e
         WHERE e.account = ANY (p_codes) AND NOT EXISTS (SELECT FROM f) GROUP BY e.account
    )
    SELECT c.code, (coalesce(CASE WHEN EXISTS (SELECT FROM f) THEN r.amount + coalesce(above.amount, 0)
                                  ELSE all_of_it.amount END, above.amount, 0))::bigint
      FROM unnest(p_codes) AS c (code)
      JOIN journal_account j ON j.code = c.code AND j.wallet IS NULL    -- wallets have their own row
      LEFT JOIN rollup r ON r.account = c.code
      LEFT JOIN above ON above.account = c.code
      LEFT JOIN all_of_it ON all_of_it.account = c.code
$$;

-- Moves the fence up; how many transfers it passed.
CREATE FUNCTION ledger_rollup() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    f rollup_fence;
    passed bigint;
    upper_fence xid8;
BEGIN
    PERFORM pg_advisory_xact_lock(20, ledger_day_lock());       -- one rollup at a time
    SELECT * INTO f FROM rollup_fence WHERE cluster = ledger_cluster();
    IF NOT FOUND THEN
        RETURN ledger_rebase();
    END IF;
    upper_fence := pg_snapshot_xmin(pg_current_snapshot());
    WITH passed_by AS (
        SELECT month, id FROM transfer WHERE xid >= f.fence AND xid < upper_fence AND id > f.base_id
    ), sums AS (
        SELECT e.account, sum(e.amount) AS amount
          FROM passed_by p JOIN entry e ON e.month = p.month AND e.transfer_id = p.id
         WHERE NOT EXISTS (SELECT FROM journal_account j WHERE j.code = e.account AND j.wallet IS NOT NULL)
         GROUP BY e.account
    ), moved AS (
        INSERT INTO rollup AS r (account, amount) SELECT account, amount FROM sums
        ON CONFLICT (account) DO UPDATE SET amount = r.amount + excluded.amount
    )
    SELECT count(*) INTO passed FROM passed_by;
    UPDATE rollup_fence SET fence = upper_fence, moved_at = ledger_now();
    RETURN passed;
END $$;

-- The sums made anew from all entries, with no posting in flight; transactions are counted from here on.
CREATE FUNCTION ledger_rebase() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    passed bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(19, ledger_day_lock());
    DELETE FROM rollup;
    INSERT INTO rollup (account, amount)
    SELECT e.account, sum(e.amount) FROM entry e JOIN journal_account j ON j.code = e.account
     WHERE j.wallet IS NULL GROUP BY e.account;
    SELECT count(*) INTO passed FROM transfer;
    DELETE FROM rollup_fence;
    INSERT INTO rollup_fence (fence, base_id, cluster, moved_at)
    SELECT pg_snapshot_xmin(pg_current_snapshot()), coalesce(max(id), 0), ledger_cluster(), ledger_now() FROM transfer;
    RETURN passed;
END $$;

SELECT ledger_rebase();
