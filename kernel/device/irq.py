"""Interrupts: the controller's interface and the table of handlers."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EBUSY, EINVAL, ENOMEM
from bare import Allocator, Span, allocate_span, inline, raises, struct, u32
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

SPURIOUS = 0xFFFF_FFFF
"""What `claim` returns when nothing is pending."""


@struct
class IrqHandler(ABC):
    """A driver's part that runs when its device interrupts."""

    @abstractmethod
    def handle_irq(self) -> None:
        """Serves the device. Interrupts are masked; may not block."""


@struct
class IrqController(ABC):
    """An interrupt controller. Interrupt numbers are the controller's own (GIC INTIDs)."""

    @abstractmethod
    def line_count(self) -> u32:
        """Returns the number of interrupts it knows."""

    @abstractmethod
    def enable(self, irq: u32) -> None:
        """Lets an interrupt through to the boot CPU."""

    @abstractmethod
    def disable(self, irq: u32) -> None:
        """Keeps an interrupt from the CPUs."""

    @abstractmethod
    def claim(self) -> u32:
        """Returns the pending interrupt, now active, or SPURIOUS."""

    @abstractmethod
    def complete(self, irq: u32) -> None:
        """Ends the handling of what `claim` returned."""


@struct
class IrqSlot:
    """One interrupt's handler."""

    handler: IrqHandler | None = None


@struct
class IrqTable:
    """Handlers by interrupt number."""

    slots: Span[IrqSlot]
    """By interrupt number; changed under the lock, and only from None."""
    controller: IrqController
    lock: SpinLock = inline()

    @raises(ENOMEM)
    def start(self, controller: IrqController, allocator: Allocator) -> None:
        """Begins without handlers."""
        self.lock.lock_class = LockClass.IRQ_TABLE
        self.controller = controller
        self.slots = allocate_span(allocator, IrqSlot, controller.line_count())

    @raises(EBUSY, EINVAL)
    def connect(self, irq: u32, handler: IrqHandler) -> None:
        """Gives an interrupt its handler and enables it."""
        if irq >= len(self.slots):
            raise OSError(EINVAL)
        with self.lock:
            if self.slots[irq].handler is not None:
                raise OSError(EBUSY)
            self.slots[irq].handler = handler
        self.controller.enable(irq)

    def dispatch(self) -> None:
        """Serves all pending interrupts: the IRQ exception's handler. Interrupts are masked."""
        while True:
            irq = self.controller.claim()
            if irq == SPURIOUS:
                return
            handler = self.slots[irq].handler
            if handler is None:
                self.controller.disable(irq)
            else:
                handler.handle_irq()
            self.controller.complete(irq)
