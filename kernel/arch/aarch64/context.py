"""Switching between kernel threads: the callee-saved registers and the stack.

A thread that is not running has its registers in its `Context`. Floating-point state belongs to
programs and is in `fp_state.py`; the address space is switched by `kernel/mm/address_space.py`.

How to use it: `prepare_context` once, then `switch_context(previous, following)` with interrupts
masked; it returns when somebody switches back to `previous`. A new thread begins in its entry
function with interrupts still masked. A thread that becomes a program ends its kernel part with
`enter_user`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from bare import Array, array, struct, u64, unreachable
from bare.unsafe import address_of, asm, function_address, naked, object_at
from kernel.arch.aarch64.exceptions import FRAME_SIZE, TrapFrame
from kernel.arch.aarch64.layout import VirtAddr


@struct(size=104)
class Context:
    """Saved kernel registers of a thread that is not running."""

    registers: Array[u64] = array(12)
    """x19 to x30."""
    stack_pointer: VirtAddr = 0


@naked
def switch_context(previous: Context, following: Context) -> None:
    """Saves the caller in `previous` and goes on where `following` was saved.

    Interrupts are masked on both sides.
    """
    # SAFETY: stores and loads exactly the registers that the procedure call standard lets survive
    # a call.
    asm("""
        stp x19, x20, [x0, #0]
        stp x21, x22, [x0, #16]
        stp x23, x24, [x0, #32]
        stp x25, x26, [x0, #48]
        stp x27, x28, [x0, #64]
        stp x29, x30, [x0, #80]
        mov x9, sp
        str x9, [x0, #96]
        ldp x19, x20, [x1, #0]
        ldp x21, x22, [x1, #16]
        ldp x23, x24, [x1, #32]
        ldp x25, x26, [x1, #48]
        ldp x27, x28, [x1, #64]
        ldp x29, x30, [x1, #80]
        ldr x9, [x1, #96]
        mov sp, x9
        ret
    """)


@naked
def _begin_thread() -> None:
    # SAFETY: `prepare_context` put the entry in x19 and its argument in x20; entry does not return.
    asm("""
        mov x29, xzr
        mov x30, xzr
        mov x0, x20
        blr x19
        brk #0x550a
    """)


def prepare_context(
    context: Context, stack_top: VirtAddr, entry: Callable[[u64], None], argument: u64
) -> None:
    """Makes `context` begin in `entry(argument)` on an empty stack. `entry` never returns.

    The topmost `FRAME_SIZE` bytes stay free for the `TrapFrame` of a program.
    """
    context.registers[0] = function_address(entry)
    context.registers[1] = argument
    context.registers[11] = function_address(_begin_thread)
    context.stack_pointer = stack_top - FRAME_SIZE


def user_frame(stack_top: VirtAddr) -> TrapFrame:
    """Returns the trap frame of a program whose thread has this kernel stack."""
    # SAFETY: the vectors save the frame of EL0 at the very top of the stack; `prepare_context`
    # keeps it free.
    return object_at(TrapFrame, stack_top - FRAME_SIZE)


def enter_user(frame: TrapFrame) -> NoReturn:
    """Leaves for EL0 with the registers of `frame`, which lies at the top of the running stack.

    Passes through `TrapHandlers.return_to_user` first, as every return to a program does.
    """
    # SAFETY: `return_to_user` is the vectors' way out; it takes the frame at sp.
    asm("mov sp, {0}\nb vector_return_to_user", address_of(frame))
    unreachable()
