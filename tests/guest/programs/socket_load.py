"""socket_load - 10,000 connections one after the other, 500 at once, and the memory afterwards.

Both ends are here: a connection is opened, used both ways, and closed with a reset by one end, so
that nothing of it stays in TIME-WAIT. Prints `ok NAME` or `FAILED NAME` for each check.
"""

from __future__ import annotations

from abi.socket import INADDR_LOOPBACK, SO_LINGER, SOL_SOCKET
from abi.system import CpuInfo, SystemInfo
from abi.time import CLOCK_MONOTONIC, TimeSpec
from bare import Array, array, errno_of, i32, i64, raises, store_i32, struct, u8, u16, u64
from bare.unsafe import static_object
from tests.guest.checks import check, finish
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint

PORT: u16 = 5570
MANY = 10_000
WARM = 200
AT_ONCE = 500
MOST_IDLE_BYTES: u64 = 2048
"""What one end of an idle connection may cost."""
SLACK_BYTES: u64 = 256 * 1024
"""Free packets and slabs that the kernel keeps for the next burst."""


@struct
class State:
    """What checks share."""

    clients: Array[i32] = array(AT_ONCE)
    servers: Array[i32] = array(AT_ONCE)


def state() -> State:
    """Returns the state."""
    # SAFETY: zeroed data of its own.
    return static_object(State)


@raises()
def now_us() -> i64:
    """Returns the time."""
    time = TimeSpec()
    sys.clock_gettime(CLOCK_MONOTONIC, time)
    return time.seconds * 1_000_000 + time.nanoseconds // 1000


@raises()
def memory_used() -> u64:
    """Returns the bytes of memory that are not free."""
    info = SystemInfo()
    cpus: Array[CpuInfo] = array(1)
    sys.sysinfo(info, cpus)
    return info.memory_total - info.memory_free


@raises()
def reset_on_close(fd: i32) -> None:
    """Has `close` send a RST."""
    value: Array[u8] = array(8)
    store_i32(value, 0, 1)
    sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, value)


@raises()
def use_one(listener: i32, local: Endpoint, has_reset: bool) -> None:
    """Opens, uses and closes a connection."""
    client = socket.connect_tcp(local)
    remote = Endpoint()
    served = socket.accept_connection(listener, remote)
    buffer: Array[u8] = array(128)
    socket.send_all(client, b"GET / HTTP/1.0\r\n\r\n")
    count = socket.receive(served, buffer)
    socket.send_all(served, buffer[:count])
    count = socket.receive(client, buffer)
    if count != 18:
        check("answer", False)
    if has_reset:
        reset_on_close(client)
    sys.close(client)
    sys.close(served)


@raises()
def check_in_turn(listener: i32, local: Endpoint) -> None:
    """Ten thousand connections, one after the other."""
    for _ in range(WARM):
        use_one(listener, local, True)
    before = memory_used()
    started = now_us()
    for _ in range(MANY):
        use_one(listener, local, True)
    each = (now_us() - started) // MANY
    after = memory_used()
    print(f"in turn: {each} us each, memory {before} -> {after}")
    check("memory is back behind 10000", after < before + SLACK_BYTES)
    for _ in range(WARM):
        use_one(listener, local, False)
    print(f"with TIME-WAIT: {memory_used() - after} bytes more for {WARM}")


@raises()
def check_at_once(listener: i32, local: Endpoint) -> None:
    """Five hundred connections at once."""
    before = memory_used()
    clients = state().clients
    servers = state().servers
    remote = Endpoint()
    for index in range(AT_ONCE):
        clients[index] = socket.connect_tcp(local)
        servers[index] = socket.accept_connection(listener, remote)
    idle = memory_used() - before
    print(f"at once: {idle // (2 * AT_ONCE)} bytes for an end of an idle connection")
    check("idle connections are small", idle // (2 * AT_ONCE) < MOST_IDLE_BYTES)
    buffer: Array[u8] = array(16)
    for index in range(AT_ONCE):
        socket.send_all(clients[index], b"0123456789")
    received: u64 = 0
    for index in range(AT_ONCE):
        received += socket.receive(servers[index], buffer)
    check("each has its bytes", received == AT_ONCE * 10)
    for index in range(AT_ONCE):
        reset_on_close(clients[index])
        sys.close(clients[index])
        sys.close(servers[index])
    after = memory_used()
    print(f"memory {before} -> {after}")
    check("memory is back behind 500", after < before + SLACK_BYTES)


def main(arguments: Arguments) -> i32:
    """Runs all checks; 0 if all are right."""
    try:
        local = Endpoint(INADDR_LOOPBACK, PORT)
        listener = socket.listen_tcp(local, AT_ONCE)
        check_in_turn(listener, local)
        check_at_once(listener, local)
        sys.close(listener)
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    return finish("socket_load")
