-- Money comes from outside by three channels, each with a journal account of its own, and goes back by the same.

CREATE FUNCTION ledger_outside(p_channel text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_channel WHEN 'WECHAT' THEN 'wechat' WHEN 'BANK_CARD' THEN 'bank'
                          WHEN 'ONLINE_PAYMENT' THEN 'online_pay' END
$$;

ALTER TABLE recharge_order DROP CONSTRAINT recharge_order_method_check;
ALTER TABLE recharge_order ADD CONSTRAINT recharge_order_method_check
    CHECK (method IN ('WECHAT', 'BANK_CARD', 'ONLINE_PAYMENT'));
ALTER TABLE suspense_case ADD COLUMN channel text NOT NULL DEFAULT 'WECHAT'
    CHECK (channel IN ('WECHAT', 'BANK_CARD', 'ONLINE_PAYMENT'));   -- by which it came

DROP FUNCTION ledger_credit(text, bytea, text, text, bigint, timestamptz, text, text);

-- A verified payment, once per transaction id. An order that was closed here and paid there after all is
-- credited: the money has come. Anything else that does not fit its order lies in suspense with a case.
CREATE FUNCTION ledger_credit(
    p_key text, p_body bytea, p_channel text, p_out_trade_no text, p_transaction_id text, p_paid bigint,
    p_paid_at timestamptz, p_source text, p_case text
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    known ledger_outcome;
    o recharge_order;
    t transfer;
    kind text;
    why text;
    outside text := ledger_outside(p_channel);
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
    ELSIF o.method <> p_channel THEN
        kind := 'PAID_UNKNOWN_ORDER';
        why := format('the order %s was to be paid by %s', o.id, o.method);
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
    VALUES (outside, p_transaction_id, p_key, ledger_now());
    IF kind IS NOT NULL THEN
        t := ledger_suspend(today, p_key, p_body, p_channel, kind, why, p_out_trade_no, p_transaction_id, p_paid,
                            p_paid_at, p_source, p_case);
        -- Nobody waits for this order any more; should it be paid as it was asked for, that is credited still.
        UPDATE recharge_order SET state = 'FAILED', failed_at = t.recorded_at WHERE id = o.id AND state = 'ORDERED';
        RETURN ledger_tell(1, 'POSTED', NULL, p_case, t);
    END IF;
    wallet := CASE o.wallet_type WHEN 'ELECTRONIC' THEN 'electronic:' ELSE 'transition:' END || o.account_id;
    t := ledger_apply(today, 'RECHARGE', o.account_id, ARRAY[outside, wallet], ARRAY[p_paid, -p_paid], p_paid,
                      p_key, p_paid_at);
    UPDATE recharge_order SET state = 'CREDITED', paid_at = p_paid_at, credited_at = t.recorded_at,
                              transaction_id = p_transaction_id, transfer_id = t.id, month = t.month
     WHERE id = o.id;
    PERFORM ledger_store(p_key, p_body, o.id, t);
    RETURN ledger_tell(1, 'POSTED', NULL, o.id, t);
END $$;

-- Money that fits no order: it waits in suspense, with a case that says why.
CREATE FUNCTION ledger_suspend(
    today accounting_day, p_key text, p_body bytea, p_channel text, p_kind text, p_why text, p_out_trade_no text,
    p_transaction_id text, p_paid bigint, p_paid_at timestamptz, p_source text, p_case text
) RETURNS transfer LANGUAGE plpgsql AS $$
DECLARE
    t transfer;
BEGIN
    t := ledger_apply(today, 'RECHARGE', NULL, ARRAY[ledger_outside(p_channel), 'suspense'], ARRAY[p_paid, -p_paid],
                      p_paid, p_key, p_paid_at);
    INSERT INTO suspense_case (id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at,
                               transfer_id, month, channel)
    VALUES (p_case, p_kind, 'OPEN', p_paid, p_transaction_id, p_out_trade_no,
            format('%s (%s)', p_why, lower(p_source)), ledger_now(), t.id, t.month, p_channel);
    PERFORM ledger_store(p_key, p_body, p_case, t);
    RETURN t;
END $$;
