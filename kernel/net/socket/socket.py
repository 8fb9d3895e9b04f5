"""`Socket`: the file behind a descriptor of any kind of socket, and what all kinds share.

What waits: a call takes the stack's lock, looks, and sleeps on `waiters` with it, as long as the
program's timeout says. Data is copied from and to programs without the lock.
"""

from __future__ import annotations

from abc import abstractmethod

from abi.errno import EAGAIN, EINTR, ENOPROTOOPT, EOPNOTSUPP
from abi.file import O_NONBLOCK, O_RDWR, S_IFSOCK, Stat
from abi.limits import PAGE_SIZE
from abi.socket import (
    AF_INET,
    IPPROTO_IP,
    SO_ACCEPTCONN,
    SO_DOMAIN,
    SO_ERROR,
    SO_PROTOCOL,
    SO_RCVBUF,
    SO_SNDBUF,
    SO_TYPE,
    SOL_SOCKET,
)
from abi.terminal import FIONBIO, FIONREAD
from bare import Bytes, Span, i32, inline, invert, never_inline, raises, struct, u8, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.mm.user_copy import IoBuffer, read_user_u32, write_user_u32
from kernel.net.iface.interface import Interface
from kernel.net.socket.common_options import (
    get_common_option,
    set_common_option,
    write_flag,
    write_integer,
)
from kernel.net.socket.ip_options import get_ip_option, set_ip_option
from kernel.net.socket.message import Message
from kernel.net.socket.socket_options import SocketOptions
from kernel.net.socket.waiters import SocketWaiters
from kernel.net.stack import NetStack
from kernel.net.wire.address import Ipv4Address
from kernel.sched.wait_queue import NEVER, WaitQueue

OPTION_ROOM = 256
"""Bytes that any option's value fits into."""


@struct
class SocketName:
    """An address and a port on their way to a program."""

    address: Ipv4Address = 0
    port: u32 = 0


@struct
class Socket(File):
    """A socket. Derived classes override what their protocol can do."""

    stack: NetStack
    options: SocketOptions = inline()
    waiters: SocketWaiters = inline()
    owner: i32
    """The process that made it."""
    principal: u32

    def open(self, stack: NetStack, flags: u32, owner: i32, principal: u32) -> None:
        """Begins the life of an object from `allocate`; `flags` may be O_NONBLOCK."""
        self.start(stack.allocator, O_RDWR | flags & O_NONBLOCK)
        self.stack = stack
        self.owner = owner
        self.principal = principal

    @abstractmethod
    def kind(self) -> u32:
        """Returns SOCK_STREAM or SOCK_DGRAM."""

    @abstractmethod
    def protocol(self) -> u32:
        """Returns IPPROTO_*."""

    @abstractmethod
    @raises()
    def bind(self, address: Ipv4Address, port: u32) -> None:
        """Claims a local address and port. EADDRINUSE, EADDRNOTAVAIL, EINVAL."""

    @raises()
    def listen(self, backlog: i32) -> None:
        """Begins to take connections."""
        raise OSError(EOPNOTSUPP)

    @raises()
    def accept(self, flags: u32) -> Socket:
        """Returns a connection that waits, with a reference. EAGAIN, EINTR, EINVAL, ENOMEM."""
        raise OSError(EOPNOTSUPP)

    @abstractmethod
    @raises()
    def connect(self, address: Ipv4Address, port: u32) -> None:
        """Connects to another end."""

    @abstractmethod
    @raises()
    def disconnect(self) -> None:
        """Takes `connect` back (AF_UNSPEC)."""

    @abstractmethod
    def local_name(self, name: SocketName) -> None:
        """Tells the local address and port."""

    @abstractmethod
    @raises()
    def remote_name(self, name: SocketName) -> None:
        """Tells the other end. ENOTCONN."""

    def accepted_name(self, name: SocketName) -> None:
        """Tells the other end of what `accept` gave, also where it has left again meanwhile: that
        is for the first transfer to tell.
        """

    @abstractmethod
    @raises()
    def send(self, message: Message) -> usize:
        """Sends from the message's buffer; returns how many bytes it took."""

    @abstractmethod
    @raises()
    def receive(self, message: Message) -> usize:
        """Receives into the message's buffer; returns how many bytes that are."""

    @abstractmethod
    @raises()
    def shutdown(self, how: i32) -> None:
        """Ends one or both directions. ENOTCONN."""

    @abstractmethod
    def waiting_bytes(self) -> u32:
        """Returns how much one `receive` would give: FIONREAD."""

    @raises()
    def set_option(self, level: u32, name: u32, value: Bytes) -> None:
        """Sets an option. EINVAL, ENOPROTOOPT, EDOM, ENODEV."""
        if level == IPPROTO_IP:
            set_ip_option(self.options, name, value)
            return
        if level != SOL_SOCKET:
            raise OSError(ENOPROTOOPT)
        set_common_option(self.options, self.stack, name, value)

    @raises()
    def get_option(self, level: u32, name: u32, into: Span[u8]) -> usize:
        """Writes an option's value into OPTION_ROOM bytes; returns its size. ENOPROTOOPT."""
        if level == IPPROTO_IP:
            return get_ip_option(self.options, name, into)
        if level != SOL_SOCKET:
            raise OSError(ENOPROTOOPT)
        if name == SO_ERROR:
            return write_integer(into, self.take_error())
        if name == SO_TYPE:
            return write_integer(into, i32(self.kind()))
        if name == SO_DOMAIN:
            return write_integer(into, i32(AF_INET))
        if name == SO_PROTOCOL:
            return write_integer(into, i32(self.protocol()))
        if name == SO_ACCEPTCONN:
            return write_flag(into, self.is_listening())
        if name == SO_RCVBUF:
            return write_integer(into, i32(self.receive_limit()))
        if name == SO_SNDBUF:
            return write_integer(into, i32(self.send_limit()))
        return get_common_option(self.options, self.stack, name, into)

    def is_listening(self) -> bool:
        """Whether it takes connections."""
        return False

    @abstractmethod
    def receive_limit(self) -> u32:
        """Returns how many bytes may wait to be read: SO_RCVBUF."""

    @abstractmethod
    def send_limit(self) -> u32:
        """Returns how many bytes may wait to be sent: SO_SNDBUF."""

    def take_error(self) -> i32:
        """Returns and clears what went wrong: SO_ERROR."""
        with self.stack.lock:
            error = self.options.error
            self.options.error = 0
            return error

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        message = Message(buffer)
        return self.receive(message)

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        message = Message(buffer)
        return self.send(message)

    @raises()
    def ioctl(self, request: u32, argument: UserAddr) -> usize:
        if request == FIONREAD:
            write_user_u32(argument, self.waiting_bytes())
        elif request == FIONBIO:
            if read_user_u32(argument) != 0:
                self.flags |= O_NONBLOCK
            else:
                self.flags &= invert(O_NONBLOCK)
        else:
            return super().ioctl(request, argument)
        return 0

    @raises()
    def stat(self, into: Stat) -> None:
        into.mode = S_IFSOCK | 0o777
        into.links = 1
        into.block_size = i32(PAGE_SIZE)

    def may_wait(self, message: Message) -> bool:
        """Whether a transfer may wait."""
        return self.flags & O_NONBLOCK == 0 and message.may_wait()

    def receive_deadline(self) -> u64:
        """Returns when a wait that begins now ends by SO_RCVTIMEO."""
        return self.deadline_after(self.options.receive_timeout_ns)

    def send_deadline(self) -> u64:
        """Returns when a wait that begins now ends by SO_SNDTIMEO."""
        return self.deadline_after(self.options.send_timeout_ns)

    @never_inline
    def deadline_after(self, timeout_ns: u64) -> u64:
        """Returns the time since boot behind a timeout; 0: there is none."""
        if timeout_ns == 0:
            return NEVER
        return self.stack.clock.now_ns() + timeout_ns

    @never_inline
    @raises(EAGAIN, EINTR)
    def wait(self, queue: WaitQueue, may_wait: bool, deadline_ns: u64) -> None:
        """Sleeps until there is news. The stack's lock is held, and nothing waits to be flushed."""
        if not may_wait:
            raise OSError(EAGAIN)
        if not queue.wait_until(self.stack.lock, deadline_ns):
            raise OSError(EAGAIN)


def find_interface(stack: NetStack, index: u32) -> Interface | None:
    """Returns the interface of an index; None for 0, and where it is gone. Lock held."""
    interface = stack.interfaces
    while interface is not None and interface.index != index:
        interface = interface.next
    return interface
