"""The line editor: keys change the line as a model says, and a terminal shows it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare

rig = bare.load("tests/user/shell/rig.py")
EDITING, DONE, INTERRUPTED, END = range(4)
LEFT, RIGHT, UP, DOWN = b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[B"
HOME, FINISH, DELETE = b"\x1b[H", b"\x1b[F", b"\x1b[3~"


def typed(keys: bytes, columns: int = 40) -> bytes:
    editing = rig.start_editing(columns)
    editing.type(keys)
    return bytes(editing.line())


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"abc", b"abc"),
        (b"abc" + LEFT + b"X", b"abXc"),
        (b"abc" + LEFT * 9 + b"X", b"Xabc"),
        (b"abc\x01X\x05Y", b"XabcY"),
        (b"abc" + HOME + b"X" + FINISH + b"Y", b"XabcY"),
        (b"abc" + LEFT + b"\x7f", b"ac"),
        (b"abc" + LEFT + b"\x08", b"ac"),
        (b"abc\x01" + DELETE, b"bc"),
        (b"abc\x01\x04", b"bc"),
        (b"one two three\x17X", b"one two X"),
        (b"one two  \x17X", b"one X"),
        (b"abc" + LEFT + b"\x0b", b"ab"),
        (b"abc" + LEFT + b"\x15", b"c"),
        (b"\x7f\x08\x17\x15\x0b", b""),
        (b"a\x1b[99~b\x1bOHc\x1b[1;5Cd", b"cadb"),
    ],
)
def test_keys_edit_the_line(keys: bytes, line: bytes) -> None:
    assert typed(keys) == line


def test_ends_of_a_line() -> None:
    assert rig.start_editing(40).type(b"abc\r") == DONE
    assert rig.start_editing(40).type(b"abc\n") == DONE
    assert rig.start_editing(40).type(b"abc\x03") == INTERRUPTED
    assert rig.start_editing(40).type(b"\x04") == END
    assert rig.start_editing(40).type(b"abc\x04") == EDITING


def test_history_goes_up_and_down_and_keeps_the_new_line() -> None:
    editing = rig.start_editing(40)
    for line in (b"first", b"second", b"second", b""):
        editing.remember(line)
    rig.begin_again(editing, 40)
    editing.type(b"new")
    seen = []
    for key in (UP, UP, UP, DOWN, DOWN, DOWN):
        editing.type(key)
        seen.append(bytes(editing.line()))
    assert seen == [b"second", b"first", b"first", b"second", b"new", b"new"]


def test_history_keeps_the_last_hundred_lines() -> None:
    editing = rig.start_editing(40)
    for number in range(250):
        editing.remember(f"line {number}".encode())
    rig.begin_again(editing, 40)
    editing.type(UP * 300)
    assert bytes(editing.line()) == b"line 150"


def test_full_line_takes_no_more() -> None:
    assert len(typed(b"x" * 5000)) == 4096


class Terminal:
    """What a terminal of one line shows."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.column = 0

    def write(self, data: str) -> None:
        for number, letter, other in re.findall(r"\x1b\[(\d*)([A-Za-z])|([\s\S])", data):
            if letter == "D":
                self.column -= int(number)
            elif letter == "K":
                del self.cells[self.column :]
            elif other == "\r":
                self.column = 0
            elif other:
                self.cells[self.column : self.column + 1] = [other]
                self.column += 1


KEYS = st.sampled_from(
    [b"a", b"b", b" ", LEFT, RIGHT, HOME, FINISH, DELETE, b"\x7f", b"\x17", b"\x15", b"\x0b"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(KEYS, max_size=60), st.sampled_from([12, 20, 40]))
def test_terminal_shows_the_line_and_the_cursor(keys: list[bytes], columns: int) -> None:
    editing = rig.start_editing(columns)
    editing.type(b"".join(keys))
    terminal = Terminal()
    terminal.write(bytes(editing.shown()).decode())
    editor = editing.editor
    line = bytes(editing.line()).decode()
    window = line[editor.first : editor.first + columns - 3]
    assert "".join(terminal.cells) == "$ " + window
    assert terminal.column == 2 + editor.cursor - editor.first
    assert 2 <= terminal.column < columns


@pytest.mark.parametrize(("before", "after"), [(40, 40), (40, 12), (12, 40)])
def test_line_is_drawn_again_for_another_width(before: int, after: int) -> None:
    editing = rig.start_editing(before)
    editing.type(b"a line that is longer than the terminal" + LEFT * 3)
    shown = len(editing.shown())
    editing.editor.resize(after)
    terminal = Terminal()
    terminal.write(bytes(editing.shown())[shown:].decode())
    editor = editing.editor
    line = bytes(editing.line()).decode()
    assert "".join(terminal.cells) == "$ " + line[editor.first : editor.first + after - 3]
    assert terminal.column == 2 + editor.cursor - editor.first < after


def test_line_of_unknown_width_is_drawn_again_in_one_row() -> None:
    editing = rig.start_editing(0x7FFF)
    editing.type(b"a" * 70 + b"b" * 70)
    assert b"\r" not in bytes(editing.shown())
    shown = len(editing.shown())
    editing.type(HOME + b"X" + FINISH + b"\x7f")
    terminal = Terminal()
    terminal.write(bytes(editing.shown())[shown:].decode())
    assert len(terminal.cells) < 80
    assert bytes(editing.line()) == b"X" + b"a" * 70 + b"b" * 69
    assert terminal.column == 2 + editing.editor.cursor - editing.editor.first < 80
