-- Why an order that failed was not paid, where whoever was to pay it said so.
ALTER TABLE recharge_order ADD COLUMN declined text
    CHECK (declined IN ('INSUFFICIENT_FUNDS', 'LIMIT_EXCEEDED', 'AGREEMENT_ENDED', 'REFUSED'));
ALTER TABLE electricity_order ADD COLUMN declined text
    CHECK (declined IN ('INSUFFICIENT_FUNDS', 'LIMIT_EXCEEDED', 'AGREEMENT_ENDED', 'REFUSED'));
