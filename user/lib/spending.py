"""`Spending`: what the whole system did between two moments, by the kernel's counters.

`begin` before and `end` after; the fields are differences then. Busy time is time in which no CPU
stood still: of the observer, of other programs, of the kernel and its interrupts.
"""

from __future__ import annotations

from bare import inline, raises, struct, u64
from user.lib.system_status import SystemStatus


@struct
class Spending:
    """Two readings of the kernel's counters; times in nanoseconds, sizes in bytes."""

    before: SystemStatus = inline()
    after: SystemStatus = inline()

    @raises()
    def prepare(self) -> None:
        """Makes room for the answers, so that `begin` allocates nothing."""
        self.before.update()
        self.after.update()

    @raises()
    def begin(self) -> None:
        """Reads the counters before the work."""
        self.before.update()

    @raises()
    def end(self) -> None:
        """Reads the counters behind the work."""
        self.after.update()

    def elapsed_ns(self) -> u64:
        """Returns the time between the readings."""
        return self.after.system.uptime_ns - self.before.system.uptime_ns

    def idle_ns(self) -> u64:
        """Returns how long the CPUs stood still, summed."""
        return self.after.system.idle_ns - self.before.system.idle_ns

    def busy_ns(self) -> u64:
        """Returns how long the CPUs worked, summed."""
        elapsed = self.elapsed_ns() * max(u64(self.after.system.cpus_online), 1)
        return elapsed - min(elapsed, self.idle_ns())

    def print_line(self) -> None:
        """Prints `spent: NAME=VALUE ...`: what happened between, and memory in use at both ends."""
        first = self.before.system
        last = self.after.system
        print(f"spent: busy_ns={self.busy_ns()} idle_ns={self.idle_ns()}", end="")
        print(f" system_calls={last.system_calls - first.system_calls}", end="")
        print(f" context_switches={last.context_switches - first.context_switches}", end="")
        print(f" interrupts={last.interrupts - first.interrupts}", end="")
        print(f" page_faults={last.page_faults - first.page_faults}", end="")
        print(f" allocations={last.allocations - first.allocations}", end="")
        print(f" processes_made={last.processes_made - first.processes_made}", end="")
        print(f" used_before={first.memory_total - first.memory_free}", end="")
        print(f" used_after={last.memory_total - last.memory_free}")
