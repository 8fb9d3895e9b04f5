"""`IrqGuard`: interrupts masked for the length of a `with` block."""

from __future__ import annotations

from bare import struct, u64
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts


@struct
class IrqGuard:
    """Masks interrupts on this CPU in a `with` block; guards may be nested, each its own object.

    Also a parameter type: a function that takes one may be called only with interrupts masked.
    """

    saved: u64 = 0
    """The interrupt state before; belongs to the holder."""

    def __enter__(self) -> IrqGuard:
        self.saved = mask_interrupts()
        return self

    def __exit__(self, *exc: object) -> None:
        restore_interrupts(self.saved)
