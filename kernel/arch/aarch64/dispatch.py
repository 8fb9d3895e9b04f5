"""Where the vectors lead: decodes the exception and calls who handles it.

Called with interrupts masked. Entries from EL0 end with `TrapHandlers.return_to_user`.
"""

from __future__ import annotations

from bare import export
from bare.unsafe import function_address, read_system_register
from kernel.arch.aarch64.cpu import this_cpu
from kernel.arch.aarch64.exceptions import (
    Fault,
    FaultKind,
    PanicHandler,
    TrapFrame,
    TrapHandlers,
)
from kernel.arch.aarch64.interrupts import MASKED, mask_interrupts, unmask_interrupts
from kernel.arch.aarch64.syndrome import CLASS_SVC, decode_fault, syndrome_class
from kernel.arch.aarch64.user_access import is_user_copy, user_copy_fixup


def handlers() -> TrapHandlers:
    """Returns this CPU's handlers; they are there before the first program."""
    found = this_cpu().handlers
    assert found is not None, "exception before the handlers were set"
    return found


def panic_handler() -> PanicHandler:
    """Returns who reports the end of the kernel: there from the first line of `kernel_main`."""
    found = this_cpu().panic_handler
    assert found is not None, "exception before the panic handler was set"
    return found


@export("dispatch_user")
def dispatch_user(frame: TrapFrame) -> None:
    """Serves a synchronous exception from EL0."""
    syndrome = read_system_register("ESR_EL1")
    served = handlers()
    if syndrome_class(syndrome) == CLASS_SVC:
        unmask_interrupts()
        served.handle_syscall(frame)
    else:
        fault = Fault()
        decode_fault(fault, syndrome, read_system_register("FAR_EL1"), frame.pc)
        unmask_interrupts()
        served.handle_user_fault(frame, fault)
    mask_interrupts()
    served.return_to_user(frame)


@export("dispatch_user_interrupt")
def dispatch_user_interrupt(frame: TrapFrame) -> None:
    """Serves an interrupt of EL0."""
    served = handlers()
    served.handle_irq(frame)
    served.return_to_user(frame)


@export("dispatch_return")
def dispatch_return(frame: TrapFrame) -> None:
    """Prepares a thread's first way to EL0."""
    handlers().return_to_user(frame)


@export("dispatch_kernel_interrupt")
def dispatch_kernel_interrupt(frame: TrapFrame) -> None:
    """Serves an interrupt of the kernel."""
    handlers().handle_irq(frame)


@export("dispatch_kernel")
def dispatch_kernel(frame: TrapFrame) -> None:
    """Serves a synchronous exception of the kernel: a user copy that faulted, or the end."""
    fault = Fault()
    decode_fault(fault, read_system_register("ESR_EL1"), read_system_register("FAR_EL1"), frame.pc)
    if fault.is_memory() and is_user_copy(frame.pc):
        assert frame.status & MASKED == 0, "user copy with interrupts masked"
        unmask_interrupts()
        is_resolved = handlers().resolve_user_access(fault)
        mask_interrupts()
        if not is_resolved:
            frame.pc = function_address(user_copy_fixup)
        return
    panic_handler().handle_kernel_fault(frame, fault)


@export("dispatch_stack_overflow")
def dispatch_stack_overflow(frame: TrapFrame) -> None:
    """Reports that a kernel stack ran over; runs on the emergency stack."""
    fault = Fault()
    decode_fault(fault, read_system_register("ESR_EL1"), read_system_register("FAR_EL1"), frame.pc)
    fault.kind = FaultKind.STACK_OVERFLOW
    panic_handler().handle_kernel_fault(frame, fault)


@export("dispatch_unexpected")
def dispatch_unexpected(frame: TrapFrame) -> None:
    """Reports an exception that nothing should raise: SError, FIQ, AArch32, SP_EL0."""
    fault = Fault()
    decode_fault(fault, read_system_register("ESR_EL1"), read_system_register("FAR_EL1"), frame.pc)
    fault.kind = FaultKind.UNEXPECTED
    panic_handler().handle_kernel_fault(frame, fault)
