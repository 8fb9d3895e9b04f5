"""The order of spin locks: a lock may be taken only while all locks held are of earlier classes.

Debug builds check it at every acquisition with one bit mask per CPU. Blocking calls hold no spin
lock.
"""

from __future__ import annotations

from bare import Enum8


class LockClass(Enum8):
    """Classes in the order in which they may be nested, outermost first."""

    UNORDERED = 0
    """Not checked: locks of tests, and locks that never nest."""
    PROCESS_TABLE = 1
    PROCESS = 2
    FD_TABLE = 3
    MOUNT = 4
    INODE = 5
    ADDRESS_SPACE = 6
    PAGE_CACHE = 7
    PIPE = 8
    """Pipes and terminals."""
    NET = 9
    """The network stack: its state and the devices' rings."""
    BLOCK_DEVICE = 10
    WAIT_QUEUE = 11
    RUN_QUEUE = 12
    TIMER = 13
    IRQ_TABLE = 14
    KERNEL_SPACE = 15
    HEAP = 16
    FRAMES = 17
    LOG = 18
    UART = 19
