"""The page that shows what is in a directory."""

from __future__ import annotations

from bare import Bytes, Writer, i64, u64, write_to
from user.lib.dates import Date
from user.lib.http.escaping import write_html, write_uri_path

MEDIA_TYPE: bytes = b"text/html; charset=utf-8"


def begin_listing(out: Writer, path: Bytes) -> None:
    """Begins the page of the directory `path`, which ends in a slash."""
    out.write(
        b'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Index of '
    )
    write_html(out, path)
    out.write(b"</title>\n</head>\n<body>\n<h1>Index of ")
    write_html(out, path)
    out.write(b"</h1>\n<table>\n")
    if len(path) > 1:
        out.write(b'<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n')


def add_directory(out: Writer, name: Bytes, modified: i64) -> None:
    """Adds a directory's row."""
    begin_row(out, name, b"/")
    out.write(b"-")
    end_row(out, modified)


def add_file(out: Writer, name: Bytes, size_bytes: u64, modified: i64) -> None:
    """Adds a file's row."""
    begin_row(out, name, b"")
    write_to(out, f"{size_bytes}")
    end_row(out, modified)


def begin_row(out: Writer, name: Bytes, mark: Bytes) -> None:
    """Writes the link; `./` keeps a name with a colon from being read as a scheme."""
    out.write(b'<tr><td><a href="./')
    write_uri_path(out, name)
    out.write(mark)
    out.write(b'">')
    write_html(out, name)
    out.write(mark)
    out.write(b'</a></td><td align="right">')


def end_row(out: Writer, modified: i64) -> None:
    """Writes the time, seconds since 1970, and ends the row."""
    date = Date()
    date.set_from_seconds(modified)
    out.write(b"</td><td>")
    write_to(out, f"{date.year:04}-{date.month:02}-{date.day:02} ")
    write_to(out, f"{date.hour:02}:{date.minute:02}")
    out.write(b"</td></tr>\n")


def end_listing(out: Writer, left_out: u64) -> None:
    """Ends the page; says so where entries were left out."""
    out.write(b"</table>\n")
    if left_out > 0:
        write_to(out, f"<p>{left_out} more</p>\n")
    out.write(b"<hr>\n<p>swift-os httpd</p>\n</body>\n</html>\n")
