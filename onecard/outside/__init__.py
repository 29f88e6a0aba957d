"""Ports to the world: WeChat Pay, WeCom, and Redis for what is quick and may be lost.

A port is a Protocol, its real part and its fake, in one file or in neighbours of one name; real part and fake
pass one contract test. `providers` says how a provider fails. May import `settings`, `rules` and `together`;
knows no ledger, no registry and no action.
"""
