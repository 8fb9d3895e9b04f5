"""Which bytes may stand where: the character classes of RFC 9110, 5.6 and RFC 3986, 2."""

from __future__ import annotations

from bare import Bytes
from user.lib.strings import lower_of

TAB = ord("\t")
LF = ord("\n")
CR = ord("\r")
SPACE = ord(" ")
QUOTE = ord('"')
COMMA = ord(",")
SLASH = ord("/")
COLON = ord(":")
SEMICOLON = ord(";")
EQUALS = ord("=")
QUESTION = ord("?")
STAR = ord("*")
MINUS = ord("-")
POINT = ord(".")
PERCENT = ord("%")
ZERO = ord("0")
NINE = ord("9")
DELETE = 0x7F

TOKEN_MARKS = b"!#$%&'*+-.^_`|~"
REFUSED_IN_TARGET = b'"#<>\\'
"""Fragments never reach a server; the others are what no browser sends as they are."""

HOST_MARKS = b"-._~%!$&'()*+,;=:[]"
IS_TOKEN: tuple[bool, ...] = tuple(
    (chr(byte).isalnum() and byte < DELETE) or byte in TOKEN_MARKS for byte in range(256)
)
IS_FIELD_TEXT: tuple[bool, ...] = tuple(
    byte == TAB or (byte >= SPACE and byte != DELETE) for byte in range(256)
)
IS_TARGET: tuple[bool, ...] = tuple(
    SPACE < byte < DELETE and byte not in REFUSED_IN_TARGET for byte in range(256)
)
IS_HOST: tuple[bool, ...] = tuple(
    (chr(byte).isalnum() and byte < DELETE) or byte in HOST_MARKS for byte in range(256)
)


def is_token(data: Bytes) -> bool:
    """Whether `data` is a token: one byte or more, each of them allowed."""
    for byte in data:
        if not IS_TOKEN[byte]:
            return False
    return len(data) > 0


def is_field_text(data: Bytes) -> bool:
    """Whether `data` may be a field value: no control characters but tabs."""
    for byte in data:
        if not IS_FIELD_TEXT[byte]:
            return False
    return True


def is_same_word(word: Bytes, lower: Bytes) -> bool:
    """Whether `word` is `lower`, which is in lower case, whatever its own case."""
    if len(word) != len(lower):
        return False
    for index in range(len(word)):
        if lower_of(word[index]) != lower[index]:
            return False
    return True
