"""What a process may do (capability mask) and what may be done through a descriptor (rights).

Masks and rights only shrink: a child starts with its parent's, and no call adds a bit.
"""

from bare import u32, u64

CAP_CONSOLE: u64 = 0x01
"""Power-off and reboot, later device claims, updates, cells and mounts."""
CAP_SPAWN: u64 = 0x02
"""Make processes."""
CAP_FS_READ: u64 = 0x04
"""Open files for reading and list directories."""
CAP_TMP_WRITE: u64 = 0x08
"""Create, write, rename and remove in the writable file systems, and set modes and times there."""
CAP_PROCESS_INSPECT: u64 = 0x10
"""See processes of other principals."""
CAP_NET: u64 = 0x20
"""Sockets."""
CAP_LOG_EXPORT: u64 = 0x40
"""Read the kernel's log."""
CAP_ALL: u64 = 0x7F
"""What PID 1 starts with."""

RIGHT_READ: u32 = 0x01
RIGHT_WRITE: u32 = 0x02
RIGHT_EXECUTE: u32 = 0x04
RIGHT_MAP: u32 = 0x08
RIGHT_DUPLICATE: u32 = 0x10
RIGHT_TRANSFER: u32 = 0x20
RIGHT_GET_ATTRIBUTES: u32 = 0x40
RIGHT_SET_ATTRIBUTES: u32 = 0x80
RIGHTS_ALL: u32 = 0xFF
