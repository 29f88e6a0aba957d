"""The playground: a newcomer plays the rest of the world by hand.

One device is one card: one file here (`*_card.py`, a `Card`) and one component below
`webapp/src/playground/cards`.
A card has a name, a state (JSON that is shown as it is) and verbs (`POST /playground/api/<card>/<verb>`).
`api.py` serves all of them alike and `stream.py` tells the page when a state changed, so a new device adds
its file, its component and one line in each registry; nothing else changes. Knows the simulators, not the
business.
"""
