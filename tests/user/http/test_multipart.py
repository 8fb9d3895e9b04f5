"""Several ranges at once, taken apart by the mail parser of Python's library."""

from email import message_from_bytes

from tests.user.http.answers import read_answers
from tests.user.http.case import ALPHABET, get
from tests.user.http.servers import ProbeServer


def parts_of(server: ProbeServer, ranges: str) -> list[tuple[str, bytes]]:
    """Asks for ranges; returns place and bytes of each part."""
    received, _ = server.converse([get(f"Range: {ranges}")])
    (answer,) = read_answers(received, ["GET"])
    assert answer.status == 206
    kind = answer.fields["Content-Type"]
    assert kind.startswith("multipart/byteranges; boundary=")
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + answer.body)
    assert not message.defects
    assert message.is_multipart()
    parts = list(message.walk())[1:]
    assert all(part["Content-Type"] == "text/plain; charset=utf-8" for part in parts)
    return [(part["Content-Range"], bytes(part.get_payload(decode=True))) for part in parts]


def test_two_parts(server: ProbeServer) -> None:
    assert parts_of(server, "bytes=0-1,24-25") == [
        ("bytes 0-1/26", b"ab"),
        ("bytes 24-25/26", b"yz"),
    ]


def test_parts_keep_the_order_of_the_request(server: ProbeServer) -> None:
    parts = parts_of(server, "bytes=-1, 3-3 ,0-0")
    assert [body for _, body in parts] == [b"z", b"d", b"a"]


def test_sixteen_parts(server: ProbeServer) -> None:
    wanted = ",".join(f"{index}-{index}" for index in range(16))
    assert b"".join(body for _, body in parts_of(server, f"bytes={wanted}")) == ALPHABET[:16]
