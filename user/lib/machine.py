"""Ending the machine: power off and restart."""

from __future__ import annotations

from abi.system import LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2
from bare import errno_of, i32, u32
from user.lib import sys
from user.lib.report import report_error
from user.lib.standard import standard


def end_machine(command: u32) -> i32:
    """Writes what is buffered, stores all data and asks the kernel; returns 1 after a message."""
    standard().output.flush()
    try:
        sys.sync()
        sys.reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, 0)
    except OSError as error:
        report_error(b"reboot", errno_of(error))
    return 1
