"""datagram_check - datagrams, messages in several buffers, sendfile, requests about interfaces.

Prints `ok NAME` or `FAILED NAME` for each check, and at the end how many failed.
"""

from __future__ import annotations

from abi.capability import CAP_ALL, CAP_CONSOLE
from abi.errno import (
    EAGAIN,
    ECONNREFUSED,
    EDESTADDRREQ,
    EINVAL,
    EMSGSIZE,
    ENETUNREACH,
    ENODEV,
    ENOTTY,
    EPERM,
)
from abi.file import AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, SEEK_CUR, IoVec
from abi.network import (
    IFF_LOOPBACK,
    IFF_UP,
    SIOCGIFADDR,
    SIOCGIFCONF,
    SIOCGIFFLAGS,
    SIOCGIFINDEX,
    SIOCGIFMTU,
    SIOCGIFNETMASK,
    SIOCSIFADDR,
    InterfaceList,
    InterfaceRequest,
)
from abi.socket import (
    INADDR_LOOPBACK,
    IP_PKTINFO,
    IPPROTO_IP,
    MSG_DONTWAIT,
    MSG_PEEK,
    MSG_TRUNC,
    MSG_WAITALL,
    MessageHeader,
    MessageVector,
)
from abi.terminal import FIONREAD
from bare import (
    Array,
    array,
    errno_of,
    i32,
    i64,
    load_u16,
    load_u32,
    load_u32_be,
    raises,
    store_u16,
    store_u32_be,
    struct,
    u8,
    u16,
    u32,
    u64,
)
from bare.unsafe import address_of, static_object
from tests.guest.checks import (
    check,
    error_of_connect,
    error_of_receive,
    error_of_send,
    expect,
    finish,
)
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint

PORT: u16 = 5550
LARGE = 200_000
FILE_SIZE = 100_000
UNKNOWN_REQUEST: u32 = 0x89F0
VECTORS = 4


@struct
class Room:
    """Room for data."""

    sent: Array[u8] = array(LARGE)
    received: Array[u8] = array(LARGE)


def room() -> Room:
    """Returns the room."""
    # SAFETY: zeroed data of its own.
    return static_object(Room)


@raises()
def check_datagrams() -> None:
    """UDP: whole datagrams, truncation, connected sockets, errors that come back."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    server = socket.bind_udp(local)
    client = socket.open_udp()
    expect("no destination", EDESTADDRREQ, error_of_send(client, b"x", 0))
    socket.send_to(client, b"first", local)
    socket.send_to(client, b"second!", local)
    buffer: Array[u8] = array(64)
    remote = Endpoint()
    check("first", socket.receive_from(server, buffer, remote) == 5 and buffer[:5] == b"first")
    check("truncated", socket.receive(server, buffer[:3], MSG_TRUNC) == 7)
    socket.send_to(server, b"", remote)
    check("empty datagram", socket.receive(client, buffer) == 0)
    expect("none left", EAGAIN, error_of_receive(server, MSG_DONTWAIT))
    check("too long", error_of_long_datagram(client, local) == EMSGSIZE)
    sent = room().sent[:20000]
    for index in range(len(sent)):
        sent[index] = u8(index % 251)
    socket.send_to(client, sent, local)
    count = socket.receive(server, room().received)
    check("fragments", count == 20000 and room().received[:20000] == sent)
    socket.connect(client, local)
    socket.send(client, b"connected")
    check("connected", socket.receive_from(server, buffer, remote) == 9)
    sys.close(server)
    socket.send(client, b"lost")
    expect("port unreachable", ECONNREFUSED, error_of_receive(client, MSG_DONTWAIT))
    expect("told once", EAGAIN, error_of_receive(client, MSG_DONTWAIT))
    sys.close(client)


def error_of_long_datagram(fd: i32, remote: Endpoint) -> i32:
    """Returns what sending more than IPv4 carries says."""
    try:
        socket.send_to(fd, room().sent[:65508], remote)
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def check_messages() -> None:
    """Several buffers, several messages, where a datagram came in."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    fd = socket.bind_udp(local)
    socket.connect(fd, local)
    text: Array[u8] = array(64)
    text[:11].copy_from(b"hello world")
    vectors: Array[IoVec] = array(VECTORS)
    # SAFETY: the kernel uses the addresses during the calls, in which the buffers live.
    vectors[0].base = address_of(text)
    vectors[0].length = 5
    vectors[1].base = address_of(text) + 5
    vectors[1].length = 6
    header = MessageHeader()
    header.vectors = address_of(vectors)
    header.vector_count = 2
    check("sendmsg", sys.sendmsg(fd, header, 0) == 11)
    socket.set_option(fd, IPPROTO_IP, IP_PKTINFO, 1)
    name: Array[u8] = array(16)
    control: Array[u8] = array(64)
    into: Array[u8] = array(64)
    # SAFETY: as above.
    vectors[0].base = address_of(into)
    vectors[0].length = 3
    vectors[1].base = address_of(into) + 10
    vectors[1].length = 20
    header.name = address_of(name)
    header.name_size = 16
    header.control = address_of(control)
    header.control_size = 64
    check("recvmsg", sys.recvmsg(fd, header, 0) == 11)
    check("both buffers", into[:3] == b"hel" and into[10:18] == b"lo world")
    remote = Endpoint()
    remote.decode(name)
    check("its sender", header.name_size == 16 and remote.port == PORT)
    check("where it came in", header.control_size == 32 and load_u32(control, 12) == IP_PKTINFO)
    check("to which address", load_u32_be(control, 24) == INADDR_LOOPBACK)
    sys.close(fd)


@raises()
def check_batches() -> None:
    """Several messages in one call."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    fd = socket.bind_udp(local)
    socket.connect(fd, local)
    text: Array[u8] = array(16)
    text[:8].copy_from(b"abcdefgh")
    vectors: Array[IoVec] = array(VECTORS)
    messages: Array[MessageVector] = array(VECTORS)
    for index in range(VECTORS):
        # SAFETY: the kernel uses the addresses during the calls, in which the buffers live.
        vectors[index].base = address_of(text)
        vectors[index].length = u64(index) + 1
        messages[index].vectors = address_of(vectors[index])
        messages[index].vector_count = 1
    check("sendmmsg", sys.sendmmsg(fd, messages, 0) == VECTORS)
    check("lengths sent", messages[0].length == 1 and messages[3].length == 4)
    for index in range(VECTORS):
        vectors[index].length = 8
        messages[index].length = 99
    check("recvmmsg", sys.recvmmsg(fd, messages, MSG_DONTWAIT, None) == VECTORS)
    check("lengths received", messages[0].length == 1 and messages[3].length == 4)
    sys.close(fd)


@raises()
def check_sendfile() -> None:
    """Files to sockets, whole, in part, beyond their end, and to another file."""
    data = room().sent[:FILE_SIZE]
    for index in range(len(data)):
        data[index] = u8((index * 13 + index // 256) % 256)
    file = sys.openat(AT_FDCWD, b"/tmp/datagram_check", O_CREAT | O_TRUNC | O_RDWR, 0o600)
    check("file", sys.write(file, data) == FILE_SIZE)
    listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, PORT), 1)
    client = socket.connect_tcp(Endpoint(INADDR_LOOPBACK, PORT))
    remote = Endpoint()
    server = socket.accept_connection(listener, remote)
    check("part", socket.send_file(server, file, 5000, 30_000) == 30_000)
    received = room().received
    check("arrives", socket.receive(client, received[:30_000], MSG_WAITALL) == 30_000)
    check("its bytes", received[:30_000] == data[5000:35_000])
    check("cut at the end", socket.send_file(server, file, FILE_SIZE - 10, 5000) == 10)
    check("nothing behind it", socket.send_file(server, file, FILE_SIZE + 10, 5000) == 0)
    check("tail", socket.receive(client, received, 0) == 10)
    sys.lseek(file, 90_000, 0)
    nowhere: Array[i64] = array(1)
    check("from the position", sys.sendfile(server, file, nowhere[:0], 4000) == 4000)
    check("which moves", sys.lseek(file, 0, SEEK_CUR) == 94_000)
    check("page cache", socket.send_file(server, open_program(), 0, 4096) == 4096)
    count = socket.receive(client, received[:8096], MSG_WAITALL)
    check("ELF", count == 8096 and received[4001:4004] == b"ELF")
    copy = sys.openat(AT_FDCWD, b"/tmp/datagram_copy", O_CREAT | O_TRUNC | O_RDWR, 0o600)
    check("file to file", socket.send_file(copy, file, 0, FILE_SIZE) == FILE_SIZE)
    check("same bytes", sys.pread64(copy, received[:FILE_SIZE], 0) == FILE_SIZE)
    check("all of them", received[:FILE_SIZE] == data)
    expect("from a socket", EINVAL, error_of_sendfile(copy, client))
    sys.close(copy)
    sys.close(client)
    sys.close(server)
    sys.close(listener)
    sys.close(file)
    sys.unlinkat(AT_FDCWD, b"/tmp/datagram_check", 0)
    sys.unlinkat(AT_FDCWD, b"/tmp/datagram_copy", 0)


@raises()
def open_program() -> i32:
    """Opens a file of the base image; it stays open."""
    return sys.openat(AT_FDCWD, b"/bin/cat", O_RDONLY, 0)


def error_of_sendfile(target: i32, source: i32) -> i32:
    """Returns what sending from something says."""
    try:
        socket.send_file(target, source, 0, 10)
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def check_interfaces() -> None:
    """The loopback as the requests show it."""
    fd = socket.open_udp()
    request = InterfaceRequest()
    request.name[:2].copy_from(b"lo")
    expect("address", 0, error_of_request(fd, SIOCGIFADDR, request))
    check("is the loopback's", load_u32_be(request.value, 4) == INADDR_LOOPBACK)
    expect("mask", 0, error_of_request(fd, SIOCGIFNETMASK, request))
    check("of eight bits", load_u32_be(request.value, 4) == 0xFF00_0000)
    expect("flags", 0, error_of_request(fd, SIOCGIFFLAGS, request))
    check("up", u32(load_u16(request.value, 0)) & (IFF_UP | IFF_LOOPBACK) == IFF_UP | IFF_LOOPBACK)
    expect("index", 0, error_of_request(fd, SIOCGIFINDEX, request))
    check("is 1", load_u32(request.value, 0) == 1)
    expect("MTU", 0, error_of_request(fd, SIOCGIFMTU, request))
    check("fits a packet", load_u32(request.value, 0) >= 576)
    expect("unknown request", ENOTTY, error_of_request(fd, UNKNOWN_REQUEST, request))
    entries: Array[InterfaceRequest] = array(VECTORS)
    # SAFETY: the kernel writes the entries during the call, in which they live.
    found = InterfaceList(40 * VECTORS, address_of(entries))
    sys.ioctl(fd, SIOCGIFCONF, address_of(found))
    check("list", found.size_bytes >= 40 and entries[0].name[:3] == b"lo\0")
    child = sys.clone(17, 0, 0, 0, 0)
    if child == 0:
        sys.security_restrict(CAP_ALL ^ CAP_CONSOLE)
        store_u16(request.value, 0, 2)
        store_u32_be(request.value, 4, 0x7F00_0002)
        sys.exit_group(0 if error_of_request(fd, SIOCSIFADDR, request) == EPERM else 1)
    status: Array[i32] = array(1)
    sys.wait4(child, status, 0, None)
    check("changing needs a capability", status[0] == 0)
    request.name[:2].copy_from(b"zz")
    expect("unknown interface", ENODEV, error_of_request(fd, SIOCGIFADDR, request))
    sys.close(fd)


def error_of_request(fd: i32, number: u32, request: InterfaceRequest) -> i32:
    """Returns what a request says."""
    try:
        # SAFETY: the kernel reads and writes one InterfaceRequest, which the caller holds.
        sys.ioctl(fd, number, address_of(request))
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def check_waiting_bytes() -> None:
    """FIONREAD, and addresses that cannot be reached."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    fd = socket.bind_udp(local)
    socket.send_to(fd, b"four", local)
    socket.send_to(fd, b"seven77", local)
    waiting: Array[u32] = array(1)
    # SAFETY: the kernel writes the number during the call.
    sys.ioctl(fd, FIONREAD, address_of(waiting))
    check("FIONREAD is one datagram", waiting[0] == 4)
    buffer: Array[u8] = array(16)
    check("peek", socket.receive(fd, buffer, MSG_PEEK) == 4)
    check("and take", socket.receive(fd, buffer) == 4)
    expect("multicast", ENETUNREACH, error_of_connect(fd, Endpoint(0xE000_0001, 9)))
    sys.close(fd)


@raises()
def check_echo() -> None:
    """A ping socket hears from ourselves."""
    fd = socket.open_ping()
    expect("too short", EINVAL, error_of_ping(fd, 4))
    expect("echo request", 0, error_of_ping(fd, 64))
    answer: Array[u8] = array(128)
    count = socket.receive(fd, answer)
    check("echo reply", count == 64 and answer[0] == 0 and answer[8] == 0x55)
    sys.close(fd)


def error_of_ping(fd: i32, size: u64) -> i32:
    """Returns what sending an echo request to ourselves says."""
    request: Array[u8] = array(64)
    request[0] = 8
    request[8] = 0x55
    try:
        socket.send_to(fd, request[:size], Endpoint(INADDR_LOOPBACK, 0))
    except OSError as error:
        return errno_of(error)
    return 0


def main(arguments: Arguments) -> i32:
    """Runs all checks; 0 if all are right."""
    try:
        check_datagrams()
        check_messages()
        check_batches()
        check_sendfile()
        check_interfaces()
        check_waiting_bytes()
        check_echo()
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    return finish("datagram_check")
