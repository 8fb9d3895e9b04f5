"""Tokens of the shell language. POSIX.1-2017, XCU 2.3 and 2.10.1."""

from __future__ import annotations

from bare import Bytes, Enum8, u8
from user.lib.shell.characters import (
    AMPERSAND,
    BAR,
    CLOSE_PARENTHESIS,
    GREATER,
    LESS,
    NEWLINE,
    OPEN_PARENTHESIS,
    SEMICOLON,
)


class TokenKind(Enum8):
    """Kinds of tokens; reserved words are words until the grammar asks."""

    END = 0
    WORD = 1
    NEWLINE = 2
    SEMICOLON = 3
    DOUBLE_SEMICOLON = 4
    AMPERSAND = 5
    AND = 6
    PIPE = 7
    OR = 8
    OPEN = 9
    CLOSE = 10
    LESS = 11
    GREATER = 12
    DOUBLE_GREATER = 13
    HERE = 14
    HERE_TABS = 15
    LESS_AMPERSAND = 16
    GREATER_AMPERSAND = 17
    LESS_GREATER = 18
    CLOBBER = 19
    IO_NUMBER = 20


def single_operator(byte: u8) -> TokenKind:
    """Returns the operator of one byte; END where it is none."""
    if byte == NEWLINE:
        return TokenKind.NEWLINE
    if byte == SEMICOLON:
        return TokenKind.SEMICOLON
    if byte == AMPERSAND:
        return TokenKind.AMPERSAND
    if byte == BAR:
        return TokenKind.PIPE
    if byte == OPEN_PARENTHESIS:
        return TokenKind.OPEN
    if byte == CLOSE_PARENTHESIS:
        return TokenKind.CLOSE
    if byte == LESS:
        return TokenKind.LESS
    return TokenKind.GREATER if byte == GREATER else TokenKind.END


def double_operator(first: u8, second: u8) -> TokenKind:
    """Returns the operator of two bytes; END where they are none."""
    if first == second:
        return doubled(first)
    if first == LESS and second == AMPERSAND:
        return TokenKind.LESS_AMPERSAND
    if first == GREATER and second == AMPERSAND:
        return TokenKind.GREATER_AMPERSAND
    if first == LESS and second == GREATER:
        return TokenKind.LESS_GREATER
    if first == GREATER and second == BAR:
        return TokenKind.CLOBBER
    return TokenKind.END


def doubled(byte: u8) -> TokenKind:
    """Returns the operator that is a byte twice; END where there is none."""
    if byte == SEMICOLON:
        return TokenKind.DOUBLE_SEMICOLON
    if byte == AMPERSAND:
        return TokenKind.AND
    if byte == BAR:
        return TokenKind.OR
    if byte == LESS:
        return TokenKind.HERE
    return TokenKind.DOUBLE_GREATER if byte == GREATER else TokenKind.END


def is_redirection(kind: TokenKind) -> bool:
    """Whether a token begins a redirection, its number aside."""
    return kind in (
        TokenKind.LESS,
        TokenKind.GREATER,
        TokenKind.DOUBLE_GREATER,
        TokenKind.HERE,
        TokenKind.HERE_TABS,
        TokenKind.LESS_AMPERSAND,
        TokenKind.GREATER_AMPERSAND,
        TokenKind.LESS_GREATER,
        TokenKind.CLOBBER,
    )


def spelling(kind: TokenKind) -> Bytes:
    """Returns how a token is written, for messages."""
    match kind:
        case TokenKind.END:
            return b"end of file"
        case TokenKind.WORD | TokenKind.IO_NUMBER:
            return b"word"
        case TokenKind.NEWLINE:
            return b"newline"
        case TokenKind.SEMICOLON:
            return b";"
        case TokenKind.DOUBLE_SEMICOLON:
            return b";;"
        case TokenKind.AMPERSAND:
            return b"&"
        case TokenKind.AND:
            return b"&&"
        case TokenKind.PIPE:
            return b"|"
        case TokenKind.OR:
            return b"||"
        case TokenKind.OPEN:
            return b"("
        case TokenKind.CLOSE:
            return b")"
        case TokenKind.LESS:
            return b"<"
        case TokenKind.GREATER:
            return b">"
        case TokenKind.DOUBLE_GREATER:
            return b">>"
        case TokenKind.HERE:
            return b"<<"
        case TokenKind.HERE_TABS:
            return b"<<-"
        case TokenKind.LESS_AMPERSAND:
            return b"<&"
        case TokenKind.GREATER_AMPERSAND:
            return b">&"
        case TokenKind.LESS_GREATER:
            return b"<>"
        case TokenKind.CLOBBER:
            return b">|"
