"""Byte streams: any cut gives the same answers, garbage never traps, streams are framed."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.user.http.answers import INTERIM, check_finals, read_answers
from tests.user.http.case import Case, get, post
from tests.user.http.message_cases import MESSAGES
from tests.user.http.semantics_cases import SEMANTICS
from tests.user.http.servers import INPUT_BYTES, CheckedServer, CompiledServer, ProbeServer

CASES = MESSAGES + SEMANTICS
SHORT_CASES = tuple(case for case in CASES if len(case.sent) < 1000)
SPLICES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b" ",
    b"\t",
    b":",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Host: h\r\n",
    b"Connection: close\r\n",
    b"Range: bytes=0-1,2-3\r\n",
    b'If-None-Match: "',
    b"GET / HTTP/1.1\r\n",
    b"0\r\n\r\n",
    b"ffffffff\r\n",
    b"%2e",
    b"\xff",
)
MUTANTS = 30_000


def cut(sent: bytes, places: list[int]) -> list[bytes]:
    """Cuts bytes at places given as numbers of any size."""
    ends = sorted(place % (len(sent) + 1) for place in places)
    return [sent[a:b] for a, b in zip([0, *ends], [*ends, len(sent)], strict=True)]


def mutate(random: Random, sent: bytes) -> bytes:
    """Changes, drops or inserts bytes in a few places."""
    mutant = bytearray(sent)
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(mutant))
        kind = random.randrange(4)
        if kind == 0 and place < len(mutant):
            mutant[place] = random.randrange(256)
        elif kind == 1:
            del mutant[place : place + random.randint(1, 8)]
        elif kind == 2:
            mutant[place:place] = random.choice(SPLICES)
        else:
            mutant[place:place] = random.choice(CASES).sent[:300]
    return bytes(mutant)


@settings(max_examples=300)
@given(st.sampled_from(CASES), st.lists(st.integers(min_value=0, max_value=1 << 16), max_size=8))
def test_any_cut_gives_the_same_answers(
    compiled: CompiledServer, case: Case, places: list[int]
) -> None:
    check_finals(case, *compiled.converse(cut(case.sent, places)))


@settings(max_examples=100)
@given(st.binary(max_size=400), st.lists(st.integers(min_value=0, max_value=400), max_size=3))
def test_garbage_does_not_trap(checked: CheckedServer, sent: bytes, places: list[int]) -> None:
    whole, _ = checked.converse([sent])
    parts, _ = checked.converse(cut(sent, places))
    assert whole == parts


def test_mutants_do_not_trap_when_checked(checked: CheckedServer) -> None:
    random = Random(1)
    for _ in range(300):
        mutant = mutate(random, random.choice(SHORT_CASES).sent)
        whole, is_closed = checked.converse([mutant])
        places = [random.randrange(1 << 16) for _ in range(3)]
        parts, was_closed = checked.converse(cut(mutant, places))
        assert whole.replace(INTERIM, b"") == parts.replace(INTERIM, b"")
        assert is_closed == was_closed


@pytest.mark.slow
def test_mutants_cut_anywhere_give_the_same_answers(compiled: CompiledServer) -> None:
    child = os.fork()
    if child == 0:
        os._exit(run_mutants(compiled))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def run_mutants(compiled: CompiledServer) -> int:
    """Sends many mutants whole and cut, in a process of its own: a trap would end it.

    Returns 1 for a difference.
    """
    random = Random(2)
    for _ in range(MUTANTS):
        mutant = mutate(random, random.choice(CASES).sent)[:INPUT_BYTES]
        whole = compiled.converse([mutant])
        places = [random.randrange(1 << 16) for _ in range(3)]
        parts = compiled.converse(cut(mutant, places))
        if whole[0].replace(INTERIM, b"") != parts[0].replace(INTERIM, b""):
            return 1
        if whole[1] != parts[1]:
            return 1
        if b"HEAD" not in mutant:
            read_answers(whole[0], ["GET"])
    return 0


def test_stream_is_chunked(server: ProbeServer) -> None:
    body = bytes(range(256)) * 3
    sent = post(body, f"Content-Length: {len(body)}")
    received, is_closed = server.converse([sent + sent], echoes=True)
    answers = read_answers(received, ["POST", "POST"])
    assert [answer.body for answer in answers] == [body, body]
    assert all(answer.fields["Transfer-Encoding"] == "chunked" for answer in answers)
    assert not is_closed


def test_stream_for_an_old_client_ends_with_the_connection(server: ProbeServer) -> None:
    sent = post(b"hello", "Content-Length: 5", "Connection: keep-alive")
    received, is_closed = server.converse([sent.replace(b"HTTP/1.1", b"HTTP/1.0")], echoes=True)
    (answer,) = read_answers(received, ["POST"])
    assert answer.body == b"hello"
    assert answer.fields["Transfer-Encoding"] is None
    assert answer.fields["Connection"] == "close"
    assert is_closed


def test_empty_stream(server: ProbeServer) -> None:
    received, _ = server.converse([get()], echoes=True)
    assert received.endswith(b"\r\n\r\n0\r\n\r\n")


@pytest.mark.parametrize("size", [0, 1, 255, 256, 999, 1000])
def test_chunked_body_arrives_whole(server: ProbeServer, size: int) -> None:
    body = Random(size).randbytes(size)
    pieces = [body[index : index + 77] for index in range(0, size, 77)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    sent = post(coded, "Transfer-Encoding: chunked")
    received, _ = server.converse([sent[:100], sent[100:]], echoes=True)
    assert read_answers(received.replace(INTERIM, b""), ["POST"])[0].body == body
