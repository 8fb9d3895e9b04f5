"""call_fuzz - make random system calls with random arguments.

usage: call_fuzz SEED ROUNDS

Each round forks a child that makes calls until it has made enough, or ends by one of them, or
hangs in one and is killed. Calls that would reach other processes or the console are left out. The
program ends well if the kernel is still there to say so.
"""

from __future__ import annotations

from abi.epoll import EPOLLIN
from abi.errno import EINTR
from abi.eventfd import EFD_NONBLOCK, TFD_NONBLOCK
from abi.file import AT_FDCWD, O_APPEND, O_CREAT, O_RDONLY, O_RDWR, PipeEnds
from abi.process import WNOHANG
from abi.signal import SIGCHLD, SIGKILL
from abi.socket import INADDR_LOOPBACK, SOCK_NONBLOCK
from abi.time import CLOCK_MONOTONIC, TimeSpec
from bare import (
    Array,
    Span,
    array,
    errno_of,
    i32,
    raises,
    store_u64,
    struct,
    u8,
    u64,
    wrap_u64,
    wrapping_add,
    wrapping_mul,
)
from bare.unsafe import address_of, static_array
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.numbers import parse_unsigned
from user.lib.socket import Endpoint, Epoll
from user.lib.svc import svc

CALLS_A_ROUND = 150
FILLED_WORDS: u64 = 64
SCRATCH = b"/tmp/call_fuzz"
PATIENCE = 40
"""Naps of a millisecond after which a child is taken for hanging."""
HIGHEST = 300
OWN_FIRST = 1024
OWN_COUNT = 10
SKIPPED: tuple[u64, ...] = (129, 130, 131, 142, 57, 1032)
"""kill and its kin, reboot, close (the null device must stay), fail_allocation."""
CLONE: u64 = 220
MULTIPLIER: u64 = 6364136223846793005
INCREMENT: u64 = 1442695040888963407
"""Knuth, MMIX."""
INTERESTING: tuple[u64, ...] = (
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    64,
    4095,
    4096,
    4097,
    65536,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x7FFF_FFFF_F000,
    0x4000_0000_0000_0000,
    0x7FFF_FFFF_FFFF_F000,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_8000_4020_0000,
    0xFFFF_C000_0000_4000,
    0xFFFF_FFFF_FFFF_F000,
    0xFFFF_FFFF_FFFF_FF9C,
    0xFFFF_FFFF_FFFF_FFFF,
)


@struct
class Dice:
    """A generator of numbers: a step of a linear congruence, its upper bits."""

    state: u64

    def roll(self, sides: u64) -> u64:
        """Returns a number below `sides`."""
        self.state = wrapping_add(wrapping_mul(self.state, MULTIPLIER), INCREMENT)
        return (self.state >> 33) % sides


def argument(dice: Dice, buffer: u64) -> u64:
    """Returns something that a call may trip over."""
    choice = dice.roll(8)
    if choice < 3:
        return buffer + dice.roll(4) * 64
    if choice < 5:
        return dice.roll(18)
    if choice < 7:
        return INTERESTING[dice.roll(len(INTERESTING))]
    return dice.roll(1 << 30) << dice.roll(34)


def fill(dice: Dice, buffer: Span[u8]) -> None:
    """Fills the buffer with small words and with such that structures in it may be tripped over."""
    for index in range(FILLED_WORDS):
        word = dice.roll(256)
        if dice.roll(4) == 0:
            word = INTERESTING[dice.roll(len(INTERESTING))]
        store_u64(buffer, index * 8, word)


def number(dice: Dice) -> u64:
    """Returns the number of a call that may be made."""
    while True:
        chosen = dice.roll(HIGHEST + OWN_COUNT)
        if chosen >= HIGHEST:
            chosen = OWN_FIRST + chosen - HIGHEST
        if chosen not in SKIPPED:
            return chosen


@raises()
def be_quiet() -> None:
    """Puts the null device in place of the console."""
    null = sys.openat(AT_FDCWD, b"/dev/null", O_RDWR, 0)
    for fd in range(i32(3)):
        sys.dup3(null, fd, 0)


@raises()
def open_files() -> None:
    """Opens a file of each kind: calls whose descriptor is right go further."""
    sys.openat(AT_FDCWD, SCRATCH, O_RDWR | O_CREAT | O_APPEND, 0o600)
    sys.openat(AT_FDCWD, b"/tmp", O_RDONLY, 0)
    sys.openat(AT_FDCWD, b"/bin", O_RDONLY, 0)
    sys.openat(AT_FDCWD, b"/bin/sh", O_RDONLY, 0)
    sys.openat(AT_FDCWD, b"/dev/zero", O_RDWR, 0)
    sys.openat(AT_FDCWD, b"/dev/urandom", O_RDWR, 0)
    sys.pipe2(PipeEnds(), 0)
    open_sockets()


@raises()
def open_sockets() -> None:
    """Opens a socket of each kind, an epoll that watches one, a counter and a timer."""
    local = Endpoint(INADDR_LOOPBACK, 0)
    datagrams = socket.bind_udp(local, SOCK_NONBLOCK)
    socket.local_endpoint(datagrams, local)
    socket.connect(datagrams, local)
    listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, 0), 2, SOCK_NONBLOCK)
    socket.local_endpoint(listener, local)
    socket.connect_tcp(local)
    socket.open_tcp(SOCK_NONBLOCK)
    socket.open_ping(SOCK_NONBLOCK)
    epoll = Epoll()
    epoll.open()
    epoll.add(listener, EPOLLIN, 0)
    sys.eventfd2(1, EFD_NONBLOCK)
    sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)


def make_calls(dice: Dice) -> None:
    """Makes random calls; a child of a child does nothing."""
    # SAFETY: zeroed storage of its own; the kernel may scribble over it.
    buffer = static_array(u8, 8192)
    place = address_of(buffer)
    for _ in range(CALLS_A_ROUND):
        fill(dice, buffer)
        chosen = number(dice)
        a0 = argument(dice, place)
        a1 = argument(dice, place)
        a2 = argument(dice, place)
        a3 = argument(dice, place)
        result = svc(chosen, a0, a1, a2, a3, argument(dice, place), argument(dice, place))
        if chosen == CLONE and result == 0:
            sys.exit_group(0)


@raises()
def round(seed: u64) -> bool:
    """Lets one child make its calls; returns whether it had to be killed."""
    pid = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        be_quiet()
        open_files()
        make_calls(Dice(seed))
        sys.exit_group(0)
    status: Array[i32] = array(1)
    for _ in range(PATIENCE):
        if sys.wait4(pid, status[:], WNOHANG, None) != 0:
            return False
        sys.nanosleep(TimeSpec(0, 1_000_000), None)
    sys.kill(pid, SIGKILL)
    sys.wait4(pid, status[:], 0, None)
    return True


@raises()
def reap_strays() -> None:
    """Waits for what the children left behind, as far as it ended."""
    status: Array[i32] = array(1)
    try:
        while sys.wait4(-1, status[:], WNOHANG, None) > 0:
            pass
    except OSError as error:
        if errno_of(error) == EINTR:
            raise


def main(arguments: Arguments) -> i32:
    """Runs the rounds."""
    seed: u64 = 1
    rounds: u64 = 50
    killed: u64 = 0
    try:
        if arguments.count > 2:
            seed = parse_unsigned(arguments.get(1))
            rounds = parse_unsigned(arguments.get(2))
        for index in range(rounds):
            if round(wrapping_add(wrapping_mul(seed, 1_000_003), wrap_u64(index))):
                killed += 1
            reap_strays()
        sys.unlinkat(AT_FDCWD, SCRATCH, 0)
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    print(f"call_fuzz: {rounds} rounds, {killed} children hung")
    return 0
