"""`Resolver`: finds the addresses of names, by numbers, `/etc/hosts` and DNS.

Each question is sent from a port of its own, over UDP, and over TCP where the answer does not fit.
Errors: EINVAL: that is no name; ENOENT: there is no such name, or it has no such address; EAGAIN:
no server is known or none has answered.
"""

from __future__ import annotations

from abi.errno import EACCES, EAGAIN, EBADMSG, ENOENT
from abi.time import NS_PER_MS
from bare import (
    Array,
    Bytes,
    Span,
    allocate_span,
    array,
    errno_of,
    i32,
    inline,
    load_u16_be,
    raises,
    release,
    store_u16_be,
    struct,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from user.lib import socket, sys
from user.lib.clock import monotonic_ns
from user.lib.inputs import close_quietly
from user.lib.net.address import parse_address
from user.lib.net.dns_lookup import RANDOM_SIZE, Lookup, Step
from user.lib.net.dns_message import TYPE_A
from user.lib.net.name_files import NO_ADDRESS, find_in_hosts, read_resolver_settings
from user.lib.net.waiting import wait_readable
from user.lib.socket import Endpoint
from user.lib.standard import standard
from user.lib.whole_file import read_file

RESOLVER_FILE: bytes = b"/etc/resolv.conf"
HOSTS_FILE: bytes = b"/etc/hosts"
FILE_LIMIT = 4096
DATAGRAM_LIMIT = 1500
LENGTH_SIZE: usize = 2
"""Before each message of a stream (RFC 1035, 4.2.2)."""


@struct
class Resolver:
    """The lookup and what goes between it and the servers."""

    lookup: Lookup = inline()
    error: i32 = EAGAIN
    """What the last question ended with."""

    def load(self) -> None:
        """Takes the servers from RESOLVER_FILE; none where it cannot be read."""
        content: Array[u8] = array(FILE_LIMIT)
        try:
            length = read_file(RESOLVER_FILE, content)
            read_resolver_settings(content[:length], self.lookup)
        except OSError:
            return

    def use_server(self, address: u32, port: u16) -> None:
        """Asks this server alone."""
        self.lookup.server_count = 0
        self.lookup.add_server(address)
        self.lookup.port = port

    @raises()
    def find(self, name: Bytes, kind: u16) -> None:
        """Asks for addresses; they are in `lookup.answer`. Blocks."""
        self.lookup.begin(name, kind)
        random: Array[u8] = array(RANDOM_SIZE)
        while True:
            sys.getrandom(random, 0)
            if not self.lookup.next_query(random):
                raise OSError(self.error)
            match self._ask():
                case Step.FOUND:
                    return
                case Step.NO_NAME:
                    raise OSError(ENOENT)
                case Step.WAIT | Step.ASK_NEXT | Step.ASK_STREAM:
                    pass

    @raises(EACCES)
    def _ask(self) -> Step:
        """Asks one question; WAIT where nobody has answered."""
        try:
            step = self._ask_datagram()
            if step == Step.ASK_STREAM:
                step = self._ask_stream()
            return step
        except OSError as error:
            if errno_of(error) == EACCES:
                raise OSError(EACCES) from None
        return Step.ASK_NEXT

    @raises()
    def _ask_datagram(self) -> Step:
        """Asks over UDP. A server whose machine refuses the datagram makes the receipt fail."""
        descriptor = socket.open_udp()
        try:
            socket.connect(descriptor, Endpoint(self.lookup.server_address(), self.lookup.port))
            sys.write(descriptor, self.lookup.question())
            end_ns = monotonic_ns() + u64(self.lookup.timeout_ms()) * NS_PER_MS
            message: Array[u8] = array(DATAGRAM_LIMIT)
            step = Step.WAIT
            while step == Step.WAIT and wait_readable(descriptor, end_ns):
                count = socket.receive(descriptor, message)
                step = self.lookup.take(message[:count])
            return step
        finally:
            close_quietly(descriptor)

    @raises()
    def _ask_stream(self) -> Step:
        """Asks the same question over TCP."""
        descriptor = socket.open_tcp()
        try:
            timeout_ms = u64(self.lookup.timeout_ms())
            socket.set_send_timeout(descriptor, timeout_ms)
            socket.set_receive_timeout(descriptor, timeout_ms)
            socket.connect(descriptor, Endpoint(self.lookup.server_address(), self.lookup.port))
            self._send_with_length(descriptor)
            return self._receive_with_length(descriptor)
        finally:
            close_quietly(descriptor)

    @raises()
    def _send_with_length(self, descriptor: i32) -> None:
        question = self.lookup.question()
        message: Array[u8] = array(274)
        store_u16_be(message, 0, u16(len(question)))
        end = LENGTH_SIZE + len(question)
        message[LENGTH_SIZE:end].copy_from(question)
        socket.send_all(descriptor, message[:end])

    @raises()
    def _receive_with_length(self, descriptor: i32) -> Step:
        head: Array[u8] = array(2)
        receive_exactly(descriptor, head)
        message = allocate_span(standard().heap, u8, load_u16_be(head, 0) + 1)
        try:
            receive_exactly(descriptor, message[: len(message) - 1])
            return self.lookup.take(message[: len(message) - 1])
        finally:
            release(standard().heap, message)


@raises()
def receive_exactly(descriptor: i32, into: Span[u8]) -> None:
    """Receives as many bytes as there is room for; EBADMSG where the stream ends before."""
    length: usize = 0
    while length < len(into):
        count = socket.receive(descriptor, into[length:])
        if count == 0:
            raise OSError(EBADMSG)
        length += count


@raises()
def find_host(word: Bytes) -> u32:
    """Returns an IPv4 address of a host: a number, a name of HOSTS_FILE, or one that DNS knows."""
    try:
        return parse_address(word)
    except OSError:
        pass
    address = find_local(word)
    if address != NO_ADDRESS:
        return address
    resolver = Resolver()
    resolver.load()
    resolver.find(word, TYPE_A)
    return resolver.lookup.answer.address(0)


def find_local(name: Bytes) -> u32:
    """Returns the address that HOSTS_FILE gives a name; NO_ADDRESS for none."""
    content: Array[u8] = array(FILE_LIMIT)
    try:
        length = read_file(HOSTS_FILE, content)
        return find_in_hosts(content[:length], name)
    except OSError:
        return NO_ADDRESS
