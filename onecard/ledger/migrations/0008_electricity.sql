-- Dorm electricity: orders, the energy of rooms in Wh, and what ties the two: an order is paid, then delivered or
-- given back, never both. Bought and subsidised energy are apart: room:{room} and room_quota:{room}.
-- Lock order: day (shared) → order → case → refund → wallet → room → keys.

-- ------------------------------------------------------------------ tables

INSERT INTO journal_account (code, unit, kind) VALUES
    ('issued', 'Wh', 'asset'), ('quota', 'Wh', 'asset'), ('consumed', 'Wh', 'liability');

-- A month's tables carry the list of kinds on their own, too.
DO $$
DECLARE
    part regclass;
BEGIN
    ALTER TABLE transfer DROP CONSTRAINT transfer_kind_check;
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'transfer'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS transfer_kind_check', part);
    END LOOP;
    ALTER TABLE transfer ADD CONSTRAINT transfer_kind_check CHECK (kind IN (
        'RECHARGE', 'PAYMENT', 'CARD_TAP', 'CHIP_LOAD', 'REFUND', 'REVERSAL', 'FEE', 'ADJUSTMENT', 'ELECTRICITY'));
END $$;

CREATE TABLE electricity_order (
    id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- newest last
    key text NOT NULL REFERENCES posting_key (key) DEFERRABLE INITIALLY DEFERRED,
    payer text NOT NULL,                       -- a person, or the link that somebody paid by
    account_id text REFERENCES wallet_account (id),        -- the payer's; null: has none
    room_id text NOT NULL,
    meter_id text,                             -- null: the room has none
    way text CHECK (way IN ('SERVER_CREDIT', 'METER_CREDIT')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    method text NOT NULL CHECK (method IN ('CARD_ACCOUNT', 'WECHAT', 'BANK_CARD', 'ONLINE_PAYMENT')),
    state text NOT NULL CHECK (state IN (
        'ORDERED', 'PAID', 'DELIVERING', 'DELIVERED', 'UNKNOWN', 'REFUNDING', 'REFUNDED', 'CLOSED', 'FAILED',
        'DISPUTED', 'UNMAPPED')),
    note text,
    out_trade_no text UNIQUE CHECK (out_trade_no ~ '^[0-9A-Za-z]{6,32}$'),
    prepay_id text,                            -- what the provider knows it by before it is paid
    transaction_id text,
    ordered_at timestamptz NOT NULL,
    expires_at timestamptz,
    paid_at timestamptz,
    delivered_at timestamptz,
    ended_at timestamptz,
    command_id text,                           -- METER_CREDIT: the newest credit write
    credit_counter integer,                    -- METER_CREDIT: what its meter's order counter shows once it has it
    wh bigint CHECK (wh >= 0),                 -- what it buys, once that is fixed
    priced jsonb,                              -- the tariff's steps it was reckoned by
    repaid_fen bigint NOT NULL DEFAULT 0 CHECK (repaid_fen BETWEEN 0 AND amount_fen),  -- of it, for emergency credit
    refunded_fen bigint NOT NULL DEFAULT 0 CHECK (refunded_fen IN (0, amount_fen)),
    transfer_id bigint, month date,            -- paid
    delivery_id bigint, delivery_month date,
    FOREIGN KEY (month, transfer_id) REFERENCES transfer (month, id),
    FOREIGN KEY (delivery_month, delivery_id) REFERENCES transfer (month, id),
    CHECK ((meter_id IS NULL) = (way IS NULL)),
    CHECK ((method = 'CARD_ACCOUNT') = (out_trade_no IS NULL)),
    CHECK (method <> 'CARD_ACCOUNT' OR account_id IS NOT NULL),
    CHECK ((paid_at IS NULL) = (state IN ('ORDERED', 'CLOSED', 'FAILED'))),
    CHECK ((paid_at IS NULL) = (transfer_id IS NULL)),
    CHECK ((state IN ('DELIVERED', 'DISPUTED')) = (delivery_id IS NOT NULL)),
    CHECK ((state IN ('REFUNDED', 'DISPUTED')) = (refunded_fen > 0) OR state = 'REFUNDING')
);
CREATE INDEX electricity_order_room ON electricity_order (room_id, position);
CREATE INDEX electricity_order_payer ON electricity_order (payer, position);
CREATE INDEX electricity_order_transfer ON electricity_order (transfer_id);
CREATE INDEX electricity_order_open ON electricity_order (position)
    WHERE state IN ('ORDERED', 'PAID', 'DELIVERING', 'UNKNOWN', 'REFUNDING', 'UNMAPPED');
-- One credit write of a meter at a time: its counter tells one purchase from the next.
CREATE UNIQUE INDEX electricity_order_undecided ON electricity_order (meter_id)
    WHERE state IN ('DELIVERING', 'UNKNOWN');
CREATE UNIQUE INDEX electricity_order_counter ON electricity_order (meter_id, credit_counter)
    WHERE state = 'DELIVERED';

-- What a room has, moved along with the journal.
CREATE TABLE room_energy (
    room_id text PRIMARY KEY,
    bought_wh bigint NOT NULL DEFAULT 0,       -- below 0: more ran than was bought
    quota_wh bigint NOT NULL DEFAULT 0 CHECK (quota_wh >= 0),
    emergency_fen bigint NOT NULL DEFAULT 0 CHECK (emergency_fen >= 0),
    changed_at timestamptz NOT NULL
);
-- A room's free energy of a period, granted once.
CREATE TABLE room_quota (
    room_id text NOT NULL REFERENCES room_energy (room_id),
    period text NOT NULL,
    wh bigint NOT NULL CHECK (wh >= 0),
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, period)
);
-- Up to which reading a meter's consumption is in the journal.
CREATE TABLE meter_consumed (
    meter_id text PRIMARY KEY,
    room_id text NOT NULL REFERENCES room_energy (room_id),
    total_wh bigint NOT NULL,
    read_at timestamptz NOT NULL
);

ALTER TABLE refund ADD COLUMN electricity_id text REFERENCES electricity_order (id);
ALTER TABLE refund DROP CONSTRAINT refund_check;
ALTER TABLE refund ADD CONSTRAINT refund_of_one CHECK (num_nonnulls(recharge_id, case_id, electricity_id) = 1);
CREATE UNIQUE INDEX refund_electricity ON refund (electricity_id) WHERE state = 'ASKED';

ALTER TABLE suspense_case DROP CONSTRAINT suspense_case_kind_check;
ALTER TABLE suspense_case ADD CONSTRAINT suspense_case_kind_check CHECK (kind IN (
    'PAID_UNKNOWN_ORDER', 'PAID_OTHER_AMOUNT', 'REFUND_FAILED', 'ELECTRICITY_DISPUTE'));

CREATE FUNCTION ledger_open_room(p_room text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO journal_account (code, unit, kind) VALUES
        ('room:' || p_room, 'Wh', 'liability'), ('room_quota:' || p_room, 'Wh', 'liability'),
        ('emergency_credit:' || p_room, 'CNY', 'asset')
    ON CONFLICT DO NOTHING;
    INSERT INTO room_energy (room_id, changed_at) VALUES (p_room, ledger_now()) ON CONFLICT DO NOTHING
$$;

-- ------------------------------------------------------------------ posting without a wallet

-- A transfer of money and energy together, of no person's wallet; and what it does to the room.
CREATE FUNCTION ledger_post_energy(
    today accounting_day, p_kind text, p_codes text[], p_amounts bigint[], p_amount bigint, p_key text,
    p_occurred_at timestamptz, p_merchant text DEFAULT NULL
) RETURNS transfer LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    t transfer;
BEGIN
    t.month := date_trunc('month', today.day)::date;
    t.id := nextval('ledger_position');
    t.kind := p_kind;
    SELECT count(*) INTO t.lines FROM unnest(p_amounts) AS a WHERE a <> 0;
    t.amount_fen := p_amount;
    t.card_delta_fen := 0;
    t.transition_delta_fen := 0;
    t.electronic_delta_fen := 0;
    t.merchant_id := p_merchant;
    t.occurred_at := p_occurred_at;
    t.recorded_at := ledger_now();
    t.day := today.day;
    t.late := p_occurred_at < today.opens_at;
    t.counted_fen := 0;
    t.key := p_key;
    t.xid := pg_current_xact_id();
    INSERT INTO transfer SELECT t.*;
    INSERT INTO entry (month, transfer_id, line, lines, account, unit, amount)
    SELECT t.month, t.id, row_number() OVER (ORDER BY e.place), t.lines, e.code, j.unit, e.amount
      FROM unnest(p_codes, p_amounts) WITH ORDINALITY AS e (code, amount, place)
      JOIN journal_account j ON j.code = e.code
     WHERE e.amount <> 0;
    RETURN t;
END $$;

CREATE FUNCTION ledger_move_room(p_room text, p_bought bigint, p_quota bigint, p_emergency bigint)
RETURNS room_energy LANGUAGE sql AS $$
    UPDATE room_energy SET bought_wh = bought_wh + p_bought, quota_wh = quota_wh + p_quota,
                           emergency_fen = emergency_fen + p_emergency, changed_at = ledger_now()
     WHERE room_id = p_room RETURNING *
$$;

-- What is posted under an id of our own making, told again when it was posted before.
CREATE FUNCTION ledger_own_body(p_key text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(p_key, 'UTF8'))
$$;

-- ------------------------------------------------------------------ an order and its money

-- To be paid from outside: no money moves yet.
CREATE FUNCTION ledger_order_electricity(
    p_key text, p_body bytea, p_refusal jsonb, p_order text, p_out_trade_no text, p_payer text, p_account text,
    p_room text, p_meter text, p_way text, p_amount bigint, p_method text, p_expires_at timestamptz, p_note text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    known ledger_outcome;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(19, ledger_day_lock());
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    ELSIF p_refusal IS NOT NULL THEN
        RETURN ledger_refuse(p_key, p_body, p_refusal);
    END IF;
    INSERT INTO electricity_order (id, key, payer, account_id, room_id, meter_id, way, amount_fen, method, state,
                                   note, out_trade_no, ordered_at, expires_at)
    VALUES (p_order, p_key, p_payer, p_account, p_room, p_meter, p_way, p_amount, p_method, 'ORDERED',
            p_note, p_out_trade_no, ledger_now(), p_expires_at);
    PERFORM ledger_store(p_key, p_body, p_order, NULL);
    RETURN ledger_tell(1, 'ORDERED', NULL, p_order, NULL);
END $$;

-- From the card account, at once.
CREATE FUNCTION ledger_pay_electricity(
    p_key text, p_body bytea, p_refusal jsonb, p_order text, p_payer text, p_account text, p_room text, p_meter text,
    p_way text, p_amount bigint, p_overdraft bigint, p_note text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    w wallet_account;
    t transfer;
    no jsonb := p_refusal;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO STRICT w FROM wallet_account WHERE id = p_account FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    -- Electricity has bounds of its own, and does not count towards the payment limits.
    no := coalesce(no, ledger_gate(p_amount, w.closed_at IS NOT NULL, w.freezes,
                                   w.card_fen + w.transition_fen + w.electronic_fen - w.held_fen, 0,
                                   p_amount, p_amount, p_overdraft));
    IF no IS NOT NULL THEN
        RETURN ledger_refuse(p_key, p_body, no);
    END IF;
    t := ledger_apply(today, 'ELECTRICITY', p_account, ARRAY['transition:' || p_account, 'electricity_clearing'],
                      ARRAY[p_amount, -p_amount], -p_amount, p_key, ledger_now());
    INSERT INTO electricity_order (id, key, payer, account_id, room_id, meter_id, way, amount_fen, method, state,
                                   note, ordered_at, paid_at, transfer_id, month)
    VALUES (p_order, p_key, p_payer, p_account, p_room, p_meter, p_way, p_amount, 'CARD_ACCOUNT',
            CASE WHEN p_meter IS NULL THEN 'UNMAPPED' ELSE 'PAID' END,
            p_note, t.recorded_at, t.recorded_at, t.id, t.month);
    PERFORM ledger_store(p_key, p_body, p_order, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_order, t);
END $$;

-- The outside world has paid. The bill's line of a person moves none of their wallets: its amount is 0.
CREATE FUNCTION ledger_credit_electricity(
    p_key text, p_body bytea, p_channel text, p_out_trade_no text, p_transaction_id text, p_paid bigint,
    p_paid_at timestamptz, p_source text, p_case text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    o electricity_order;
    t transfer;
    kind text;
    why text;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO STRICT o FROM electricity_order WHERE out_trade_no = p_out_trade_no FOR UPDATE;
    PERFORM 1 FROM wallet_account WHERE id = o.account_id FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF o.method <> p_channel THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := format('the order %s was to be paid by %s', o.id, o.method);
    ELSIF o.amount_fen <> p_paid THEN
        kind := 'PAID_OTHER_AMOUNT';
        why := format('the order %s asked for %s fen', o.id, o.amount_fen);
    ELSIF o.paid_at IS NOT NULL THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := format('the order %s was paid before, by %s', o.id, o.transaction_id);
    END IF;
    INSERT INTO outside_reference (kind, reference, key, recorded_at)
    VALUES (ledger_outside(p_channel), p_transaction_id, p_key, ledger_now());
    IF kind IS NOT NULL THEN
        t := ledger_suspend(today, p_key, p_body, p_channel, kind, why, p_out_trade_no, p_transaction_id, p_paid,
                            p_paid_at, p_source, p_case);
        UPDATE electricity_order SET state = 'FAILED', ended_at = t.recorded_at WHERE id = o.id AND state = 'ORDERED';
        RETURN ledger_tell(1, 'POSTED', NULL, p_case, t);
    END IF;
    t := ledger_apply(today, 'ELECTRICITY', o.account_id, ARRAY[ledger_outside(p_channel), 'electricity_clearing'],
                      ARRAY[p_paid, -p_paid], 0, p_key, p_paid_at);
    UPDATE electricity_order
       SET state = CASE WHEN meter_id IS NULL THEN 'UNMAPPED' ELSE 'PAID' END, paid_at = p_paid_at, ended_at = NULL,
           transaction_id = p_transaction_id, transfer_id = t.id, month = t.month
     WHERE id = o.id;
    PERFORM ledger_store(p_key, p_body, o.id, t);
    RETURN ledger_tell(1, 'POSTED', NULL, o.id, t);
END $$;

-- ------------------------------------------------------------------ delivered, or given back

-- The room has the energy. p_repaid: of the money, what repays the room's emergency credit; p_bought: what the room
-- bought since p_since, by which the tariff's steps were reckoned. Where either is another by now: REPRICE.
-- After its refund, a delivery is a dispute: the merchant is owed money that the payer has back.
CREATE FUNCTION ledger_deliver_electricity(
    p_order text, p_wh bigint, p_priced jsonb, p_repaid bigint, p_bought bigint, p_since timestamptz,
    p_merchant text, p_occurred_at timestamptz, p_case text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    o electricity_order;
    r room_energy;
    t transfer;
    key text := format('electricity:%s:delivered', p_order);
    energy bigint;
    repaid bigint;
    late boolean;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO o FROM electricity_order WHERE id = p_order FOR UPDATE;
    IF o.delivery_id IS NOT NULL THEN
        SELECT * INTO STRICT t FROM transfer WHERE month = o.delivery_month AND id = o.delivery_id;
        RETURN ledger_tell(1, 'REPLAYED', NULL, o.state, t);
    ELSIF o.state IS NULL OR o.state NOT IN ('PAID', 'DELIVERING', 'UNKNOWN', 'REFUNDING', 'REFUNDED') THEN
        RETURN ledger_tell(1, 'NOT_PAID', NULL, o.state, NULL);
    END IF;
    SELECT * INTO STRICT r FROM room_energy WHERE room_id = o.room_id FOR UPDATE;
    late := o.state IN ('REFUNDING', 'REFUNDED');
    repaid := CASE WHEN late OR o.wh IS NOT NULL THEN 0 ELSE least(r.emergency_fen, o.amount_fen) END;
    energy := coalesce(o.wh, p_wh);        -- a meter was told already
    IF o.wh IS NULL AND (repaid <> p_repaid OR p_bought <> ledger_bought(o.room_id, p_since)) THEN
        RETURN ledger_tell(1, 'REPRICE', NULL, o.state, NULL);
    END IF;
    t := ledger_post_energy(
        today, 'ELECTRICITY',
        ARRAY[CASE WHEN late THEN 'dispute' ELSE 'electricity_clearing' END, 'merchant:' || p_merchant,
              'emergency_credit:' || o.room_id, 'issued', 'room:' || o.room_id],
        ARRAY[o.amount_fen, repaid - o.amount_fen, -repaid, energy, -energy],
        repaid - o.amount_fen, key, p_occurred_at, CASE WHEN repaid < o.amount_fen THEN p_merchant END);
    PERFORM ledger_move_room(o.room_id, energy, 0, -repaid);
    UPDATE electricity_order
       SET state = CASE WHEN late THEN 'DISPUTED' ELSE 'DELIVERED' END, delivered_at = p_occurred_at,
           ended_at = t.recorded_at, wh = energy, priced = coalesce(priced, p_priced),
           repaid_fen = repaid, delivery_id = t.id, delivery_month = t.month,
           refunded_fen = CASE WHEN late THEN amount_fen ELSE 0 END
     WHERE id = o.id;
    IF late THEN
        INSERT INTO suspense_case (id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at,
                                   transfer_id, month)
        VALUES (p_case, 'ELECTRICITY_DISPUTE', 'OPEN', o.amount_fen, o.id, o.out_trade_no,
                format('the room %s got %s Wh after the order was refunded', o.room_id, energy), t.recorded_at,
                t.id, t.month);
    END IF;
    PERFORM ledger_store(key, ledger_own_body(key), CASE WHEN late THEN 'DISPUTED' ELSE 'DELIVERED' END, t);
    RETURN ledger_tell(1, 'POSTED', NULL, CASE WHEN late THEN 'DISPUTED' ELSE 'DELIVERED' END, t);
END $$;

-- What a room bought since then, by which a tariff's steps are counted.
CREATE FUNCTION ledger_bought(p_room text, p_since timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(wh), 0)::bigint FROM electricity_order
     WHERE room_id = p_room AND delivered_at >= p_since AND state = 'DELIVERED'
$$;

-- Back by the way it came. From the account at once; else the provider is to be told (ASKED).
CREATE FUNCTION ledger_refund_electricity(
    p_order text, p_reason text, p_actor text, p_refund text, p_out_refund_no text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    o electricity_order;
    t transfer;
    key text;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO o FROM electricity_order WHERE id = p_order FOR UPDATE;
    IF o.state IS NULL OR o.state NOT IN ('PAID', 'DELIVERING', 'UNKNOWN', 'UNMAPPED', 'REFUNDING') THEN
        RETURN ledger_tell(1, 'NOT_REFUNDABLE', NULL, o.state, NULL);
    ELSIF EXISTS (SELECT FROM refund WHERE electricity_id = o.id AND state <> 'FAILED') THEN
        RETURN ledger_tell(1, 'NOT_REFUNDABLE', NULL, o.state, NULL);
    END IF;
    SELECT format('electricity:%s:refund:%s', o.id, 1 + count(*)) INTO key FROM refund WHERE electricity_id = o.id;
    IF o.method = 'CARD_ACCOUNT' THEN
        t := ledger_apply(today, 'ELECTRICITY', o.account_id, ARRAY['electricity_clearing', 'transition:' || o.account_id],
                          ARRAY[o.amount_fen, -o.amount_fen], o.amount_fen, key, ledger_now());
        UPDATE electricity_order SET state = 'REFUNDED', refunded_fen = amount_fen, ended_at = t.recorded_at,
                                     note = coalesce(note, p_reason)
         WHERE id = o.id;
        PERFORM ledger_store(key, ledger_own_body(key), o.id, t);
        RETURN ledger_tell(1, 'POSTED', NULL, NULL, t);
    END IF;
    t := ledger_apply(today, 'ELECTRICITY', o.account_id, ARRAY['electricity_clearing', 'refund_payable'],
                      ARRAY[o.amount_fen, -o.amount_fen], 0, key, ledger_now());
    INSERT INTO refund (id, electricity_id, out_refund_no, amount_fen, reason, actor, state, key, asked_at,
                        transfer_id, month)
    VALUES (p_refund, o.id, p_out_refund_no, o.amount_fen, p_reason, p_actor, 'ASKED', key, t.recorded_at,
            t.id, t.month);
    UPDATE electricity_order SET state = 'REFUNDING', refunded_fen = amount_fen, note = coalesce(note, p_reason)
     WHERE id = o.id;
    PERFORM ledger_store(key, ledger_own_body(key), p_refund, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_refund, t);
END $$;

-- The provider's last word on a refund. Done stays done. Failed: everything goes back where it was taken; if it
-- turns out to be done all the same, that is a fact.
CREATE OR REPLACE FUNCTION ledger_finish_refund(p_out_refund_no text, p_ok boolean, p_at timestamptz, p_case text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    r refund;
    account text;
    felt bigint;            -- as the holder feels it: a purchase paid from outside never touched a wallet
    source text;            -- where a fact takes it from
    came_by text;
    t transfer;
    key text;
    codes text[];
    amounts bigint[];
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO r FROM refund WHERE out_refund_no = p_out_refund_no;
    IF NOT FOUND THEN
        RETURN ledger_tell(1, 'UNKNOWN', NULL, NULL, NULL);
    END IF;
    IF r.recharge_id IS NOT NULL THEN
        SELECT account_id, 'transition:' || account_id, method INTO account, source, came_by
          FROM recharge_order WHERE id = r.recharge_id FOR UPDATE;
    ELSIF r.electricity_id IS NOT NULL THEN
        SELECT account_id, 'electricity_clearing', method INTO account, source, came_by
          FROM electricity_order WHERE id = r.electricity_id FOR UPDATE;
    ELSE
        SELECT 'suspense', channel INTO source, came_by FROM suspense_case WHERE id = r.case_id FOR UPDATE;
    END IF;
    SELECT * INTO STRICT r FROM refund WHERE id = r.id FOR UPDATE;
    IF r.state = 'DONE' OR (r.state = 'FAILED' AND NOT p_ok) THEN
        SELECT * INTO STRICT t FROM transfer WHERE month = r.finish_month AND id = r.finish_transfer_id;
        RETURN ledger_tell(1, 'REPLAYED', NULL, r.id, t);
    END IF;
    key := format('refund:%s:%s', p_out_refund_no, CASE WHEN p_ok THEN 'done' ELSE 'failed' END);
    felt := CASE WHEN r.electricity_id IS NULL THEN r.amount_fen ELSE 0 END;
    IF p_ok AND r.state = 'ASKED' THEN
        t := ledger_apply(today, 'REFUND', NULL, ARRAY['refund_payable', ledger_outside(came_by)],
                          ARRAY[r.amount_fen, -r.amount_fen], -r.amount_fen, key, p_at);
    ELSIF p_ok THEN
        t := ledger_apply(today, 'REFUND', account, ARRAY[source, ledger_outside(came_by)],
                          ARRAY[r.amount_fen, -r.amount_fen], -felt, key, p_at, p_fact => true);
    ELSE
        SELECT array_agg(e.account ORDER BY e.line), array_agg(-e.amount ORDER BY e.line) INTO codes, amounts
          FROM entry e WHERE e.month = r.month AND e.transfer_id = r.transfer_id;
        t := ledger_apply(today, 'REFUND', account, codes, amounts, felt, key, p_at);
        UPDATE suspense_case SET state = 'OPEN', explanation = explanation || format('; refund %s failed', p_out_refund_no)
         WHERE id = r.case_id AND state <> 'CLOSED';    -- an earlier refund of it was paid out after all
        IF r.case_id IS NULL THEN
            INSERT INTO suspense_case (id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at,
                                       transfer_id, month, channel)
            SELECT p_case, 'REFUND_FAILED', 'OPEN', r.amount_fen, p_out_refund_no, o.out_trade_no, o.told,
                   ledger_now(), t.id, t.month, came_by
              FROM (SELECT out_trade_no, format('the refund of the recharge %s failed; the money is back in the '
                                                'account', id) AS told
                      FROM recharge_order WHERE id = r.recharge_id
                    UNION ALL
                    SELECT out_trade_no, format('the refund of the electricity order %s failed; the money lies in '
                                                'electricity_clearing', id)
                      FROM electricity_order WHERE id = r.electricity_id) o;
        END IF;
    END IF;
    IF p_ok THEN
        UPDATE suspense_case SET state = 'CLOSED', closed_at = t.recorded_at, closed_by = r.actor WHERE id = r.case_id;
        INSERT INTO outside_reference (kind, reference, key, recorded_at)
        VALUES (ledger_outside(came_by) || '_refund', p_out_refund_no, key, t.recorded_at);
    END IF;
    UPDATE refund SET state = CASE WHEN p_ok THEN 'DONE' ELSE 'FAILED' END, finished_at = p_at,
                      finish_transfer_id = t.id, finish_month = t.month
     WHERE id = r.id;
    IF r.electricity_id IS NULL THEN
        PERFORM ledger_count_refunds(r.recharge_id, true);
    ELSE
        -- Failed: nobody has the money; an operator asks again. Delivered meanwhile: the dispute stands.
        UPDATE electricity_order
           SET state = CASE WHEN p_ok THEN 'REFUNDED' ELSE 'REFUNDING' END,
               refunded_fen = CASE WHEN p_ok THEN amount_fen ELSE 0 END,
               ended_at = CASE WHEN p_ok THEN t.recorded_at END
         WHERE id = r.electricity_id AND state IN ('REFUNDING', 'REFUNDED');
    END IF;
    PERFORM ledger_store(key, ledger_own_body(key), r.id, t);
    RETURN ledger_tell(1, 'POSTED', NULL, r.id, t);
END $$;

-- ------------------------------------------------------------------ a room's energy

-- The free energy of a period, once; what is left of an earlier period lapses where the school says so.
CREATE FUNCTION ledger_grant_quota(p_room text, p_period text, p_wh bigint, p_lapses boolean)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    r room_energy;
    t transfer;
    key text := format('quota:%s:%s', p_room, p_period);
    known ledger_outcome;
    change bigint;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM ledger_open_room(p_room);
    SELECT * INTO STRICT r FROM room_energy WHERE room_id = p_room FOR UPDATE;
    known := ledger_recall(key, NULL);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    change := p_wh - CASE WHEN p_lapses THEN r.quota_wh ELSE 0 END;
    IF change <> 0 THEN
        t := ledger_post_energy(today, 'ELECTRICITY', ARRAY['quota', 'room_quota:' || p_room], ARRAY[change, -change], 0,
                                key, ledger_now());
        PERFORM ledger_move_room(p_room, 0, change, 0);
    END IF;
    INSERT INTO room_quota (room_id, period, wh, granted_at) VALUES (p_room, p_period, p_wh, ledger_now());
    PERFORM ledger_store(key, ledger_own_body(key), 'granted', t);
    RETURN ledger_tell(1, 'POSTED', NULL, 'granted', t);
END $$;

-- What ran since the meter's last posted reading: from the free energy first, then from what was bought, below 0
-- too. A first reading counts from there. An earlier or lower one changes nothing.
CREATE FUNCTION ledger_consume(p_room text, p_meter text, p_total bigint, p_read_at timestamptz)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    r room_energy;
    c meter_consumed;
    t transfer;
    key text := format('consumed:%s:%s', p_meter, p_total);
    used bigint;
    free bigint;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM ledger_open_room(p_room);
    SELECT * INTO STRICT r FROM room_energy WHERE room_id = p_room FOR UPDATE;
    SELECT * INTO c FROM meter_consumed WHERE meter_id = p_meter FOR UPDATE;
    IF c.meter_id IS NULL THEN
        INSERT INTO meter_consumed (meter_id, room_id, total_wh, read_at) VALUES (p_meter, p_room, p_total, p_read_at);
        RETURN ledger_tell(1, 'COUNTED', NULL, NULL, NULL);
    ELSIF p_read_at <= c.read_at OR p_total <= c.total_wh THEN
        RETURN ledger_tell(1, 'COUNTED', NULL, NULL, NULL);
    END IF;
    used := p_total - c.total_wh;
    free := least(r.quota_wh, used);
    t := ledger_post_energy(today, 'ELECTRICITY', ARRAY['room_quota:' || p_room, 'room:' || p_room, 'consumed'],
                            ARRAY[free, used - free, -used], 0, key, p_read_at);
    PERFORM ledger_move_room(p_room, free - used, -free, 0);
    UPDATE meter_consumed SET total_wh = p_total, read_at = p_read_at, room_id = p_room WHERE meter_id = p_meter;
    PERFORM ledger_store(key, ledger_own_body(key), 'consumed', t);
    RETURN ledger_tell(1, 'POSTED', NULL, 'consumed', t);
END $$;

-- Energy on credit, so that no room is dark at night for money; the next purchase repays it first.
CREATE FUNCTION ledger_lend_emergency(p_room text, p_night text, p_wh bigint, p_fen bigint, p_merchant text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    t transfer;
    key text := format('emergency:%s:%s', p_room, p_night);
    known ledger_outcome;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM ledger_open_room(p_room);
    PERFORM 1 FROM room_energy WHERE room_id = p_room FOR UPDATE;
    known := ledger_recall(key, NULL);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    t := ledger_post_energy(
        today, 'ELECTRICITY', ARRAY['emergency_credit:' || p_room, 'merchant:' || p_merchant, 'issued', 'room:' || p_room],
        ARRAY[p_fen, -p_fen, p_wh, -p_wh], -p_fen, key, ledger_now(), CASE WHEN p_fen > 0 THEN p_merchant END);
    PERFORM ledger_move_room(p_room, p_wh, 0, p_fen);
    PERFORM ledger_store(key, ledger_own_body(key), 'lent', t);
    RETURN ledger_tell(1, 'POSTED', NULL, 'lent', t);
END $$;

-- Bought energy that was not used, from one room to another: paid into the wrong one.
CREATE FUNCTION ledger_move_energy(p_key text, p_body bytea, p_from text, p_to text, p_wh bigint)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    left_wh bigint;
    t transfer;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM ledger_open_room(p_to);
    PERFORM 1 FROM room_energy WHERE room_id IN (p_from, p_to) ORDER BY room_id FOR UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    SELECT greatest(bought_wh, 0) INTO left_wh FROM room_energy WHERE room_id = p_from;
    IF p_wh > coalesce(left_wh, 0) THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('ENERGY_USED', jsonb_build_object(
            'left_wh', coalesce(left_wh, 0))));
    END IF;
    t := ledger_post_energy(today, 'ELECTRICITY', ARRAY['room:' || p_from, 'room:' || p_to], ARRAY[p_wh, -p_wh], 0, p_key,
                            ledger_now());
    PERFORM ledger_move_room(p_from, -p_wh, 0, 0);
    PERFORM ledger_move_room(p_to, p_wh, 0, 0);
    PERFORM ledger_store(p_key, p_body, 'moved', t);
    RETURN ledger_tell(1, 'POSTED', NULL, 'moved', t);
END $$;

-- A dispute ends against the payer, who got the energy (a fact: it may overdraw), or is written off.
CREATE FUNCTION ledger_end_dispute(p_case text, p_against_payer boolean, p_actor text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    o electricity_order;
    c suspense_case;
    t transfer;
    key text := format('dispute:%s', p_case);
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT e.* INTO o FROM electricity_order e JOIN suspense_case s ON s.reference = e.id
     WHERE s.id = p_case AND s.kind = 'ELECTRICITY_DISPUTE' FOR UPDATE OF e;
    SELECT * INTO c FROM suspense_case WHERE id = p_case FOR UPDATE;
    IF o.id IS NULL OR c.state <> 'OPEN' OR (p_against_payer AND o.account_id IS NULL) THEN
        RETURN ledger_tell(1, 'NOT_OPEN', NULL, NULL, NULL);
    END IF;
    IF p_against_payer THEN
        t := ledger_apply(today, 'ADJUSTMENT', o.account_id, ARRAY['transition:' || o.account_id, 'dispute'],
                          ARRAY[c.amount_fen, -c.amount_fen], -c.amount_fen, key, ledger_now(), p_fact => true);
    ELSE
        t := ledger_apply(today, 'ADJUSTMENT', NULL, ARRAY['writeoff', 'dispute'], ARRAY[c.amount_fen, -c.amount_fen],
                          -c.amount_fen, key, ledger_now());
    END IF;
    UPDATE suspense_case SET state = 'CLOSED', closed_at = t.recorded_at, closed_by = p_actor WHERE id = p_case;
    PERFORM ledger_store(key, ledger_own_body(key), p_case, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_case, t);
END $$;
CREATE INDEX meter_consumed_room ON meter_consumed (room_id);

-- What a room has from the system before, once: issued, and paid for there.
CREATE FUNCTION ledger_bring_along(p_room text, p_wh bigint) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    t transfer;
    key text := format('brought along:%s', p_room);
    known ledger_outcome;
BEGIN
    IF today.day IS NULL THEN
        RAISE EXCEPTION 'the accounting day is over' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM ledger_open_room(p_room);
    PERFORM 1 FROM room_energy WHERE room_id = p_room FOR UPDATE;
    known := ledger_recall(key, NULL);
    IF known.outcome IS NOT NULL OR p_wh = 0 THEN
        RETURN coalesce(known, ledger_tell(1, 'NOTHING', NULL, NULL, NULL));
    END IF;
    t := ledger_post_energy(today, 'ELECTRICITY', ARRAY['issued', 'room:' || p_room], ARRAY[p_wh, -p_wh], 0, key,
                            ledger_now());
    PERFORM ledger_move_room(p_room, p_wh, 0, 0);
    PERFORM ledger_store(key, ledger_own_body(key), 'brought along', t);
    RETURN ledger_tell(1, 'POSTED', NULL, 'brought along', t);
END $$;
