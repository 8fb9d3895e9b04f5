"""From text to tokens and words. POSIX.1-2017, XCU 2.2, 2.3 and 2.6.

`Lexer` holds the text, the position and the token at hand. Words with command substitutions need the
grammar, which derives from the lexer (`user/lib/shell/parser.py`) and gives `read_commands`.

Errors: EINVAL with `message` for what can never become right, ENODATA where the text ends too early
and more text may help.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EINVAL, ENODATA
from bare import Allocator, Bytes, allocate, allocate_span, i32, raises, struct, u8, usize
from user.lib.shell.characters import (
    BACKQUOTE,
    BACKSLASH,
    CLOSE_BRACE,
    CLOSE_PARENTHESIS,
    COLON,
    DOLLAR,
    DOUBLE_QUOTE,
    EQUALS,
    GREATER,
    HASH,
    LESS,
    MINUS,
    NEWLINE,
    OPEN_BRACE,
    OPEN_PARENTHESIS,
    PERCENT,
    PLUS,
    QUESTION,
    SINGLE_QUOTE,
    TAB,
    ends_word,
    is_blank,
    is_digit,
    is_name_byte,
    is_name_start,
    is_number,
    is_special_parameter,
)
from user.lib.shell.literal import WordBuilder, has_quotes, plain_text
from user.lib.shell.token import TokenKind, double_operator, single_operator
from user.lib.shell.tree import Node, Operator, Part, PartKind, Redirection, Word
