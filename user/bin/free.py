"""free - show how memory is used.

usage: free [-a]

  -a   also how often memory was allocated since boot

Sizes are in KiB. `cached` are file pages that the kernel can drop.
"""

from __future__ import annotations

from bare import errno_of, i32
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error
from user.lib.system_status import SystemStatus

KIB = 1024


def main(arguments: Arguments) -> i32:
    """Prints total, used, free, cached memory and what the kernel holds."""
    with_allocations = False
    options = Options(arguments, b"a")
    while options.next():
        with_allocations = True
    options.refuse_operands()
    status = SystemStatus()
    try:
        status.update()
    except OSError as error:
        report_error(b"sysinfo", errno_of(error))
        return 1
    info = status.system
    used = info.memory_total - info.memory_free
    print("             total       used       free     cached     kernel       heap     tables")
    print(f"Mem:    {info.memory_total // KIB:10} {used // KIB:10} ", end="")
    print(f"{info.memory_free // KIB:10} {info.page_cache // KIB:10} ", end="")
    print(f"{info.kernel_image // KIB:10} {info.kernel_heap // KIB:10} ", end="")
    print(f"{info.page_tables // KIB:10}")
    if with_allocations:
        print(f"allocations: {info.allocations}")
    return 0
