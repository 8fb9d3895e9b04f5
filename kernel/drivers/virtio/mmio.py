"""The virtio transport over memory-mapped registers. Virtio 1.2, 4.2.

How to use it, in this order (3.1.1): `open`, `reset`, `negotiate`, `set_queue` for each queue,
`start`; a driver that gives up calls `fail`. `open` refuses version 1, the legacy interface, whose
queues are laid out otherwise.
"""

from __future__ import annotations

from abi.errno import EINVAL, EIO, ENODEV
from bare import Enum32, raises, struct, u32, u64
from bare.registers import MmioBlock, Register, bit, ro, rw, wo
from kernel.arch.aarch64.layout import PhysAddr
from kernel.device.machine import Machine

MAGIC: u32 = 0x7472_6976
LEGACY_VERSION: u32 = 1
MODERN_VERSION: u32 = 2
NO_DEVICE: u32 = 0
RESET_READS: u32 = 100_000
"""Reads of the status register after which a reset is given up."""
FEATURE_VERSION_1: u64 = 1 << 32
LOW_WORD: u64 = 0xFFFF_FFFF


class DeviceId(Enum32):
    """What is behind a transport. Virtio 1.2, 5."""

    NETWORK = 1
    BLOCK = 2
    ENTROPY = 4


class Status(Register, width=32):
    """Device status. Virtio 1.2, 2.1."""

    acknowledge = bit(0)
    driver = bit(1)
    driver_ok = bit(2)
    features_ok = bit(3)
    needs_reset = bit(6)
    failed = bit(7)


class Interrupts(Register, width=32):
    """Pending reasons of an interrupt. Virtio 1.2, 4.2.2."""

    used_buffer = bit(0)
    configuration = bit(1)


class VirtioRegisters(MmioBlock, size=0x200):
    """Virtio 1.2, 4.2.2; the device's own configuration begins at 0x100."""

    magic = ro(0x000, u32)
    version = ro(0x004, u32)
    device_id = ro(0x008, u32)
    device_features = ro(0x010, u32)
    device_features_select = wo(0x014, u32)
    driver_features = wo(0x020, u32)
    driver_features_select = wo(0x024, u32)
    queue_select = wo(0x030, u32)
    queue_size_limit = ro(0x034, u32)
    queue_size = wo(0x038, u32)
    queue_ready = rw(0x044, u32)
    queue_notify = wo(0x050, u32)
    interrupt_status = ro(0x060, Interrupts)
    interrupt_acknowledge = wo(0x064, Interrupts)
    status = rw(0x070, Status)
    queue_descriptors_low = wo(0x080, u32)
    queue_descriptors_high = wo(0x084, u32)
    queue_available_low = wo(0x090, u32)
    queue_available_high = wo(0x094, u32)
    queue_used_low = wo(0x0A0, u32)
    queue_used_high = wo(0x0A4, u32)
    configuration_generation = ro(0x0FC, u32)
    configuration_0 = ro(0x100, u32)
    configuration_4 = ro(0x104, u32)
    configuration_8 = ro(0x108, u32)
    configuration_12 = ro(0x10C, u32)


@struct
class VirtioTransport:
    """One transport; `address` is that of its registers in the linear map."""

    address: u64 = 0

    def registers(self) -> VirtioRegisters:
        """Returns the register block."""
        return VirtioRegisters(self.address)

    @raises(ENODEV)
    def open(self, machine: Machine, wanted: DeviceId) -> None:
        """Checks that a device of the wanted kind is behind the registers.

        ENODEV: there is none, or a legacy one, which is said in the log.
        """
        registers = self.registers()
        if registers.magic.read() != MAGIC:
            raise OSError(ENODEV)
        if registers.device_id.read() != u32(wanted):
            raise OSError(ENODEV)
        version = registers.version.read()
        if version == LEGACY_VERSION:
            machine.log.error(
                "virtio: legacy device refused; run QEMU with "
                "-global virtio-mmio.force-legacy=false"
            )
        elif version != MODERN_VERSION:
            machine.log.error(f"virtio: unknown transport version {version}")
        if version != MODERN_VERSION:
            raise OSError(ENODEV)

    @raises(EIO)
    def reset(self) -> None:
        """Brings the device to its first state: it forgets all queues and touches no memory."""
        registers = self.registers()
        registers.status.write(Status(0))
        for _ in range(RESET_READS):
            if registers.status.read().value == 0:
                return
        raise OSError(EIO)

    @raises(EINVAL)
    def negotiate(self, wanted: u64) -> u64:
        """Agrees on version 1 and those of the `wanted` features that the device has.

        EINVAL: the device does not take it.
        """
        registers = self.registers()
        status = Status(0)
        status.acknowledge = True
        registers.status.write(status)
        status.driver = True
        registers.status.write(status)
        offered = self._offered_features()
        if offered & FEATURE_VERSION_1 == 0:
            raise OSError(EINVAL)
        agreed = offered & (wanted | FEATURE_VERSION_1)
        self._accept_features(agreed)
        status.features_ok = True
        registers.status.write(status)
        if not registers.status.read().features_ok:
            raise OSError(EINVAL)
        return agreed

    def queue_limit(self, index: u32) -> u32:
        """Returns the most descriptors that queue `index` may have; 0: there is no such queue."""
        registers = self.registers()
        registers.queue_select.write(index)
        return registers.queue_size_limit.read()

    @raises(EINVAL)
    def set_queue(
        self, index: u32, size: u32, descriptors: PhysAddr, available: PhysAddr, used: PhysAddr
    ) -> None:
        """Tells the device where queue `index` lies. EINVAL: no such queue, or not that long."""
        registers = self.registers()
        registers.queue_select.write(index)
        if registers.queue_ready.read() != 0 or registers.queue_size_limit.read() < size:
            raise OSError(EINVAL)
        registers.queue_size.write(size)
        registers.queue_descriptors_low.write(u32(descriptors & LOW_WORD))
        registers.queue_descriptors_high.write(u32(descriptors >> 32))
        registers.queue_available_low.write(u32(available & LOW_WORD))
        registers.queue_available_high.write(u32(available >> 32))
        registers.queue_used_low.write(u32(used & LOW_WORD))
        registers.queue_used_high.write(u32(used >> 32))
        registers.queue_ready.write(1)

    def start(self) -> None:
        """Lets the device work."""
        registers = self.registers()
        status = registers.status.read()
        status.driver_ok = True
        registers.status.write(status)

    def fail(self) -> None:
        """Tells the device that its driver gave up."""
        registers = self.registers()
        status = registers.status.read()
        status.failed = True
        registers.status.write(status)

    def notify(self, queue: u32) -> None:
        """Tells the device that there are new buffers in a queue."""
        registers = self.registers()
        registers.queue_notify.write(queue)

    def acknowledge(self) -> Interrupts:
        """Returns the reasons of an interrupt and takes them away."""
        registers = self.registers()
        reasons = registers.interrupt_status.read()
        registers.interrupt_acknowledge.write(reasons)
        return reasons

    def _offered_features(self) -> u64:
        registers = self.registers()
        registers.device_features_select.write(0)
        low = u64(registers.device_features.read())
        registers.device_features_select.write(1)
        return low | u64(registers.device_features.read()) << 32

    def _accept_features(self, features: u64) -> None:
        registers = self.registers()
        registers.driver_features_select.write(0)
        registers.driver_features.write(u32(features & LOW_WORD))
        registers.driver_features_select.write(1)
        registers.driver_features.write(u32(features >> 32))
