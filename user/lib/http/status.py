"""`Status`: the status codes that a server here answers with (RFC 9110, 15)."""

from __future__ import annotations

from bare import Bytes, Enum16


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


def phrase_of(status: Status) -> Bytes:
    """Returns code and reason phrase, as they stand in a status line."""
    match status:
        case Status.CONTINUE:
            return b"100 Continue"
        case Status.OK:
            return b"200 OK"
        case Status.CREATED:
            return b"201 Created"
        case Status.ACCEPTED:
            return b"202 Accepted"
        case Status.NO_CONTENT:
            return b"204 No Content"
        case Status.PARTIAL_CONTENT:
            return b"206 Partial Content"
        case Status.MOVED_PERMANENTLY:
            return b"301 Moved Permanently"
        case Status.FOUND:
            return b"302 Found"
        case Status.SEE_OTHER:
            return b"303 See Other"
        case Status.NOT_MODIFIED:
            return b"304 Not Modified"
        case Status.TEMPORARY_REDIRECT:
            return b"307 Temporary Redirect"
        case Status.PERMANENT_REDIRECT:
            return b"308 Permanent Redirect"
        case Status.BAD_REQUEST:
            return b"400 Bad Request"
        case Status.UNAUTHORIZED:
            return b"401 Unauthorized"
        case Status.FORBIDDEN:
            return b"403 Forbidden"
        case Status.NOT_FOUND:
            return b"404 Not Found"
        case Status.METHOD_NOT_ALLOWED:
            return b"405 Method Not Allowed"
        case Status.NOT_ACCEPTABLE:
            return b"406 Not Acceptable"
        case Status.REQUEST_TIMEOUT:
            return b"408 Request Timeout"
        case Status.CONFLICT:
            return b"409 Conflict"
        case Status.GONE:
            return b"410 Gone"
        case Status.LENGTH_REQUIRED:
            return b"411 Length Required"
        case Status.PRECONDITION_FAILED:
            return b"412 Precondition Failed"
        case Status.CONTENT_TOO_LARGE:
            return b"413 Content Too Large"
        case Status.URI_TOO_LONG:
            return b"414 URI Too Long"
        case Status.UNSUPPORTED_MEDIA_TYPE:
            return b"415 Unsupported Media Type"
        case Status.RANGE_NOT_SATISFIABLE:
            return b"416 Range Not Satisfiable"
        case Status.EXPECTATION_FAILED:
            return b"417 Expectation Failed"
        case Status.MISDIRECTED_REQUEST:
            return b"421 Misdirected Request"
        case Status.UNPROCESSABLE_CONTENT:
            return b"422 Unprocessable Content"
        case Status.UPGRADE_REQUIRED:
            return b"426 Upgrade Required"
        case Status.TOO_MANY_REQUESTS:
            return b"429 Too Many Requests"
        case Status.FIELDS_TOO_LARGE:
            return b"431 Request Header Fields Too Large"
        case Status.INTERNAL_SERVER_ERROR:
            return b"500 Internal Server Error"
        case Status.NOT_IMPLEMENTED:
            return b"501 Not Implemented"
        case Status.BAD_GATEWAY:
            return b"502 Bad Gateway"
        case Status.SERVICE_UNAVAILABLE:
            return b"503 Service Unavailable"
        case Status.GATEWAY_TIMEOUT:
            return b"504 Gateway Timeout"
        case Status.VERSION_NOT_SUPPORTED:
            return b"505 HTTP Version Not Supported"
