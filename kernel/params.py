"""Every capacity and tuning number of the kernel, with its unit and its reason.

Tables of processes, files, mappings and devices have no entry here: they grow until memory is gone.
"""

from __future__ import annotations

CHECK_LOCK_ORDER = True
"""Whether every spin lock checks the order of lock classes: two loads and a store each."""

MINIMUM_MEMORY = 20 << 20
"""Bytes of RAM below which boot stops with a message. -m 24M is the smallest that is promised."""

MAXIMUM_ORDER = 10
"""Largest block of the frame allocator is 2**10 frames, 4 MiB."""

FRAME_CACHE_SIZE = 32
"""Frames that one CPU keeps for itself; refilled and drained by halves."""

LOG_BYTES = 16 * 1024
"""Size of the log ring. The boot log of `-M virt` takes about 2 KiB."""

CONSOLE_BUFFER_BYTES = 4096
"""Transmit ring of the serial console: a screen of text."""

FAULT_AROUND_PAGES = 16
"""Window in which a fault on a file also maps the cached neighbours: 64 KiB."""

FLUSH_PAGE_LIMIT = 16
"""Pages up to which unmapping invalidates page by page: 0.19 us a page against 3 us for all."""

STACK_GROWTH_LIMIT = 8 << 20
"""Bytes that a program's stack may grow to, as RLIMIT_STACK says elsewhere."""

STACK_GUARD_GAP = 64 * 1024
"""Bytes that stay unmapped below a stack that has not grown to its limit."""

MAP_TOP = 0x7FFF_BFFF_0000
"""Where `mmap` places areas below: 1 GiB under the top of the stack."""

KERNEL_STACK_SPARE = 8
"""Kernel stacks kept mapped for the next thread."""

TIME_SLICE_NS = 6_000_000
"""Nanoseconds that a thread runs before others of its kind get their turn."""
