"""From text to tokens and words. POSIX.1-2017, XCU 2.2, 2.3 and 2.6.

`Lexer` holds the text, the position and the token at hand. A command substitution inside a word
needs the grammar, which derives from the lexer (`parser.py`) and gives `read_substitution`.

Errors: EINVAL with `message` for what more text cannot make right, ENODATA where the text ends too
early.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EINVAL, ENODATA
from bare import (
    Allocator,
    Bytes,
    Enum8,
    allocate,
    allocate_span,
    raises,
    release,
    struct,
    u8,
    u32,
    usize,
)
from user.lib.shell.characters import (
    BACKQUOTE,
    BACKSLASH,
    CLOSE_BRACE,
    CLOSE_PARENTHESIS,
    DOLLAR,
    DOUBLE_QUOTE,
    GREATER,
    HASH,
    LESS,
    MINUS,
    NEWLINE,
    OPEN_BRACE,
    OPEN_PARENTHESIS,
    SINGLE_QUOTE,
    ends_word,
    is_blank,
    is_name_byte,
    is_name_start,
    is_number,
    is_special_parameter,
)
from user.lib.shell.literal import WordBuilder, plain_text
from user.lib.shell.operators import cuts, read_operator
from user.lib.shell.token import TokenKind, double_operator, single_operator
from user.lib.shell.tree import Node, Operator, PartKind, Word
from user.lib.strings import is_digit

DEPTH_LIMIT: u32 = 64
"""Commands and substitutions inside each other; deeper ones are refused."""


class WordMode(Enum8):
    """Where a word ends, and what is special in it."""

    PLAIN = 0
    """At an operator or a blank."""
    QUOTED = 1
    """At a double quote."""
    BRACE = 2
    """At `}`."""
    QUOTED_BRACE = 3
    """At `}`, inside double quotes."""
    ARITHMETIC = 4
    """At `))`."""
    TEXT = 5
    """At the end of the text: here-documents."""


@struct
class Lexer(ABC):
    """The text being read."""

    allocator: Allocator
    text: Bytes
    position: usize
    start: usize
    """Where the token at hand begins."""
    previous_end: usize
    """Where the token before it ended."""
    kind: TokenKind
    """The token at hand."""
    word: Word | None
    """Its word, if it is one."""
    depth: u32
    message: Bytes
    """What is wrong, after EINVAL."""
    is_unexpected: bool
    """Whether `message` is a token that cannot stand where it does."""

    @abstractmethod
    @raises()
    def read_substitution(self) -> Node | None:
        """Reads the commands of `$(…)`, the closing parenthesis included; none for an empty one."""

    @abstractmethod
    @raises()
    def parse_copy(self, text: Bytes) -> Node | None:
        """Parses all of another text, that of backquotes."""

    @abstractmethod
    @raises()
    def end_line(self) -> None:
        """Called behind each newline token: reads the here-documents that it announces."""

    def peek(self, offset: usize) -> u8:
        """Returns the byte `offset` behind the position, 0 behind the end."""
        if self.position + offset < len(self.text):
            return self.text[self.position + offset]
        return 0

    def at_end(self) -> bool:
        """Whether the text is used up."""
        return self.position >= len(self.text)

    @raises()
    def fail(self, message: Bytes) -> None:
        """Refuses the text."""
        self.message = message
        raise OSError(EINVAL)

    @raises()
    def enter(self) -> None:
        """Goes one level deeper."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            self.fail(b"nested too deeply")

    def leave(self) -> None:
        """Comes back from a level."""
        self.depth -= 1

    @raises()
    def advance(self) -> None:
        """Moves to the next token."""
        self.previous_end = self.position
        self.skip_blanks()
        self.start = self.position
        self.word = None
        if self.at_end():
            self.kind = TokenKind.END
            return
        if self._take_operator():
            return
        self.word = self.read_word(WordMode.PLAIN)
        self.kind = TokenKind.WORD
        if is_number(plain_text(self.word)) and self.peek(0) in (LESS, GREATER):
            self.kind = TokenKind.IO_NUMBER

    def skip_blanks(self) -> None:
        """Skips blanks, joined lines and a comment."""
        while is_blank(self.peek(0)) or self._skip_joined_line():
            if is_blank(self.peek(0)):
                self.position += 1
        if self.peek(0) == HASH:
            while not self.at_end() and self.peek(0) != NEWLINE:
                self.position += 1

    def _skip_joined_line(self) -> bool:
        """Skips a backslash with its newline."""
        if self.peek(0) == BACKSLASH and self.peek(1) == NEWLINE:
            self.position += 2
            return True
        return False

    @raises()
    def _take_operator(self) -> bool:
        """Takes an operator or a newline; false where a word begins."""
        single = single_operator(self.peek(0))
        if single == TokenKind.END:
            return False
        double = double_operator(self.peek(0), self.peek(1))
        self.position += 1
        self.kind = single
        if double != TokenKind.END:
            self.position += 1
            self.kind = double
        if self.kind == TokenKind.HERE and self.peek(0) == MINUS:
            self.position += 1
            self.kind = TokenKind.HERE_TABS
        if self.kind == TokenKind.NEWLINE:
            self.end_line()
        return True

    @raises()
    def read_word(self, mode: WordMode) -> Word:
        """Reads a word; what ends it stays, except for the modes with an end of their own."""
        self.enter()
        word = allocate(self.allocator, Word)
        builder = WordBuilder(self.allocator, word)
        is_quoted = mode in (WordMode.QUOTED, WordMode.QUOTED_BRACE, WordMode.TEXT)
        self.read_parts(builder, mode, is_quoted)
        builder.end_literal()
        self.leave()
        return word

    @raises()
    def read_parts(self, builder: WordBuilder, mode: WordMode, is_quoted: bool) -> None:
        """Adds parts until the word ends as `mode` says."""
        nesting: u32 = 0
        while not self._take_end(mode, nesting):
            byte = self.peek(0)
            if byte == DOLLAR:
                self._read_dollar(builder, is_quoted)
            elif byte == BACKQUOTE:
                self._read_backquotes(builder, is_quoted)
            elif byte == BACKSLASH:
                self._read_backslash(builder, is_quoted)
            elif byte == SINGLE_QUOTE and not is_quoted:
                self._read_single_quotes(builder)
            elif byte == DOUBLE_QUOTE and mode not in (WordMode.QUOTED, WordMode.TEXT):
                self._read_double_quotes(builder)
            else:
                if mode == WordMode.ARITHMETIC and byte == OPEN_PARENTHESIS:
                    nesting += 1
                elif mode == WordMode.ARITHMETIC and byte == CLOSE_PARENTHESIS:
                    nesting -= 1
                builder.add_byte(byte, is_quoted)
                self.position += 1

    @raises()
    def _take_end(self, mode: WordMode, nesting: u32) -> bool:
        """Whether the word ends here; takes an end that belongs to it."""
        if self.at_end():
            if mode in (WordMode.PLAIN, WordMode.TEXT):
                return True
            raise OSError(ENODATA)
        byte = self.peek(0)
        match mode:
            case WordMode.PLAIN:
                return ends_word(byte)
            case WordMode.QUOTED:
                return self._take_if(byte == DOUBLE_QUOTE, 1)
            case WordMode.BRACE | WordMode.QUOTED_BRACE:
                return self._take_if(byte == CLOSE_BRACE, 1)
            case WordMode.ARITHMETIC:
                if byte != CLOSE_PARENTHESIS or nesting > 0:
                    return False
                if self.peek(1) == CLOSE_PARENTHESIS:
                    return self._take_if(True, 2)
                if self.position + 1 >= len(self.text):
                    raise OSError(ENODATA)
                self.fail(b"missing )) of an arithmetic expansion")
                return True
            case WordMode.TEXT:
                return False

    def _take_if(self, condition: bool, count: usize) -> bool:
        """Skips `count` bytes if the condition holds; returns it."""
        if condition:
            self.position += count
        return condition

    @raises()
    def _read_backslash(self, builder: WordBuilder, is_quoted: bool) -> None:
        """Reads a backslash and what it protects."""
        if self._skip_joined_line():
            return
        following = self.peek(1)
        if self.position + 1 >= len(self.text):
            builder.add_byte(BACKSLASH, True)
            self.position += 1
            return
        protects = following in (DOLLAR, BACKQUOTE, DOUBLE_QUOTE, BACKSLASH)
        if is_quoted and not protects:
            builder.add_byte(BACKSLASH, True)
            self.position += 1
            return
        builder.add_byte(following, True)
        self.position += 2

    @raises()
    def _read_single_quotes(self, builder: WordBuilder) -> None:
        builder.begin_literal(True)
        self.position += 1
        while self.peek(0) != SINGLE_QUOTE:
            if self.at_end():
                raise OSError(ENODATA)
            builder.add_byte(self.peek(0), True)
            self.position += 1
        self.position += 1

    @raises()
    def _read_double_quotes(self, builder: WordBuilder) -> None:
        """Reads a quoted string; an empty one is a part too."""
        self.position += 1
        if self.peek(0) == DOUBLE_QUOTE:
            builder.begin_literal(True)
        self.enter()
        self.read_parts(builder, WordMode.QUOTED, True)
        self.leave()

    @raises()
    def _read_dollar(self, builder: WordBuilder, is_quoted: bool) -> None:
        """Reads what `$` begins; a dollar that begins nothing is literal."""
        following = self.peek(1)
        if following == OPEN_BRACE:
            self.position += 2
            self._read_braces(builder, is_quoted)
        elif following == OPEN_PARENTHESIS and self.peek(2) == OPEN_PARENTHESIS:
            self.position += 3
            part = builder.add(PartKind.ARITHMETIC, is_quoted)
            part.argument = self.read_word(WordMode.ARITHMETIC)
        elif following == OPEN_PARENTHESIS:
            self.position += 2
            part = builder.add(PartKind.COMMAND, is_quoted)
            self.enter()
            part.command = self.read_substitution()
            self.leave()
        elif is_name_start(following) or is_digit(following) or is_special_parameter(following):
            self.position += 1
            part = builder.add(PartKind.PARAMETER, is_quoted)
            part.text = self._take_parameter(False)
        else:
            builder.add_byte(DOLLAR, is_quoted)
            self.position += 1

    @raises()
    def _take_parameter(self, in_braces: bool) -> Bytes:
        """Takes the name of a parameter; of digits only one, outside of braces."""
        start = self.position
        first = self.peek(0)
        self.position += 1
        if is_name_start(first):
            while is_name_byte(self.peek(0)):
                self.position += 1
        elif is_digit(first) and in_braces:
            while is_digit(self.peek(0)):
                self.position += 1
        return self.copy(self.text[start : self.position])

    @raises()
    def _read_braces(self, builder: WordBuilder, is_quoted: bool) -> None:
        """Reads the rest of `${…}`."""
        part = builder.add(PartKind.PARAMETER, is_quoted)
        if self.peek(0) == HASH and self.peek(1) != CLOSE_BRACE:
            part.operator = Operator.LENGTH
            self.position += 1
        first = self.peek(0)
        if not (is_name_start(first) or is_digit(first) or is_special_parameter(first)):
            self._refuse_braces()
        part.text = self._take_parameter(True)
        if self._take_if(self.peek(0) == CLOSE_BRACE, 1):
            return
        if part.operator == Operator.LENGTH:
            self._refuse_braces()
        operator, length = read_operator(self.peek(0), self.peek(1))
        if operator == Operator.NONE:
            self._refuse_braces()
        self.position += length
        part.operator = operator
        keeps_quoting = is_quoted and not cuts(operator)
        part.argument = self.read_word(WordMode.QUOTED_BRACE if keeps_quoting else WordMode.BRACE)

    @raises()
    def _refuse_braces(self) -> None:
        if self.at_end():
            raise OSError(ENODATA)
        self.fail(b"bad substitution")

    @raises()
    def _read_backquotes(self, builder: WordBuilder, is_quoted: bool) -> None:
        """Reads backquotes: their text without its backslashes is parsed by itself."""
        self.position += 1
        text = allocate_span(self.allocator, u8, len(self.text) - self.position + 1)
        used: usize = 0
        while self.peek(0) != BACKQUOTE:
            if self.at_end():
                raise OSError(ENODATA)
            if self.peek(0) == BACKSLASH and self._is_protected(self.peek(1), is_quoted):
                self.position += 1
            text[used] = self.peek(0)
            used += 1
            self.position += 1
        self.position += 1
        part = builder.add(PartKind.COMMAND, is_quoted)
        self.enter()
        part.command = self.parse_copy(self.copy(text[:used]))
        self.leave()
        release(self.allocator, text)

    def _is_protected(self, byte: u8, is_quoted: bool) -> bool:
        """Whether a backslash inside backquotes is taken away before `byte`."""
        if byte == DOUBLE_QUOTE:
            return is_quoted
        return byte in (DOLLAR, BACKQUOTE, BACKSLASH)

    @raises()
    def copy(self, text: Bytes) -> Bytes:
        """Returns a copy of `text` that lives as long as the tree."""
        made = allocate_span(self.allocator, u8, len(text))
        made.copy_from(text)
        return made
