"""Waiting for several descriptors at once."""

from __future__ import annotations

from abi.errno import EINTR, EINVAL
from abi.poll import POLLERR, POLLHUP, POLLNVAL, PollFd
from abi.signal import SigSet
from abi.time import NS_PER_SECOND, TimeSpec
from bare import (
    Span,
    allocate,
    allocate_span,
    errno_of,
    i16,
    i64,
    raises,
    release,
    size_of,
    struct,
    u64,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.proc.signal_mask import restore_mask, suspend_mask
from kernel.sched.poll_queue import Poller
from kernel.sched.wait_queue import NEVER
from kernel.syscall.call import Call

ALWAYS: i16 = POLLERR | POLLHUP | POLLNVAL
"""Events that are told even if nobody asked."""
MASK_SIZE: usize = 8
LONGEST_WAIT_S: i64 = 0x1_0000_0000
"""Longer waits than this many seconds are for ever."""


@struct
class HeldFile:
    """A file that is watched, and the reference that keeps it."""

    file: File | None


@raises()
def ppoll(
    call: Call,
    descriptors: UserAddr,
    count: usize,
    timeout: UserAddr,
    mask: UserAddr,
    mask_size: usize,
) -> usize:
    """Waits until a descriptor is ready, a signal comes or the time is over."""
    if count > call.process.files.limit or (mask != 0 and mask_size != MASK_SIZE):
        raise OSError(EINVAL)
    deadline = call.thread.resumed_deadline(deadline_of(call, timeout))
    if mask == 0:
        return poll(call, descriptors, count, deadline)
    wanted = SigSet()
    copy_in(object_bytes(wanted, size_of(SigSet)), mask)
    suspend_mask(call.services.processes, call.process, wanted.bits)
    try:
        ready = poll(call, descriptors, count, deadline)
    except OSError as error:
        # A signal that came is delivered on the way out, which brings the old mask back.
        if errno_of(error) != EINTR:
            restore_mask(call.services.processes, call.process)
        raise
    restore_mask(call.services.processes, call.process)
    return ready


@raises()
def poll(call: Call, descriptors: UserAddr, count: usize, deadline_ns: u64) -> usize:
    """Waits with the signal mask as it is. A wait that starts again after a signal without handler
    keeps its end.
    """
    heap = call.process.allocator
    poller = allocate(heap, Poller)
    poller.allocator = heap
    try:
        held = allocate_span(heap, HeldFile, max(count, 1))
        try:
            return poll_until(call, poller, held[:count], descriptors, deadline_ns)
        except OSError as error:
            if errno_of(error) == EINTR:
                call.thread.deadline_ns = deadline_ns
            raise
        finally:
            poller.finish()
            put_files(held)
            release(heap, held)
    finally:
        release(heap, poller)


@raises()
def poll_until(
    call: Call, poller: Poller, held: Span[HeldFile], descriptors: UserAddr, deadline_ns: u64
) -> usize:
    """Looks at all descriptors, sleeps, and looks again, until one is ready or the time is over."""
    may_wait = deadline_ns > call.services.clock.now_ns()
    ready = look(call, poller if may_wait else None, held, descriptors)
    while ready == 0 and may_wait:
        may_wait = poller.wait_until(deadline_ns)
        ready = look(call, None, held, descriptors)
    return ready


@raises()
def look(call: Call, poller: Poller | None, held: Span[HeldFile], descriptors: UserAddr) -> usize:
    """Writes the events of every descriptor to the program; returns how many have some.

    With a poller, watches them first.
    """
    ready: usize = 0
    for index in range(len(held)):
        place = descriptors + index * size_of(PollFd)
        entry = PollFd()
        copy_in(object_bytes(entry, size_of(PollFd)), place)
        entry.revents = 0
        if entry.fd >= 0:
            entry.revents = events_of(call, poller, held[index], entry)
        if entry.revents != 0:
            ready += 1
        copy_out(place, object_bytes(entry, size_of(PollFd)))
    return ready


@raises()
def events_of(call: Call, poller: Poller | None, held: HeldFile, entry: PollFd) -> i16:
    """Returns the events of one descriptor, whose file is kept from the first look on."""
    file = held.file
    if file is None:
        try:
            file = call.process.files.get(entry.fd)
        except OSError:
            return POLLNVAL
        held.file = file
    return file.poll(poller) & (entry.events | ALWAYS)


def put_files(held: Span[HeldFile]) -> None:
    """Gives the references back."""
    for entry in held:
        file = entry.file
        if file is not None:
            file.put()


@raises()
def deadline_of(call: Call, timeout: UserAddr) -> u64:
    """Returns the end of a wait as time since boot; NEVER without a timeout. EFAULT, EINVAL."""
    if timeout == 0:
        return NEVER
    time = TimeSpec()
    copy_in(object_bytes(time, size_of(TimeSpec)), timeout)
    if time.seconds < 0 or not 0 <= time.nanoseconds < i64(NS_PER_SECOND):
        raise OSError(EINVAL)
    if time.seconds >= LONGEST_WAIT_S:
        return NEVER
    return call.services.clock.now_ns() + u64(time.seconds) * NS_PER_SECOND + u64(time.nanoseconds)
