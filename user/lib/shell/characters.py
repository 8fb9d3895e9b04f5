"""What bytes mean to the shell."""

from __future__ import annotations

from bare import Bytes, u8
from user.lib.strings import is_digit

NEWLINE: u8 = ord("\n")
TAB: u8 = ord("\t")
SPACE: u8 = ord(" ")
BACKSLASH: u8 = ord("\\")
SINGLE_QUOTE: u8 = ord("'")
DOUBLE_QUOTE: u8 = ord('"')
BACKQUOTE: u8 = ord("`")
DOLLAR: u8 = ord("$")
HASH: u8 = ord("#")
OPEN_PARENTHESIS: u8 = ord("(")
CLOSE_PARENTHESIS: u8 = ord(")")
OPEN_BRACE: u8 = ord("{")
CLOSE_BRACE: u8 = ord("}")
OPEN_BRACKET: u8 = ord("[")
CLOSE_BRACKET: u8 = ord("]")
SEMICOLON: u8 = ord(";")
AMPERSAND: u8 = ord("&")
BAR: u8 = ord("|")
LESS: u8 = ord("<")
GREATER: u8 = ord(">")
EQUALS: u8 = ord("=")
COLON: u8 = ord(":")
MINUS: u8 = ord("-")
PLUS: u8 = ord("+")
QUESTION: u8 = ord("?")
PERCENT: u8 = ord("%")
STAR: u8 = ord("*")
BANG: u8 = ord("!")
AT: u8 = ord("@")
SLASH: u8 = ord("/")
TILDE: u8 = ord("~")
UNDERSCORE: u8 = ord("_")
DOT: u8 = ord(".")
WHITESPACE = b" \t\n"


def is_blank(byte: u8) -> bool:
    """Whether a byte separates words on a line."""
    return byte in (SPACE, TAB)


def is_name_start(byte: u8) -> bool:
    """Whether a name may begin with a byte."""
    return 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A or byte == UNDERSCORE


def is_name_byte(byte: u8) -> bool:
    """Whether a name may go on with a byte."""
    return is_name_start(byte) or is_digit(byte)


def is_special_parameter(byte: u8) -> bool:
    """Whether a byte names a special parameter: `@ * # ? - $ !`."""
    return byte in (AT, STAR, HASH, QUESTION, MINUS, DOLLAR, BANG)


def ends_word(byte: u8) -> bool:
    """Whether an unquoted byte ends a word: blanks, newline and the bytes of operators."""
    if is_blank(byte) or byte == NEWLINE:
        return True
    return byte in (
        SEMICOLON,
        AMPERSAND,
        BAR,
        LESS,
        GREATER,
        OPEN_PARENTHESIS,
        CLOSE_PARENTHESIS,
    )


def is_name(text: Bytes) -> bool:
    """Whether `text` can be the name of a variable."""
    if len(text) == 0 or not is_name_start(text[0]):
        return False
    for byte in text:
        if not is_name_byte(byte):
            return False
    return True


def is_number(text: Bytes) -> bool:
    """Whether `text` is decimal digits, at least one."""
    for byte in text:
        if not is_digit(byte):
            return False
    return len(text) > 0
