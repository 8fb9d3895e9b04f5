"""What the system tells of itself, as `top`, `free` and `uptime` show it."""

from __future__ import annotations

from abi.system import CpuInfo, SystemInfo
from bare import Span, allocate_span, inline, raises, release, struct, u64, usize
from user.lib import sys
from user.lib.standard import standard

PERMILLE = 1000
FIRST_GUESS = 8


@struct
class SystemStatus:
    """The last answer of `sysinfo`: the system, and one record for each CPU.

    `cpus` has room for more records than there are CPUs; `cpu_count` are valid.
    """

    system: SystemInfo = inline()
    cpus: Span[CpuInfo] | None = None
    cpu_count: usize = 0

    @raises()
    def update(self) -> None:
        """Asks the kernel again, with more room when there are more CPUs than fit."""
        cpus = self.cpus
        if cpus is None:
            cpus = allocate_span(standard().heap, CpuInfo, FIRST_GUESS)
            self.cpus = cpus
        count = sys.sysinfo(self.system, cpus)
        if count > len(cpus):
            release(standard().heap, cpus)
            cpus = allocate_span(standard().heap, CpuInfo, count)
            self.cpus = cpus
            count = min(sys.sysinfo(self.system, cpus), len(cpus))
        self.cpu_count = count

    def busy_permille(self, past_uptime_ns: u64, past_idle_ns: u64) -> u64:
        """Returns the busy share of all CPUs since an earlier moment, in thousandths.

        The arguments are that moment's uptime and idle time; zeroes mean since boot.
        """
        elapsed = (self.system.uptime_ns - past_uptime_ns) * max(self.system.cpus_online, 1)
        return busy_share(elapsed, self.system.idle_ns - past_idle_ns)


def busy_share(elapsed_ns: u64, idle_ns: u64) -> u64:
    """Returns the share of `elapsed_ns` that was not idle, in thousandths; 0 of nothing."""
    if elapsed_ns == 0 or idle_ns >= elapsed_ns:
        return 0
    return (elapsed_ns - idle_ns) * PERMILLE // elapsed_ns


def print_clock(seconds: u64) -> None:
    """Prints seconds as H:MM:SS."""
    print(f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}", end="")
