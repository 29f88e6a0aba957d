-- Accounts opened and frozen; holds (预扣) placed, captured, released, expired.

CREATE FUNCTION ledger_open_account(p_account text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO wallet_account (id) VALUES (p_account);
    INSERT INTO journal_account (code, kind, owner, wallet) VALUES
        ('transition:' || p_account, 'liability', p_account, 'transition'),
        ('electronic:' || p_account, 'liability', p_account, 'electronic');
END $$;

CREATE FUNCTION ledger_open_merchant(p_merchant text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO journal_account (code, kind, owner) VALUES ('merchant:' || p_merchant, 'liability', p_merchant)
    ON CONFLICT (code) DO NOTHING
$$;

CREATE FUNCTION ledger_open_chip(p_account text, p_chip text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal_account (code, kind, owner, wallet)
    VALUES ('card:' || p_chip, 'liability', p_account, 'card') ON CONFLICT (code) DO NOTHING;
    IF (SELECT owner FROM journal_account WHERE code = 'card:' || p_chip) <> p_account THEN
        RAISE EXCEPTION 'chip % belongs to another account', p_chip USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

-- Adds or lifts one reason; false when there was nothing to do.
CREATE FUNCTION ledger_freeze(p_account text, p_reason text, p_frozen boolean, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE wallet_account SET freezes = CASE WHEN p_frozen THEN array_append(freezes, p_reason)
                                             ELSE array_remove(freezes, p_reason) END
     WHERE id = p_account AND (p_reason = ANY (freezes)) <> p_frozen;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO freeze_event (account_id, reason, frozen, actor, recorded_at)
    VALUES (p_account, p_reason, p_frozen, p_actor, ledger_now());
    RETURN true;
END $$;

-- min(chosen, available) once available > 0, so that 0.30 left still draws water.
CREATE FUNCTION ledger_place_hold(
    p_key text, p_body bytea, p_hold text, p_account text, p_amount bigint, p_merchant text, p_terminal text,
    p_expires_at timestamptz, p_once bigint, p_daily bigint
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    w wallet_account;
    known ledger_outcome;
    available bigint;
    granted bigint;
    no jsonb;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    SELECT * INTO STRICT w FROM wallet_account WHERE id = p_account FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    IF NOT EXISTS (SELECT FROM journal_account WHERE code = 'merchant:' || p_merchant) THEN -- no capture could post
        RAISE EXCEPTION 'no such merchant: %', p_merchant USING ERRCODE = 'foreign_key_violation';
    END IF;
    available := w.card_fen + w.transition_fen + w.electronic_fen - w.held_fen;
    granted := CASE WHEN p_amount > 0 THEN least(p_amount, greatest(available, 1)) ELSE p_amount END;
    no := ledger_gate(granted, w.closed_at IS NOT NULL, w.freezes, available,
                      CASE WHEN w.counter_day = today.day THEN w.paid_today_fen ELSE 0 END, p_once, p_daily, 0);
    IF no IS NOT NULL THEN
        RETURN ledger_refuse(p_key, p_body, no);
    END IF;
    UPDATE wallet_account SET held_fen = held_fen + granted
     WHERE id = p_account AND card_fen + transition_fen + electronic_fen - held_fen >= granted;
    ASSERT FOUND, 'a hold above what is available';
    INSERT INTO hold (id, account_id, state, amount_fen, position, available_before_fen, merchant_id, terminal_id,
                      key, placed_at, expires_at)
    VALUES (p_hold, p_account, 'ACTIVE', granted, nextval('ledger_position'), available, p_merchant, p_terminal,
            p_key, ledger_now(), p_expires_at);
    PERFORM ledger_store(p_key, p_body, p_hold, NULL);
    RETURN ledger_tell(1, 'HELD', NULL, p_hold, NULL);
END $$;

-- The use is posted, at most the hold; once per hold. Expired or released before: a fact, which may overdraw.
CREATE FUNCTION ledger_capture_hold(
    p_key text, p_body bytea, p_hold text, p_metered bigint, p_occurred_at timestamptz
) RETURNS ledger_outcome LANGUAGE plpgsql AS $$
DECLARE
    today accounting_day := ledger_open_day();
    h hold;
    known ledger_outcome;
    t transfer;
    taken bigint;
BEGIN
    IF today.day IS NULL THEN
        RETURN ledger_tell(1, 'DAY_OVER', NULL, NULL, NULL);
    END IF;
    PERFORM 1 FROM wallet_account WHERE id = (SELECT account_id FROM hold WHERE id = p_hold) FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    SELECT * INTO STRICT h FROM hold WHERE id = p_hold;
    IF h.state = 'CAPTURED' THEN        -- by another message about the same use
        IF h.transfer_id IS NOT NULL THEN
            SELECT * INTO STRICT t FROM transfer WHERE month = h.month AND id = h.transfer_id;
        END IF;
        PERFORM ledger_store(p_key, p_body, p_hold, t);
        RETURN ledger_tell(1, 'REPLAYED', NULL, p_hold, t);
    END IF;
    taken := least(p_metered, h.amount_fen);
    IF h.state = 'ACTIVE' AND taken = 0 THEN
        UPDATE wallet_account SET held_fen = held_fen - h.amount_fen WHERE id = h.account_id;
    ELSIF taken > 0 THEN
        t := ledger_apply(today, 'PAYMENT', h.account_id,
                          ARRAY['transition:' || h.account_id, 'merchant:' || h.merchant_id], ARRAY[taken, -taken],
                          -taken, p_key, p_occurred_at, h.merchant_id, h.terminal_id, p_fact => true,
                          p_held => CASE WHEN h.state = 'ACTIVE' THEN -h.amount_fen ELSE 0 END,
                          p_counted => CASE WHEN p_occurred_at >= today.opens_at THEN taken ELSE 0 END);
    END IF;
    UPDATE hold SET state = 'CAPTURED', ended_at = ledger_now(), captured_fen = taken,
                    ended_position = coalesce(ended_position, t.id, nextval('ledger_position')),
                    waived_fen = p_metered - taken, transfer_id = t.id, month = t.month
     WHERE id = p_hold;
    PERFORM ledger_store(p_key, p_body, p_hold, t);
    RETURN ledger_tell(1, 'POSTED', NULL, p_hold, t);
END $$;

CREATE FUNCTION ledger_release_hold(p_key text, p_body bytea, p_hold text) RETURNS ledger_outcome
LANGUAGE plpgsql AS $$
DECLARE
    h hold;
    known ledger_outcome;
    word text := 'released';
BEGIN
    PERFORM pg_advisory_xact_lock_shared(19, ledger_day_lock());
    PERFORM 1 FROM wallet_account WHERE id = (SELECT account_id FROM hold WHERE id = p_hold) FOR NO KEY UPDATE;
    known := ledger_recall(p_key, p_body);
    IF known.outcome IS NOT NULL THEN
        RETURN known;
    END IF;
    SELECT * INTO STRICT h FROM hold WHERE id = p_hold;
    IF h.state = 'ACTIVE' THEN
        UPDATE hold SET state = 'RELEASED', ended_at = ledger_now(), ended_position = nextval('ledger_position')
         WHERE id = p_hold;
        UPDATE wallet_account SET held_fen = held_fen - h.amount_fen WHERE id = h.account_id;
    ELSE
        word := 'ended before';
    END IF;
    PERFORM ledger_store(p_key, p_body, word, NULL);
    RETURN ledger_tell(1, 'POSTED', NULL, word, NULL);
END $$;

-- Releases the holds whose time is over, oldest first; how many.
CREATE FUNCTION ledger_expire_holds(p_now timestamptz, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    due text[];
    expired integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(19, ledger_day_lock());
    SELECT array_agg(id) INTO due FROM (
        SELECT id FROM hold WHERE state = 'ACTIVE' AND expires_at <= p_now ORDER BY expires_at LIMIT p_limit) d;
    PERFORM 1 FROM wallet_account WHERE id IN (SELECT account_id FROM hold WHERE id = ANY (due))
     ORDER BY id FOR NO KEY UPDATE;
    WITH ended AS (
        UPDATE hold SET state = 'EXPIRED', ended_at = ledger_now(), ended_position = nextval('ledger_position')
         WHERE id = ANY (due) AND state = 'ACTIVE' RETURNING account_id, amount_fen
    ), freed AS (
        UPDATE wallet_account a SET held_fen = a.held_fen - e.amount_fen
          FROM (SELECT account_id, sum(amount_fen) AS amount_fen FROM ended GROUP BY account_id) e
         WHERE a.id = e.account_id RETURNING a.id
    )
    SELECT count(*) INTO expired FROM ended;
    RETURN expired;
END $$;
