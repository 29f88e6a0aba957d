"""A pretend unified payment platform 统一支付平台: it takes orders, shows a cashier's page, pays, refunds and notifies.

Each word is signed with the key that it shares with the school, of which it knows nothing but the merchant number.
"""
