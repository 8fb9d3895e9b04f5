"""What a program may do with a page, and what an area of its memory is."""

from __future__ import annotations

READ = 1
WRITE = 2
EXECUTE = 4
"""Bits of a protection; the values are those of `PROT_READ`, `PROT_WRITE`, `PROT_EXEC`."""

SHARED = 1
"""Area flag: writes go to the source and are seen by all who map it."""
STACK = 2
"""Area flag: grows downward on a fault below it, up to `STACK_GROWTH_LIMIT`."""
