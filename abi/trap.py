"""Kinds of trap that a program's trap entry is told in x0.

Kinds 1 to 10 are the language's own, in the order of `bare/traps.py`: a `BRK` with 0x5500 + kind.
"""

from bare import u64

TRAP_ACCESS: u64 = 16
"""A load or store that no mapping allows; x1 is the address."""
TRAP_FETCH: u64 = 17
"""A jump to where there is no code; x1 is the address."""
TRAP_STACK: u64 = 18
"""The stack ran into its guard gap: recursion without end."""
TRAP_BUS: u64 = 19
"""A file page could not be read, or a mapping reaches past the end of its file."""
TRAP_ALIGNMENT: u64 = 20
TRAP_INSTRUCTION: u64 = 21
"""An instruction that does not exist or is not allowed."""
TRAP_BREAKPOINT: u64 = 22
"""A `BRK` that is not the language's."""
