"""Reads answers with the client of Python's library, which knows nothing of our server."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from socket import socket
from typing import cast

from tests.user.http.case import Case, Reply

CONTINUE = 100
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


class OneStream:
    """Stands for a socket whose bytes have all come."""

    def __init__(self, stream: io.BytesIO) -> None:
        self.stream = stream

    def makefile(self, mode: str) -> io.BytesIO:
        """Gives the stream, which stays open from one response to the next."""
        return io.BytesIO() if mode != "rb" else self.stream


class Unclosed(io.BytesIO):
    """A stream that a response does not close for those behind it."""

    def close(self) -> None:
        """Stays open."""


@dataclass(frozen=True)
class Answer:
    """A response as the client understood it."""

    status: int
    fields: Message
    body: bytes


def methods_of(sent: bytes) -> list[str]:
    """Returns the methods in the order of the requests, as far as a client has to know them."""
    return [
        "HEAD" if line.startswith(b"HEAD ") else "GET"
        for line in sent.split(b"\r\n")
        if line.endswith((b"HTTP/1.1", b"HTTP/1.0"))
    ]


def read_answers(received: bytes, methods: Sequence[str]) -> list[Answer]:
    """Takes the stream apart; fails unless the responses fill it exactly."""
    answers: list[Answer] = []
    stream = Unclosed(received)
    while stream.tell() < len(received):
        if received.startswith(INTERIM, stream.tell()):
            stream.seek(len(INTERIM), io.SEEK_CUR)
            answers.append(Answer(CONTINUE, Message(), b""))
            continue
        finals = sum(answer.status != CONTINUE for answer in answers)
        method = methods[finals] if finals < len(methods) else "GET"
        response = HTTPResponse(cast(socket, OneStream(stream)), method=method)
        response.begin()
        answers.append(Answer(response.status, response.headers, response.read()))
    return answers


def check(case: Case, received: bytes, is_closed: bool) -> None:
    """Compares what a server answered with what the case asks for."""
    compare(case, case.replies, read_answers(received, methods_of(case.sent)), is_closed)


def check_finals(case: Case, received: bytes, is_closed: bool) -> None:
    """Compares without 100, which depends on whether the body came with the head."""
    answers = read_answers(received, methods_of(case.sent))
    finals = [answer for answer in answers if answer.status != CONTINUE]
    wanted = [reply for reply in case.replies if reply.status != CONTINUE]
    compare(case, wanted, finals, is_closed)


def compare(
    case: Case, replies: Sequence[Reply], answers: Sequence[Answer], is_closed: bool
) -> None:
    """Compares responses and the end of the connection."""
    assert [answer.status for answer in answers] == [reply.status for reply in replies]
    for answer, reply in zip(answers, replies, strict=True):
        check_answer(answer, reply)
    assert is_closed == case.closes
    if is_closed:
        assert answers[-1].fields["Connection"] == "close"


def check_answer(answer: Answer, reply: Reply) -> None:
    """Compares one response; every one but 100 has a date and says how long it is."""
    if answer.status != CONTINUE:
        assert answer.fields["Date"].endswith(" GMT")
        assert answer.fields["Server"] == "SwiftOS"
    if reply.body is not None:
        assert answer.body == reply.body
    for name, value in reply.fields.items():
        assert answer.fields[name] == value, name
