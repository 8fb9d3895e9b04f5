"""`HttpFetch`: one GET request on a connection of its own, and the body of its response."""

from __future__ import annotations

from abi.errno import EBADMSG, EMSGSIZE, ENODATA
from bare import Array, Bytes, array, i32, inline, raises, struct, u8, u64, usize, write_to
from bare.lib.text import Text
from user.lib import socket, sys
from user.lib.http.chunked import ChunkedReader
from user.lib.http.status import Status
from user.lib.net.http_response import ResponseHead, head_length
from user.lib.net.resolver import find_host
from user.lib.net.url import Url
from user.lib.socket import Endpoint
from user.lib.standard import standard

BUFFER_SIZE = 32 * 1024
TIMEOUT_MS: u64 = 30_000
ENDLESS: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class HttpFetch:
    """A connection and what was received on it. Too large for a stack's frame: allocate it."""

    descriptor: i32
    """0: there is none."""
    head: ResponseHead = inline()
    chunks: ChunkedReader = inline()
    request: Text = inline()
    start: usize
    end: usize
    """What was received and not taken yet lies between, in `buffer`."""
    buffer: Array[u8] = array(BUFFER_SIZE)

    @raises()
    def open(self, url: Url, start: u64) -> None:
        """Asks for a file from `start` on, and reads the head of the response."""
        remote = Endpoint(find_host(url.host), url.port)
        self.descriptor = socket.open_tcp()
        socket.set_send_timeout(self.descriptor, TIMEOUT_MS)
        socket.set_receive_timeout(self.descriptor, TIMEOUT_MS)
        socket.connect(self.descriptor, remote)
        self._send_request(url, start)
        self._read_head()

    @raises()
    def close(self) -> None:
        """Ends the connection."""
        sys.close(self.descriptor)
        self.descriptor = 0

    @raises()
    def copy_body(self, file: i32) -> u64:
        """Writes the body to a file; returns its bytes. EBADMSG: it ended too early."""
        if not self.head.has_body():
            return 0
        if self.head.is_chunked:
            return self._copy_chunks(file)
        left = self.head.length if self.head.has_length else ENDLESS
        total: u64 = 0
        while left > 0 and self._fill():
            count = min(left, self.end - self.start)
            write_all(file, self.buffer[self.start : self.start + count])
            self.start += count
            left -= count
            total += count
        if self.head.has_length and left > 0:
            raise OSError(EBADMSG)
        return total

    @raises()
    def _copy_chunks(self, file: i32) -> u64:
        """Writes a body in pieces (RFC 9112, 7.1)."""
        total: u64 = 0
        self.chunks.begin(ENDLESS)
        while not self.chunks.is_done():
            if not self._fill():
                raise OSError(EBADMSG)
            self.start += self.chunks.advance(self.buffer[self.start : self.end])
            if self.chunks.status != Status.CONTINUE:
                raise OSError(EBADMSG)
            write_all(file, self.chunks.piece)
            total += len(self.chunks.piece)
        return total

    @raises()
    def _send_request(self, url: Url, start: u64) -> None:
        request = self.request
        request.allocator = standard().heap
        request.clear()
        request.append(b"GET ")
        request.append(url.target)
        request.append(b" HTTP/1.1\r\nHost: ")
        request.append(url.authority)
        request.append(b"\r\nUser-Agent: wget\r\nAccept: */*\r\nConnection: close\r\n")
        if start > 0:
            append_range(request, start)
        request.append(b"\r\n")
        write_all(self.descriptor, request.view())

    @raises()
    def _read_head(self) -> None:
        """Reads the head, behind those that only say that one comes (RFC 9110, 15.2)."""
        self.start = 0
        self.end = 0
        self.head.status = 0
        while self.head.status < 200:
            length = head_length(self.buffer[self.start : self.end])
            while length == 0:
                if self.end == len(self.buffer):
                    raise OSError(EMSGSIZE)
                count = socket.receive(self.descriptor, self.buffer[self.end :])
                if count == 0:
                    raise OSError(ENODATA if self.end == 0 else EBADMSG)
                self.end += count
                length = head_length(self.buffer[self.start : self.end])
            self.head.read(self.buffer[self.start : self.start + length])
            self.start += length

    @raises()
    def _fill(self) -> bool:
        """Makes sure that a byte is there; False at the end of the connection."""
        if self.start == self.end:
            self.start = 0
            self.end = socket.receive(self.descriptor, self.buffer)
        return self.end > self.start


def append_range(request: Text, start: u64) -> None:
    """Asks for the bytes from `start` on (RFC 9110, 14.2)."""
    write_to(request, f"Range: bytes={start}-\r\n")


@raises()
def write_all(file: i32, data: Bytes) -> None:
    """Writes all of `data`."""
    rest = data
    while len(rest) > 0:
        rest = rest[sys.write(file, rest) :]
