"""What programs that check something share: `ok NAME` or `FAILED NAME`, and a count at the end."""

from __future__ import annotations

from abi.poll import PollFd
from abi.time import TimeSpec
from bare import Array, Bytes, array, errno_of, i16, i32, struct, u8, u32
from bare.unsafe import static_object
from user.lib import socket, sys
from user.lib.socket import Endpoint


@struct
class Checks:
    """How many checks went wrong."""

    failures: u32 = 0


def checks() -> Checks:
    """Returns the counter of the program."""
    # SAFETY: zeroed data of its own; one thread.
    return static_object(Checks)


def check(name: str, is_right: bool) -> None:
    """Reports one check."""
    if is_right:
        print(f"ok {name}")
    else:
        checks().failures += 1
        print(f"FAILED {name}")


def expect(name: str, wanted: i32, got: i32) -> None:
    """Reports a check of an error number."""
    if wanted != got:
        print(f"wanted error {wanted}, got {got}")
    check(name, wanted == got)


def finish(program: str) -> i32:
    """Says how many checks went wrong; returns the program's exit status."""
    print(f"{program}: {checks().failures} failures")
    return 1 if checks().failures > 0 else 0


def error_of_socket(family: i32, kind: u32, protocol: i32) -> i32:
    """Returns what making a socket says."""
    try:
        sys.close(sys.socket(family, kind, protocol))
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_connect(fd: i32, remote: Endpoint) -> i32:
    """Returns what connecting says."""
    try:
        socket.connect(fd, remote)
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_bind(fd: i32, local: Endpoint) -> i32:
    """Returns what binding says."""
    try:
        socket.bind(fd, local)
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_send(fd: i32, data: Bytes, flags: u32) -> i32:
    """Returns what sending says."""
    try:
        socket.send(fd, data, flags)
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_receive(fd: i32, flags: u32) -> i32:
    """Returns what receiving says; -1 at the end of the stream."""
    buffer: Array[u8] = array(16)
    try:
        if socket.receive(fd, buffer, flags) == 0:
            return -1
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_option(fd: i32, level: u32, name: u32, value: i32) -> i32:
    """Returns what setting an option says."""
    try:
        socket.set_option(fd, level, name, value)
    except OSError as error:
        return errno_of(error)
    return 0


def events_of(fd: i32, wanted: i16) -> i16:
    """Returns what poll says of a descriptor now."""
    entries: Array[PollFd] = array(1)
    entries[0].fd = fd
    entries[0].events = wanted
    try:
        sys.ppoll(entries, TimeSpec(), None)
    except OSError:
        return -1
    return entries[0].revents
