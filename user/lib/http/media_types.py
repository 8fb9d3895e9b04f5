"""Which media type a file has, by the end of its name, whatever its case."""

from __future__ import annotations

from bare import Bytes
from user.lib.http.characters import POINT, SLASH, is_same_word

DEFAULT: bytes = b"application/octet-stream"
SUFFIXES: tuple[bytes, ...] = (
    b"html",
    b"htm",
    b"txt",
    b"css",
    b"js",
    b"json",
    b"png",
    b"jpg",
    b"jpeg",
    b"gif",
    b"svg",
    b"ico",
    b"webp",
    b"xml",
    b"md",
    b"csv",
    b"toml",
    b"py",
    b"pdf",
    b"wasm",
    b"woff2",
    b"gz",
    b"zip",
    b"tar",
    b"mp3",
    b"mp4",
    b"webm",
)
TYPES: tuple[bytes, ...] = (
    b"text/html; charset=utf-8",
    b"text/html; charset=utf-8",
    b"text/plain; charset=utf-8",
    b"text/css; charset=utf-8",
    b"text/javascript; charset=utf-8",
    b"application/json",
    b"image/png",
    b"image/jpeg",
    b"image/jpeg",
    b"image/gif",
    b"image/svg+xml",
    b"image/x-icon",
    b"image/webp",
    b"application/xml",
    b"text/markdown; charset=utf-8",
    b"text/csv; charset=utf-8",
    b"text/plain; charset=utf-8",
    b"text/plain; charset=utf-8",
    b"application/pdf",
    b"application/wasm",
    b"font/woff2",
    b"application/gzip",
    b"application/zip",
    b"application/x-tar",
    b"audio/mpeg",
    b"video/mp4",
    b"video/webm",
)


def media_type_of(path: Bytes) -> Bytes:
    """Returns the media type of the file at `path`."""
    point = len(path)
    while point > 0 and path[point - 1] != POINT and path[point - 1] != SLASH:
        point -= 1
    if point == 0 or path[point - 1] == SLASH:
        return DEFAULT
    suffix = path[point:]
    for index in range(len(SUFFIXES)):
        if is_same_word(suffix, SUFFIXES[index]):
            return TYPES[index]
    return DEFAULT
