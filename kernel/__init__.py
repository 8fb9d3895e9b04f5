"""The kernel: Bare Python that runs at EL1. It knows `abi` and `bare`, never the programs' code.

`main.py` reads top to bottom as the boot order; `docs/architecture.md` says how the parts meet.
"""
