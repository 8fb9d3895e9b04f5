"""Arm Generic Interrupt Controller, versions 3 and 4, without translation services. IHI 0069H.

Shared interrupts are in the distributor and routed by affinity, private ones in each CPU's
redistributor; the CPU interface is system registers.
"""

from __future__ import annotations

from abi.errno import ENODEV
from bare import allocate, raises, struct, u8, u32, u64, wrap_u32
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, rw_array
from bare.unsafe import isb, read_system_register, write_system_register
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

ICC_SRE_EL1 = "S3_0_C12_C12_5"
ICC_PMR_EL1 = "S3_0_C4_C6_0"
ICC_IGRPEN1_EL1 = "S3_0_C12_C12_7"
ICC_IAR1_EL1 = "S3_0_C12_C12_0"
ICC_EOIR1_EL1 = "S3_0_C12_C12_1"
"""The CPU interface, by encoding: the compiler's CPU need not know the names."""

ALL_GROUP_1 = 0xFFFF_FFFF
AFFINITY = 0xFF_00FF_FFFF
"""MPIDR_EL1: the affinity fields."""


class Waker(Register, width=32):
    """GICR_WAKER."""

    processor_sleep = bit(1)
    children_asleep = bit(2)


class RedistributorType(Register, width=64):
    """GICR_TYPER."""

    has_virtual_lpis = bit(1)
    """Version 4: two more frames follow."""
    is_last = bit(4)
    affinity = bits(63, 32)


REDISTRIBUTOR_SIZE = 0x2_0000


class Redistributor(MmioBlock, size=REDISTRIBUTOR_SIZE):
    """One CPU's redistributor: a frame of control and one of private interrupts."""

    type = ro(0x0008, RedistributorType)
    waker = rw(0x0014, Waker)
    group = rw(0x1_0080, u32)
    enable_set = rw(0x1_0100, u32)
    enable_clear = rw(0x1_0180, u32)
    priority = rw_array(0x1_0400, 32, u8)


class Router(MmioBlock, size=0x8000):
    """GICD_IROUTER: 64 bits of affinity for each shared interrupt."""

    route = rw_array(0x6000, 1020, u64)


@struct
class GicV3(IrqController):
    """The distributor and the boot CPU's redistributor."""

    distributor: Distributor
    router: Router
    redistributor: Redistributor

    def line_count(self) -> u32:
        """Returns the number of interrupts."""
        return irq_count(self.distributor)

    def enable(self, irq: u32) -> None:
        """Lets an interrupt through to the boot CPU."""
        if irq < PRIVATE_IRQS:
            self.redistributor.priority[irq].write(PRIORITY)
            self.redistributor.enable_set.write(1 << irq)
            return
        self.distributor.priority[irq].write(PRIORITY)
        self.router.route[irq].write(read_system_register("MPIDR_EL1") & AFFINITY)
        self.distributor.enable_set[irq // WORD_BITS].write(1 << (irq % WORD_BITS))

    def disable(self, irq: u32) -> None:
        """Keeps an interrupt from the CPUs."""
        if irq < PRIVATE_IRQS:
            self.redistributor.enable_clear.write(1 << irq)
        else:
            self.distributor.enable_clear[irq // WORD_BITS].write(1 << (irq % WORD_BITS))

    def claim(self) -> u32:
        """Returns the pending interrupt, now active."""
        irq = wrap_u32(read_system_register(ICC_IAR1_EL1))
        return SPURIOUS if irq >= LARGEST_COUNT else irq

    def complete(self, irq: u32) -> None:
        """Ends the handling of an interrupt."""
        # SAFETY: the CPU interface belongs to this driver; `irq` was claimed on this CPU.
        write_system_register(ICC_EOIR1_EL1, u64(irq))
        isb()

    def start_distributor(self) -> None:
        """Turns affinity routing on and puts all shared interrupts into group 1."""
        control = DistributorControl()
        control.enable_group_1 = True
        control.affinity_routing = True
        self.distributor.control.write(control)
        for word in range(1, (self.line_count() + WORD_BITS - 1) // WORD_BITS):
            self.distributor.group[word].write(ALL_GROUP_1)

    def start_cpu(self) -> None:
        """Wakes this CPU's redistributor and turns its interface on."""
        waker = self.redistributor.waker.read()
        waker.processor_sleep = False
        self.redistributor.waker.write(waker)
        while self.redistributor.waker.read().children_asleep:
            pass
        self.redistributor.group.write(ALL_GROUP_1)
        # SAFETY: the CPU interface belongs to this driver, and nothing is enabled yet.
        write_system_register(ICC_SRE_EL1, read_system_register(ICC_SRE_EL1) | 1)
        isb()
        write_system_register(ICC_PMR_EL1, 0xFF)
        write_system_register(ICC_IGRPEN1_EL1, 1)
        isb()


@raises(ENODEV)
def find_redistributor(base: u64, size: u64) -> Redistributor:
    """Returns the redistributor of the running CPU in a region of them."""
    mpidr = read_system_register("MPIDR_EL1")
    affinity = wrap_u32((mpidr & 0xFF_FFFF) | ((mpidr >> 8) & 0xFF00_0000))
    offset: u64 = 0
    while offset + REDISTRIBUTOR_SIZE <= size:
        candidate = Redistributor(base + offset)
        kind = candidate.type.read()
        if kind.affinity == affinity:
            return candidate
        if kind.is_last:
            break
        offset += REDISTRIBUTOR_SIZE * (2 if kind.has_virtual_lpis else 1)
    raise OSError(ENODEV)


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Starts the controller. `reg` holds the distributor and the first region of redistributors."""
    distributor = machine.map_registers(node, 0)
    redistributors = machine.map_registers(node, 1)
    if distributor == 0 or redistributors == 0 or machine.controller is not None:
        raise OSError(ENODEV)
    _, size = machine.tree.region(node, 1)
    redistributor = find_redistributor(redistributors, size)
    gic = allocate(machine.heap, GicV3)
    gic.distributor = Distributor(distributor)
    gic.router = Router(distributor)
    gic.redistributor = redistributor
    gic.start_distributor()
    gic.start_cpu()
    machine.controller = gic


DRIVER = Driver(
    name="gicv3",
    provides=DeviceClass.IRQ_CONTROLLER,
    compatible=("arm,gic-v3",),
    probe=probe,
)
