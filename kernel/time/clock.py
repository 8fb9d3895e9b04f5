"""The clocks: time since boot, and the time of day."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import i64, struct, u32, u64

NANOSECONDS = 1_000_000_000
"""In a second."""


@struct
class ClockSource(ABC):
    """A counter with a one-shot alarm for each CPU. The architecture's timer implements it."""

    irq: u32 = 0
    """The alarm's interrupt."""

    @abstractmethod
    def now_ns(self) -> u64:
        """Returns nanoseconds since the kernel was entered. Never runs backward."""

    @abstractmethod
    def set_alarm(self, deadline_ns: u64) -> None:
        """Interrupts this CPU at a time; one that has passed interrupts at once."""

    @abstractmethod
    def clear_alarm(self) -> None:
        """Cancels this CPU's alarm."""


@struct
class Clock:
    """What the kernel asks for the time."""

    source: ClockSource
    wall_offset_ns: i64 = 0
    """Time of day minus time since boot, set from the real-time clock or by `clock_settime`."""

    def now_ns(self) -> u64:
        """Returns nanoseconds since the kernel was entered."""
        return self.source.now_ns()

    def wall_ns(self) -> i64:
        """Returns nanoseconds since 1970, UTC."""
        return i64(self.source.now_ns()) + self.wall_offset_ns

    def set_wall_ns(self, value: i64) -> None:
        """Sets the time of day."""
        self.wall_offset_ns = value - i64(self.source.now_ns())


@struct
class WallClock(ABC):
    """A clock that knows the time of day, also while the machine is off."""

    @abstractmethod
    def read_seconds(self) -> u64:
        """Returns seconds since 1970, UTC."""
