"""`Responder`: from a request that was read to the head of its response, and the log line."""

from __future__ import annotations

from abi.errno import ENOMEM
from abi.file import AT_FDCWD, S_IFDIR, S_IFMT, S_IFREG, Stat
from abi.limits import PATH_MAX
from abi.time import CLOCK_REALTIME, TimeSpec
from bare import (
    Bytes,
    Writer,
    allocate_span,
    i64,
    inline,
    raises,
    struct,
    u8,
    u64,
    usize,
    wrap_u64,
)
from bare.lib.map import hash_number
from bare.lib.text import Text
from user.lib import sys
from user.lib.directory import DirectoryReader
from user.lib.heap import Heap
from user.lib.http.dates import DateText
from user.lib.http.listing import MEDIA_TYPE, add_directory, add_file, begin_listing, end_listing
from user.lib.http.site import judge, write_moved, write_short
from user.lib.http.status import Status
from user.lib.http.target import ServedPath, query_of
from user.lib.httpd.cached_file import CachedFile, Kind
from user.lib.httpd.connection import Connection
from user.lib.httpd.file_cache import FileCache
from user.lib.httpd.request_log import RequestLog
from user.lib.paths import PathBuffer
from user.lib.string_list import ByteOrder, StringList

WALL_CLOCK_MS: i64 = 200
"""How old the time in responses may be."""

MOST_LISTING_BYTES: usize = 256 * 1024
POINT = ord(".")


@struct
class Responder:
    """Writes heads into `out`, which a `Sender` sends."""

    heap: Heap
    cache: FileCache
    log: RequestLog
    out: Text
    root: Bytes
    now_ms: i64 = 0
    """The monotonic clock, as far as the loop has looked at it."""

    wall_ms: i64 = -WALL_CLOCK_MS
    """When `wall_seconds` was read."""

    wall_seconds: i64 = 0
    boundary: u64 = 0
    date: DateText = inline()
    path: ServedPath = inline()

    @raises(ENOMEM)
    def prepare(
        self, heap: Heap, cache: FileCache, log: RequestLog, out: Text, root: Bytes
    ) -> None:
        """Puts the parts together."""
        self.heap = heap
        self.cache = cache
        self.log = log
        self.out = out
        self.root = root
        self.path.buffer = allocate_span(heap, u8, PATH_MAX)

    def set_time(self, now_ms: i64) -> None:
        """Takes the monotonic time, and the wall clock's where that is too old."""
        self.now_ms = now_ms
        if now_ms - self.wall_ms < WALL_CLOCK_MS:
            return
        self.wall_ms = now_ms
        wall = TimeSpec()
        try:
            sys.clock_gettime(CLOCK_REALTIME, wall)
        except OSError:
            return
        self.wall_seconds = max(wall.seconds, 0)
        self.boundary ^= hash_number(wrap_u64(wall.seconds) ^ wrap_u64(wall.nanoseconds) << 32)
        self.date.set(self.wall_seconds)

    def reply(self, connection: Connection) -> None:
        """Begins the response to the request that was read."""
        status = judge(connection.receiver.request, self.path)
        if status == Status.CONTINUE:
            status = self.find(connection)
        if status != Status.CONTINUE:
            self.begin(connection, status)
            write_short(self.out, connection.response)
        self.note(connection)

    def refuse_body(self, connection: Connection) -> None:
        """Answers a request whose client waits before it sends a body, which nobody needs."""
        self.begin(connection, Status.CONTENT_TOO_LARGE)
        connection.response.keeps_alive = False
        write_short(self.out, connection.response)
        self.note(connection)

    def fail(self, connection: Connection, status: Status) -> None:
        """Answers what is not a request, or one that does not come to an end."""
        request = connection.receiver.request
        connection.response.begin_failure(self.out, request, status, self.date.view())
        write_short(self.out, connection.response)
        self.note(connection)

    def note(self, connection: Connection) -> None:
        """Notes the request for the log."""
        self.log.add(connection.response.status, connection.receiver.request, self.now_ms)

    def begin(self, connection: Connection, status: Status) -> None:
        """Begins a response."""
        request = connection.receiver.request
        connection.response.begin(self.out, request, status, self.date.view())

    def find(self, connection: Connection) -> Status:
        """Answers with what the path means; returns what else is to be answered."""
        path = self.path
        file = self.cache.find(path.content(), path.is_directory, self.now_ms)
        if file is None:
            return self.cache.status
        match file.kind:
            case Kind.FILE:
                self.send(connection, file)
            case Kind.UNSLASHED:
                self.begin(connection, Status.MOVED_PERMANENTLY)
                query = query_of(connection.receiver.request.target())
                write_moved(self.out, connection.response, path.content(), query)
            case Kind.DIRECTORY:
                return self.send_listing(connection)
        return Status.CONTINUE

    def send(self, connection: Connection, file: CachedFile) -> None:
        """Begins a response with a file, or what its conditions lead to."""
        answer = connection.answer
        answer.boundary = self.boundary
        answer.decide(connection.receiver.request, file.facts, self.wall_seconds)
        self.begin(connection, answer.status)
        answer.write_head(self.out, connection.response, file.facts)
        if connection.response.has_body() and answer.part_count > 0:
            file.users += 1
            connection.file = file
            connection.part = 0

    def send_listing(self, connection: Connection) -> Status:
        """Answers with a page of the directory's entries."""
        page = Text(self.heap)
        try:
            self.write_listing(page)
            self.begin(connection, Status.OK)
            connection.response.field(self.out, b"Content-Type", MEDIA_TYPE)
            connection.response.end_with_length(self.out, len(page))
            if connection.response.has_body():
                self.out.write(page.view())
        except OSError:
            return Status.INTERNAL_SERVER_ERROR
        finally:
            page.free()
        return Status.CONTINUE

    @raises()
    def write_listing(self, page: Text) -> None:
        """Writes the page of the directory at `path`."""
        shown = PathBuffer()
        shown.set(self.path.content())
        if shown.length > 1:
            shown.append(b"/")
        directory = PathBuffer()
        directory.join(self.root, shown.content()[1:])
        names = StringList()
        try:
            collect_names(directory.content(), names)
            begin_listing(page, shown.content())
            end_listing(page, add_entries(page, directory.content(), names))
        finally:
            names.free()


@raises()
def collect_names(directory: Bytes, names: StringList) -> None:
    """Gathers the names in a directory that are not hidden, sorted."""
    reader = DirectoryReader()
    reader.open(directory)
    try:
        while reader.next():
            if reader.name[0] != POINT:
                names.add(reader.name)
    finally:
        reader.close()
    names.sort(ByteOrder())


@raises()
def add_entries(page: Text, directory: Bytes, names: StringList) -> u64:
    """Adds a row for each name; returns how many the page has no room for."""
    entry = PathBuffer()
    for index in range(names.count):
        if len(page) > MOST_LISTING_BYTES:
            return names.count - index
        entry.join(directory, names.get(index))
        add_entry(page, entry.content(), names.get(index))
    return 0


def add_entry(page: Writer, path: Bytes, name: Bytes) -> None:
    """Adds the row of one entry; what cannot be served is left out."""
    stat = Stat()
    try:
        sys.newfstatat(AT_FDCWD, path, stat, 0)
    except OSError:
        return
    if stat.mode & S_IFMT == S_IFDIR:
        add_directory(page, name, stat.modified.seconds)
    elif stat.mode & S_IFMT == S_IFREG:
        add_file(page, name, wrap_u64(stat.size_bytes), stat.modified.seconds)
