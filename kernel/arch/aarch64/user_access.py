"""The only instructions of the kernel that touch a program's memory.

They are unprivileged loads and stores (LDTR, STTR): the CPU applies the program's permissions,
whether or not PAN is on. They need no alignment: programs' memory and the kernel's are Normal
memory.

The linker script puts the routines between `user_copy_start` and `user_copy_end`. The dispatcher
recognises a fault there and, where it cannot be cured, goes on at `user_copy_fixup`, which returns
the bytes that are left (in x2).
"""

from __future__ import annotations

from bare import u64
from bare.unsafe import asm, linker_symbol, naked, section
from kernel.arch.aarch64.layout import UserAddr, VirtAddr


@naked
@section(".text.user_copy")
def copy_from_user(target: VirtAddr, source: UserAddr, size: u64) -> u64:
    """Copies bytes from the program; returns how many were not copied, 0 for success."""
    # SAFETY: writes `size` bytes at the kernel address that the caller owns.
    return asm(
        """
    1:  cmp x2, #32
        b.lo 2f
        ldtr x4, [x1, #0]
        ldtr x5, [x1, #8]
        ldtr x6, [x1, #16]
        ldtr x7, [x1, #24]
        stp x4, x5, [x0, #0]
        stp x6, x7, [x0, #16]
        add x0, x0, #32
        add x1, x1, #32
        sub x2, x2, #32
        b 1b
    2:  cmp x2, #8
        b.lo 3f
        ldtr x4, [x1, #0]
        str x4, [x0], #8
        add x1, x1, #8
        sub x2, x2, #8
        b 2b
    3:  cbz x2, 5f
    4:  ldtrb w4, [x1, #0]
        strb w4, [x0], #1
        add x1, x1, #1
        sub x2, x2, #1
        cbnz x2, 4b
    5:  mov x0, #0
        ret
    """,
        out=u64,
        out_register="x0",
    )


@naked
@section(".text.user_copy")
def copy_to_user(target: UserAddr, source: VirtAddr, size: u64) -> u64:
    """Copies bytes to the program; returns how many were not copied, 0 for success."""
    # SAFETY: reads `size` bytes at the kernel address that the caller owns.
    return asm(
        """
    1:  cmp x2, #32
        b.lo 2f
        ldp x4, x5, [x1, #0]
        ldp x6, x7, [x1, #16]
        sttr x4, [x0, #0]
        sttr x5, [x0, #8]
        sttr x6, [x0, #16]
        sttr x7, [x0, #24]
        add x0, x0, #32
        add x1, x1, #32
        sub x2, x2, #32
        b 1b
    2:  cmp x2, #8
        b.lo 3f
        ldr x4, [x1], #8
        sttr x4, [x0, #0]
        add x0, x0, #8
        sub x2, x2, #8
        b 2b
    3:  cbz x2, 5f
    4:  ldrb w4, [x1], #1
        sttrb w4, [x0, #0]
        add x0, x0, #1
        sub x2, x2, #1
        cbnz x2, 4b
    5:  mov x0, #0
        ret
    """,
        out=u64,
        out_register="x0",
    )


@naked
def user_copy_fixup() -> None:
    """Where a copy goes on that faulted for good: it returns the bytes that are left."""
    # SAFETY: entered by the dispatcher instead of the faulting instruction of a copy.
    asm("""
        mov x0, x2
        ret
    """)


def is_user_copy(pc: u64) -> bool:
    """Whether `pc` is an instruction of a copy routine, whose faults are fixed up."""
    return linker_symbol("user_copy_start") <= pc < linker_symbol("user_copy_end")
