"""The line discipline, typed at by hand and against a model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bare import load
from bare.checked.memory import Memory

INTERRUPT, QUIT, SUSPEND = 2, 3, 20
ECHO, ICANON, ISIG = 0o10, 0o2, 0o1


class Typist:
    """A terminal with somebody in front of it."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.program = load("tests/kernel/tty_rig.py", memory=self.memory)
        self.rig = self.program.make_rig()

    def type(self, text: bytes) -> list[int]:
        signals = [self.program.type_byte(self.rig, byte) for byte in text]
        return [signal for signal in signals if signal]

    def read(self, size: int = 100) -> bytes | None:
        if not self.program.readable(self.rig):
            return None
        into = bytearray(size)
        count = self.program.read_line(self.rig, into)
        return bytes(into[:count])

    def screen(self) -> bytes:
        sink = self.rig.sink
        return bytes(sink.bytes[i] for i in range(sink.length))

    def set_local(self, on: int = 0, off: int = 0) -> None:
        modes = self.rig.discipline.settings
        modes.local = (modes.local | on) & ~off


@pytest.fixture
def typist():
    return Typist()


def test_line_is_readable_when_it_ends(typist):
    typist.type(b"hello")
    assert typist.read() is None
    typist.type(b"\r")
    assert typist.read() == b"hello\n"
    assert typist.read() is None
    assert typist.screen() == b"hello\r\n"


def test_short_reads_take_a_line_in_pieces(typist):
    typist.type(b"abc\rde\r")
    assert typist.read(2) == b"ab"
    assert typist.read(2) == b"c\n"
    assert typist.read() == b"de\n"


@pytest.mark.parametrize("key", [b"\x7f", b"\x08"])
def test_backspace_takes_a_character(typist, key):
    typist.type(b"ab" + key + b"c\r")
    assert typist.read() == b"ac\n"
    assert typist.screen() == b"ab\b \bc\r\n"


def test_backspace_takes_all_bytes_of_a_character(typist):
    typist.type("aä€".encode() + b"\x7f\x7f\r")
    assert typist.read() == b"a\n"


def test_backspace_at_the_start_does_nothing(typist):
    typist.type(b"\x7f\x7fa\r")
    assert typist.read() == b"a\n"
    assert typist.screen() == b"a\r\n"


def test_backspace_does_not_reach_into_a_finished_line(typist):
    typist.type(b"one\r\x7f\x7ftwo\r")
    assert typist.read() == b"one\n"
    assert typist.read() == b"two\n"


def test_backspace_over_a_tab_wipes_its_width(typist):
    typist.type(b"a\t\x7f\r")
    assert typist.read() == b"a\n"
    assert typist.screen() == b"a\t" + b"\b \b" * 7 + b"\r\n"


def test_control_character_is_shown_and_wiped_as_two(typist):
    typist.type(b"\x01\x7f\r")
    assert typist.screen() == b"^A" + b"\b \b" * 2 + b"\r\n"


def test_kill_takes_the_line(typist):
    typist.type(b"nothing\x15yes\r")
    assert typist.read() == b"yes\n"


def test_word_erase_takes_spaces_and_a_word(typist):
    typist.type(b"one two  \x17\x17three\r")
    assert typist.read() == b"three\n"


def test_end_of_file_on_an_empty_line_reads_nothing(typist):
    typist.type(b"\x04")
    assert typist.read() == b""
    assert typist.read() is None


def test_end_of_file_hands_over_what_was_typed(typist):
    typist.type(b"abc\x04")
    assert typist.read() == b"abc"
    assert typist.read() is None


def test_literal_next_takes_any_key(typist):
    typist.type(b"\x16\x03\x16\x7f\r")
    assert typist.read() == b"\x03\x7f\n"


@pytest.mark.parametrize(("key", "signal"), [(3, INTERRUPT), (28, QUIT), (26, SUSPEND)])
def test_signal_keys(typist, key, signal):
    assert typist.type(b"lost" + bytes([key])) == [signal]
    typist.type(b"kept\r")
    assert typist.read() == b"kept\n"


def test_signal_keys_are_input_without_isig(typist):
    typist.set_local(off=ISIG)
    assert typist.type(b"\x03\r") == []
    assert typist.read() == b"\x03\n"


def test_raw_mode_reads_bytes_at_once(typist):
    typist.set_local(off=ICANON | ECHO)
    typist.type(b"q")
    assert typist.program.take(typist.rig, bytearray(4)) == 1
    assert typist.screen() == b""


def test_line_longer_than_the_queue_still_ends(typist):
    typist.type(b"x" * 5000 + b"\r")
    line = typist.read(8192)
    assert line == b"x" * 4095 + b"\n"


def model_lines(keys: bytes) -> list[bytes]:
    """What a line editor makes of keys: printable bytes, backspace, ^U, return, ^D."""
    lines, line = [], bytearray()
    for key in keys:
        if key == 0x7F:
            del line[-1:]
        elif key == 0x15:
            line.clear()
        elif key == 0x0D:
            lines.append(bytes(line) + b"\n")
            line.clear()
        elif key == 0x04:
            lines.append(bytes(line))
            line.clear()
        else:
            line.append(key)
    return lines


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(b"abc \x7f\x15\r\x04"), max_size=60).map(bytes))
def test_editing_matches_the_model(keys):
    typist = Typist()
    typist.type(keys)
    for line in model_lines(keys):
        assert typist.read() == line
    assert typist.read() is None
