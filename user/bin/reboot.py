"""reboot - start the machine again.

usage: reboot
"""

from __future__ import annotations

from abi.system import LINUX_REBOOT_CMD_RESTART
from bare import i32
from user.lib.arguments import Arguments, refuse_arguments
from user.lib.machine import end_machine


def main(arguments: Arguments) -> i32:
    """Does not return when the caller may do it."""
    refuse_arguments(arguments)
    return end_machine(LINUX_REBOOT_CMD_RESTART)
