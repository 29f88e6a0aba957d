"""Simulated devices that speak the real frames. May import `devices_gateway.frames` and nothing else of ours."""
