"""A pretend campus: WeChat with real signatures, people and buildings, simulated devices, a playground.

Nothing here is part of a running school. It may import the gateway's frames and nothing of the business;
only the command line and tests start it. What it shares with the rest are files below $ONECARD_HOME/sandbox/
and addresses.
"""
