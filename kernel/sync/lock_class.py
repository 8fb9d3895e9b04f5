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
    BLOCK_DEVICE = 9
    WAIT_QUEUE = 10
    RUN_QUEUE = 11
    TIMER = 12
    IRQ_TABLE = 13
    KERNEL_SPACE = 14
    HEAP = 15
    FRAMES = 16
    LOG = 17
    UART = 18
