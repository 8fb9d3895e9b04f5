"""bad_pointers - make every system call with every pointer argument wrong, one at a time.

For each it tries null, an address of the kernel, an unmapped one, one that wraps around, one that
is no address, and for results a page that cannot be written. A call must fail, and where nothing
else is wrong with it by EFAULT; program and kernel go on.
"""

from __future__ import annotations

from abi.epoll import EPOLL_CTL_MOD, EPOLLOUT
from abi.errno import EFAULT
from abi.file import AT_FDCWD, O_CREAT, O_RDWR
from abi.memory import MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ
from abi.socket import INADDR_LOOPBACK, MSG_DONTWAIT, SO_TYPE, SOCK_NONBLOCK, SOL_SOCKET
from abi.time import CLOCK_MONOTONIC
from bare import (
    Array,
    array,
    errno_of,
    i32,
    i64,
    raises,
    struct,
    u8,
    u64,
    usize,
    wrap_i64,
    wrap_u64,
)
from bare.unsafe import address_of, static_object
from tests.guest.pointer_table import (
    ADDRESS,
    ARGUMENTS,
    DIRECTORY,
    FD,
    IN,
    LENGTH,
    NULLABLE,
    NUMBERS,
    OUT,
    PATH,
    SET_SIZE,
    SIZE_OF,
)
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint, Epoll
from user.lib.svc import svc

PAGE = 4096
REGISTERS = 6
SKIPPED: tuple[u64, ...] = (220, 142)
"""clone, whose addresses matter only with flags, and reboot."""
LENIENT: tuple[u64, ...] = (78, 137, 202, 242, 260)
"""Calls that find another fault first: no link, no signal in time, no connection, no child."""
TIMER_CALLS: tuple[u64, ...] = (86, 87)
"""timerfd_settime and timerfd_gettime."""
VECTORED: tuple[u64, ...] = (65, 66)
"""readv and writev."""
BAD: tuple[u64, ...] = (
    0,
    0xFFFF_8000_4020_0000,
    0x6000_0000_0000,
    0xFFFF_FFFF_FFFF_FFF8,
    0x0001_0000_0000_0000,
)
UNTOUCHED: tuple[u64, ...] = (101, 115, 158)
"""nanosleep, clock_nanosleep, getgroups: they write only when there is something to write."""
SHORT: tuple[u64, ...] = (73, 65, 66, 243, 269, 1024, 1025, 1033)
"""Calls that take a number of structures, which must fit the buffer."""
SOCKET_CALLS: tuple[u64, ...] = (
    *(200, 201, 203, 204, 205, 206, 207, 208, 209, 210),
    *(211, 212, 243, 269),
)
ADDRESSED: tuple[u64, ...] = (200, 203, 206)
"""bind, connect, sendto: an address has a length."""
SIZED: tuple[u64, ...] = (204, 205, 207, 209)
"""Calls that read how much room there is."""
ACCEPTS: tuple[u64, ...] = (202, 242)
EPOLL_CTL: u64 = 21
EPOLL_PWAIT: u64 = 22
GETSOCKOPT: u64 = 209
ROOM = 64
PPOLL: u64 = 73
RECVFROM: u64 = 207
SIGTIMEDWAIT: u64 = 137
CAUGHT_SIGNAL = 10
"""SIGUSR1, where a call wants a signal."""


@struct
class Bench:
    """What the calls are given where an argument is not the one under test."""

    buffer: Array[u8] = array(512)
    path: Array[u8] = array(16)
    file: i32 = 0
    directory: i32 = 0
    socket: i32 = 0
    """Connected to itself."""
    listener: i32 = 0
    epoll: i32 = 0
    timer: i32 = 0
    read_only: u64 = 0
    tried: u64 = 0
    failures: u64 = 0


@struct
class Registers:
    """The six arguments of a call."""

    x: Array[u64] = array(REGISTERS)


def bench() -> Bench:
    """Returns the bench."""
    # SAFETY: zeroed data of its own.
    return static_object(Bench)


@raises()
def prepare() -> None:
    """Opens what the calls work on."""
    made = bench()
    made.path[:10].copy_from(b"/hello.txt")
    made.file = sys.openat(AT_FDCWD, b"/tmp/bad_pointers", O_CREAT | O_RDWR, 0o600)
    sys.write(made.file, b"0123456789abcdef0123456789abcdef")
    made.directory = sys.openat(AT_FDCWD, b"/tmp", 0, 0)
    open_sockets()
    made.timer = sys.timerfd_create(CLOCK_MONOTONIC, 0)
    made.read_only = sys.mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)


@raises()
def open_sockets() -> None:
    """Makes a datagram socket that talks to itself, a listener, and an epoll with an event."""
    made = bench()
    made.socket = socket.bind_udp(Endpoint(INADDR_LOOPBACK, 5580), SOCK_NONBLOCK)
    socket.connect(made.socket, Endpoint(INADDR_LOOPBACK, 5580))
    made.listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, 5580), 1, SOCK_NONBLOCK)
    epoll = Epoll()
    epoll.open()
    epoll.add(made.socket, EPOLLOUT, 0)
    made.epoll = epoll.descriptor


def descriptor(number: u64, index: usize) -> i32:
    """Returns a descriptor that a call works on."""
    made = bench()
    if number in SOCKET_CALLS or (number == EPOLL_CTL and index == 2):
        return made.socket
    if number in ACCEPTS:
        return made.listener
    if number in (EPOLL_CTL, EPOLL_PWAIT):
        return made.epoll
    if number in TIMER_CALLS:
        return made.timer
    return made.directory if number == 61 else made.file


def kind_at(row: usize, index: usize) -> u64:
    """Returns the kind of an argument."""
    return ARGUMENTS[row] >> (8 * index) & 0xFF


def good_value(number: u64, kind: u64, index: usize) -> u64:
    """Returns an argument that is right, or as right as can be."""
    made = bench()
    plain = kind % NULLABLE
    if plain == FD:
        return wrap_u64(descriptor(number, index))
    if plain == DIRECTORY:
        return wrap_u64(AT_FDCWD)
    if plain == LENGTH:
        return length(number)
    if plain == SET_SIZE:
        return 8
    if plain == SIZE_OF:
        return 64
    if plain == PATH:
        return address_of(made.path)
    if plain in (IN, OUT):
        return 0 if kind >= NULLABLE and not is_needed(number, index) else address_of(made.buffer)
    return number_value(number, index)


def length(number: u64) -> u64:
    """Returns a number of elements that fit."""
    if number in ADDRESSED:
        return socket.ADDRESS_SIZE
    return 4 if number in SHORT else len(bench().buffer)


def number_value(number: u64, index: usize) -> u64:
    """Returns a number that a call has a use for."""
    if number == 134 and index == 0:
        return CAUGHT_SIGNAL
    if number == EPOLL_CTL:
        return wrap_u64(EPOLL_CTL_MOD)
    if number == GETSOCKOPT:
        return SOL_SOCKET if index == 1 else SO_TYPE
    return 0


def is_needed(number: u64, index: usize) -> bool:
    """Whether a call would wait for ever, or leave another pointer alone, with a null one here."""
    return (number in (PPOLL, SIGTIMEDWAIT) and index == 2) or (number == RECVFROM and index == 4)


def is_pointer(kind: u64) -> bool:
    """Whether an argument is an address that the call follows."""
    return kind % NULLABLE in (IN, OUT, PATH, ADDRESS)


def try_call(row: usize, index: usize, value: u64) -> None:
    """Makes a call with one wrong argument."""
    made = bench()
    registers = Registers()
    number = NUMBERS[row]
    for other in range(u64(REGISTERS)):
        registers.x[other] = good_value(number, kind_at(row, other), other)
    registers.x[index] = value
    made.buffer.fill(0)
    if number in SIZED:
        made.buffer[0] = ROOM
    rewind()
    x = registers.x
    result = wrap_i64(svc(number, x[0], x[1], x[2], x[3], x[4], x[5]))
    made.tried += 1
    if result == 0 and number in UNTOUCHED and kind_at(row, index) % NULLABLE == OUT:
        return
    is_strict = number not in LENIENT and kind_at(row, index) % NULLABLE != ADDRESS
    if is_strict and result != -EFAULT:
        fail(number, index, value, result)


def rewind() -> None:
    """Moves the file back to its start, so that there is something to read, and to receive."""
    try:
        sys.lseek(bench().file, 0, 0)
        socket.send(bench().socket, b"datagram", MSG_DONTWAIT)
    except OSError:
        bench().failures += 1


def fail(number: u64, index: usize, value: u64, result: i64) -> None:
    """Reports a wrong answer."""
    bench().failures += 1
    print(f"FAILED call {number} argument {index} value {value:#x} result {result}")


def abuse(row: usize) -> None:
    """Tries every wrong value of every pointer of a call."""
    for index in range(u64(REGISTERS)):
        kind = kind_at(row, index)
        if not is_pointer(kind):
            continue
        for value in BAD:
            if value != 0 or kind < NULLABLE:
                try_call(row, index, value)
        if kind % NULLABLE == OUT:
            try_call(row, index, bench().read_only)


def abuse_vectors() -> None:
    """Gives `readv` and `writev` a vector that is right, of buffers that are not."""
    made = bench()
    words: Array[u64] = array(2)
    words[1] = 4
    for number in VECTORED:
        for value in BAD:
            words[0] = value
            rewind()
            result = wrap_i64(svc(number, wrap_u64(made.file), address_of(words), 1))
            made.tried += 1
            if result != -EFAULT:
                fail(number, 1, value, result)


def main(arguments: Arguments) -> i32:
    """Tries all calls; 0 if all answers were right."""
    try:
        prepare()
    except OSError as error:
        print(f"FAILED to prepare: error {errno_of(error)}")
        return 1
    for row in range(len(NUMBERS)):
        if NUMBERS[row] not in SKIPPED:
            abuse(row)
    abuse_vectors()
    made = bench()
    print(f"bad_pointers: {made.tried} calls, {made.failures} failures")
    return 1 if made.failures > 0 else 0
