"""`Request`: the head of a request, as places in the bytes that it was read from."""

from __future__ import annotations

from bare import Array, Bytes, Enum8, array, inline, struct, u8, u32, u64, usize
from user.lib.http.characters import COLON, LF
from user.lib.http.fields import FIELD_COUNT, Field, field_of
from user.lib.strings import find_byte, trimmed

HIGHEST_MINOR = 1


class Method(Enum8):
    """A request's method; OTHER is any that is not registered here (RFC 9110, 9)."""

    OTHER = 0
    GET = 1
    HEAD = 2
    POST = 3
    PUT = 4
    DELETE = 5
    OPTIONS = 6
    PATCH = 7
    TRACE = 8
    CONNECT = 9


METHOD_NAMES: tuple[bytes, ...] = (
    b"",
    b"GET",
    b"HEAD",
    b"POST",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"TRACE",
    b"CONNECT",
)


def method_of(name: Bytes) -> Method:
    """Returns which method `name` is; methods have a case."""
    for index in range(1, len(METHOD_NAMES)):
        if name == METHOD_NAMES[index]:
            return Method(index)
    return Method.OTHER


@struct
class Place:
    """Where something stands in a head."""

    start: u32 = 0
    length: u32 = 0


@struct
class Request:
    """The head of one request and what it says about framing and the connection.

    Views into the head are valid until the receiver is told to go on to the next request.
    """

    head: Bytes
    method: Method = Method.OTHER
    minor: u8 = 1
    """0 for HTTP/1.0, 1 for HTTP/1.1 and later minor versions."""

    keeps_alive: bool = False
    """Whether the client lets the connection go on behind the response."""

    asks_to_close: bool = False
    is_chunked: bool = False
    expects_continue: bool = False
    """Whether the client may wait for `100 Continue` before it sends the body."""

    content_length: u64 = 0
    """Bytes of the body where it is not chunked."""

    fields_start: u32 = 0
    """Where the first field line begins."""

    method_place: Place = inline()
    target_place: Place = inline()
    places: Array[Place] = array(FIELD_COUNT)
    counts: Array[u8] = array(FIELD_COUNT)

    def reset(self) -> None:
        """Makes the request one of which nothing was read."""
        self.head = b""
        self.method = Method.OTHER
        self.minor = HIGHEST_MINOR
        self.keeps_alive = False
        self.asks_to_close = False
        self.is_chunked = False
        self.expects_continue = False
        self.content_length = 0
        self.counts.fill(0)

    def text_at(self, place: Place) -> Bytes:
        """Returns the bytes at a place of the head."""
        return self.head[place.start : place.start + place.length]

    def method_name(self) -> Bytes:
        """Returns the method as it was sent."""
        return self.text_at(self.method_place)

    def target(self) -> Bytes:
        """Returns the request target as it was sent: path and query, `*` or an absolute URI."""
        return self.text_at(self.target_place)

    def has(self, field: Field) -> bool:
        """Whether there is a line of `field`."""
        return self.counts[u8(field)] > 0

    def count(self, field: Field) -> u8:
        """Returns how many lines of `field` there are, at most 255."""
        return self.counts[u8(field)]

    def value(self, field: Field) -> Bytes:
        """Returns the value of the first line of `field`, trimmed; empty where there is none."""
        if not self.has(field):
            return b""
        return self.text_at(self.places[u8(field)])

    def has_body(self) -> bool:
        """Whether bytes of a body may follow the head."""
        return self.is_chunked or self.content_length > 0


@struct
class FieldLines:
    """Walks over all lines of one field of a complete request: lists may be split over lines.

    `value` is what `next` stepped to, trimmed.
    """

    request: Request
    field: Field
    position: usize = 0
    value: Bytes = b""

    def next(self) -> bool:
        """Steps to the next line of the field; False when there is none."""
        head = self.request.head
        if self.position == 0:
            self.position = self.request.fields_start
        while self.position < len(head):
            end = find_byte(head, LF, self.position)
            line = head[self.position : end]
            self.position = end + 1
            colon = find_byte(line, COLON, 0)
            if colon < len(line) and field_of(line[:colon]) == self.field:
                self.value = trimmed(line[colon + 1 : len(line) - 1])
                return True
        return False
