"""Waiting for many descriptors."""

from __future__ import annotations

from abi.errno import ENOSYS
from bare import i32, raises, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.syscall.call import Call


@raises()
def epoll_create1(call: Call, flags: u32) -> i32:
    """Makes an epoll descriptor; `flags` is 0 or EPOLL_CLOEXEC."""
    raise OSError(ENOSYS)


@raises()
def epoll_ctl(call: Call, epoll: i32, operation: i32, fd: i32, event: UserAddr) -> None:
    """Adds, changes or removes a descriptor."""
    raise OSError(ENOSYS)


@raises()
def epoll_pwait(
    call: Call,
    epoll: i32,
    events: UserAddr,
    capacity: usize,
    timeout_ms: i32,
    mask: UserAddr,
    mask_size: usize,
) -> u64:
    """Waits for events, for ever where `timeout_ms` is negative; returns how many there are."""
    raise OSError(ENOSYS)
