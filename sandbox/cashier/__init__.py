"""A pretend unified payment platform 统一支付平台: it takes orders and shows a cashier's page where they are paid."""
