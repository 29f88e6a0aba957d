"""Sans-IO codecs: bytes in, declared frames out. Shared by drivers and simulators.

May import the standard library, `iso8583` (pyiso8583), `pymodbus` and `cryptography`; knows no sockets, clocks, tasks.
"""
