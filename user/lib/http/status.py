"""`Status`: the status codes that a server here answers with (RFC 9110, 15)."""

from __future__ import annotations

from bare import Bytes, Enum16, u16, unreachable


class Status(Enum16):
    """A status code. Functions that check something return CONTINUE where nothing is wrong."""

    CONTINUE = 100
    OK = 200
    CREATED = 201
    ACCEPTED = 202
    NO_CONTENT = 204
    PARTIAL_CONTENT = 206
    MOVED_PERMANENTLY = 301
    FOUND = 302
    SEE_OTHER = 303
    NOT_MODIFIED = 304
    TEMPORARY_REDIRECT = 307
    PERMANENT_REDIRECT = 308
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    NOT_ACCEPTABLE = 406
    REQUEST_TIMEOUT = 408
    CONFLICT = 409
    GONE = 410
    LENGTH_REQUIRED = 411
    PRECONDITION_FAILED = 412
    CONTENT_TOO_LARGE = 413
    URI_TOO_LONG = 414
    UNSUPPORTED_MEDIA_TYPE = 415
    RANGE_NOT_SATISFIABLE = 416
    EXPECTATION_FAILED = 417
    MISDIRECTED_REQUEST = 421
    UNPROCESSABLE_CONTENT = 422
    UPGRADE_REQUIRED = 426
    TOO_MANY_REQUESTS = 429
    FIELDS_TOO_LARGE = 431
    INTERNAL_SERVER_ERROR = 500
    NOT_IMPLEMENTED = 501
    BAD_GATEWAY = 502
    SERVICE_UNAVAILABLE = 503
    GATEWAY_TIMEOUT = 504
    VERSION_NOT_SUPPORTED = 505


CODES: tuple[u16, ...] = (
    200,
    100,
    201,
    202,
    204,
    206,
    301,
    302,
    303,
    304,
    307,
    308,
    400,
    401,
    403,
    404,
    405,
    406,
    408,
    409,
    410,
    411,
    412,
    413,
    414,
    415,
    416,
    417,
    421,
    422,
    426,
    429,
    431,
    500,
    501,
    502,
    503,
    504,
    505,
)
PHRASES: tuple[bytes, ...] = (
    b"200 OK",
    b"100 Continue",
    b"201 Created",
    b"202 Accepted",
    b"204 No Content",
    b"206 Partial Content",
    b"301 Moved Permanently",
    b"302 Found",
    b"303 See Other",
    b"304 Not Modified",
    b"307 Temporary Redirect",
    b"308 Permanent Redirect",
    b"400 Bad Request",
    b"401 Unauthorized",
    b"403 Forbidden",
    b"404 Not Found",
    b"405 Method Not Allowed",
    b"406 Not Acceptable",
    b"408 Request Timeout",
    b"409 Conflict",
    b"410 Gone",
    b"411 Length Required",
    b"412 Precondition Failed",
    b"413 Content Too Large",
    b"414 URI Too Long",
    b"415 Unsupported Media Type",
    b"416 Range Not Satisfiable",
    b"417 Expectation Failed",
    b"421 Misdirected Request",
    b"422 Unprocessable Content",
    b"426 Upgrade Required",
    b"429 Too Many Requests",
    b"431 Request Header Fields Too Large",
    b"500 Internal Server Error",
    b"501 Not Implemented",
    b"502 Bad Gateway",
    b"503 Service Unavailable",
    b"504 Gateway Timeout",
    b"505 HTTP Version Not Supported",
)
"""In the order of CODES, the most frequent one first."""


def phrase_of(status: Status) -> Bytes:
    """Returns code and reason phrase, as they stand in a status line."""
    for index in range(len(CODES)):
        if CODES[index] == u16(status):
            return PHRASES[index]
    unreachable()
