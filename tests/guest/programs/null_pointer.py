"""null_pointer - write to address 0."""

from __future__ import annotations

from bare import i32, never_inline, u64
from bare.unsafe import Pointer
from user.lib.arguments import Arguments


@never_inline
def poke(address: u64) -> None:
    """Writes a byte's worth of nothing."""
    # SAFETY: there is none; the point is that the processor faults.
    Pointer[u64](address).store(1)


def main(arguments: Arguments) -> i32:
    """Faults: nothing is mapped at 0."""
    poke(arguments.count - 1)
    return 0
