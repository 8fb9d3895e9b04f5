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

UART_BURST_BYTES = 16
"""Bytes sent at one transmit interrupt: half the FIFO of a PL011."""

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

RECLAIM_BATCH = 32
"""Cached pages freed at once when there are no frames: one search serves several allocations."""

READ_AHEAD_FIRST = 8
"""Pages read by a miss that does not go on where the last one ended: 32 KiB."""

READ_AHEAD_LIMIT = 32
"""Pages of the largest disk request, 128 KiB: under emulation a request costs like ten pages."""

READ_AHEAD_RESERVE = 256
"""Free frames (1 MiB) below which a miss reads only the page that was asked for."""

TMPFS_SHARE = 2
"""The tmpfs at /tmp may hold one part in this many of all frames."""

RUN_SHARE = 64
"""So may the one at /run: 4 MiB of 256; it holds small files of services."""

DISK_TIMEOUT_NS = 10_000_000_000
"""After this long without an answer a disk is given up; its requests fail with EIO."""

VIRTIO_QUEUE_SIZE = 128
"""Descriptors of a disk's queue: three requests of 32 pages at once; all rings fit one page."""

NET_MEMORY_STEP = 4 << 20
"""Bytes of RAM for each buffer that waits for a received frame: 64 of 2 KiB at 256 MiB."""

NET_RECEIVE_LEAST = 8
NET_RECEIVE_MOST = 256
"""Bounds of their number. What does not fit waits in the host, or is lost where nobody queues."""

NET_SEND_LEAST = 16
NET_SEND_MOST = 64
"""Bounds of the number of frames that a device is sending at once: 64 are 92 KiB. The same step."""

NET_SEND_DESCRIPTORS = 4
"""Descriptors for each of them: headers and up to three pieces; a frame of more pieces waits for
room if it must.
"""

NET_BUDGET = 64
"""Frames handled in one hold of the lock: some 200 us, and one exit to the device for all."""

NET_MEMORY_SHARE = 4
"""Packets may hold one part in this many of the memory that is free when the stack starts."""

NET_SPARE_PACKETS = 64
"""Free packets kept for the next burst: 128 KiB."""
