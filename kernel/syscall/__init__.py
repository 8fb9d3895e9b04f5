"""System calls: entry from a trap, decoding, and one file of bodies for each family.

It may use everything below; nothing below knows it. Bodies turn user pointers into checked copies
and raise `OSError`; `entry.py` is the one place where that becomes a register value.
"""
