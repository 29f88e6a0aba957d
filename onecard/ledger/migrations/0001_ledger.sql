-- The journal: accounts, wallets, transfers with their entries, keys, claims, days. Amounts are bigint: fen, or Wh.
-- Debit +, credit −; every transfer sums to 0 per unit. Transfers and entries are only ever added.

-- ------------------------------------------------------------------ time and the chart of accounts

-- The database's clock of the ledger. Simulations replace this one function.
CREATE FUNCTION ledger_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() $$;

CREATE TABLE journal_account (
    code text PRIMARY KEY,                     -- 'wechat', 'transition:acc_…', 'merchant:mer_…', 'card:{chip}'
    unit text NOT NULL DEFAULT 'CNY' CHECK (unit IN ('CNY', 'Wh')),
    kind text NOT NULL CHECK (kind IN ('asset', 'liability', 'income', 'expense')),
    owner text,                                -- the wallet account (acc_…) or merchant (mer_…) it is about
    wallet text CHECK (wallet IN ('card', 'transition', 'electronic')), -- which wallet of its owner it backs
    opened_at timestamptz NOT NULL DEFAULT ledger_now(),
    UNIQUE (code, unit),
    CHECK (wallet IS NULL OR owner IS NOT NULL)
);
CREATE INDEX journal_account_owner ON journal_account (owner) WHERE owner IS NOT NULL;

INSERT INTO journal_account (code, kind) VALUES
    ('wechat', 'asset'), ('alipay', 'asset'), ('online_pay', 'asset'), ('bank', 'asset'), ('cash', 'asset'),
    ('dispute', 'asset'), ('refund_payable', 'liability'), ('suspense', 'liability'),
    ('subsidy_fund', 'liability'), ('unclaimed', 'liability'), ('electricity_clearing', 'liability'),
    ('network_plan', 'liability'), ('fee', 'income'), ('card_fee', 'income'), ('channel_fee', 'expense'),
    ('loss', 'expense'), ('writeoff', 'expense');

-- A person's three wallets. 过渡余额 and 卡余额 may be negative; only the sum is guarded, by the posting.
CREATE TABLE wallet_account (
    id text PRIMARY KEY,
    card_fen bigint NOT NULL DEFAULT 0,
    transition_fen bigint NOT NULL DEFAULT 0,
    electronic_fen bigint NOT NULL DEFAULT 0 CONSTRAINT electronic_never_negative CHECK (electronic_fen >= 0),
    held_fen bigint NOT NULL DEFAULT 0 CONSTRAINT held_never_negative CHECK (held_fen >= 0),
    freezes text[] NOT NULL DEFAULT '{}' CHECK (
        freezes <@ ARRAY['OVERDRAFT', 'LOSS', 'OPERATOR', 'CHIP_MISMATCH', 'NETWORK_PLAN']),
    counter_day date,                          -- the accounting day that paid_today_fen counts
    paid_today_fen bigint NOT NULL DEFAULT 0 CHECK (paid_today_fen >= 0),
    opened_at timestamptz NOT NULL DEFAULT ledger_now(),
    closed_at timestamptz
) WITH (fillfactor = 60);                      -- room for HOT updates: every payment changes its row

-- ------------------------------------------------------------------ transfers and entries

-- Ledger positions: drawn while the wallet is locked, so ids order each wallet's history.
CREATE SEQUENCE ledger_position;

-- One transfer is one line of the bill. month = that of the accounting day, which never decreases.
CREATE TABLE transfer (
    month date NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'RECHARGE', 'PAYMENT', 'CARD_TAP', 'CHIP_LOAD', 'REFUND', 'REVERSAL', 'FEE', 'ADJUSTMENT')),
    lines smallint NOT NULL CHECK (lines >= 2),         -- how many entries it has, exactly
    account_id text REFERENCES wallet_account (id),     -- null: no person's wallet takes part
    amount_fen bigint NOT NULL,                         -- as the person feels it: a lunch is negative
    card_delta_fen bigint NOT NULL DEFAULT 0,
    transition_delta_fen bigint NOT NULL DEFAULT 0,
    electronic_delta_fen bigint NOT NULL DEFAULT 0,
    card_fen bigint, transition_fen bigint, electronic_fen bigint, held_fen bigint,  -- after it
    merchant_id text,
    terminal_id text,
    occurred_at timestamptz NOT NULL,                   -- the device's or the user's clock
    recorded_at timestamptz NOT NULL,                   -- ours
    day date NOT NULL,                                  -- accounting day
    late boolean NOT NULL,                              -- it happened on a day that was closed already
    counted_fen bigint NOT NULL DEFAULT 0,              -- how it moved the day's payment counter
    reverses_id bigint,
    reverses_month date,
    key text NOT NULL,                                  -- the caller's id it was posted under
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),     -- the fence of rollup and seal
    PRIMARY KEY (month, id),
    UNIQUE (month, id, lines),
    CHECK (month = date_trunc('month', day)::date),
    CHECK (card_delta_fen + transition_delta_fen + electronic_delta_fen = amount_fen OR account_id IS NULL),
    CHECK (account_id IS NULL OR num_nulls(card_fen, transition_fen, electronic_fen, held_fen) = 0),
    CHECK (electronic_fen >= 0),
    CHECK ((reverses_id IS NULL) = (reverses_month IS NULL)) -- its keys are checked in reversal
) PARTITION BY RANGE (month);
CREATE INDEX transfer_account ON transfer (account_id, id);
CREATE INDEX transfer_xid ON transfer (xid);

-- (month, transfer_id, lines) is a foreign key and line ≤ lines: a transfer whose lines are all there at
-- commit can never get another one.
CREATE TABLE entry (
    month date NOT NULL,
    transfer_id bigint NOT NULL,
    line smallint NOT NULL,
    lines smallint NOT NULL,
    account text NOT NULL,
    unit text NOT NULL DEFAULT 'CNY',
    amount bigint NOT NULL CHECK (amount <> 0),         -- debit +, credit −
    PRIMARY KEY (month, transfer_id, line),
    CHECK (line BETWEEN 1 AND lines),
    FOREIGN KEY (month, transfer_id, lines) REFERENCES transfer (month, id, lines),
    FOREIGN KEY (account, unit) REFERENCES journal_account (code, unit)
) PARTITION BY RANGE (month);

-- At commit: all its lines, summing to 0 per unit. The table is that of the trigger's own schema: by its plain
-- name where search_path leads there (a cached plan, many times faster), spelled out anywhere else.
-- enable_seqscan off, here and in the postings: a plan cached while the month is empty must stay good when it
-- is full, and every one of these looks is by a key. And force_generic_plan: PostgreSQL would otherwise plan each
-- of these looks anew for every payment, foreign keys included, the dearer the more months there are.
CREATE FUNCTION ledger_check_balanced() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found bigint;
    wrong boolean;
BEGIN
    IF TG_TABLE_SCHEMA = current_schema() THEN
        SELECT coalesce(sum(per.n), 0), coalesce(bool_or(per.total <> 0), false) INTO found, wrong
          FROM (SELECT count(*) AS n, sum(amount) AS total FROM entry
                 WHERE month = NEW.month AND transfer_id = NEW.id GROUP BY unit) per;
    ELSE
        EXECUTE format(
            'SELECT coalesce(sum(n), 0), coalesce(bool_or(total <> 0), false) FROM ('
            'SELECT count(*) AS n, sum(amount) AS total FROM %I.entry '
            'WHERE month = $1 AND transfer_id = $2 GROUP BY unit) per_unit', TG_TABLE_SCHEMA)
            INTO found, wrong USING NEW.month, NEW.id;
    END IF;
    IF wrong OR found <> NEW.lines THEN
        RAISE EXCEPTION 'transfer % is not balanced: % of % lines', NEW.id, found, NEW.lines
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_balanced AFTER INSERT ON transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: the journal is only ever added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfer_insert_only BEFORE UPDATE OR DELETE ON transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER entry_insert_only BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER transfer_no_truncate BEFORE TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Makes the months from the given one up to `ahead` later; returns how many it made. A new month is tied to every
-- table that points at a transfer, which stops their writers for a moment: so it waits until no posting is in
-- flight and keeps new ones out, else the two would deadlock over those tables.
CREATE FUNCTION ledger_ensure_partitions(from_day date DEFAULT NULL, ahead integer DEFAULT 3)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', coalesce(from_day, (ledger_now() AT TIME ZONE 'Asia/Shanghai')::date));
    month date;
    parent text;
    part text;
    made integer := 0;
BEGIN
    FOR step IN 0 .. ahead LOOP
        month := first + make_interval(months => step);
        FOREACH parent IN ARRAY ARRAY['transfer', 'entry'] LOOP
            part := parent || '_' || to_char(month, 'YYYY_MM');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            PERFORM pg_advisory_xact_lock(19, ledger_day_lock());
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, month, (month + interval '1 month')::date);
            -- Row triggers are inherited; those on TRUNCATE are not.
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
                           'EXECUTE FUNCTION ledger_refuse_change()', parent || '_no_truncate', part);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made / 2;
END $$;

-- ------------------------------------------------------------------ keys, references, claims

-- A caller's id and what came of it. body null: a reversal came first and took the id.
CREATE TABLE posting_key (
    key text PRIMARY KEY,
    body bytea CHECK (octet_length(body) = 32),
    transfer_id bigint,
    month date,
    refusal jsonb,
    subject text,                              -- the hold, order, refund or case the id made, or 'kept'
    recorded_at timestamptz NOT NULL,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    CHECK ((month IS NULL) = (transfer_id IS NULL)),
    CHECK (refusal IS NULL OR transfer_id IS NULL),
    CHECK (num_nonnulls(transfer_id, refusal, subject) >= 1)
);

-- One reference of the outside world ↔ one posting: WeChat's transaction id, terminal+serial, …
CREATE TABLE outside_reference (
    kind text NOT NULL,
    reference text NOT NULL,
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (kind, reference)
);

-- A payment code's nonce, claimed once, at one kind of device.
CREATE TABLE code_claim (
    code_hash bytea PRIMARY KEY,
    device_kind text NOT NULL CHECK (device_kind IN ('POS', 'DOOR', 'DISPENSER')),
    key text NOT NULL,
    claimed_at timestamptz NOT NULL
);

-- At most one reversal of a transfer.
CREATE TABLE reversal (
    transfer_id bigint PRIMARY KEY,
    month date NOT NULL,
    reversed_by bigint NOT NULL UNIQUE,
    reversed_month date NOT NULL,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    FOREIGN KEY (reversed_month, reversed_by) REFERENCES transfer (month, id)
);

-- Reversals that came before their original, which is then refused.
CREATE TABLE reversal_kept (
    original_key text PRIMARY KEY REFERENCES posting_key (key),
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    terminal_id text,
    occurred_at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL
);

CREATE TABLE freeze_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL REFERENCES wallet_account (id),
    reason text NOT NULL,
    frozen boolean NOT NULL,                   -- false: unfrozen
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- ------------------------------------------------------------------ the accounting day

CREATE TABLE accounting_day (
    day date PRIMARY KEY,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL CHECK (closes_at > opens_at),
    closed_at timestamptz,
    last_position bigint                       -- the ledger position it was closed at
);
-- From a transfer's id to its day, and so to its month.
CREATE INDEX accounting_day_position ON accounting_day (last_position, day);
CREATE UNIQUE INDEX accounting_day_open ON accounting_day ((true)) WHERE closed_at IS NULL;

-- Shared by whatever writes more than one table of the ledger: while a month is made, or a day closed, it waits.
CREATE FUNCTION ledger_day_lock() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT hashtext('onecard.day:' || current_schema())
$$;

-- The open day under a shared lock, or null when it is over (the caller closes it and comes again).
CREATE FUNCTION ledger_open_day() RETURNS accounting_day LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(19, ledger_day_lock());
    SELECT * INTO today FROM accounting_day WHERE closed_at IS NULL;
    IF today.closes_at <= ledger_now() THEN
        RETURN NULL;
    END IF;
    RETURN today;
END $$;

-- Closes the day when it is over and opens the next with its partitions; waits for postings in flight.
CREATE FUNCTION ledger_close_day(p_closes_at time) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    old accounting_day;
    now timestamptz;
    opened date;
    due timestamptz;        -- when the new day should have opened
BEGIN
    SELECT * INTO old FROM accounting_day WHERE closed_at IS NULL AND closes_at > ledger_now();
    IF FOUND THEN
        RETURN old.day;     -- not due: nobody is made to wait
    END IF;
    PERFORM pg_advisory_xact_lock(19, ledger_day_lock());
    now := ledger_now();
    SELECT * INTO old FROM accounting_day ORDER BY day DESC LIMIT 1;
    IF old.closes_at > now AND old.closed_at IS NULL THEN
        RETURN old.day;
    END IF;
    UPDATE accounting_day SET closed_at = now,
           last_position = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_position)
     WHERE closed_at IS NULL;
    opened := (now AT TIME ZONE 'Asia/Shanghai')::date
            + CASE WHEN (now AT TIME ZONE 'Asia/Shanghai')::time >= p_closes_at THEN 1 ELSE 0 END;
    opened := greatest(opened, old.day + 1);
    PERFORM ledger_ensure_partitions(opened);
    due := ((opened - 1) + p_closes_at) AT TIME ZONE 'Asia/Shanghai';
    IF due > now THEN
        due := NULL;        -- the closing time was moved later, or the clock back: no moment lies between two days
    END IF;
    INSERT INTO accounting_day (day, opens_at, closes_at) VALUES (
        opened, coalesce(greatest(old.closes_at, due), now), (opened + p_closes_at) AT TIME ZONE 'Asia/Shanghai');
    RETURN opened;
END $$;

-- ------------------------------------------------------------------ holds

CREATE TABLE hold (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES wallet_account (id),
    state text NOT NULL CHECK (state IN ('ACTIVE', 'CAPTURED', 'RELEASED', 'EXPIRED')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    position bigint NOT NULL UNIQUE,           -- its place in the ledger's order
    available_before_fen bigint NOT NULL,      -- what it was granted on
    merchant_id text NOT NULL,
    terminal_id text,
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    placed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_position bigint,                     -- where its money was free again; a late capture leaves it
    captured_fen bigint CHECK (captured_fen BETWEEN 0 AND amount_fen),
    waived_fen bigint CHECK (waived_fen >= 0),
    transfer_id bigint,
    month date,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    CHECK (amount_fen <= available_before_fen),
    CHECK ((state = 'ACTIVE') = (ended_at IS NULL)),
    CHECK ((state = 'ACTIVE') = (ended_position IS NULL)),
    CHECK ((state = 'CAPTURED') = (captured_fen IS NOT NULL)),
    CHECK ((state = 'CAPTURED' AND captured_fen > 0) = (transfer_id IS NOT NULL))
);
CREATE INDEX hold_account ON hold (account_id) WHERE state = 'ACTIVE';
CREATE INDEX hold_expiry ON hold (expires_at) WHERE state = 'ACTIVE';

-- ------------------------------------------------------------------ recharges, refunds, cases

CREATE TABLE recharge_order (
    id text PRIMARY KEY,
    account_id text NOT NULL REFERENCES wallet_account (id),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    wallet_type text NOT NULL CHECK (wallet_type IN ('CARD_ACCOUNT', 'ELECTRONIC')),
    method text NOT NULL CHECK (method IN ('WECHAT', 'BANK_CARD')),
    state text NOT NULL CHECK (state IN (
        'ORDERED', 'PAID', 'CREDITED', 'CLOSED', 'FAILED', 'REFUNDED', 'PARTLY_REFUNDED')),
    out_trade_no text NOT NULL UNIQUE CHECK (out_trade_no ~ '^[0-9A-Za-z]{6,32}$'),
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- the page's order, newest last
    prepay_id text,
    ordered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    credited_at timestamptz,
    closed_at timestamptz,
    failed_at timestamptz,
    refunded_at timestamptz,
    transaction_id text UNIQUE,                -- WeChat's
    refunded_fen bigint NOT NULL DEFAULT 0,    -- asked or done
    transfer_id bigint,
    month date,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    CONSTRAINT refunds_within_paid CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    CHECK ((credited_at IS NOT NULL) = (transfer_id IS NOT NULL)),
    CHECK (state NOT IN ('CREDITED', 'REFUNDED', 'PARTLY_REFUNDED') OR credited_at IS NOT NULL),
    CHECK (refunded_fen = 0 OR credited_at IS NOT NULL)
);
CREATE INDEX recharge_order_account ON recharge_order (account_id, position);
-- What the worker's scans look for, every few seconds, is few among many years of them.
CREATE INDEX recharge_order_unpaid ON recharge_order (position) WHERE state = 'ORDERED';

CREATE TABLE suspense_case (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('PAID_UNKNOWN_ORDER', 'PAID_OTHER_AMOUNT', 'REFUND_FAILED')),
    state text NOT NULL CHECK (state IN ('OPEN', 'REFUNDING', 'CLOSED')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    reference text NOT NULL,                   -- WeChat's transaction id, or our refund number
    out_trade_no text,
    explanation text NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text,
    transfer_id bigint,
    month date,
    UNIQUE (kind, reference),
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL))
);
CREATE INDEX suspense_case_open ON suspense_case (position) WHERE state = 'OPEN';

CREATE TABLE refund (
    id text PRIMARY KEY,
    recharge_id text REFERENCES recharge_order (id),
    case_id text REFERENCES suspense_case (id),
    out_refund_no text NOT NULL UNIQUE,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    reason text NOT NULL,
    actor text NOT NULL,
    state text NOT NULL CHECK (state IN ('ASKED', 'DONE', 'FAILED')),
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    asked_at timestamptz NOT NULL,
    finished_at timestamptz,
    transfer_id bigint NOT NULL,               -- asked
    month date NOT NULL,
    finish_transfer_id bigint,                 -- done or failed, the last word
    finish_month date,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    FOREIGN KEY (finish_month, finish_transfer_id) REFERENCES transfer (month, id),
    CHECK (num_nonnulls(recharge_id, case_id) = 1),
    CHECK ((state = 'ASKED') = (finished_at IS NULL)),
    CHECK ((state = 'ASKED') = (finish_transfer_id IS NULL))
);
CREATE INDEX refund_recharge ON refund (recharge_id);
CREATE INDEX refund_of_case ON refund (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX refund_asked ON refund (asked_at) WHERE state = 'ASKED';
CREATE UNIQUE INDEX refund_case ON refund (case_id) WHERE state = 'ASKED';

-- ------------------------------------------------------------------ rollup and seal

-- Sums of the transfers below the fence. Above it: transfer.id > base_id AND transfer.xid >= fence.
CREATE TABLE rollup (
    account text PRIMARY KEY REFERENCES journal_account (code),
    amount bigint NOT NULL
);
CREATE TABLE rollup_fence (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fence xid8 NOT NULL,
    base_id bigint NOT NULL,                   -- ids up to this are in the sums, whatever their xid
    cluster text NOT NULL,                     -- where these xids were counted
    moved_at timestamptz NOT NULL
);

-- The hash chain, written off the hot path: each block names its transfers in order.
CREATE TABLE seal_block (
    number bigint PRIMARY KEY CHECK (number > 0),
    previous bytea NOT NULL,
    hash bytea NOT NULL UNIQUE,
    transfer_ids bigint[] NOT NULL,
    fence xid8 NOT NULL,                       -- transfers below it, on this cluster, above base_id: sealed
    base_id bigint NOT NULL,
    cluster text NOT NULL,
    sealed_at timestamptz NOT NULL
);
CREATE TRIGGER seal_block_insert_only BEFORE UPDATE OR DELETE ON seal_block
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER seal_block_no_truncate BEFORE TRUNCATE ON seal_block
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

SELECT ledger_ensure_partitions();
