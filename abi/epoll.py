"""Waiting for many descriptors. Linux, include/uapi/linux/eventpoll.h."""

from bare import i32, struct, u32, u64

EPOLL_CLOEXEC: u32 = 0x8_0000

EPOLL_CTL_ADD: i32 = 1
EPOLL_CTL_DEL: i32 = 2
EPOLL_CTL_MOD: i32 = 3

EPOLLIN: u32 = 0x001
EPOLLPRI: u32 = 0x002
EPOLLOUT: u32 = 0x004
EPOLLERR: u32 = 0x008
EPOLLHUP: u32 = 0x010
EPOLLRDNORM: u32 = 0x040
EPOLLWRNORM: u32 = 0x100
EPOLLRDHUP: u32 = 0x2000
EPOLLEXCLUSIVE: u32 = 1 << 28
EPOLLWAKEUP: u32 = 1 << 29
EPOLLONESHOT: u32 = 1 << 30
EPOLLET: u32 = 1 << 31


@struct(size=16)
class EpollEvent:
    """`struct epoll_event`: what to wait for or what happened, and the program's own number."""

    events: u32 = 0
    data: u64 = 0
