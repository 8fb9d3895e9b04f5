"""Arm Generic Interrupt Controller, version 2. IHI 0048B."""

from __future__ import annotations

from abi.errno import ENODEV
from bare import allocate, raises, struct, u8, u32
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, wo
from kernel.device.irq import SPURIOUS, IrqController
from kernel.device.machine import Machine
from kernel.device.registry import DeviceClass, Driver
from kernel.drivers.irq.gic_distributor import (
    LARGEST_COUNT,
    PRIORITY,
    PRIVATE_IRQS,
    WORD_BITS,
    Distributor,
    DistributorControl,
    irq_count,
)


class CpuControl(Register, width=32):
    """GICC_CTLR."""

    enable = bit(0)


class PriorityMask(Register, width=32):
    """GICC_PMR: only more urgent (smaller) priorities get through."""

    priority = bits(7, 0)


class Acknowledge(Register, width=32):
    """GICC_IAR and GICC_EOIR."""

    irq = bits(9, 0)
    cpu = bits(12, 10)


class CpuInterface(MmioBlock, size=0x1000):
    """The registers of the CPU that accesses them."""

    control = rw(0x00, CpuControl)
    priority_mask = rw(0x04, PriorityMask)
    acknowledge = ro(0x0C, Acknowledge)
    end = wo(0x10, Acknowledge)


@struct
class GicV2(IrqController):
    """One distributor and the interface of the running CPU."""

    distributor: Distributor
    interface: CpuInterface
    boot_target: u8
    """The boot CPU's bit in `target`."""

    def line_count(self) -> u32:
        """Returns the number of interrupts."""
        return irq_count(self.distributor)

    def enable(self, irq: u32) -> None:
        """Lets an interrupt through to the boot CPU."""
        self.distributor.priority[irq].write(PRIORITY)
        if irq >= PRIVATE_IRQS:
            self.distributor.target[irq].write(self.boot_target)
        self.distributor.enable_set[irq // WORD_BITS].write(1 << (irq % WORD_BITS))

    def disable(self, irq: u32) -> None:
        """Keeps an interrupt from the CPUs."""
        self.distributor.enable_clear[irq // WORD_BITS].write(1 << (irq % WORD_BITS))

    def claim(self) -> u32:
        """Returns the pending interrupt, now active."""
        irq = u32(self.interface.acknowledge.read().irq)
        return SPURIOUS if irq >= LARGEST_COUNT else irq

    def complete(self, irq: u32) -> None:
        """Ends the handling of an interrupt."""
        end = Acknowledge()
        end.irq = irq
        self.interface.end.write(end)

    def start(self) -> None:
        """Turns the distributor and this CPU's interface on."""
        control = DistributorControl()
        control.enable_group_0 = True
        self.distributor.control.write(control)
        self.boot_target = self.distributor.target[0].read()
        mask = PriorityMask()
        mask.priority = 0xFF
        self.interface.priority_mask.write(mask)
        enable = CpuControl()
        enable.enable = True
        self.interface.control.write(enable)


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Starts the controller. `reg` holds distributor and CPU interface."""
    distributor = machine.map_registers(node, 0)
    interface = machine.map_registers(node, 1)
    if distributor == 0 or interface == 0 or machine.controller is not None:
        raise OSError(ENODEV)
    gic = allocate(machine.heap, GicV2)
    gic.distributor = Distributor(distributor)
    gic.interface = CpuInterface(interface)
    gic.start()
    machine.controller = gic


DRIVER = Driver(
    name="gicv2",
    provides=DeviceClass.IRQ_CONTROLLER,
    compatible=("arm,cortex-a15-gic", "arm,gic-400"),
    probe=probe,
)
