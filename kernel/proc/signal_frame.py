"""The frame in which a signal handler runs: built on the program's stack, taken back by
`rt_sigreturn`. The layout is Linux's for AArch64 (`abi/signal.py`), so debuggers and C libraries
know it.
"""

from __future__ import annotations

from abi.errno import EFAULT
from abi.signal import (
    FPSIMD_MAGIC,
    FPSIMD_SIZE,
    SA_ONSTACK,
    SA_RESTORER,
    SigAction,
    SigInfo,
    SignalFrame,
    SigStack,
)
from bare import i32, raises, size_of, u64, wrap_u32
from kernel.arch.aarch64.exceptions import TrapFrame
from kernel.arch.aarch64.fp_state import FpState, restore_fp_state, save_fp_state
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.proc.process import Process, UserThread
from kernel.proc.signal_stack import is_on_stack, set_stack, store_stack
from kernel.proc.signal_state import STANDARD_SIGNALS, SignalState
from kernel.proc.signal_trampoline import TRAMPOLINE

FLAGS_MASK: u64 = 0xF000_0000
"""Condition flags: what a handler's frame may change of the processor state."""
FAULT_SIGNALS: u64 = (1 << 3) | (1 << 4) | (1 << 6) | (1 << 7) | (1 << 10)
"""SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: their siginfo holds an address."""


@raises(EFAULT)
def push_signal_frame(
    process: Process,
    thread: UserThread,
    frame: TrapFrame,
    signal: i32,
    action: SigAction,
    saved_mask: u64,
) -> None:
    """Makes `frame` start the handler of `action`; EFAULT: the stack cannot take it."""
    signals = process.signals
    built = SignalFrame()
    fill_info(built.info, signals, signal)
    built.ucontext.mask.bits = saved_mask
    store_stack(built.ucontext.stack, signals.alternate, frame.stack_pointer)
    store_registers(built, thread, frame, signals, signal)
    place = frame_place(frame.stack_pointer, action, signals.alternate)
    copy_out(place, object_bytes(built, size_of(SignalFrame)))
    frame.registers[0] = u64(signal)
    frame.registers[1] = place
    frame.registers[2] = place + size_of(SigInfo)
    frame.registers[29] = place + size_of(SignalFrame) - 16
    frame.registers[30] = action.restorer if action.flags & SA_RESTORER != 0 else TRAMPOLINE
    frame.stack_pointer = place
    frame.pc = action.handler


def fill_info(info: SigInfo, signals: SignalState, signal: i32) -> None:
    """Tells where the signal came from."""
    info.signal = signal
    if signal >= STANDARD_SIGNALS:
        return
    detail = signals.details[signal]
    info.code = detail.code
    if (1 << (u64(signal) - 1)) & FAULT_SIGNALS != 0 and detail.pid == 0:
        info.pid_or_address = detail.address
    else:
        info.pid_or_address = u64(wrap_u32(detail.pid)) | u64(detail.uid) << 32
    info.status = detail.status


def store_registers(
    built: SignalFrame, thread: UserThread, frame: TrapFrame, signals: SignalState, signal: i32
) -> None:
    """Saves the interrupted registers."""
    context = built.ucontext.context
    context.registers.copy_from(frame.registers)
    context.sp = frame.stack_pointer
    context.pc = frame.pc
    context.pstate = frame.status
    if signal < STANDARD_SIGNALS:
        context.fault_address = signals.details[signal].address
    save_fp_state(thread.fp_state)
    context.vectors.magic = FPSIMD_MAGIC
    context.vectors.size = FPSIMD_SIZE
    context.vectors.fpsr = wrap_u32(thread.fp_state.status)
    context.vectors.fpcr = wrap_u32(thread.fp_state.control)
    context.vectors.registers.copy_from(thread.fp_state.vectors)
    built.frame_pointer = frame.registers[29]
    built.link_register = frame.registers[30]


def frame_place(stack_pointer: UserAddr, action: SigAction, alternate: SigStack) -> UserAddr:
    """Returns where the frame goes; 0, which faults, if there is no room below."""
    top = stack_pointer
    wants_alternate = action.flags & SA_ONSTACK != 0 and alternate.size != 0
    if wants_alternate and not is_on_stack(alternate, stack_pointer):
        top = alternate.base + alternate.size
    if top < size_of(SignalFrame) + 16:
        return 0
    place = top - size_of(SignalFrame)
    return place - place % 16


@raises(EFAULT)
def pop_signal_frame(process: Process, thread: UserThread, frame: TrapFrame) -> u64:
    """Restores the registers that the frame at the stack pointer holds; returns the signal mask.

    Only flags of the processor state are taken: a program cannot leave EL0 by it.
    """
    built = SignalFrame()
    copy_in(object_bytes(built, size_of(SignalFrame)), frame.stack_pointer)
    context = built.ucontext.context
    frame.registers.copy_from(context.registers)
    frame.stack_pointer = context.sp
    frame.pc = context.pc
    frame.status = context.pstate & FLAGS_MASK
    if context.vectors.magic == FPSIMD_MAGIC and context.vectors.size == FPSIMD_SIZE:
        load_vectors(thread.fp_state, built)
    restore_stack(process.signals.alternate, built.ucontext.stack, frame.stack_pointer)
    return built.ucontext.mask.bits


def restore_stack(current: SigStack, saved: SigStack, stack_pointer: UserAddr) -> None:
    """Goes back to the alternate stack of a frame; keeps the current one if that is a bad one.

    The frame is the program's to change. Linux overlooks a bad stack there, too.
    """
    try:
        set_stack(current, saved, stack_pointer)
    except OSError:
        return


def load_vectors(state: FpState, built: SignalFrame) -> None:
    """Loads the floating-point registers of a frame."""
    vectors = built.ucontext.context.vectors
    saved = mask_interrupts()
    state.vectors.copy_from(vectors.registers)
    state.status = u64(vectors.fpsr)
    state.control = u64(vectors.fpcr)
    restore_fp_state(state)
    restore_interrupts(saved)

