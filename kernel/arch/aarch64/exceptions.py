"""Exceptions: what the CPU saved, what happened, and who handles it.

The vectors (`vectors.py`) save a `TrapFrame` on the kernel stack and call `dispatch_user` or
`dispatch_kernel` in `dispatch.py`. What they cannot decide goes to the `TrapHandlers` of the
running CPU; `main.py` hands the instance in.

A fault inside the user copy routines is not an error of the kernel: see `user_access.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Array, Enum8, array, struct, u32, u64

FRAME_SIZE = 272


@struct(size=FRAME_SIZE)
class TrapFrame:
    """The registers at an exception, in the order in which the vectors store them."""

    registers: Array[u64] = array(31)
    """x0 to x30."""
    stack_pointer: u64 = 0
    """SP_EL0."""
    pc: u64 = 0
    """ELR_EL1: where to go on."""
    status: u64 = 0
    """SPSR_EL1: flags, masks and the level to return to."""


class FaultKind(Enum8):
    """Why a synchronous exception was taken."""

    TRANSLATION = 0
    """No mapping, or the access flag is clear."""
    PERMISSION = 1
    ALIGNMENT = 2
    BUS = 3
    """External abort or another memory error."""
    UNDEFINED = 4
    """Undefined instruction, or one that is trapped from EL0."""
    BREAKPOINT = 5
    """BRK; `comment` holds its immediate."""
    DEBUG = 6
    """Single step, hardware breakpoint or watchpoint."""
    ILLEGAL_STATE = 7
    FLOATING_POINT = 8
    STACK_OVERFLOW = 9
    """The kernel's stack pointer left its stack."""
    UNEXPECTED = 10


class Access(Enum8):
    """What the faulting instruction wanted of memory."""

    READ = 0
    WRITE = 1
    EXECUTE = 2


@struct
class Fault:
    """A synchronous exception that is no system call."""

    kind: FaultKind = FaultKind.UNEXPECTED
    access: Access = Access.READ
    comment: u32 = 0
    """The immediate of a BRK."""
    address: u64 = 0
    """The address that was accessed (memory faults), else the pc."""
    syndrome: u64 = 0
    """ESR_EL1."""

    def is_memory(self) -> bool:
        """Whether mapping memory could cure it."""
        return self.kind in (FaultKind.TRANSLATION, FaultKind.PERMISSION)


@struct
class TrapHandlers(ABC):
    """What the exception vectors call. One instance serves all CPUs.

    `handle_syscall` and `handle_user_fault` run with interrupts unmasked, on the thread's kernel
    stack, and may block. `handle_irq` and `return_to_user` run with interrupts masked.
    """

    @abstractmethod
    def handle_syscall(self, frame: TrapFrame) -> None:
        """Serves `SVC #0`: number in x8, arguments in x0 to x5, result in x0."""

    @abstractmethod
    def handle_user_fault(self, frame: TrapFrame, fault: Fault) -> None:
        """Serves a fault of a program: pages it in, or signals the program."""

    @abstractmethod
    def resolve_user_access(self, fault: Fault) -> bool:
        """Serves a fault of the kernel's own access to user memory: pages it in.

        Returns False where the access is not allowed; the copy routine then reports EFAULT.
        """

    @abstractmethod
    def handle_irq(self, frame: TrapFrame) -> None:
        """Claims and handles the pending interrupts."""

    @abstractmethod
    def return_to_user(self, frame: TrapFrame) -> None:
        """Does what is due before EL0 goes on: rescheduling, signals. May block."""


@struct
class PanicHandler(ABC):
    """Who reports an exception that the kernel cannot survive."""

    @abstractmethod
    def handle_kernel_fault(self, frame: TrapFrame, fault: Fault) -> None:
        """Prints a traceback, registers and the log's tail, and ends the machine. Never returns."""


USER_STATUS: u64 = 0
"""SPSR_EL1 of a new program: EL0t, AArch64, nothing masked, flags clear."""
