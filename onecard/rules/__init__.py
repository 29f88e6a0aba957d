"""Pure decisions: values in, values out; no awaits, no clock of its own, nothing but the standard library.

`kinds` are the words, `money` the amounts, `refusals` the one table of sentences, `policy` what a school may
set. What SQL must decide too (the gate, the sweep, the freeze) is written here as well, and one table of
examples holds both to the same answer (tests/ledger/test_gate.py).
"""
