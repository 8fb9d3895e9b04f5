"""The exception vectors. Arm ARM DDI 0487, D1.3.1.

An entry from EL0 saves a `TrapFrame` at the top of the thread's kernel stack. An entry from EL1
first tests bit 14 of the stack pointer: every good stack is the upper half of an aligned slot of
32 KiB (`layout.py`), so a clear bit means that the stack ran over its end; the CPU's emergency
stack then takes the frame. There the frame's `stack_pointer` holds the kernel's own.

Code of EL1 that is interrupted gets a frame record (x29, pc) so that tracebacks go on across the
exception.
"""

from __future__ import annotations

from bare import export
from bare.unsafe import asm, naked, section
from kernel.arch.aarch64.dispatch import (
    dispatch_kernel,
    dispatch_kernel_interrupt,
    dispatch_return,
    dispatch_stack_overflow,
    dispatch_unexpected,
    dispatch_user,
    dispatch_user_interrupt,
)

USED_BY_TEMPLATES = (
    dispatch_user,
    dispatch_user_interrupt,
    dispatch_return,
    dispatch_kernel,
    dispatch_kernel_interrupt,
    dispatch_stack_overflow,
    dispatch_unexpected,
)
"""What the instructions below name by its symbol."""

_SAVE = """
        stp x0, x1, [sp, #0]
        stp x2, x3, [sp, #16]
        stp x4, x5, [sp, #32]
        stp x6, x7, [sp, #48]
        stp x8, x9, [sp, #64]
        stp x10, x11, [sp, #80]
        stp x12, x13, [sp, #96]
        stp x14, x15, [sp, #112]
        stp x16, x17, [sp, #128]
        stp x18, x19, [sp, #144]
        stp x20, x21, [sp, #160]
        stp x22, x23, [sp, #176]
        stp x24, x25, [sp, #192]
        stp x26, x27, [sp, #208]
        stp x28, x29, [sp, #224]
        mrs x22, elr_el1
        mrs x23, spsr_el1
"""

_RESTORE = """
        ldp x22, x23, [sp, #256]
        msr elr_el1, x22
        msr spsr_el1, x23
        ldp x0, x1, [sp, #0]
        ldp x2, x3, [sp, #16]
        ldp x4, x5, [sp, #32]
        ldp x6, x7, [sp, #48]
        ldp x8, x9, [sp, #64]
        ldp x10, x11, [sp, #80]
        ldp x12, x13, [sp, #96]
        ldp x14, x15, [sp, #112]
        ldp x16, x17, [sp, #128]
        ldp x18, x19, [sp, #144]
        ldp x20, x21, [sp, #160]
        ldp x22, x23, [sp, #176]
        ldp x24, x25, [sp, #192]
        ldp x26, x27, [sp, #208]
        ldp x28, x29, [sp, #224]
        ldr x30, [sp, #240]
        add sp, sp, #272
        eret
"""

_RESTORE_USER = f"""
        ldr x21, [sp, #248]
        msr sp_el0, x21
{_RESTORE}
"""

_SAVE_USER = f"""
{_SAVE}
        mrs x21, sp_el0
        stp x30, x21, [sp, #240]
        stp x22, x23, [sp, #256]
        mov x29, xzr
        mov x30, xzr
        mov x0, sp
"""

_SAVE_KERNEL = f"""
{_SAVE}
        add x21, sp, #272
        stp x30, x21, [sp, #240]
        stp x22, x23, [sp, #256]
        mov x0, sp
        stp x29, x22, [sp, #-16]!
        mov x29, sp
"""

_CHECK_STACK = """
        sub sp, sp, #272
        add sp, sp, x0
        sub x0, sp, x0
        tbz x0, #14, vector_stack_overflow
        sub x0, sp, x0
        sub sp, sp, x0
"""

_TABLE = f"""
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        {_CHECK_STACK}
        b vector_kernel_synchronous
        .balign 128
        {_CHECK_STACK}
        b vector_kernel_interrupt
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        sub sp, sp, #272
        b vector_user_synchronous
        .balign 128
        sub sp, sp, #272
        b vector_user_interrupt
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
        .balign 128
        b vector_unexpected
"""

_USER_SYNCHRONOUS = f"""
{_SAVE_USER}
        bl dispatch_user
{_RESTORE_USER}
"""

_USER_INTERRUPT = f"""
{_SAVE_USER}
        bl dispatch_user_interrupt
{_RESTORE_USER}
"""

_RETURN_TO_USER = f"""
        msr daifset, #2
        mov x29, xzr
        mov x30, xzr
        mov x0, sp
        bl dispatch_return
{_RESTORE_USER}
"""

_KERNEL_SYNCHRONOUS = f"""
{_SAVE_KERNEL}
        bl dispatch_kernel
        add sp, sp, #16
{_RESTORE}
"""

_KERNEL_INTERRUPT = f"""
{_SAVE_KERNEL}
        bl dispatch_kernel_interrupt
        add sp, sp, #16
{_RESTORE}
"""

_ON_EMERGENCY_STACK = f"""
        msr tpidrro_el0, x0
        mov x0, sp
        msr tpidr_el0, x0
        mrs x0, tpidr_el1
        ldr x0, [x0]
        mov sp, x0
        sub sp, sp, #272
        mrs x0, tpidrro_el0
{_SAVE}
        mrs x21, tpidr_el0
        stp x30, x21, [sp, #240]
        stp x22, x23, [sp, #256]
        mov x0, sp
        stp x29, x22, [sp, #-16]!
        mov x29, sp
"""

_STACK_OVERFLOW = f"""
        sub x0, sp, x0
        sub sp, sp, x0
        add sp, sp, #272
{_ON_EMERGENCY_STACK}
        bl dispatch_stack_overflow
"""

_UNEXPECTED = f"""
{_ON_EMERGENCY_STACK}
        bl dispatch_unexpected
"""


@export("exception_vectors")
@section(".text.vectors")
@naked
def exception_vectors() -> None:
    """The table: four kinds of exception from SP_EL0, EL1, EL0 in AArch64, EL0 in AArch32."""
    # SAFETY: entered by the CPU alone; 2 KiB aligned by the linker script, where it comes first.
    asm(_TABLE)


@export("vector_user_synchronous")
@naked
def _user_synchronous() -> None:
    # SAFETY: entered from the table with room for a frame at sp.
    asm(_USER_SYNCHRONOUS)


@export("vector_user_interrupt")
@naked
def _user_interrupt() -> None:
    # SAFETY: entered from the table with room for a frame at sp.
    asm(_USER_INTERRUPT)


@export("vector_return_to_user")
@naked
def _return_to_user() -> None:
    # SAFETY: entered by `context.enter_user` with sp at a frame.
    asm(_RETURN_TO_USER)


@export("vector_kernel_synchronous")
@naked
def _kernel_synchronous() -> None:
    # SAFETY: entered from the table with room for a frame at sp.
    asm(_KERNEL_SYNCHRONOUS)


@export("vector_kernel_interrupt")
@naked
def _kernel_interrupt() -> None:
    # SAFETY: entered from the table with room for a frame at sp.
    asm(_KERNEL_INTERRUPT)


@export("vector_stack_overflow")
@naked
def _stack_overflow() -> None:
    # SAFETY: entered from the stack check: sp and x0 are mixed as it left them. User registers
    # that are used as scratch are lost, as the kernel does not go on.
    asm(_STACK_OVERFLOW)


@export("vector_unexpected")
@naked
def _unexpected() -> None:
    # SAFETY: entered from the table; the kernel does not go on.
    asm(_UNEXPECTED)
