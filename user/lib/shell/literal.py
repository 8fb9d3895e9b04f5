"""`WordBuilder`: puts a word together; literal bytes that belong together become one part."""

from __future__ import annotations

from bare import Allocator, Bytes, Span, allocate, allocate_span, raises, release, struct, u8, usize
from user.lib.shell.tree import Operator, Part, PartKind, Word

FIRST_BYTES = 32


@struct
class WordBuilder:
    """A word being made. Literal bytes gather until their kind or quoting changes."""

    allocator: Allocator
    word: Word
    last: Part | None = None
    room: Span[u8] | None = None
    used: usize = 0
    is_quoted: bool = False
    has_literal: bool = False
    """Whether a literal is under way, perhaps an empty quoted one."""

    @raises()
    def add_byte(self, byte: u8, is_quoted: bool) -> None:
        """Adds a literal byte."""
        self.begin_literal(is_quoted)
        room = self.room
        if room is None:
            room = allocate_span(self.allocator, u8, FIRST_BYTES)
        elif self.used == len(room):
            larger = allocate_span(self.allocator, u8, 2 * len(room))
            larger[: self.used].copy_from(room)
            release(self.allocator, room)
            room = larger
        room[self.used] = byte
        self.used += 1
        self.room = room

    @raises()
    def begin_literal(self, is_quoted: bool) -> None:
        """Makes sure that a literal of this quoting is under way."""
        if self.has_literal and self.is_quoted != is_quoted:
            self.end_literal()
        self.has_literal = True
        self.is_quoted = is_quoted

    @raises()
    def end_literal(self) -> None:
        """Turns the literal under way, if any, into a part."""
        if not self.has_literal:
            return
        part = self.add_part(PartKind.LITERAL, self.is_quoted)
        room = self.room
        if room is not None:
            part.text = room[: self.used]
        self.room = None
        self.used = 0
        self.has_literal = False

    @raises()
    def add(self, kind: PartKind, is_quoted: bool) -> Part:
        """Adds a part that is no literal, to be filled in."""
        self.end_literal()
        return self.add_part(kind, is_quoted)

    @raises()
    def add_part(self, kind: PartKind, is_quoted: bool) -> Part:
        """Chains a new part."""
        part = allocate(self.allocator, Part)
        part.kind = kind
        part.is_quoted = is_quoted
        part.operator = Operator.NONE
        last = self.last
        if last is None:
            self.word.parts = part
        else:
            last.next = part
        self.last = part
        return part

    def is_empty(self) -> bool:
        """Whether nothing was added."""
        return self.word.parts is None and not self.has_literal


def plain_text(word: Word) -> Bytes:
    """Returns the text of a word that is one unquoted literal, else nothing: a reserved word?"""
    part = word.parts
    if part is None or part.next is not None or part.kind != PartKind.LITERAL or part.is_quoted:
        return b""
    return part.text


def has_quotes(word: Word) -> bool:
    """Whether any part of a word is quoted."""
    part = word.parts
    while part is not None:
        if part.is_quoted:
            return True
        part = part.next
    return False
