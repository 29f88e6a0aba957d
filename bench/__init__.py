"""What it costs, measured beside what it could cost at best.

`make bench` starts a house of its own (embedded PostgreSQL with fsync on, Valkey, the real API), and in the
same run the baselines: pgbench posting by the same function, and a plain Starlette route around it. The variants
take turns in short rounds; the table shows medians and ratios, and the load generator's own CPU. Absolute
figures differ from machine to machine; ratios are what is compared.
"""
