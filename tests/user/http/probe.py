"""A server of four files in memory, for tests, in Bare Python: bytes in, bytes out.

Compiled for the host its doors are C functions; in checked execution they are called the same way.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate_span,
    export,
    i64,
    inline,
    raises,
    struct,
    u8,
    u64,
    usize,
)
from bare.lib.arena import Arena
from bare.lib.text import Text
from bare.unsafe import span_at, static_object
from user.lib.http import dates
from user.lib.http.dates import DateText
from user.lib.http.file_answer import FileAnswer
from user.lib.http.file_facts import FileFacts
from user.lib.http.listing import MEDIA_TYPE, add_directory, add_file, begin_listing, end_listing
from user.lib.http.media_types import media_type_of
from user.lib.http.receiver import LARGE_BUFFER_BYTES, Event, RequestReceiver
from user.lib.http.response import Response, write_continue
from user.lib.http.site import judge, write_moved, write_short
from user.lib.http.status import Status
from user.lib.http.target import ServedPath, query_of

NOW: i64 = 1_800_000_000
MODIFIED: i64 = 1_767_225_600
BOUNDARY: u64 = 0x5EED
OUTPUT_BYTES: usize = 1 << 19
MOST_BODY_BYTES: u64 = 1000
SMALL_BUFFER_BYTES: usize = 256
PATH_BYTES: usize = 1024
ALPHABET: bytes = b"abcdefghijklmnopqrstuvwxyz"
INDEX: bytes = b"<p>swift-os httpd</p>\n"
ROOT: bytes = b"/"
SUB: bytes = b"/sub"

# SAFETY: tests pass addresses and lengths of buffers that they hold; one thread runs.


@struct
class Server:
    """One connection's worth of a server, and what it has answered."""

    arena: Arena = inline()
    receiver: RequestReceiver = inline()
    response: Response = inline()
    answer: FileAnswer = inline()
    facts: FileFacts = inline()
    path: ServedPath = inline()
    date: DateText = inline()
    out: Text = inline()
    is_closed: bool = False
    echoes: bool = False
    body: Text = inline()

    @raises(ENOMEM)
    def open(self, memory: Span[u8]) -> None:
        """Begins a connection with all memory taken from `memory`."""
        self.arena.memory = memory
        self.arena.used = 0
        self.receiver.most_body_bytes = MOST_BODY_BYTES
        self.receiver.use(allocate_span(self.arena, u8, SMALL_BUFFER_BYTES))
        self.path.buffer = allocate_span(self.arena, u8, PATH_BYTES)
        self.out.allocator = self.arena
        self.out.storage = allocate_span(self.arena, u8, OUTPUT_BYTES)
        self.body.allocator = self.arena
        self.body.storage = allocate_span(self.arena, u8, MOST_BODY_BYTES)
        self.date.set(NOW)

    @raises(ENOMEM)
    def feed(self, data: Bytes) -> None:
        """Takes what was received and answers what it can."""
        rest = data
        while len(rest) > 0 and not self.is_closed:
            if self.receiver.is_full():
                self.receiver.use_larger(allocate_span(self.arena, u8, LARGE_BUFFER_BYTES))
            room = self.receiver.room()
            count = min(len(room), len(rest))
            room[:count].copy_from(rest[:count])
            self.receiver.received(count)
            rest = rest[count:]
            while not self.is_closed and self.step():
                pass

    def step(self) -> bool:
        """Handles one event; False when more bytes are needed."""
        match self.receiver.next_event():
            case Event.NEED_DATA:
                return False
            case Event.REQUEST:
                self.body.clear()
                if self.receiver.awaits_continue():
                    write_continue(self.out)
            case Event.DATA:
                self.body.write(self.receiver.piece)
            case Event.END:
                self.reply()
                self.receiver.next_request()
            case Event.FAILED:
                self.fail(self.receiver.failure)
        return True

    def fail(self, status: Status) -> None:
        """Answers what is no request, and closes."""
        self.response.begin_failure(self.out, self.receiver.request, status, self.date.view())
        write_short(self.out, self.response)
        self.is_closed = True

    def reply(self) -> None:
        """Answers the request that was read."""
        request = self.receiver.request
        if self.echoes:
            self.echo()
        else:
            status = judge(request, self.path)
            if status == Status.CONTINUE:
                status = self.find()
            if status != Status.CONTINUE:
                self.begin(status)
                write_short(self.out, self.response)
        self.is_closed = not self.response.keeps_alive

    def begin(self, status: Status) -> None:
        """Begins a response."""
        self.response.begin(self.out, self.receiver.request, status, self.date.view())

    def echo(self) -> None:
        """Answers with the body of the request, as a stream, in two pieces."""
        self.begin(Status.OK)
        self.response.end_with_stream(self.out)
        middle = len(self.body) // 2
        self.response.piece(self.out, self.body.view()[:middle])
        self.response.piece(self.out, self.body.view()[middle:])
        self.response.finish(self.out)

    def find(self) -> Status:
        """Answers with a file; returns what else is to be answered."""
        path = self.path.content()
        if path == b"/dir" and not self.path.is_directory:
            self.begin(Status.MOVED_PERMANENTLY)
            write_moved(self.out, self.response, path, query_of(self.receiver.request.target()))
        elif path == b"/dir":
            self.list_directory()
        elif path == b"/" or path == b"/index.html":
            self.send(INDEX, b"/index.html")
        elif path == b"/alphabet.txt" and not self.path.is_directory:
            self.send(ALPHABET, path)
        elif path == b"/empty.bin" or path == b"/a b.txt":
            self.send(b"", path)
        elif has_hidden(path):
            self.send(b"secret", path)
        else:
            return Status.NOT_FOUND
        return Status.CONTINUE

    def send(self, content: Bytes, path: Bytes) -> None:
        """Answers with a file's content."""
        self.facts.set(len(content), MODIFIED, 0, media_type_of(path))
        self.answer.boundary = BOUNDARY
        self.answer.decide(self.receiver.request, self.facts, NOW)
        self.begin(self.answer.status)
        self.answer.write_head(self.out, self.response, self.facts)
        if not self.response.has_body():
            return
        for index in range(self.answer.part_count):
            part = self.answer.part(index)
            if self.answer.is_multipart:
                self.answer.write_part_head(self.out, index, self.facts)
            self.out.write(content[part.first : part.first + part.length])
        if self.answer.is_multipart:
            self.answer.write_last_boundary(self.out)

    def list_directory(self) -> None:
        """Answers with a listing."""
        page = Text(self.arena)
        begin_listing(page, b"/dir/")
        add_directory(page, b"a&b", MODIFIED)
        add_file(page, b"<x> y:%.txt", 5, MODIFIED)
        end_listing(page, 0)
        self.begin(Status.OK)
        self.response.field(self.out, b"Content-Type", MEDIA_TYPE)
        self.response.end_with_length(self.out, len(page))
        if self.response.has_body():
            self.out.write(page.view())


def has_hidden(path: Bytes) -> bool:
    """Whether a segment begins with a point: a file system would find something there."""
    index: usize = 0
    while index + 1 < len(path) and path[index : index + 2] != b"/.":
        index += 1
    return index + 1 < len(path)


def server() -> Server:
    """Returns the one server."""
    return static_object(Server)


@export("probe_open")
def probe_open(memory: usize, memory_bytes: usize, echoes: u64) -> u64:
    """Begins a connection with all memory taken from `memory`; returns 0 if that is enough."""
    opened = server()
    opened.is_closed = False
    opened.echoes = echoes != 0
    opened.receiver.restart()
    opened.out.clear()
    try:
        opened.open(span_at(u8, memory, memory_bytes))
    except OSError:
        return 1
    return 0


@export("probe_feed")
def probe_feed(data: usize, length: usize) -> u64:
    """Hands bytes to the connection; returns whether it was closed, 2 for want of memory."""
    try:
        server().feed(span_at(u8, data, length))
    except OSError:
        return 2
    return 1 if server().is_closed else 0


@export("probe_output")
def probe_output(target: usize) -> usize:
    """Copies what was answered; returns how much."""
    written = server().out.view()
    span_at(u8, target, len(written)).copy_from(written)
    return len(written)


@export("probe_date")
def probe_date(data: usize, length: usize, now: i64) -> i64:
    """Parses a date."""
    return dates.parse_date(span_at(u8, data, length), now)


@export("probe_write_date")
def probe_write_date(seconds: i64, target: usize) -> None:
    """Writes a date."""
    dates.write_date(span_at(u8, target, dates.DATE_BYTES), seconds)


def main() -> None:
    """Does nothing: the doors are called from outside."""
