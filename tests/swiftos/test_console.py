"""The serial console against a peer on the host: order of waits, budgets, echo, lost input."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from swiftos.console import Console, PanicError, WaitError
from swiftos.errors import HarnessError


@pytest.fixture
def line() -> Iterator[tuple[Console, socket.socket]]:
    ours, theirs = socket.socketpair()
    console = Console(ours)
    yield console, theirs
    with contextlib.suppress(OSError):
        theirs.shutdown(socket.SHUT_RDWR)
    theirs.close()
    console.wait_closed(5)
    console.close()


Line = tuple[Console, socket.socket]


def answer(peer: socket.socket, respond: Callable[[bytes], bytes]) -> None:
    """Answers whatever comes until the line closes, in a thread."""

    def serve() -> None:
        while data := peer.recv(4096):
            peer.sendall(respond(data))

    threading.Thread(target=serve, daemon=True).start()


def test_waits_are_in_order(line: Line) -> None:
    console, peer = line
    peer.sendall(b"one two one\r\n")
    assert console.expect("one", 5) == "one"
    assert console.expect("one", 5) == " two one"
    with pytest.raises(WaitError):
        console.expect("two", 0.05)


def test_text_in_pieces_is_matched(line: Line) -> None:
    console, peer = line
    for piece in (b"pro", b"mp", b"t# "):
        peer.sendall(piece)
    assert console.expect("prompt# ", 5) == "prompt# "


def test_budget_is_kept(line: Line) -> None:
    console, _ = line
    started_s = time.monotonic()
    with pytest.raises(WaitError) as caught:
        console.expect("never", 0.2)
    assert 0.2 <= time.monotonic() - started_s < 5
    assert not caught.value.is_closed


def test_budget_is_scaled_by_the_environment(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    console, _ = line
    monkeypatch.setenv("SWOS_TIMEOUT_SCALE", "3")
    started_s = time.monotonic()
    with pytest.raises(WaitError):
        console.expect("never", 0.1)
    assert time.monotonic() - started_s >= 0.3
    monkeypatch.setenv("SWOS_TIMEOUT_SCALE", "slow")
    with pytest.raises(HarnessError, match="not a number"):
        console.expect("never", 0.1)


def test_closed_line_ends_a_wait_at_once(line: Line) -> None:
    console, peer = line
    peer.sendall(b"last words")
    peer.close()
    with pytest.raises(WaitError) as caught:
        console.expect("never", 60)
    assert caught.value.is_closed
    assert console.text() == "last words"


def test_panic_is_noticed_only_at_the_start_of_a_line(line: Line) -> None:
    console, peer = line
    peer.sendall(b"do not panic: all is well\nprompt")
    console.expect("prompt", 5)
    peer.sendall(b"\r\npanic: bad\r\n")
    with pytest.raises(PanicError):
        console.expect("never", 60)


def test_typing_waits_for_the_echo_of_each_piece(line: Line) -> None:
    console, peer = line
    pieces: list[bytes] = []

    def echo(data: bytes) -> bytes:
        pieces.append(data)
        return data

    answer(peer, echo)
    text = "x" * 40
    console.type_text(text, 10)
    assert b"".join(pieces) == text.encode()
    assert max(len(piece) for piece in pieces) <= 16


def test_echo_with_cursor_movements_counts(line: Line) -> None:
    console, peer = line
    typed = bytearray()

    def redraw(data: bytes) -> bytes:
        typed.extend(data)
        return b"\r\x1b[K# " + bytes(typed) + b"\x1b[3C"

    answer(peer, redraw)
    console.type_text("ls -l / | grep bin | wc -l", 10)


def test_echo_of_an_editor_that_shows_the_end_of_a_long_line_counts(line: Line) -> None:
    console, peer = line
    typed = bytearray()

    def redraw(data: bytes) -> bytes:
        typed.extend(data)
        return b"\r# " + bytes(typed[-30:]) + b"\x1b[K"

    answer(peer, redraw)
    text = "".join(chr(48 + number % 70) for number in range(120))
    console.type_text(text, 10)
    assert bytes(typed) == text.encode()


def test_swallowed_input_fails_the_typing(line: Line) -> None:
    console, peer = line
    answer(peer, lambda data: data[:3])
    with pytest.raises(WaitError):
        console.type_text("a longer command than three", 0.3)


def test_arrival_time_is_that_of_the_completing_read(line: Line) -> None:
    console, peer = line
    peer.sendall(b"first ")
    console.expect("first", 5)
    between_s = time.monotonic()
    peer.sendall(b"second")
    console.expect("second", 5)
    first_s, second_s = console.arrival_of("first"), console.arrival_of("second")
    assert first_s is not None
    assert second_s is not None
    assert first_s <= between_s <= second_s
    assert console.arrival_of("third") is None
