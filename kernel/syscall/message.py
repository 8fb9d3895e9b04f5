"""System calls that send and receive on sockets."""

from __future__ import annotations

from abi.errno import EINVAL
from abi.limits import MAX_TRANSFER
from abi.socket import (
    AF_INET,
    IP_PKTINFO,
    IPPROTO_IP,
    MSG_CTRUNC,
    MSG_DONTWAIT,
    MSG_NOSIGNAL,
    MSG_WAITFORONE,
    ControlHeader,
    MessageHeader,
    MessageVector,
    PacketInfo,
    SocketAddress,
)
from bare import (
    Array,
    array,
    i32,
    raises,
    size_of,
    u8,
    u32,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import UserBuffer, copy_in, copy_out, object_bytes, write_user_u32
from kernel.net.socket.message import Message
from kernel.net.socket.socket import Socket, SocketName
from kernel.syscall.call import Call
from kernel.syscall.poll import deadline_of
from kernel.syscall.socket_argument import read_address, socket_of, write_address
from kernel.syscall.vector_buffer import VectorBuffer

CONTROL_SIZE: usize = 32
"""Bytes of a PacketInfo with its header, padded: CMSG_SPACE."""
LARGEST_BATCH: usize = 1024
"""Messages of one sendmmsg or recvmmsg."""


@raises()
def sendto(
    call: Call,
    fd: i32,
    buffer: UserAddr,
    count: usize,
    flags: u32,
    address: UserAddr,
    address_size: usize,
) -> usize:
    """Sends a buffer."""
    socket = socket_of(call, fd)
    try:
        message = Message(UserBuffer(min(count, MAX_TRANSFER), buffer), flags)
        if address != 0 and address_size != 0:
            read_remote(message, address, address_size)
        call.is_pipe_signal_off = flags & MSG_NOSIGNAL != 0
        return socket.send(message)
    finally:
        socket.put()


@raises()
def recvfrom(
    call: Call,
    fd: i32,
    buffer: UserAddr,
    count: usize,
    flags: u32,
    address: UserAddr,
    address_size: UserAddr,
) -> usize:
    """Receives into a buffer."""
    socket = socket_of(call, fd)
    try:
        message = Message(UserBuffer(min(count, MAX_TRANSFER), buffer), flags)
        received = socket.receive(message)
        if address != 0:
            write_remote(message, address, address_size)
        return received
    finally:
        socket.put()


@raises()
def sendmsg(call: Call, fd: i32, message: UserAddr, flags: u32) -> usize:
    """Sends from several buffers."""
    socket = socket_of(call, fd)
    try:
        header = MessageHeader()
        copy_in(object_bytes(header, size_of(MessageHeader)), message)
        return send_message(call, socket, header, flags)
    finally:
        socket.put()


@raises()
def recvmsg(call: Call, fd: i32, message: UserAddr, flags: u32) -> usize:
    """Receives into several buffers."""
    socket = socket_of(call, fd)
    try:
        header = MessageHeader()
        data = object_bytes(header, size_of(MessageHeader))
        copy_in(data, message)
        received = receive_message(socket, header, flags)
        copy_out(message, data)
        return received
    finally:
        socket.put()


@raises()
def sendmmsg(call: Call, fd: i32, messages: UserAddr, count: usize, flags: u32) -> usize:
    """Sends several messages, until one fails; the first one's error is told."""
    socket = socket_of(call, fd)
    try:
        done: usize = 0
        while done < min(count, LARGEST_BATCH):
            try:
                send_vector(call, socket, messages + done * size_of(MessageVector), flags)
            except OSError:
                if done == 0:
                    raise
                break
            done += 1
        return done
    finally:
        socket.put()


@raises()
def recvmmsg(
    call: Call, fd: i32, messages: UserAddr, count: usize, flags: u32, timeout: UserAddr
) -> usize:
    """Receives several messages, until one fails or the time is over."""
    deadline = deadline_of(call, timeout)
    socket = socket_of(call, fd)
    try:
        done: usize = 0
        wanted = flags
        while done < min(count, LARGEST_BATCH):
            try:
                receive_vector(socket, messages + done * size_of(MessageVector), wanted)
            except OSError:
                if done == 0:
                    raise
                break
            done += 1
            if flags & MSG_WAITFORONE != 0:
                wanted |= MSG_DONTWAIT
            if call.services.clock.now_ns() >= deadline:
                break
        return done
    finally:
        socket.put()


@raises()
def send_vector(call: Call, socket: Socket, place: UserAddr, flags: u32) -> None:
    """Sends one message of several, and notes its length."""
    header = MessageHeader()
    copy_in(object_bytes(header, size_of(MessageHeader)), place)
    sent = send_message(call, socket, header, flags)
    write_user_u32(place + size_of(MessageHeader), u32(sent))


@raises()
def receive_vector(socket: Socket, place: UserAddr, flags: u32) -> None:
    """Receives one message of several, and notes its length."""
    header = MessageHeader()
    data = object_bytes(header, size_of(MessageHeader))
    copy_in(data, place)
    received = receive_message(socket, header, flags)
    copy_out(place, data)
    write_user_u32(place + size_of(MessageHeader), u32(received))


@raises()
def send_message(call: Call, socket: Socket, header: MessageHeader, flags: u32) -> usize:
    """Sends what a header describes. There is no control data that can be sent."""
    if header.control_size != 0:
        raise OSError(EINVAL)
    buffers = VectorBuffer(remaining=0)
    buffers.open(header.vectors, header.vector_count)
    message = Message(buffers, flags)
    if header.name != 0 and header.name_size != 0:
        read_remote(message, header.name, header.name_size)
    call.is_pipe_signal_off = flags & MSG_NOSIGNAL != 0
    return socket.send(message)


@raises()
def receive_message(socket: Socket, header: MessageHeader, flags: u32) -> usize:
    """Receives what a header has room for, and fills it in."""
    buffers = VectorBuffer(remaining=0)
    buffers.open(header.vectors, header.vector_count)
    message = Message(buffers, flags)
    received = socket.receive(message)
    header.flags = message.flags
    write_name(message, header)
    write_control(socket, message, header)
    return received


@raises()
def read_remote(message: Message, address: UserAddr, size: usize) -> None:
    """Reads to whom a message goes."""
    wanted = SocketAddress()
    read_address(wanted, address, size)
    if size < size_of(SocketAddress):
        raise OSError(EINVAL)
    message.has_remote = True
    message.remote = wanted.address
    message.remote_port = wanted.port


@raises()
def write_remote(message: Message, address: UserAddr, size: UserAddr) -> None:
    """Tells from whom a message came; of a stream nothing, as on Linux."""
    if not message.has_remote:
        write_user_u32(size, 0)
        return
    name = SocketName(message.remote, message.remote_port)
    write_address(address, size, name)


@raises()
def write_name(message: Message, header: MessageHeader) -> None:
    """Tells from whom a message came, where its header says."""
    if header.name == 0 or not message.has_remote:
        header.name_size = 0
        return
    answer = SocketAddress()
    answer.family = AF_INET
    answer.address = message.remote
    answer.port = message.remote_port
    data = object_bytes(answer, size_of(SocketAddress))
    copy_out(header.name, data[: min(len(data), header.name_size)])
    header.name_size = u32(len(data))


@raises()
def write_control(socket: Socket, message: Message, header: MessageHeader) -> None:
    """Tells where a datagram came in, if the program has asked by IP_PKTINFO."""
    room = header.control_size
    header.control_size = 0
    if not socket.options.wants_packet_info or message.interface == 0:
        return
    if header.control == 0 or room < CONTROL_SIZE:
        header.flags |= MSG_CTRUNC
        return
    head = ControlHeader(size_of(ControlHeader) + size_of(PacketInfo), IPPROTO_IP, IP_PKTINFO)
    info = PacketInfo()
    info.interface = i32(message.interface)
    info.local = message.destination
    info.destination = message.destination
    data: Array[u8] = array(CONTROL_SIZE)
    data[: size_of(ControlHeader)].copy_from(object_bytes(head, size_of(ControlHeader)))
    end = size_of(ControlHeader) + size_of(PacketInfo)
    data[size_of(ControlHeader) : end].copy_from(object_bytes(info, size_of(PacketInfo)))
    copy_out(header.control, data)
    header.control_size = CONTROL_SIZE
