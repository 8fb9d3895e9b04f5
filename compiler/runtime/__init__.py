"""Runtimes for programs that run outside SwiftOS: in a process of the host, and on bare AArch64.

A runtime is a Bare Python module that a profile links into every program. It holds the entry
point, which calls `bare.program.main`, and what the compiler calls: `print_message(message)` for
`print`, and `trap_message(kind, message)` before a trap that has a text. `harness.py` builds and
runs programs.
"""
