"""uptime - show how long the system runs and how busy it is.

usage: uptime
"""

from __future__ import annotations

from bare import errno_of, i32
from user.lib.arguments import Arguments, refuse_arguments
from user.lib.report import report_error
from user.lib.system_status import SystemStatus, print_clock

NS_PER_SECOND = 1_000_000_000


def main(arguments: Arguments) -> i32:
    """Prints uptime, number of processes and the share of CPU time used since boot."""
    refuse_arguments(arguments)
    status = SystemStatus()
    try:
        status.update()
    except OSError as error:
        report_error(b"sysinfo", errno_of(error))
        return 1
    info = status.system
    print("up ", end="")
    print_clock(info.uptime_ns // NS_PER_SECOND)
    cpus = "CPU" if info.cpus_online == 1 else "CPUs"
    busy = status.busy_permille(0, 0)
    print(f", {info.processes} processes, {info.cpus_online} {cpus}, ", end="")
    print(f"{busy // 10}.{busy % 10}% busy since boot")
    return 0
