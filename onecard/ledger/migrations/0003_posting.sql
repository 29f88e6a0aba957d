-- Posting: the charge (a batch is the rule, one is a batch of one), the single posting and what it stands on.
-- Lock order everywhere: the day (shared) → wallets by id → everything else by key. Keys are inserted last,
-- complete; two transactions with one key meet there, the later one fails on the key and is tried again.

-- What every function below answers. outcome: POSTED, REPLAYED, REFUSED, CONFLICT, DAY_OVER, and the
-- words of its own function. A replay carries what was stored.
CREATE TYPE ledger_outcome AS (
    ordinal integer, outcome text, refusal jsonb, subject text, transfer_id bigint, month date, kind text,
    account_id text, amount_fen bigint, card_fen bigint, transition_fen bigint, electronic_fen bigint,
    held_fen bigint, merchant_id text, terminal_id text, occurred_at timestamptz, recorded_at timestamptz,
    day date, late boolean
);

CREATE FUNCTION ledger_tell(p_ordinal bigint, p_outcome text, p_refusal jsonb, p_subject text, t transfer)
RETURNS ledger_outcome LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_ordinal::integer, p_outcome, p_refusal, p_subject, t.id, t.month, t.kind, t.account_id,
               t.amount_fen, t.card_fen, t.transition_fen, t.electronic_fen, t.held_fen, t.merchant_id,
               t.terminal_id, t.occurred_at, t.recorded_at, t.day, t.late)::ledger_outcome
$$;

-- What is stored under a key, told to a caller with this body; null when the key is new.
CREATE FUNCTION ledger_recall(p_key text, p_body bytea) RETURNS ledger_outcome LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    k posting_key;
    t transfer;
BEGIN
    SELECT * INTO k FROM posting_key WHERE key = p_key;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF k.body IS NOT NULL AND p_body IS NOT NULL AND k.body <> p_body THEN
        RETURN ledger_tell(1, 'CONFLICT', NULL, NULL, NULL);
    ELSIF k.refusal IS NOT NULL THEN
        RETURN ledger_tell(1, 'REFUSED', k.refusal, k.subject, NULL);
    END IF;
    IF k.transfer_id IS NOT NULL THEN
        SELECT * INTO STRICT t FROM transfer WHERE month = k.month AND id = k.transfer_id;
    END IF;
    RETURN ledger_tell(1, 'REPLAYED', NULL, k.subject, t);
END $$;

CREATE FUNCTION ledger_refusal(p_code text, p_data jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('code', p_code, 'data', p_data)
$$;

-- Stores a refusal under a key that is new (a known key is recalled instead).
CREATE FUNCTION ledger_refuse(p_key text, p_body bytea, p_refusal jsonb) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    known ledger_outcome := ledger_recall(p_key, p_body);
BEGIN
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    INSERT INTO posting_key (key, body, refusal, recorded_at) VALUES (p_key, p_body, p_refusal, ledger_now());
    RETURN ledger_tell(1, 'REFUSED', p_refusal, NULL, NULL);
END $$;

CREATE FUNCTION ledger_store(p_key text, p_body bytea, p_subject text, t transfer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO posting_key (key, body, subject, transfer_id, month, recorded_at)
    VALUES (p_key, p_body, p_subject, t.id, t.month, coalesce(t.recorded_at, ledger_now()))
$$;

-- One transfer with its entries (and the sweep where due) and the one change of its wallet row. The wallets'
-- deltas follow from the entries on accounts that back a wallet of this person.
-- p_fact: it happened already, so it is posted below 0 too, and freezes then.
CREATE FUNCTION ledger_apply(
    today accounting_day, p_kind text, p_account text, p_codes text[], p_amounts bigint[], p_amount bigint,
    p_key text, p_occurred_at timestamptz, p_merchant text DEFAULT NULL, p_terminal text DEFAULT NULL,
    p_fact boolean DEFAULT false, p_held bigint DEFAULT 0, p_counted bigint DEFAULT 0,
    p_reverses bigint DEFAULT NULL, p_reverses_month date DEFAULT NULL
) RETURNS transfer LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    w wallet_account;
    t transfer;
    codes text[] := p_codes;
    amounts bigint[] := p_amounts;
    swept bigint;
BEGIN
    t.month := date_trunc('month', today.day)::date;
    t.kind := p_kind;
    t.amount_fen := p_amount;
    t.card_delta_fen := 0;
    t.transition_delta_fen := 0;
    t.electronic_delta_fen := 0;
    IF p_account IS NOT NULL THEN
        SELECT * INTO STRICT w FROM wallet_account WHERE wallet_account.id = p_account FOR NO KEY UPDATE;
        SELECT coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'card'), 0),
               coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'transition'), 0),
               coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'electronic'), 0)
          INTO t.card_delta_fen, t.transition_delta_fen, t.electronic_delta_fen
          FROM unnest(codes, amounts) AS e (code, amount)
          JOIN journal_account j ON j.code = e.code AND j.owner = p_account;
        -- 过渡余额 never stays below 0 while the electronic account has money.
        swept := least(-(w.transition_fen + t.transition_delta_fen), w.electronic_fen + t.electronic_delta_fen);
        IF swept > 0 THEN
            codes := codes || ARRAY['electronic:' || p_account, 'transition:' || p_account];
            amounts := amounts || ARRAY[swept, -swept];
            t.transition_delta_fen := t.transition_delta_fen + swept;
            t.electronic_delta_fen := t.electronic_delta_fen - swept;
        END IF;
        UPDATE wallet_account AS a
           SET card_fen = a.card_fen + t.card_delta_fen,
               transition_fen = a.transition_fen + t.transition_delta_fen,
               electronic_fen = a.electronic_fen + t.electronic_delta_fen,
               held_fen = a.held_fen + p_held,
               counter_day = today.day,
               paid_today_fen = greatest(
                   0, CASE WHEN a.counter_day = today.day THEN a.paid_today_fen ELSE 0 END + p_counted),
               freezes = ledger_freezes(
                   a.freezes, p_fact, a.card_fen + a.transition_fen + a.electronic_fen
                   + t.card_delta_fen + t.transition_delta_fen + t.electronic_delta_fen)
         WHERE a.id = p_account AND a.electronic_fen + t.electronic_delta_fen >= 0 AND a.held_fen + p_held >= 0
        RETURNING a.card_fen, a.transition_fen, a.electronic_fen, a.held_fen
             INTO STRICT t.card_fen, t.transition_fen, t.electronic_fen, t.held_fen;
    END IF;
    t.id := nextval('ledger_position');
    t.lines := cardinality(codes);
    t.account_id := p_account;
    t.merchant_id := p_merchant;
    t.terminal_id := p_terminal;
    t.occurred_at := p_occurred_at;
    t.recorded_at := ledger_now();
    t.day := today.day;
    t.late := p_occurred_at < today.opens_at;
    t.counted_fen := p_counted;
    t.reverses_id := p_reverses;
    t.reverses_month := p_reverses_month;
    t.key := p_key;
    t.xid := pg_current_xact_id();
    INSERT INTO transfer SELECT t.*;
    INSERT INTO entry (month, transfer_id, line, lines, account, amount)
    SELECT t.month, t.id, e.line, t.lines, e.code, e.amount
      FROM unnest(codes, amounts) WITH ORDINALITY AS e (code, amount, line);
    RETURN t;
END $$;

-- The freezes after a posting that left this balance: overdraft comes by a fact and clears itself above 0.
CREATE FUNCTION ledger_freezes(p_freezes text[], p_fact boolean, p_balance bigint) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_balance > 0 THEN array_remove(p_freezes, 'OVERDRAFT')
                WHEN p_balance < 0 AND p_fact AND NOT 'OVERDRAFT' = ANY (p_freezes)
                    THEN array_append(p_freezes, 'OVERDRAFT')
                ELSE p_freezes END
$$;

-- May this phone payment start? The refusal, or null. A lost card (LOSS) stops the chip, not the phone.
-- p_overdraft: 0 is STRICT; POSITIVE allows so much below 0 afterwards.
CREATE FUNCTION ledger_gate(
    p_amount bigint, p_closed boolean, p_freezes text[], p_available bigint, p_spent bigint,
    p_once bigint, p_daily bigint, p_overdraft bigint
) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_amount <= 0 THEN
            ledger_refusal('AMOUNT_INVALID', jsonb_build_object('minimum_fen', 1, 'maximum_fen', p_once))
        WHEN p_closed THEN ledger_refusal('ACCOUNT_CLOSED')
        WHEN array_remove(p_freezes, 'LOSS') <> '{}' THEN
            ledger_refusal('ACCOUNT_FROZEN', jsonb_build_object('reasons', array_remove(p_freezes, 'LOSS')))
        WHEN p_amount > p_once THEN
            ledger_refusal('PAYMENT_LIMIT_REACHED', jsonb_build_object(
                'limit_fen', p_once, 'period', 'ONCE', 'spent_fen', p_spent))
        WHEN p_spent + p_amount > p_daily THEN
            ledger_refusal('PAYMENT_LIMIT_REACHED', jsonb_build_object(
                'limit_fen', p_daily, 'period', 'DAY', 'spent_fen', p_spent))
        WHEN p_available <= 0 OR p_available - p_amount < -p_overdraft THEN
            ledger_refusal('INSUFFICIENT_BALANCE', jsonb_build_object(
                'available_fen', p_available, 'amount_fen', p_amount))
    END
$$;

-- The hot path. Row n of the arrays is request n; the keys are distinct (the queue sees to it).
-- p_refusals: a decision made before the ledger, stored unless the key has a result already.
CREATE FUNCTION ledger_charge(
    p_keys text[], p_bodies bytea[], p_accounts text[], p_amounts bigint[], p_merchants text[],
    p_terminals text[], p_codes bytea[], p_device_kinds text[], p_occurred_at timestamptz[], p_refusals jsonb[],
    p_once bigint, p_daily bigint, p_overdraft bigint
) RETURNS SETOF ledger_outcome LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    today accounting_day := ledger_open_day();
    recorded timestamptz;
    r record;
    t transfer;
    balances wallet_account;        -- of the account at hand, moved along as its requests are decided
    spent bigint;
    no jsonb;
    swept bigint;
    posted transfer[] := '{}';
    changed wallet_account[] := '{}';
    touched boolean := false;
    keys posting_key[] := '{}';
    k posting_key;
    claims code_claim[] := '{}';
    c code_claim;
    claimed bytea[] := '{}';
    moved integer;
BEGIN
    IF today.day IS NULL THEN
        RETURN NEXT ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
        RETURN;
    END IF;
    PERFORM 1 FROM wallet_account WHERE id = ANY (p_accounts) ORDER BY id FOR NO KEY UPDATE;
    recorded := ledger_now();
    t.kind := 'PAYMENT';
    t.month := date_trunc('month', today.day)::date;
    t.day := today.day;
    t.card_delta_fen := 0;
    t.recorded_at := recorded;
    t.xid := pg_current_xact_id();
    k.recorded_at := recorded;
    c.claimed_at := recorded;
    -- Looked up after the locks, by a new snapshot: whoever held them before us is seen.
    FOR r IN
        SELECT q.*, known.key IS NOT NULL AS is_known, taken.device_kind AS taken_by, w AS wallet
          FROM unnest(p_keys, p_bodies, p_accounts, p_amounts, p_merchants, p_terminals, p_codes,
                      p_device_kinds, p_occurred_at, p_refusals) WITH ORDINALITY
               AS q (key, body, account, amount, merchant, terminal, code, device_kind, occurred_at, refusal, place)
          LEFT JOIN LATERAL (SELECT key FROM posting_key WHERE posting_key.key = q.key LIMIT 1) known ON true
          LEFT JOIN LATERAL (SELECT device_kind FROM code_claim WHERE code_hash = q.code LIMIT 1) taken ON true
          LEFT JOIN LATERAL (SELECT * FROM wallet_account WHERE id = q.account LIMIT 1) w ON true
         ORDER BY q.account, q.place
    LOOP
        IF r.account IS DISTINCT FROM balances.id THEN
            IF touched THEN
                changed := changed || balances;
                touched := false;
            END IF;
            balances := r.wallet;
        END IF;
        IF r.is_known THEN
            RETURN NEXT ledger_again(r.place, r.key, r.body);
            CONTINUE;
        END IF;
        no := r.refusal;
        IF no IS NULL THEN
            IF balances.id IS NULL THEN
                RAISE EXCEPTION 'no such wallet account: %', r.account USING ERRCODE = 'foreign_key_violation';
            END IF;
            spent := CASE WHEN balances.counter_day = today.day THEN balances.paid_today_fen ELSE 0 END;
            IF r.taken_by IS NOT NULL OR r.code = ANY (claimed) THEN
                no := ledger_refusal(CASE r.taken_by WHEN 'DOOR' THEN 'CODE_FOR_DOORS' ELSE 'CODE_USED' END);
            ELSE
                no := ledger_gate(
                    r.amount, balances.closed_at IS NOT NULL, balances.freezes,
                    balances.card_fen + balances.transition_fen + balances.electronic_fen - balances.held_fen,
                    spent, p_once, p_daily, p_overdraft);
            END IF;
        END IF;
        k.key := r.key;
        k.body := r.body;
        k.refusal := no;
        IF no IS NOT NULL THEN
            k.transfer_id := NULL;
            k.month := NULL;
            keys := keys || k;
            RETURN NEXT ledger_tell(r.place, 'REFUSED', no, NULL, NULL);
            CONTINUE;
        END IF;
        swept := greatest(0, least(r.amount - balances.transition_fen, balances.electronic_fen));
        balances.transition_fen := balances.transition_fen - r.amount + swept;
        balances.electronic_fen := balances.electronic_fen - swept;
        balances.counter_day := today.day;
        balances.paid_today_fen := spent + r.amount;
        touched := true;
        t.id := nextval('ledger_position');
        t.lines := CASE WHEN swept > 0 THEN 4 ELSE 2 END;
        t.account_id := r.account;
        t.amount_fen := -r.amount;
        t.transition_delta_fen := swept - r.amount;
        t.electronic_delta_fen := -swept;
        t.card_fen := balances.card_fen;
        t.transition_fen := balances.transition_fen;
        t.electronic_fen := balances.electronic_fen;
        t.held_fen := balances.held_fen;
        t.merchant_id := r.merchant;
        t.terminal_id := r.terminal;
        t.occurred_at := r.occurred_at;
        t.late := r.occurred_at < today.opens_at;
        t.counted_fen := r.amount;
        t.key := r.key;
        posted := posted || t;
        k.transfer_id := t.id;
        k.month := t.month;
        keys := keys || k;
        IF r.code IS NOT NULL THEN
            c.code_hash := r.code;
            c.device_kind := r.device_kind;
            c.key := r.key;
            claims := claims || c;
            claimed := claimed || r.code;
        END IF;
        RETURN NEXT ledger_tell(r.place, 'POSTED', NULL, NULL, t);
    END LOOP;
    IF touched THEN
        changed := changed || balances;
    END IF;

    -- One conditional change per account row, in the order of the locks.
    UPDATE wallet_account AS a
       SET transition_fen = n.transition_fen, electronic_fen = n.electronic_fen,
           counter_day = n.counter_day, paid_today_fen = n.paid_today_fen
      FROM unnest(changed) AS n
     WHERE a.id = n.id AND a.card_fen = n.card_fen AND a.held_fen = n.held_fen AND a.closed_at IS NULL
       AND n.card_fen + n.transition_fen + n.electronic_fen - n.held_fen >= -p_overdraft;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(changed) THEN
        RAISE EXCEPTION 'a wallet changed under its lock' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO transfer SELECT n.* FROM unnest(posted) AS n;
    INSERT INTO entry (month, transfer_id, line, lines, account, amount)
    SELECT n.month, n.id, e.line, n.lines, e.account, e.amount
      FROM unnest(posted) AS n
      CROSS JOIN LATERAL (VALUES
          (1::smallint, 'transition:' || n.account_id, -n.amount_fen),
          (2::smallint, 'merchant:' || n.merchant_id, n.amount_fen),
          (3::smallint, 'electronic:' || n.account_id, -n.electronic_delta_fen),
          (4::smallint, 'transition:' || n.account_id, n.electronic_delta_fen)
      ) AS e (line, account, amount)
     WHERE e.line <= n.lines;
    INSERT INTO posting_key SELECT n.* FROM unnest(keys) AS n ORDER BY n.key;
    INSERT INTO code_claim SELECT n.* FROM unnest(claims) AS n ORDER BY n.code_hash;
END $$;

CREATE FUNCTION ledger_again(p_place bigint, p_key text, p_body bytea) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    told ledger_outcome := ledger_recall(p_key, p_body);
BEGIN
    told.ordinal := p_place;
    RETURN told;
END $$;

-- ------------------------------------------------------------------ reversals and facts

-- Takes a posting back, once. A reversal that comes first takes its original's key, so that whichever of the
-- two reaches the key first decides: POSTED, KEPT, NEVER_POSTED, REFUSED.
CREATE FUNCTION ledger_reverse(
    p_key text, p_body bytea, p_original text, p_terminal text, p_occurred_at timestamptz
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    original posting_key;
    o transfer;
    t transfer;
    no jsonb;
    moment timestamptz := ledger_now();
    taken integer;
    codes text[];
    amounts bigint[];
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    known := ledger_recall(p_key, p_body);
    IF p_key = p_original OR (known.outcome = 'REFUSED' AND known.subject = 'kept') THEN
        RETURN ledger_tell(1, 'CONFLICT', NULL, NULL, NULL);     -- that id is a charge's
    ELSIF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    SELECT * INTO original FROM posting_key WHERE key = p_original;
    IF NOT FOUND THEN
        INSERT INTO posting_key (key, refusal, subject, recorded_at)
        VALUES (p_original, ledger_refusal('CHARGE_REVERSED_BEFORE'), 'kept', moment) ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS taken = ROW_COUNT;
        IF taken = 1 THEN
            INSERT INTO reversal_kept (original_key, key, terminal_id, occurred_at, kept_at)
            VALUES (p_original, p_key, p_terminal, p_occurred_at, moment);
            PERFORM ledger_store(p_key, p_body, 'kept', NULL);
            RETURN ledger_tell(1, 'KEPT', NULL, 'kept', NULL);
        END IF;
        SELECT * INTO STRICT original FROM posting_key WHERE key = p_original; -- it was in flight; it is there now
    END IF;
    IF original.subject = 'kept' AND original.refusal IS NOT NULL THEN
        PERFORM ledger_store(p_key, p_body, 'kept', NULL);
        RETURN ledger_tell(1, 'KEPT', NULL, 'kept', NULL);
    ELSIF original.refusal IS NOT NULL THEN
        PERFORM ledger_store(p_key, p_body, 'never posted', NULL);
        RETURN ledger_tell(1, 'NEVER_POSTED', NULL, 'never posted', NULL);
    END IF;
    SELECT * INTO o FROM transfer WHERE month = original.month AND id = original.transfer_id;
    PERFORM 1 FROM wallet_account WHERE id = o.account_id FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);      -- again under the lock: a repeat may have been in flight
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF o.id IS NULL OR o.kind NOT IN ('PAYMENT', 'CARD_TAP', 'FEE') THEN
        no := ledger_refusal('NOT_ALLOWED');
    ELSIF EXISTS (SELECT FROM reversal WHERE transfer_id = o.id) THEN
        no := ledger_refusal('ALREADY_REVERSED');
    END IF;
    IF no IS NOT NULL THEN
        RETURN ledger_refuse(p_key, p_body, no);
    END IF;
    -- The mirror; what a tap took from the chip returns to transition, for the chip is not here.
    SELECT array_agg(CASE WHEN j.wallet = 'card' THEN 'transition:' || o.account_id ELSE e.account END ORDER BY e.line),
           array_agg(-e.amount ORDER BY e.line)
      INTO codes, amounts
      FROM entry e JOIN journal_account j ON j.code = e.account
     WHERE e.month = o.month AND e.transfer_id = o.id;
    t := ledger_apply(today, 'REVERSAL', o.account_id, codes, amounts, -o.amount_fen, p_key, p_occurred_at,
                      o.merchant_id, p_terminal,
                      p_counted => CASE WHEN o.day = today.day THEN -o.counted_fen ELSE 0 END,
                      p_reverses => o.id, p_reverses_month => o.month);
    INSERT INTO reversal (transfer_id, month, reversed_by, reversed_month) VALUES (o.id, o.month, t.id, t.month);
    PERFORM ledger_store(p_key, p_body, NULL, t);
    RETURN ledger_tell(1, 'POSTED', NULL, NULL, t);
END $$;

-- What has happened already: always posted, and posted once per key and per outside reference.
-- Late ones do not count towards today's limit: they were another day's spending.
CREATE FUNCTION ledger_fact(
    p_key text, p_body bytea, p_kind text, p_account text, p_codes text[], p_amounts bigint[], p_amount bigint,
    p_counts boolean, p_merchant text, p_terminal text, p_occurred_at timestamptz,
    p_reference_kind text, p_reference text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    t transfer;
    first_key text;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM 1 FROM wallet_account WHERE id = p_account FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF p_reference IS NOT NULL THEN
        SELECT key INTO first_key FROM outside_reference WHERE kind = p_reference_kind AND reference = p_reference;
        IF FOUND THEN
            known := ledger_recall(first_key, NULL);
            IF (known.account_id, known.amount_fen) IS DISTINCT FROM (p_account, p_amount) THEN
                RETURN ledger_tell(1, 'CONFLICT', NULL, NULL, NULL);     -- nothing may vanish behind another receipt
            END IF;
            RETURN known;
        END IF;
        INSERT INTO outside_reference (kind, reference, key, recorded_at)
        VALUES (p_reference_kind, p_reference, p_key, ledger_now());
    END IF;
    t := ledger_apply(today, p_kind, p_account, p_codes, p_amounts, p_amount, p_key, p_occurred_at, p_merchant,
                      p_terminal, p_fact => true,
                      p_counted => CASE WHEN p_counts AND p_occurred_at >= today.opens_at THEN -p_amount ELSE 0 END);
    PERFORM ledger_store(p_key, p_body, NULL, t);
    RETURN ledger_tell(1, 'POSTED', NULL, NULL, t);
END $$;
