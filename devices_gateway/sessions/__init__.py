"""One protocol, one device, one task: `pos` serves terminals, `pos_sales` sees sales and reversals through.

May import frames, journal, outbox and transport; knows nothing of the business but its refusals' codes.
"""
