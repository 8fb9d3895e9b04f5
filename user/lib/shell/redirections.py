"""Redirections and here-documents: what lexing and commands have in common."""

from __future__ import annotations

from abc import abstractmethod

from abi.errno import EINVAL, ENODATA
from bare import Bytes, allocate, allocate_span, i32, raises, struct, u8, usize
from user.lib.shell.characters import NEWLINE, TAB
from user.lib.shell.lexer import Lexer
from user.lib.shell.literal import has_quotes, plain_text
from user.lib.shell.token import TokenKind, is_redirection, spelling
from user.lib.shell.tree import Part, PartKind, Redirection, RedirectionKind, Word
from user.lib.strings import find_byte

LARGEST_DESCRIPTOR = 1023


@struct
class PendingText:
    """A here-document that begins behind the next newline."""

    redirection: Redirection
    delimiter: Bytes
    is_quoted: bool
    strips_tabs: bool
    next: PendingText | None


@struct
class RedirectionParser(Lexer):
    """Tokens, and the redirections among them."""

    pending: PendingText | None
    last_pending: PendingText | None

    @abstractmethod
    @raises()
    def read_here_text(self, text: Bytes) -> Word:
        """Reads the text of a here-document in which expansions happen."""

    @raises()
    def redirections(self) -> Redirection | None:
        """Reads redirections behind a compound command."""
        first: Redirection | None = None
        last: Redirection | None = None
        while self.at(TokenKind.IO_NUMBER) or is_redirection(self.kind):
            redirection = self.redirection()
            if last is None:
                first = redirection
            else:
                last.next = redirection
            last = redirection
        return first

    @raises()
    def redirection(self) -> Redirection:
        """Reads one redirection."""
        made = allocate(self.allocator, Redirection)
        made.descriptor = -1
        if self.at(TokenKind.IO_NUMBER):
            made.descriptor = small_number(self.word_text())
            if made.descriptor < 0:
                self.fail(b"bad descriptor")
            self.advance()
        operator = self.kind
        made.kind = redirection_kind(operator)
        if made.descriptor < 0:
            made.descriptor = default_descriptor(made.kind)
        self.advance()
        if not self.at(TokenKind.WORD) and not self.at(TokenKind.IO_NUMBER):
            self.unexpected()
        word = self.word
        assert word is not None, "word token without a word"
        made.target = word
        if made.kind == RedirectionKind.HERE_TEXT:
            # Before the next token is taken: that may be the newline behind which the text begins.
            self.announce_text(made, word, operator == TokenKind.HERE_TABS)
        self.advance()
        return made

    @raises()
    def announce_text(self, redirection: Redirection, word: Word, strips_tabs: bool) -> None:
        """Notes that the text of a here-document follows the line."""
        entry = allocate(self.allocator, PendingText)
        entry.redirection = redirection
        entry.delimiter = self.joined_text(word)
        entry.is_quoted = has_quotes(word)
        entry.strips_tabs = strips_tabs
        last = self.last_pending
        if last is None:
            self.pending = entry
        else:
            last.next = entry
        self.last_pending = entry

    @raises()
    def joined_text(self, word: Word) -> Bytes:
        """Returns the literal text of a word; expansions in a delimiter are refused."""
        length: usize = 0
        part = word.parts
        while part is not None:
            if part.kind != PartKind.LITERAL:
                self.fail(b"expansion in the end mark of a here-document")
            length += len(part.text)
            part = part.next
        text = allocate_span(self.allocator, u8, length)
        used: usize = 0
        part = word.parts
        while part is not None:
            text[used : used + len(part.text)].copy_from(part.text)
            used += len(part.text)
            part = part.next
        return text

    @raises()
    def end_line(self) -> None:
        entry = self.pending
        while entry is not None:
            self.read_text(entry)
            entry = entry.next
            self.pending = entry
        self.last_pending = None

    @raises()
    def read_text(self, entry: PendingText) -> None:
        """Reads the lines of a here-document up to its end mark."""
        text = allocate_span(
            self.allocator, u8, len(self.text) - min(self.position, len(self.text))
        )
        used: usize = 0
        while True:
            if self.at_end():
                raise OSError(ENODATA)
            start = self.position
            end = find_byte(self.text, NEWLINE, start)
            while entry.strips_tabs and start < end and self.text[start] == TAB:
                start += 1
            self.position = min(end + 1, len(self.text))
            if self.text[start:end] == entry.delimiter:
                break
            line = self.text[start : self.position]
            text[used : used + len(line)].copy_from(line)
            used += len(line)
        entry.redirection.target = self.text_word(text[:used], entry.is_quoted)

    @raises()
    def text_word(self, text: Bytes, is_quoted: bool) -> Word:
        """Returns the text of a here-document as a word; expansions happen unless it is quoted."""
        if not is_quoted:
            return self.read_here_text(text)
        word = allocate(self.allocator, Word)
        part = allocate(self.allocator, Part)
        part.kind = PartKind.LITERAL
        part.is_quoted = True
        part.text = text
        word.parts = part
        return word

    def at(self, kind: TokenKind) -> bool:
        """Whether the token at hand is of a kind."""
        return self.kind == kind

    def word_text(self) -> Bytes:
        """Returns the text of the token at hand if it is a plain word, else nothing."""
        word = self.word
        if word is None:
            return b""
        return plain_text(word)

    @raises()
    def taken_word(self) -> Word:
        """Takes the word at hand."""
        word = self.word
        assert word is not None, "word token without a word"
        self.advance()
        return word

    @raises()
    def skip_newlines(self) -> None:
        """Takes newlines."""
        while self.at(TokenKind.NEWLINE):
            self.advance()

    @raises()
    def expect(self, kind: TokenKind) -> None:
        """Takes a token, which must be of a kind."""
        if self.kind != kind:
            self.unexpected()
        self.advance()

    @raises()
    def expect_word(self, text: Bytes) -> None:
        """Takes a reserved word."""
        if self.word_text() != text:
            self.unexpected()
        self.advance()

    @raises()
    def unexpected(self) -> None:
        """Refuses the token at hand; the end of the text asks for more."""
        if self.at(TokenKind.END):
            raise OSError(ENODATA)
        self.is_unexpected = True
        self.message = spelling(self.kind)
        if self.kind in (TokenKind.WORD, TokenKind.IO_NUMBER):
            self.message = self.copy(self.text[self.start : self.position])
        raise OSError(EINVAL)


def redirection_kind(token: TokenKind) -> RedirectionKind:
    """Returns what an operator does."""
    if token == TokenKind.LESS:
        return RedirectionKind.READ
    if token == TokenKind.DOUBLE_GREATER:
        return RedirectionKind.APPEND
    if token == TokenKind.LESS_GREATER:
        return RedirectionKind.READ_WRITE
    if token == TokenKind.LESS_AMPERSAND:
        return RedirectionKind.DUPLICATE_INPUT
    if token == TokenKind.GREATER_AMPERSAND:
        return RedirectionKind.DUPLICATE_OUTPUT
    if token in (TokenKind.HERE, TokenKind.HERE_TABS):
        return RedirectionKind.HERE_TEXT
    return RedirectionKind.WRITE


def default_descriptor(kind: RedirectionKind) -> i32:
    """Returns the descriptor of a redirection that names none."""
    if kind in (
        RedirectionKind.WRITE,
        RedirectionKind.APPEND,
        RedirectionKind.DUPLICATE_OUTPUT,
    ):
        return 1
    return 0


def small_number(text: Bytes) -> i32:
    """Returns a descriptor written in decimal digits, -1 where it is too large."""
    value: i32 = 0
    for byte in text:
        value = value * 10 + i32(byte) - 0x30
        if value > LARGEST_DESCRIPTOR:
            return -1
    return value
