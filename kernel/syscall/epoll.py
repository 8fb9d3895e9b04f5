"""Waiting for many descriptors."""

from __future__ import annotations

from abi.epoll import EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EpollEvent
from abi.errno import EINTR, EINVAL
from abi.signal import SigSet
from bare import Array, array, errno_of, i32, invert, raises, size_of, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.ipc.epoll import EpollFile, make_epoll
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.proc.signal_mask import restore_mask, suspend_mask
from kernel.sched.wait_queue import NEVER
from kernel.syscall.call import Call

MASK_SIZE: usize = 8
EVENTS_AT_ONCE: usize = 64
"""Events that one call returns at most: 1 KiB of the kernel's stack."""
LARGEST_CAPACITY: usize = 0x7FFF_FFFF // 16
MS: u64 = 1_000_000


@raises()
def epoll_create1(call: Call, flags: u32) -> i32:
    """Makes an epoll descriptor."""
    if flags & invert(EPOLL_CLOEXEC) != 0:
        raise OSError(EINVAL)
    process = call.process
    file = make_epoll(process.allocator, call.services.epolls)
    return process.files.add(file, 0, flags & EPOLL_CLOEXEC != 0)


@raises()
def epoll_ctl(call: Call, epoll: i32, operation: i32, fd: i32, event: UserAddr) -> None:
    """Adds, changes or removes a descriptor."""
    wanted = EpollEvent()
    if operation in (EPOLL_CTL_ADD, EPOLL_CTL_MOD):
        copy_in(object_bytes(wanted, size_of(EpollEvent)), event)
    elif operation != EPOLL_CTL_DEL:
        raise OSError(EINVAL)
    owner = epoll_of(call, epoll)
    try:
        file = call.process.files.get(fd)
        try:
            if file is owner:
                raise OSError(EINVAL)
            control(owner, operation, fd, file, wanted)
        finally:
            file.put()
    finally:
        owner.put()


@raises()
def control(owner: EpollFile, operation: i32, fd: i32, file: File, event: EpollEvent) -> None:
    """Does what an operation says."""
    if operation == EPOLL_CTL_ADD:
        owner.add(fd, file, event)
    elif operation == EPOLL_CTL_MOD:
        owner.change(fd, file, event)
    else:
        owner.delete(fd, file)


@raises()
def epoll_pwait(
    call: Call,
    epoll: i32,
    events: UserAddr,
    capacity: usize,
    timeout_ms: i32,
    mask: UserAddr,
    mask_size: usize,
) -> usize:
    """Waits for events, perhaps with another set of blocked signals."""
    if not 0 < capacity <= LARGEST_CAPACITY or (mask != 0 and mask_size != MASK_SIZE):
        raise OSError(EINVAL)
    if mask == 0:
        return wait(call, epoll, events, capacity, timeout_ms)
    wanted = SigSet()
    copy_in(object_bytes(wanted, size_of(SigSet)), mask)
    suspend_mask(call.services.processes, call.process, wanted.bits)
    try:
        found = wait(call, epoll, events, capacity, timeout_ms)
    except OSError as error:
        # A signal that came is delivered on the way out, which brings the old mask back.
        if errno_of(error) != EINTR:
            restore_mask(call.services.processes, call.process)
        raise
    restore_mask(call.services.processes, call.process)
    return found


@raises()
def wait(call: Call, epoll: i32, events: UserAddr, capacity: usize, timeout_ms: i32) -> usize:
    """Waits with the signal mask as it is."""
    deadline = NEVER
    if timeout_ms >= 0:
        deadline = call.services.clock.now_ns() + u64(timeout_ms) * MS
    file = epoll_of(call, epoll)
    try:
        found: Array[EpollEvent] = array(EVENTS_AT_ONCE)
        wanted = found[: min(capacity, EVENTS_AT_ONCE)]
        count = file.collect(wanted) if timeout_ms == 0 else file.wait(wanted, deadline)
        for index in range(count):
            place = events + index * size_of(EpollEvent)
            copy_out(place, object_bytes(found[index], size_of(EpollEvent)))
        return count
    finally:
        file.put()


@raises()
def epoll_of(call: Call, fd: i32) -> EpollFile:
    """Returns the epoll of a descriptor, with a reference. EBADF, EINVAL: it is none."""
    file = call.process.files.get(fd)
    if not isinstance(file, EpollFile):
        file.put()
        raise OSError(EINVAL)
    return file
