"""Cases of RFC 9110: methods, paths, conditions, ranges. Sections are that document's."""

from tests.user.http.case import (
    AFTER,
    ALPHABET,
    BEFORE,
    INDEX,
    LAST_MODIFIED,
    TAG,
    Case,
    Reply,
    case,
    get,
    post,
    request,
)

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}
WHOLE = Reply(200, ALPHABET, {"Content-Range": None})
UNCHANGED = Reply(304, b"", {"ETag": TAG, "Content-Length": None})
OTHER = '"other"'


def part(body: bytes, place: str) -> Reply:
    """A response with one part of the alphabet."""
    fields = {"Content-Range": f"bytes {place}", "Content-Length": str(len(body))}
    return Reply(206, body, fields)


def ranged(value: str, *lines: str) -> bytes:
    """A GET of a range of the alphabet."""
    return get(f"Range: {value}", *lines)


METHODS: tuple[Case, ...] = (
    case(
        "6.6.1",
        "date",
        get(),
        Reply(200, fields={"Date": "Fri, 15 Jan 2027 08:00:00 GMT"}),
        is_of_library=True,
    ),
    case(
        "8.3",
        "type of text",
        get(),
        Reply(200, fields={"Content-Type": "text/plain; charset=utf-8"}),
    ),
    case(
        "8.3",
        "type of a page",
        get(target="/"),
        Reply(200, fields={"Content-Type": "text/html; charset=utf-8"}),
    ),
    case(
        "8.3",
        "type that is not known",
        get(target="/empty.bin"),
        Reply(200, b"", {"Content-Type": "application/octet-stream"}),
    ),
    case("8.6", "length", get(), Reply(200, fields={"Content-Length": "26"})),
    case(
        "8.6",
        "length of an empty file",
        get(target="/empty.bin") + get(),
        Reply(200, b"", {"Content-Length": "0"}),
        200,
    ),
    case(
        "8.8", "validators", get(), Reply(200, fields={"ETag": TAG, "Last-Modified": LAST_MODIFIED})
    ),
    case(
        "9.3.2",
        "HEAD has the fields of GET",
        request("HEAD") + get(),
        Reply(200, b"", {"Content-Length": "26", "ETag": TAG}),
        200,
    ),
    case(
        "9.3.2",
        "HEAD of what is not there",
        request("HEAD", target="/no") + get(),
        Reply(404, b""),
        200,
    ),
    case("9.3.3", "POST", post(b""), Reply(405, fields=ALLOW)),
    case("9.3.4", "PUT", request("PUT"), Reply(405, fields=ALLOW)),
    case("9.3.5", "DELETE", request("DELETE"), Reply(405, fields=ALLOW)),
    case(
        "9.3.7",
        "OPTIONS",
        request("OPTIONS") + get(),
        Reply(204, b"", {**ALLOW, "Content-Length": None}),
        200,
    ),
    case("9.3.8", "TRACE", request("TRACE"), Reply(405, fields=ALLOW)),
    case("9.3.8", "TRACE with a body", request("TRACE", "Content-Length: 1") + b"x", 400),
    case("9.1", "PATCH", request("PATCH"), Reply(405, fields=ALLOW)),
    case(
        "10.1.1",
        "body without waiting",
        post(b"123", "Content-Length: 3", "Expect: 100-continue") + get(),
        405,
        200,
    ),
    case(
        "10.1.1",
        "wait for 100",
        post(b"", "Content-Length: 3", "Expect: 100-Continue"),
        100,
        is_of_library=True,
    ),
    case("10.1.1", "nothing to wait for", get("Expect: 100-continue"), 200),
    case("10.1.1", "another expectation", get("Expect: miracles"), 417),
    case(
        "10.1.1",
        "version 1.0 does not wait",
        request("POST", "Content-Length: 3", "Expect: 100-continue", version="1.0"),
        is_of_library=True,
    ),
)

PATHS: tuple[Case, ...] = (
    case("4.2.3", "escaped letter", get(target="/%61lphabet.txt"), WHOLE),
    case("4.2.3", "escaped space", get(target="/a%20b.txt"), Reply(200, b"")),
    case("4.2.3", "escaped twice is not a space", get(target="/a%2520b.txt"), 404),
    case("4.2.3", "empty segments", get(target="//alphabet.txt"), WHOLE),
    case("4.2.3", "segment of a point", get(target="/./alphabet.txt"), WHOLE),
    case("4.2.3", "escaped point", get(target="/%2e/alphabet.txt"), WHOLE),
    case("4.2.3", "broken escape", get(target="/%6"), 400, closes=False),
    case("4.2.3", "escape that is no number", get(target="/%zz"), 400, closes=False),
    case("4.2.3", "escaped NUL", get(target="/alphabet.txt%00.html"), 400, closes=False),
    case("4.2.3", "NUL in the middle", get(target="/%00/alphabet.txt"), 400, closes=False),
    case("17.3", "up from the root", get(target="/../alphabet.txt"), 404),
    case("17.3", "up from a directory", get(target="/dir/../alphabet.txt"), 404),
    case("17.3", "up in escapes", get(target="/%2e%2e/alphabet.txt"), 404),
    case("17.3", "up in half an escape", get(target="/.%2e/alphabet.txt"), 404),
    case("17.3", "up at the end", get(target="/dir/.."), 404),
    case("17.3", "up behind an escaped slash", get(target="/..%2falphabet.txt"), 404),
    case("17.3", "up inside a segment", get(target="/dir/x%2f..%2f..%2falphabet.txt"), 404),
    case("17.3", "escaped slash", get(target="/dir%2f"), 404),
    case("17.3", "backslashes are no slashes", get(target="/dir%5c..%5calphabet.txt"), 404),
    case("17.3", "hidden file", get(target="/.secret"), 404),
    case("17.3", "hidden directory", get(target="/.git/config"), 404),
    case("17.3", "overlong encoding of a point", get(target="/%c0%ae%c0%ae/x"), 404),
    case("15.5.5", "no such file", get(target="/no"), Reply(404, b"404 Not Found\n")),
    case("15.5.5", "file named as a directory", get(target="/alphabet.txt/"), 404),
    case(
        "15.4.2",
        "directory without a slash",
        get(target="/dir"),
        Reply(301, b"", {"Location": "/dir/"}),
    ),
    case(
        "15.4.2",
        "with a query",
        get(target="/dir?a=b"),
        Reply(301, fields={"Location": "/dir/?a=b"}),
    ),
    case(
        "15.3.1",
        "directory",
        get(target="/dir/"),
        Reply(200, fields={"Content-Type": "text/html; charset=utf-8"}),
    ),
    case(
        "15.3.1",
        "HEAD of a directory",
        request("HEAD", target="/dir/") + get(),
        Reply(200, b""),
        200,
    ),
    case("15.3.1", "index file", get(target="/"), Reply(200, INDEX)),
)

CONDITIONS: tuple[Case, ...] = (
    case("13.1.1", "If-Match", get(f"If-Match: {TAG}"), WHOLE),
    case("13.1.1", "If-Match of another", get(f"If-Match: {OTHER}"), 412),
    case("13.1.1", "If-Match in a list", get(f"If-Match: {OTHER}, {TAG}"), WHOLE),
    case("13.1.1", "If-Match of anything", get("If-Match: *"), WHOLE),
    case("13.1.1", "If-Match compares strongly", get(f"If-Match: W/{TAG}"), 412),
    case(
        "13.1.1", "If-Match in a second line", get(f"If-Match: {OTHER}", f"If-Match: {TAG}"), WHOLE
    ),
    case("13.1.2", "If-None-Match", get(f"If-None-Match: {TAG}") + get(), UNCHANGED, 200),
    case("13.1.2", "If-None-Match of another", get(f"If-None-Match: {OTHER}"), WHOLE),
    case("13.1.2", "If-None-Match compares weakly", get(f"If-None-Match: W/{TAG}"), UNCHANGED),
    case("13.1.2", "If-None-Match in a list", get(f"If-None-Match: {OTHER} ,W/{TAG}"), UNCHANGED),
    case(
        "13.1.2",
        "If-None-Match in a second line",
        get(f"If-None-Match: {OTHER}", f"If-None-Match: {TAG}"),
        UNCHANGED,
    ),
    case("13.1.2", "If-None-Match of anything", get("If-None-Match: *"), UNCHANGED),
    case("13.1.2", "If-None-Match without quotes", get(f"If-None-Match: {TAG[1:-1]}"), WHOLE),
    case("13.1.2", "If-None-Match that does not end", get(f"If-None-Match: {TAG[:-1]}"), WHOLE),
    case("13.1.2", "If-None-Match for HEAD", request("HEAD", f"If-None-Match: {TAG}"), UNCHANGED),
    case("13.1.3", "If-Modified-Since", get(f"If-Modified-Since: {LAST_MODIFIED}"), UNCHANGED),
    case("13.1.3", "If-Modified-Since before", get(f"If-Modified-Since: {BEFORE}"), WHOLE),
    case("13.1.3", "If-Modified-Since later", get(f"If-Modified-Since: {AFTER}"), UNCHANGED),
    case("13.1.3", "If-Modified-Since that is no date", get("If-Modified-Since: yesterday"), WHOLE),
    case(
        "13.1.3",
        "If-Modified-Since of RFC 850",
        get("If-Modified-Since: Thursday, 01-Jan-26 00:00:00 GMT"),
        UNCHANGED,
    ),
    case(
        "13.1.3",
        "If-Modified-Since of asctime",
        get("If-Modified-Since: Thu Jan  1 00:00:00 2026"),
        UNCHANGED,
    ),
    case(
        "13.1.3",
        "If-Modified-Since twice",
        get(*[f"If-Modified-Since: {LAST_MODIFIED}"] * 2),
        WHOLE,
    ),
    case("13.1.4", "If-Unmodified-Since", get(f"If-Unmodified-Since: {LAST_MODIFIED}"), WHOLE),
    case("13.1.4", "If-Unmodified-Since before", get(f"If-Unmodified-Since: {BEFORE}"), 412),
    case("13.1.4", "If-Unmodified-Since that is no date", get("If-Unmodified-Since: x"), WHOLE),
    case(
        "13.2.2",
        "If-Match hides If-Unmodified-Since",
        get(f"If-Match: {TAG}", f"If-Unmodified-Since: {BEFORE}"),
        WHOLE,
    ),
    case(
        "13.2.2",
        "If-None-Match hides If-Modified-Since",
        get(f"If-None-Match: {OTHER}", f"If-Modified-Since: {LAST_MODIFIED}"),
        WHOLE,
    ),
    case(
        "13.2.2",
        "If-Match before If-None-Match",
        get(f"If-Match: {OTHER}", f"If-None-Match: {TAG}"),
        412,
    ),
    case("13.2.1", "nothing to compare with", get("If-Match: *", target="/no"), 404),
    case(
        "13.2.2",
        "conditions before ranges",
        ranged("bytes=0-1", f"If-None-Match: {TAG}"),
        UNCHANGED,
    ),
)

RANGES: tuple[Case, ...] = (
    case("14.1.2", "first bytes", ranged("bytes=0-4"), part(b"abcde", "0-4/26")),
    case("14.1.2", "one byte", ranged("bytes=25-25"), part(b"z", "25-25/26")),
    case("14.1.2", "to the end", ranged("bytes=20-"), part(b"uvwxyz", "20-25/26")),
    case("14.1.2", "last bytes", ranged("bytes=-3"), part(b"xyz", "23-25/26")),
    case(
        "14.1.2", "more last bytes than there are", ranged("bytes=-99"), part(ALPHABET, "0-25/26")
    ),
    case("14.1.2", "beyond the end", ranged("bytes=24-99"), part(b"yz", "24-25/26")),
    case(
        "14.1.2", "beyond 64 bits", ranged("bytes=24-99999999999999999999"), part(b"yz", "24-25/26")
    ),
    case("14.1.2", "blanks", ranged("bytes= 0-4 "), part(b"abcde", "0-4/26")),
    case("14.1.2", "empty elements", ranged("bytes=,0-4,"), part(b"abcde", "0-4/26")),
    case("14.1", "unit in capitals", ranged("Bytes=0-4"), part(b"abcde", "0-4/26")),
    case("14.2", "last before first", ranged("bytes=5-4"), WHOLE),
    case("14.2", "no digits", ranged("bytes=a-b"), WHOLE),
    case("14.2", "hyphen alone", ranged("bytes=-"), WHOLE),
    case("14.2", "no hyphen", ranged("bytes=5"), WHOLE),
    case("14.2", "nothing", ranged("bytes="), WHOLE),
    case("14.2", "signed", ranged("bytes=+1-2"), WHOLE),
    case("14.2", "another unit", ranged("lines=0-4"), WHOLE),
    case("14.2", "two lines", ranged("bytes=0-4", "Range: bytes=5-9"), WHOLE),
    case(
        "14.2",
        "for HEAD",
        request("HEAD", "Range: bytes=0-4"),
        Reply(200, b"", {"Content-Length": "26"}),
    ),
    case("14.2", "17 ranges", ranged("bytes=" + ",".join(["0-0"] * 17)), WHOLE),
    case("14.2", "ranges longer than the file", ranged("bytes=0-20,5-25"), WHOLE),
    case(
        "15.5.17",
        "behind the end",
        ranged("bytes=26-"),
        Reply(416, fields={"Content-Range": "bytes */26"}),
    ),
    case(
        "15.5.17",
        "no last bytes",
        ranged("bytes=-0"),
        Reply(416, fields={"Content-Range": "bytes */26"}),
    ),
    case(
        "15.5.17",
        "of an empty file",
        get("Range: bytes=0-", target="/empty.bin"),
        Reply(416, fields={"Content-Range": "bytes */0"}),
    ),
    case("15.5.17", "connection goes on", ranged("bytes=99-") + get(), 416, 200),
    case("14.6", "one of two is there", ranged("bytes=99-,0-4"), part(b"abcde", "0-4/26")),
    case(
        "14.6",
        "two parts",
        ranged("bytes=0-1,24-25") + get(),
        Reply(206, fields={"Content-Range": None}),
        200,
    ),
    case("14.3", "offered", get(), Reply(200, fields={"Accept-Ranges": "bytes"})),
    case(
        "13.1.5",
        "If-Range with the tag",
        ranged("bytes=0-4", f"If-Range: {TAG}"),
        part(b"abcde", "0-4/26"),
    ),
    case("13.1.5", "If-Range with another tag", ranged("bytes=0-4", f"If-Range: {OTHER}"), WHOLE),
    case("13.1.5", "If-Range with a weak tag", ranged("bytes=0-4", f"If-Range: W/{TAG}"), WHOLE),
    case(
        "13.1.5",
        "If-Range with the date",
        ranged("bytes=0-4", f"If-Range: {LAST_MODIFIED}"),
        part(b"abcde", "0-4/26"),
    ),
    case("13.1.5", "If-Range with another date", ranged("bytes=0-4", f"If-Range: {AFTER}"), WHOLE),
    case("13.1.5", "If-Range without a range", get(f"If-Range: {TAG}"), WHOLE),
)

SEMANTICS = METHODS + PATHS + CONDITIONS + RANGES
