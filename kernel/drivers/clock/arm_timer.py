"""The architecture's generic timer: its virtual counter and virtual timer. Arm ARM DDI 0487,
D11.2.

Counts become nanoseconds by multiplication with a fixed-point ratio, so a reading costs no
division.
"""

from __future__ import annotations

from abi.errno import ENODEV
from bare import allocate, multiply_high, raises, struct, u32, u64
from bare.unsafe import isb, read_system_register, write_system_register
from kernel.device.machine import Machine
from kernel.device.registry import DeviceClass, Driver
from kernel.time.clock import NANOSECONDS, ClockSource

ENABLE = 1
MASK = 2
"""CNTV_CTL_EL0."""
VIRTUAL = 2
"""Index of the virtual timer among the node's interrupts."""
LARGEST_FREQUENCY = NANOSECONDS
"""A counter is at most as fast as nanoseconds, so whole nanoseconds tell its ticks apart."""
FAR = 1 << 62
"""Nanoseconds, 146 years: later deadlines are as good as this."""


@struct
class ArmTimer(ClockSource):
    """The virtual counter, from the value that it had when the kernel was entered."""

    start: u64 = 0
    """Counter at entry."""
    whole: u64 = 0
    fraction: u64 = 0
    """Nanoseconds in a tick: whole ones, and 2**64ths."""
    ticks_fraction: u64 = 0
    """Ticks in a nanosecond, in 2**64ths; 0 where it is exactly one."""

    def set_frequency(self, frequency: u64, start: u64) -> None:
        """Computes the ratios for a frequency in hertz."""
        self.start = start
        self.whole = NANOSECONDS // frequency
        self.fraction = fraction_of(NANOSECONDS % frequency, frequency)
        self.ticks_fraction = 0
        if frequency < NANOSECONDS:
            self.ticks_fraction = fraction_of(frequency, NANOSECONDS)

    def to_ns(self, ticks: u64) -> u64:
        """Converts ticks to nanoseconds."""
        return ticks * self.whole + multiply_high(ticks, self.fraction)

    def to_ticks(self, nanoseconds: u64) -> u64:
        """Converts nanoseconds to ticks, rounded up."""
        if self.ticks_fraction == 0:
            return nanoseconds
        return multiply_high(nanoseconds, self.ticks_fraction) + 1

    def now_ns(self) -> u64:
        """Returns nanoseconds since the kernel was entered."""
        isb()
        return self.to_ns(read_system_register("CNTVCT_EL0") - self.start)

    def set_alarm(self, deadline_ns: u64) -> None:
        """Interrupts this CPU at a time."""
        ticks = self.start + self.to_ticks(min(deadline_ns, FAR))
        # SAFETY: this CPU's timer registers belong to this driver alone.
        write_system_register("CNTV_CVAL_EL0", ticks)
        write_system_register("CNTV_CTL_EL0", ENABLE)
        isb()

    def clear_alarm(self) -> None:
        """Cancels this CPU's alarm."""
        # SAFETY: this CPU's timer registers belong to this driver alone.
        write_system_register("CNTV_CTL_EL0", MASK)
        isb()


def fraction_of(part: u64, whole: u64) -> u64:
    """Returns `part / whole` in 2**64ths; `part` is the smaller, `whole` below 2**32."""
    high = (part << 32) // whole
    rest = (part << 32) % whole
    return (high << 32) | ((rest << 32) // whole)


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Starts the clock. ENODEV: firmware has not said how fast the counter is."""
    frequency = read_system_register("CNTFRQ_EL0")
    irq = machine.tree.interrupt(node, VIRTUAL)
    if frequency == 0 or frequency > LARGEST_FREQUENCY or irq == 0:
        raise OSError(ENODEV)
    timer = allocate(machine.heap, ArmTimer)
    timer.set_frequency(frequency, machine.entry_counter)
    timer.clear_alarm()
    timer.irq = irq
    machine.clock_source = timer


DRIVER = Driver(
    name="arm-timer",
    provides=DeviceClass.CLOCK,
    compatible=("arm,armv8-timer",),
    probe=probe,
)
