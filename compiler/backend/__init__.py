"""From typed IR to machine code: LLVM text, objects, link, debug information, line tables.

It owns everything that knows LLVM, ELF, DWARF or AArch64. It must not know Python's syntax tree,
and it never decides what a program means: every check is explicit in the IR that it is given.
"""
