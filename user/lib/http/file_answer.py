"""`FileAnswer`: how a file is sent in answer to a GET or HEAD, whole, in parts or not at all."""

from __future__ import annotations

from bare import Bytes, Writer, i64, inline, struct, u64, usize, write_to
from user.lib.http.conditions import check_conditions, may_use_range
from user.lib.http.fields import Field
from user.lib.http.file_facts import FileFacts
from user.lib.http.ranges import ByteRange, RangeSet, RangeVerdict
from user.lib.http.request import Method, Request
from user.lib.http.response import Response
from user.lib.http.status import Status


@struct
class FileAnswer:
    """The decision on one request, and the parts of the file that are sent.

    The body is `part_count` parts; where `is_multipart`, `write_part_head` goes before each and
    `write_last_boundary` behind the last (RFC 9110, 14.6).
    """

    status: Status = Status.OK
    part_count: usize = 0
    is_multipart: bool = False
    boundary: u64 = 0
    """A number that content is unlikely to have in it, from the caller."""

    ranges: RangeSet = inline()

    def decide(self, request: Request, file: FileFacts, now: i64) -> None:
        """Sets status and parts by the conditions and the ranges of the request."""
        self.part_count = 0
        self.is_multipart = False
        self.status = check_conditions(request, file, now)
        if self.status != Status.CONTINUE:
            return
        self.status = Status.OK
        verdict = RangeVerdict.WHOLE
        if request.method == Method.GET and request.count(Field.RANGE) == 1:
            if may_use_range(request, file, now):
                verdict = self.ranges.parse(request.value(Field.RANGE), file.size_bytes)
        match verdict:
            case RangeVerdict.WHOLE:
                self.ranges.count = 0
                self.ranges.put(0, file.size_bytes)
            case RangeVerdict.PARTIAL:
                self.status = Status.PARTIAL_CONTENT
            case RangeVerdict.UNSATISFIABLE:
                self.status = Status.RANGE_NOT_SATISFIABLE
        self.part_count = self.ranges.count
        self.is_multipart = self.part_count > 1

    def part(self, index: usize) -> ByteRange:
        """Returns a part."""
        return self.ranges.ranges[index]

    def write_head(self, out: Writer, response: Response, file: FileFacts) -> None:
        """Writes the fields behind `response.begin`, and ends the head."""
        match self.status:
            case Status.OK:
                response.field(out, b"Content-Type", file.media_type)
                self.write_validators(out, response, file)
                response.end_with_length(out, file.size_bytes)
            case Status.PARTIAL_CONTENT:
                self.write_partial(out, response, file)
            case Status.NOT_MODIFIED:
                self.write_validators(out, response, file)
                response.end_without_body(out)
            case Status.RANGE_NOT_SATISFIABLE:
                write_to(out, f"Content-Range: bytes */{file.size_bytes}\r\n")
                response.end_with_length(out, 0)
            case _:
                response.end_with_length(out, 0)

    def write_validators(self, out: Writer, response: Response, file: FileFacts) -> None:
        """Writes what later conditional requests are made from."""
        out.write(b"Accept-Ranges: bytes\r\n")
        response.field(out, b"Last-Modified", file.date_text())
        response.field(out, b"ETag", file.tag.view())

    def write_partial(self, out: Writer, response: Response, file: FileFacts) -> None:
        """Writes the fields of 206 with one part or several."""
        if not self.is_multipart:
            response.field(out, b"Content-Type", file.media_type)
            write_content_range(out, self.part(0), file.size_bytes)
            self.write_validators(out, response, file)
            response.end_with_length(out, self.part(0).length)
            return
        write_to(out, f"Content-Type: multipart/byteranges; boundary={self.boundary:016x}\r\n")
        self.write_validators(out, response, file)
        response.end_with_length(out, self.multipart_bytes(file))

    def multipart_bytes(self, file: FileFacts) -> u64:
        """Returns how long the body is with all boundaries and heads of parts."""
        counter = ByteCounter()
        for index in range(self.part_count):
            self.write_part_head(counter, index, file)
            counter.count += self.part(index).length
        self.write_last_boundary(counter)
        return counter.count

    def write_part_head(self, out: Writer, index: usize, file: FileFacts) -> None:
        """Writes what goes before a part of several."""
        write_to(out, f"\r\n--{self.boundary:016x}\r\n")
        out.write(b"Content-Type: ")
        out.write(file.media_type)
        out.write(b"\r\n")
        write_content_range(out, self.part(index), file.size_bytes)
        out.write(b"\r\n")

    def write_last_boundary(self, out: Writer) -> None:
        """Writes what goes behind the last part of several."""
        write_to(out, f"\r\n--{self.boundary:016x}--\r\n")


@struct
class ByteCounter(Writer):
    """Counts bytes and keeps nothing."""

    count: u64 = 0

    def write(self, data: Bytes) -> None:
        """Counts `data`."""
        self.count += len(data)


def write_content_range(out: Writer, part: ByteRange, size_bytes: u64) -> None:
    """Writes the field that says which bytes of how many a part has."""
    write_to(out, f"Content-Range: bytes {part.first}-{part.last()}/{size_bytes}\r\n")
