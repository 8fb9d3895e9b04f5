"""The typed, desugared tree between the front end and its two consumers (LLVM and checked CPython).

It owns types, nodes, the printer and the verifier. It must not know Python's syntax tree or LLVM.
"""
