"""Arm PrimeCell real-time clock PL031. DDI 0224C."""

from __future__ import annotations

from abi.errno import ENODEV
from bare import allocate, raises, struct, u32, u64
from bare.registers import MmioBlock, ro
from kernel.device.machine import Machine
from kernel.device.registry import DeviceClass, Driver
from kernel.time.clock import WallClock


class Pl031(MmioBlock, size=0x1000):
    """The one register that we use."""

    data = ro(0x000, u32)
    """RTCDR: seconds since 1970."""


@struct
class Pl031Clock(WallClock):
    """The clock."""

    registers: Pl031

    def read_seconds(self) -> u64:
        """Returns seconds since 1970, UTC."""
        return self.registers.data.read()


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Makes the clock known."""
    address = machine.map_registers(node, 0)
    if address == 0:
        raise OSError(ENODEV)
    clock = allocate(machine.heap, Pl031Clock)
    clock.registers = Pl031(address)
    machine.wall_clock = clock


DRIVER = Driver(
    name="pl031",
    provides=DeviceClass.WALL_CLOCK,
    compatible=("arm,pl031",),
    probe=probe,
)
