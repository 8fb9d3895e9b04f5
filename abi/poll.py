"""Waiting for several descriptors. Linux, include/uapi/asm-generic/poll.h."""

from bare import i16, i32, struct

POLLIN: i16 = 0x001
POLLPRI: i16 = 0x002
POLLOUT: i16 = 0x004
POLLERR: i16 = 0x008
POLLHUP: i16 = 0x010
POLLNVAL: i16 = 0x020
POLLRDNORM: i16 = 0x040
POLLWRNORM: i16 = 0x100


@struct(size=8)
class PollFd:
    """`struct pollfd`: a negative descriptor is skipped."""

    fd: i32 = 0
    events: i16 = 0
    revents: i16 = 0
