-- Recharge orders, credits by WeChat, suspense and its cases, refunds.
-- Lock order: day (shared) → order → case → refund → wallet → keys.

CREATE FUNCTION ledger_create_recharge(
    p_key text, p_body bytea, p_refusal jsonb, p_order text, p_out_trade_no text, p_account text, p_amount bigint,
    p_wallet_type text, p_method text, p_expires_at timestamptz
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
    ELSIF (SELECT closed_at IS NOT NULL FROM wallet_account WHERE id = p_account) THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('ACCOUNT_CLOSED'));
    END IF;
    INSERT INTO recharge_order (id, account_id, amount_fen, wallet_type, method, state, out_trade_no, key,
                                ordered_at, expires_at)
    VALUES (p_order, p_account, p_amount, p_wallet_type, p_method, 'ORDERED', p_out_trade_no, p_key,
            ledger_now(), p_expires_at);
    PERFORM ledger_store(p_key, p_body, p_order, NULL);
    RETURN ledger_tell(1, 'ORDERED', NULL, p_order, NULL);
END $$;

-- A verified payment, once per transaction id. An order that was closed here and paid there after all is
-- credited: the money has come. Anything else that does not fit its order lies in suspense with a case.
CREATE FUNCTION ledger_credit(
    p_key text, p_body bytea, p_out_trade_no text, p_transaction_id text, p_paid bigint, p_paid_at timestamptz,
    p_source text, p_case text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    o recharge_order;
    t transfer;
    kind text;
    why text;
    wallet text;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO o FROM recharge_order WHERE out_trade_no = p_out_trade_no FOR UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF o.id IS NULL THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := 'no order has this number';
    ELSIF o.amount_fen <> p_paid THEN
        kind := 'PAID_OTHER_AMOUNT';
        why := format('the order %s asked for %s fen', o.id, o.amount_fen);
    ELSIF o.credited_at IS NOT NULL THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := format('the order %s was paid before, by %s', o.id, o.transaction_id);
    ELSIF (SELECT closed_at IS NOT NULL FROM wallet_account WHERE id = o.account_id) THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := format('the account of the order %s is closed', o.id);
    END IF;
    INSERT INTO outside_reference (kind, reference, key, recorded_at)
    VALUES ('wechat', p_transaction_id, p_key, ledger_now());
    IF kind IS NOT NULL THEN
        t := ledger_apply(today, 'RECHARGE', NULL, ARRAY['wechat', 'suspense'], ARRAY[p_paid, -p_paid], p_paid,
                          p_key, p_paid_at);
        INSERT INTO suspense_case (id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at,
                                   transfer_id, month)
        VALUES (p_case, kind, 'OPEN', p_paid, p_transaction_id, p_out_trade_no,
                format('%s (%s)', why, lower(p_source)), ledger_now(), t.id, t.month);
        -- Nobody waits for this order any more; should it be paid as it was asked for, that is credited still.
        UPDATE recharge_order SET state = 'FAILED', failed_at = t.recorded_at WHERE id = o.id AND state = 'ORDERED';
        PERFORM ledger_store(p_key, p_body, p_case, t);
        RETURN ledger_tell(1, 'POSTED', NULL, p_case, t);
    END IF;
    wallet := CASE o.wallet_type WHEN 'ELECTRONIC' THEN 'electronic:' ELSE 'transition:' END || o.account_id;
    t := ledger_apply(today, 'RECHARGE', o.account_id, ARRAY['wechat', wallet], ARRAY[p_paid, -p_paid], p_paid,
                      p_key, p_paid_at);
    UPDATE recharge_order SET state = 'CREDITED', paid_at = p_paid_at, credited_at = t.recorded_at,
                              transaction_id = p_transaction_id, transfer_id = t.id, month = t.month
     WHERE id = o.id;
    PERFORM ledger_store(p_key, p_body, o.id, t);
    RETURN ledger_tell(1, 'POSTED', NULL, o.id, t);
END $$;

-- Σ refunds ≤ paid, and each ≤ what lies unheld in transition and electronic; never more than is available.
CREATE FUNCTION ledger_ask_refund(
    p_key text, p_body bytea, p_recharge text, p_amount bigint, p_reason text, p_actor text, p_refund text,
    p_out_refund_no text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    o recharge_order;
    w wallet_account;
    t transfer;
    refundable bigint;
    electronic bigint;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO o FROM recharge_order WHERE id = p_recharge FOR UPDATE;
    SELECT * INTO w FROM wallet_account WHERE id = o.account_id FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF o.credited_at IS NULL THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('RECHARGE_UNKNOWN'));
    ELSIF p_amount <= 0 THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('AMOUNT_INVALID', jsonb_build_object(
            'minimum_fen', 1, 'maximum_fen', o.amount_fen)));
    END IF;
    refundable := greatest(0, least(
        o.amount_fen - o.refunded_fen,
        w.transition_fen + w.electronic_fen - w.held_fen,
        w.card_fen + w.transition_fen + w.electronic_fen - w.held_fen));
    IF p_amount > refundable THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('REFUND_TOO_LARGE', jsonb_build_object(
            'refundable_fen', refundable)));
    END IF;
    electronic := CASE o.wallet_type WHEN 'ELECTRONIC' THEN least(w.electronic_fen, p_amount) ELSE 0 END;
    t := ledger_apply(
        today, 'REFUND', o.account_id,
        array_remove(ARRAY[CASE WHEN electronic > 0 THEN 'electronic:' || o.account_id END,
                           CASE WHEN electronic < p_amount THEN 'transition:' || o.account_id END,
                           'refund_payable'], NULL),
        array_remove(ARRAY[nullif(electronic, 0), nullif(p_amount - electronic, 0), -p_amount], NULL),
        -p_amount, p_key, ledger_now());
    INSERT INTO refund (id, recharge_id, out_refund_no, amount_fen, reason, actor, state, key, asked_at,
                        transfer_id, month)
    VALUES (p_refund, o.id, p_out_refund_no, p_amount, p_reason, p_actor, 'ASKED', p_key, t.recorded_at,
            t.id, t.month);
    PERFORM ledger_count_refunds(o.id, false);
    PERFORM ledger_store(p_key, p_body, p_refund, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_refund, t);
END $$;

-- What an order has given back, and its state with it. p_fact: the provider paid out a refund that it had called
-- failed while another was on its way; the order then shows no more than it was, and the checker says the rest.
CREATE FUNCTION ledger_count_refunds(p_recharge text, p_fact boolean) RETURNS void LANGUAGE sql AS $$
    WITH n AS (
        SELECT sum(amount_fen)::bigint AS asked FROM refund WHERE recharge_id = p_recharge AND state <> 'FAILED'
    ), counted AS (
        SELECT o.id, CASE WHEN p_fact THEN least(o.amount_fen, coalesce(n.asked, 0)) ELSE n.asked END AS fen
          FROM n, recharge_order o WHERE o.id = p_recharge
    )
    UPDATE recharge_order o SET
        refunded_fen = c.fen,
        state = CASE c.fen WHEN 0 THEN 'CREDITED' WHEN o.amount_fen THEN 'REFUNDED' ELSE 'PARTLY_REFUNDED' END,
        refunded_at = CASE WHEN c.fen > 0 THEN ledger_now() END
      FROM counted c WHERE o.id = c.id
$$;

CREATE FUNCTION ledger_ask_case_refund(
    p_key text, p_body bytea, p_case text, p_reason text, p_actor text, p_refund text, p_out_refund_no text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    c suspense_case;
    t transfer;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO c FROM suspense_case WHERE id = p_case FOR UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF c.state IS DISTINCT FROM 'OPEN' OR c.kind = 'REFUND_FAILED' THEN
        RETURN ledger_refuse(p_key, p_body, ledger_refusal('NOT_ALLOWED'));
    END IF;
    t := ledger_apply(today, 'REFUND', NULL, ARRAY['suspense', 'refund_payable'],
                      ARRAY[c.amount_fen, -c.amount_fen], -c.amount_fen, p_key, ledger_now());
    INSERT INTO refund (id, case_id, out_refund_no, amount_fen, reason, actor, state, key, asked_at, transfer_id,
                        month)
    VALUES (p_refund, c.id, p_out_refund_no, c.amount_fen, p_reason, p_actor, 'ASKED', p_key, t.recorded_at,
            t.id, t.month);
    UPDATE suspense_case SET state = 'REFUNDING' WHERE id = c.id;
    PERFORM ledger_store(p_key, p_body, p_refund, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_refund, t);
END $$;

-- The provider's last word on a refund. Done stays done. Failed: everything goes back where it was taken; if it
-- turns out to be done all the same, that is a fact.
CREATE FUNCTION ledger_finish_refund(p_out_refund_no text, p_ok boolean, p_at timestamptz, p_case text)
RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    r refund;
    account text;
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
    SELECT account_id INTO account FROM recharge_order WHERE id = r.recharge_id FOR UPDATE;
    PERFORM 1 FROM suspense_case WHERE id = r.case_id FOR UPDATE;
    SELECT * INTO STRICT r FROM refund WHERE id = r.id FOR UPDATE;
    IF r.state = 'DONE' OR (r.state = 'FAILED' AND NOT p_ok) THEN
        SELECT * INTO STRICT t FROM transfer WHERE month = r.finish_month AND id = r.finish_transfer_id;
        RETURN ledger_tell(1, 'REPLAYED', NULL, r.id, t);
    END IF;
    key := format('refund:%s:%s', p_out_refund_no, CASE WHEN p_ok THEN 'done' ELSE 'failed' END);
    IF p_ok AND r.state = 'ASKED' THEN
        t := ledger_apply(today, 'REFUND', NULL, ARRAY['refund_payable', 'wechat'],
                          ARRAY[r.amount_fen, -r.amount_fen], -r.amount_fen, key, p_at);
        UPDATE suspense_case SET state = 'CLOSED', closed_at = t.recorded_at, closed_by = r.actor WHERE id = r.case_id;
    ELSIF p_ok THEN
        t := ledger_apply(today, 'REFUND', account,
                          ARRAY[CASE WHEN account IS NULL THEN 'suspense' ELSE 'transition:' || account END, 'wechat'],
                          ARRAY[r.amount_fen, -r.amount_fen], -r.amount_fen, key, p_at, p_fact => true);
        UPDATE suspense_case SET state = 'CLOSED', closed_at = t.recorded_at, closed_by = r.actor WHERE id = r.case_id;
    ELSE
        SELECT array_agg(e.account ORDER BY e.line), array_agg(-e.amount ORDER BY e.line) INTO codes, amounts
          FROM entry e WHERE e.month = r.month AND e.transfer_id = r.transfer_id;
        t := ledger_apply(today, 'REFUND', account, codes, amounts, r.amount_fen, key, p_at);
        UPDATE suspense_case SET state = 'OPEN', explanation = explanation || format('; refund %s failed', p_out_refund_no)
         WHERE id = r.case_id AND state <> 'CLOSED';    -- an earlier refund of it was paid out after all
        IF r.recharge_id IS NOT NULL THEN
            INSERT INTO suspense_case (id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at,
                                       transfer_id, month)
            SELECT p_case, 'REFUND_FAILED', 'OPEN', r.amount_fen, p_out_refund_no, o.out_trade_no,
                   format('the refund of the recharge %s failed; the money is back in the account', o.id),
                   ledger_now(), t.id, t.month
              FROM recharge_order o WHERE o.id = r.recharge_id;
        END IF;
    END IF;
    IF p_ok THEN
        INSERT INTO outside_reference (kind, reference, key, recorded_at)
        VALUES ('wechat_refund', p_out_refund_no, key, t.recorded_at);
    END IF;
    UPDATE refund SET state = CASE WHEN p_ok THEN 'DONE' ELSE 'FAILED' END, finished_at = p_at,
                      finish_transfer_id = t.id, finish_month = t.month
     WHERE id = r.id;
    PERFORM ledger_count_refunds(r.recharge_id, true);
    PERFORM ledger_store(key, sha256(convert_to(key, 'UTF8')), r.id, t);
    RETURN ledger_tell(1, 'POSTED', NULL, r.id, t);
END $$;

-- An operator has looked. A payment in suspense is closed by its refund alone.
CREATE FUNCTION ledger_close_case(p_case text, p_actor text, p_explanation text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE suspense_case SET state = 'CLOSED', closed_at = ledger_now(), closed_by = p_actor,
                             explanation = explanation || '; ' || p_explanation
     WHERE id = p_case AND state = 'OPEN' AND kind = 'REFUND_FAILED';
    RETURN FOUND;
END $$;
