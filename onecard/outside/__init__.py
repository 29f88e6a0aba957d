"""Ports to the world: WeChat Pay, WeCom, and Redis for what is quick and may be lost.

Each file is one port: a Protocol, the real part, and beside it a fake; both pass one contract test. May
import `settings` and `rules`; knows no ledger, no registry and no action.
"""
