"""Waiting for one socket with a limit of time."""

from __future__ import annotations

from abi.poll import POLLIN, POLLOUT, PollFd
from abi.signal import SigSet
from abi.time import NS_PER_MS, NS_PER_SECOND, TimeSpec
from bare import Array, array, i16, i32, i64, raises, u64
from user.lib import sys
from user.lib.clock import monotonic_ns


def monotonic_ms() -> u64:
    """Returns milliseconds since boot."""
    return monotonic_ns() // NS_PER_MS


@raises()
def wait_readable(descriptor: i32, end_ns: u64, mask: SigSet | None = None) -> bool:
    """Waits until something can be received, False when it is `end_ns` since boot before.

    `mask` are the signals that are blocked meanwhile; EINTR for another.
    """
    return wait_events(descriptor, POLLIN, end_ns, mask)


@raises()
def wait_writable(descriptor: i32, end_ns: u64) -> bool:
    """Waits until something can be sent, or a connection stands or has failed."""
    return wait_events(descriptor, POLLOUT, end_ns, None)


@raises()
def wait_events(descriptor: i32, events: i16, end_ns: u64, mask: SigSet | None) -> bool:
    """Waits for events of a descriptor up to a time."""
    now_ns = monotonic_ns()
    left_ns = end_ns - min(now_ns, end_ns)
    timeout = TimeSpec(i64(left_ns // NS_PER_SECOND), i64(left_ns % NS_PER_SECOND))
    polled: Array[PollFd] = array(1)
    polled[0].fd = descriptor
    polled[0].events = events
    return sys.ppoll(polled[:], timeout, mask) > 0
