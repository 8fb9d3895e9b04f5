"""What a server of files answers before it looks at a file, and where there is none to send."""

from __future__ import annotations

from bare import Bytes, Writer
from user.lib.http.escaping import write_uri_path
from user.lib.http.request import Method, Request
from user.lib.http.response import Response
from user.lib.http.status import Status, phrase_of
from user.lib.http.target import ServedPath, path_of

ALLOWED: bytes = b"GET, HEAD, OPTIONS"
PLAIN_TEXT: bytes = b"text/plain; charset=utf-8"


def judge(request: Request, path: ServedPath) -> Status:
    """Sets `path` to what a GET or HEAD asks for and returns CONTINUE, or what to answer."""
    match request.method:
        case Method.GET | Method.HEAD:
            return path.set_from(path_of(request.target()))
        case Method.OPTIONS:
            return Status.NO_CONTENT
        case Method.OTHER:
            return Status.NOT_IMPLEMENTED
        case _:
            return Status.METHOD_NOT_ALLOWED


def write_short(out: Writer, response: Response) -> None:
    """Ends a response that was begun and that only says its status."""
    status = response.status
    if status in (Status.METHOD_NOT_ALLOWED, Status.NO_CONTENT):
        response.field(out, b"Allow", ALLOWED)
    if status == Status.NO_CONTENT:
        response.end_without_body(out)
        return
    phrase = phrase_of(status)
    response.field(out, b"Content-Type", PLAIN_TEXT)
    response.end_with_length(out, len(phrase) + 1)
    if response.has_body():
        out.write(phrase)
        out.write(b"\n")


def write_moved(out: Writer, response: Response, path: Bytes, query: Bytes) -> None:
    """Ends a redirection to `path` with a slash behind it, which links in a listing build on."""
    out.write(b"Location: ")
    write_uri_path(out, path)
    out.write(b"/")
    if len(query) > 0:
        out.write(b"?")
        out.write(query)
    out.write(b"\r\n")
    response.end_with_length(out, 0)
