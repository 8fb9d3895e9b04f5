"""epoll_check - wait for sockets and pipes by epoll in every way.

Prints `ok NAME` or `FAILED NAME` for each check, and at the end how many failed.
"""

from __future__ import annotations

from abi.epoll import (
    EPOLL_CTL_ADD,
    EPOLLET,
    EPOLLEXCLUSIVE,
    EPOLLHUP,
    EPOLLIN,
    EPOLLONESHOT,
    EPOLLOUT,
    EPOLLRDHUP,
    EpollEvent,
)
from abi.errno import EBADF, EEXIST, EINVAL, ELOOP, ENOENT, EPERM
from abi.file import AT_FDCWD, O_RDONLY, PipeEnds
from abi.poll import POLLIN, PollFd
from abi.socket import INADDR_LOOPBACK, SHUT_WR, SOCK_NONBLOCK
from abi.time import TimeSpec
from bare import Array, array, errno_of, i32, inline, raises, struct, u8, u16, u32, u64
from bare.unsafe import static_object
from tests.guest.checks import check, finish
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint, Epoll

PORT: u16 = 5560
MANY = 100


@struct
class State:
    """What checks share."""

    epoll: Epoll = inline()
    clients: Array[i32] = array(MANY)


def state() -> State:
    """Returns the state."""
    # SAFETY: zeroed data of its own.
    return static_object(State)


def error_of_add(epoll: i32, fd: i32, events: u32) -> i32:
    """Returns what adding says."""
    try:
        sys.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, EpollEvent(events, 0))
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_remove(fd: i32) -> i32:
    """Returns what removing says."""
    try:
        state().epoll.remove(fd)
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def only_event(data: u64) -> u32:
    """Returns the events of the only ready descriptor, 0 if it is none or another."""
    epoll = state().epoll
    count = epoll.wait(0)
    if count != 1 or epoll.events[0].data != data:
        return 0
    return epoll.events[0].events


@struct
class Pair:
    """Two ends of a connection."""

    client: i32 = -1
    server: i32 = -1


@raises()
def connect_pair(pair: Pair) -> None:
    """Makes a connection to ourselves."""
    listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, 0), 4)
    local = Endpoint()
    socket.local_endpoint(listener, local)
    pair.client = socket.connect_tcp(local)
    remote = Endpoint()
    pair.server = socket.accept_connection(listener, remote, SOCK_NONBLOCK)
    sys.close(listener)


@raises()
def check_level() -> None:
    """Level-triggered: told as long as it holds."""
    epoll = state().epoll
    pair = Pair()
    connect_pair(pair)
    buffer: Array[u8] = array(64)
    epoll.add(pair.server, EPOLLIN | EPOLLRDHUP, 7)
    check("nothing yet", epoll.wait(0) == 0)
    socket.send_all(pair.client, b"hello")
    check("readable", only_event(7) == EPOLLIN)
    check("readable still", only_event(7) == EPOLLIN)
    socket.receive(pair.server, buffer)
    check("not any more", epoll.wait(0) == 0)
    epoll.change(pair.server, EPOLLIN | EPOLLOUT, 8)
    check("writable, other number", only_event(8) == EPOLLOUT)
    epoll.change(pair.server, EPOLLIN | EPOLLRDHUP, 9)
    sys.shutdown(pair.client, SHUT_WR)
    check("other end shut", only_event(9) == EPOLLIN | EPOLLRDHUP)
    sys.close(pair.client)
    sys.shutdown(pair.server, SHUT_WR)
    check("hung up", only_event(9) & EPOLLHUP != 0)
    sys.close(pair.server)
    check("closed and gone", epoll.wait(0) == 0)
    check("not there to be removed", error_of_remove(pair.server) == EBADF)


@raises()
def check_edge() -> None:
    """Edge-triggered: told once for each arrival."""
    epoll = state().epoll
    pair = Pair()
    connect_pair(pair)
    socket.set_no_delay(pair.client)
    epoll.add(pair.server, EPOLLIN | EPOLLOUT | EPOLLET, 1)
    check("writable at first", only_event(1) == EPOLLOUT)
    check("told once", epoll.wait(0) == 0)
    socket.send_all(pair.client, b"one")
    check("edge", only_event(1) == EPOLLIN | EPOLLOUT)
    check("once", epoll.wait(0) == 0)
    socket.send_all(pair.client, b"two")
    check("again for more", only_event(1) & EPOLLIN != 0)
    epoll.remove(pair.server)
    epoll.add(pair.server, EPOLLIN | EPOLLONESHOT, 2)
    check("one shot", only_event(2) == EPOLLIN)
    socket.send_all(pair.client, b"three")
    check("then off", epoll.wait(0) == 0)
    epoll.change(pair.server, EPOLLIN | EPOLLONESHOT, 3)
    check("on again", only_event(3) == EPOLLIN)
    sys.close(pair.client)
    sys.close(pair.server)


@raises()
def check_errors() -> None:
    """What cannot be watched."""
    epoll = state().epoll
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    epoll.add(ends.read_end, EPOLLIN | EPOLLEXCLUSIVE, 4)
    check("twice", error_of_add(epoll.descriptor, ends.read_end, EPOLLIN) == EEXIST)
    check("not watched", error_of_remove(ends.write_end) == ENOENT)
    check("itself", error_of_add(epoll.descriptor, epoll.descriptor, EPOLLIN) == EINVAL)
    other = Epoll()
    other.open()
    check("another epoll", error_of_add(epoll.descriptor, other.descriptor, EPOLLIN) == ELOOP)
    other.close()
    check("not an epoll", error_of_add(ends.read_end, ends.write_end, EPOLLIN) == EINVAL)
    file = sys.openat(AT_FDCWD, b"/bin/cat", O_RDONLY, 0)
    check("a regular file", error_of_add(epoll.descriptor, file, EPOLLIN) == EPERM)
    sys.close(file)
    check("closed", error_of_add(epoll.descriptor, 99, EPOLLIN) == EBADF)
    sys.write(ends.write_end, b"x")
    check("pipe", only_event(4) == EPOLLIN)
    entries: Array[PollFd] = array(1)
    entries[0].fd = epoll.descriptor
    entries[0].events = POLLIN
    check("poll of an epoll", sys.ppoll(entries, TimeSpec(), None) == 1)
    copy = sys.dup(ends.read_end)
    sys.close(ends.read_end)
    check("a copy keeps it", only_event(4) == EPOLLIN)
    sys.close(copy)
    check("the last one takes it along", epoll.wait(0) == 0)
    sys.close(ends.write_end)


@raises()
def check_many() -> None:
    """A hundred connections at once: what is ready is found, in turn, by a waiting call too."""
    epoll = state().epoll
    clients = state().clients
    local = Endpoint(INADDR_LOOPBACK, PORT)
    listener = socket.listen_tcp(local, MANY, SOCK_NONBLOCK)
    epoll.add(listener, EPOLLIN, 1000)
    for index in range(MANY):
        clients[index] = socket.connect_tcp(local)
    check("listener", only_event(1000) == EPOLLIN)
    remote = Endpoint()
    for _ in range(MANY):
        fd = socket.accept_connection(listener, remote, SOCK_NONBLOCK)
        epoll.add(fd, EPOLLIN, u64(fd))
    check("quiet", epoll.wait(0) == 0)
    for index in range(MANY):
        socket.send_all(clients[index], b"x")
    check("as many as fit", epoll.wait(0) == 64)
    served: u32 = 0
    buffer: Array[u8] = array(8)
    while served < MANY:
        for found in range(epoll.wait(1000)):
            fd = i32(epoll.events[found].data)
            if socket.receive(fd, buffer) == 1:
                served += 1
            sys.close(fd)
    check("each one once", served == MANY)
    check("then quiet", epoll.wait(0) == 0)
    for index in range(MANY):
        sys.close(clients[index])
    sys.close(listener)


@raises()
def check_waiting() -> None:
    """A call that sleeps is woken by another process, and ends by its time."""
    epoll = state().epoll
    pair = Pair()
    connect_pair(pair)
    epoll.add(pair.server, EPOLLIN, 5)
    check("time is over", epoll.wait(30) == 0)
    child = sys.clone(17, 0, 0, 0, 0)
    if child == 0:
        sys.nanosleep(TimeSpec(0, 20_000_000), None)
        socket.send_all(pair.client, b"wake")
        sys.exit_group(0)
    check("woken", epoll.wait(5000) == 1 and epoll.events[0].data == 5)
    status: Array[i32] = array(1)
    sys.wait4(child, status, 0, None)
    sys.close(pair.client)
    sys.close(pair.server)
    check("gone with its descriptor", epoll.wait(0) == 0)


def main(arguments: Arguments) -> i32:
    """Runs all checks; 0 if all are right."""
    try:
        state().epoll.open()
        check_level()
        check_edge()
        check_errors()
        check_many()
        check_waiting()
        state().epoll.close()
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    return finish("epoll_check")
