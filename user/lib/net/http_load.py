"""`HttpLoad`: one GET request, sent over and over on some connections, each answer read whole.

Requests go out on every connection before the first answer is read, so a server sees as many at
once as there are connections. What a request costs here is kept small and always the same.
"""

from __future__ import annotations

from abi.errno import EBADMSG, EMSGSIZE, ENODATA
from bare import Array, Bytes, array, i32, inline, raises, struct, u8, u32, u64, usize
from bare.lib.text import Text
from user.lib import socket, sys
from user.lib.durations import Durations
from user.lib.inputs import close_quietly
from user.lib.net.http_response import ResponseHead, head_length
from user.lib.net.resolver import find_host
from user.lib.net.url import Url
from user.lib.socket import Endpoint
from user.lib.standard import standard
from user.lib.ticks import counter_ticks

MOST_CONNECTIONS = 64
BUFFER_SIZE = 64 * 1024
TIMEOUT_MS: u64 = 30_000
OK: u32 = 200


@struct
class HttpLoad:
    """The connections, the request, and what was counted. Allocate it: it is large."""

    url: Url = inline()
    remote: Endpoint = inline()
    head: ResponseHead = inline()
    request: Text = inline()
    is_kept: bool = False
    count: usize = 1
    """Connections in use."""
    descriptors: Array[i32] = array(MOST_CONNECTIONS)
    buffer: Array[u8] = array(BUFFER_SIZE)
    failed: u64 = 0
    bytes: u64 = 0
    """Of bodies."""
    steps: Durations = inline()
    """How long it took from the first request on all connections to the last answer."""

    @raises()
    def prepare(self, address: Bytes, connections: usize, is_kept: bool) -> None:
        """Reads the address, finds the host, writes the request."""
        self.url.parse(address)
        self.remote.address = find_host(self.url.host)
        self.remote.port = self.url.port
        self.count = connections
        self.is_kept = is_kept
        self.descriptors.fill(-1)
        self.request.allocator = standard().heap
        self.request.append(b"GET ")
        self.request.append(self.url.target)
        self.request.append(b" HTTP/1.1\r\nHost: ")
        self.request.append(self.url.authority)
        self.request.append(b"\r\n\r\n" if is_kept else b"\r\nConnection: close\r\n\r\n")

    def forget(self) -> None:
        """Forgets what was counted."""
        self.failed = 0
        self.bytes = 0
        self.steps.count = 0

    @raises()
    def ask(self, requests: u64) -> None:
        """Sends so many requests and reads the answers."""
        left = requests
        while left > 0:
            step = min(self.count, left)
            started = counter_ticks()
            for index in range(step):
                self._send(index)
            for index in range(step):
                self._receive(index)
            self.steps.add(counter_ticks() - started)
            left -= step

    def close(self) -> None:
        """Ends all connections."""
        for index in range(self.count):
            self._drop(index)

    @raises()
    def _send(self, index: usize) -> None:
        if self.descriptors[index] < 0:
            self.descriptors[index] = self._connect()
        socket.send_all(self.descriptors[index], self.request.view())

    @raises()
    def _connect(self) -> i32:
        fd = socket.open_tcp()
        try:
            socket.set_receive_timeout(fd, TIMEOUT_MS)
            socket.set_no_delay(fd)
            socket.connect(fd, self.remote)
        except OSError:
            sys.close(fd)
            raise
        return fd

    def _receive(self, index: usize) -> None:
        """Reads one answer; one that is not as it should be counts as failed."""
        is_good = False
        try:
            is_good = self._read_answer(self.descriptors[index])
        except OSError:
            is_good = False
        if not is_good:
            self.failed += 1
        if not is_good or not self.is_kept:
            self._drop(index)

    def _drop(self, index: usize) -> None:
        if self.descriptors[index] >= 0:
            close_quietly(self.descriptors[index])
        self.descriptors[index] = -1

    @raises()
    def _read_answer(self, fd: i32) -> bool:
        """Reads head and body; says whether the status was 200 and the body complete."""
        end: usize = 0
        length: usize = 0
        while length == 0:
            if end == len(self.buffer):
                raise OSError(EMSGSIZE)
            end += self._read_some(fd, end)
            length = head_length(self.buffer[:end])
        self.head.status = 0
        self.head.read(self.buffer[:length])
        if not self.head.has_length:
            raise OSError(EBADMSG)
        body: u64 = end - length
        while body < self.head.length:
            body += self._read_some(fd, 0)
        self.bytes += body
        return self.head.status == OK and body == self.head.length

    @raises()
    def _read_some(self, fd: i32, start: usize) -> usize:
        count = socket.receive(fd, self.buffer[start:])
        if count == 0:
            raise OSError(ENODATA)
        return count
