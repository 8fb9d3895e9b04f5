"""Bare Python: a timer queue and a clock driver, for `time/test_timer_queue.py`."""

from __future__ import annotations

from bare import inline, struct, u64
from bare.unsafe import address_of, static_object
from kernel.arch.aarch64.cpu import CpuBase, install_cpu
from kernel.drivers.clock.arm_timer import ArmTimer
from kernel.sync.lock_class import LockClass
from kernel.time.clock import Clock, ClockSource
from kernel.time.timer_queue import TimerQueue


@struct
class Rig:
    """The parts."""

    cpu: CpuBase = inline()
    clock: Clock = inline()
    timers: TimerQueue = inline()


def make_queue(source: ClockSource) -> TimerQueue:
    """Returns an empty queue on a clock."""
    rig = static_object(Rig)
    install_cpu(address_of(rig.cpu))
    rig.clock.source = source
    rig.timers.clock = rig.clock
    rig.timers.lock.lock_class = LockClass.TIMER
    return rig.timers


def converted(frequency: u64, ticks: u64) -> tuple[u64, u64]:
    """Returns ticks as nanoseconds, and those as ticks again."""
    timer = ArmTimer()
    timer.set_frequency(frequency, 0)
    nanoseconds = timer.to_ns(ticks)
    return nanoseconds, timer.to_ticks(nanoseconds)
