"""Bare Python: the pure parts of the shell, as the tests call them."""

from __future__ import annotations

from bare import Bytes, allocate, i64, inline, raises, struct, u8, usize
from bare.lib.arena import Arena
from bare.lib.text import Text
from bare.unsafe import static_array, static_object
from user.lib.shell.arithmetic import Arithmetic, Names
from user.lib.shell.editor import EditResult, LineEditor
from user.lib.shell.glob import Pattern
from user.lib.shell.history import History
from user.lib.shell.parser import Parser
from user.lib.shell.printer import Printer

MEMORY = 1 << 20


@struct
class NoNames(Names):
    """Variables: `x` is 5, `y` is -3, others are not set."""

    def value(self, name: Bytes) -> Bytes:
        """Returns the value of a variable."""
        if name == b"x":
            return b"5"
        if name == b"y":
            return b"-3"
        return b""


@struct
class Editing:
    """A line editor and what it wrote."""

    arena: Arena = inline()
    output: Text = inline()
    history: History = inline()
    editor: LineEditor = inline()

    @raises()
    def remember(self, line: Bytes) -> None:
        """Adds a line to the history."""
        self.history.add(line)

    def type(self, keys: Bytes) -> u8:
        """Types keys until one ends the line; returns what the last led to."""
        result = EditResult.EDITING
        for key in keys:
            if result == EditResult.EDITING:
                result = self.editor.key(key)
        return u8(result)

    def line(self) -> Bytes:
        """Returns the line."""
        return self.editor.line()

    def shown(self) -> Bytes:
        """Returns all that was written."""
        return self.output.view()


def fresh_arena() -> Arena:
    """Returns the one arena, empty."""
    arena = static_object(Arena)
    arena.memory = static_array(u8, MEMORY)[:]
    arena.reset()
    return arena


@raises()
def reprint(source: Bytes) -> Bytes:
    """Parses all commands of a text and prints them again, one after the other."""
    arena = fresh_arena()
    output = allocate(arena, Text)
    output.allocator = arena
    parser = allocate(arena, Parser)
    parser.allocator = arena
    parser.text = parser.copy(source)
    parser.begin()
    while True:
        node = parser.next_command()
        if node is None:
            return output.view()
        Printer(output).chain(node)
        output.append(b"\n")


@raises()
def syntax_error(source: Bytes) -> Bytes:
    """Returns what is wrong with a text: empty for nothing, `more` where it ends too early."""
    arena = fresh_arena()
    parser = allocate(arena, Parser)
    parser.allocator = arena
    parser.text = parser.copy(source)
    try:
        parser.begin()
        while parser.next_command() is not None:
            pass
    except OSError:
        return parser.message if len(parser.message) > 0 else b"more"
    return b""


def matches(pattern: Bytes, marks: Bytes, name: Bytes) -> bool:
    """Whether a name matches a pattern."""
    return Pattern(pattern, marks).matches(name)


@raises()
def compute(expression: Bytes) -> i64:
    """Computes an arithmetic expression."""
    return Arithmetic(expression, NoNames()).compute()


def start_editing(columns: usize) -> Editing:
    """Makes an editor with an empty history, and begins a line."""
    editing = static_object(Editing)
    editing.arena.memory = static_array(u8, MEMORY)[:]
    editing.output.allocator = editing.arena
    editing.output.clear()
    editing.history.count = 0
    editing.history.allocator = editing.arena
    editing.editor.output = editing.output
    editing.editor.history = editing.history
    editing.editor.begin(b"$ ", columns)
    return editing


def begin_again(editing: Editing, columns: usize) -> None:
    """Begins another line."""
    editing.editor.begin(b"$ ", columns)
