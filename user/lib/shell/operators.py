"""The operators of `${name…}`, to and from text."""

from __future__ import annotations

from bare import Bytes, u8, usize
from user.lib.shell.characters import COLON, EQUALS, HASH, MINUS, PERCENT, PLUS, QUESTION
from user.lib.shell.tree import Operator


def read_operator(first: u8, second: u8) -> tuple[Operator, usize]:
    """Returns the operator that two bytes begin with, and its length; NONE where there is none."""
    if first == COLON:
        return after_colon(second), 2
    if first == PERCENT:
        if second == PERCENT:
            return Operator.CUT_LONG_SUFFIX, 2
        return Operator.CUT_SHORT_SUFFIX, 1
    if first == HASH:
        if second == HASH:
            return Operator.CUT_LONG_PREFIX, 2
        return Operator.CUT_SHORT_PREFIX, 1
    if first == MINUS:
        return Operator.DEFAULT, 1
    if first == EQUALS:
        return Operator.ASSIGN, 1
    if first == QUESTION:
        return Operator.ERROR, 1
    if first == PLUS:
        return Operator.ALTERNATIVE, 1
    return Operator.NONE, 0


def after_colon(byte: u8) -> Operator:
    """Returns the operator of a colon and a byte."""
    if byte == MINUS:
        return Operator.DEFAULT_EMPTY
    if byte == EQUALS:
        return Operator.ASSIGN_EMPTY
    if byte == QUESTION:
        return Operator.ERROR_EMPTY
    if byte == PLUS:
        return Operator.ALTERNATIVE_EMPTY
    return Operator.NONE


def operator_text(operator: Operator) -> Bytes:
    """Returns how an operator is written; LENGTH stands before the name."""
    match operator:
        case Operator.NONE | Operator.LENGTH:
            return b""
        case Operator.DEFAULT:
            return b"-"
        case Operator.DEFAULT_EMPTY:
            return b":-"
        case Operator.ASSIGN:
            return b"="
        case Operator.ASSIGN_EMPTY:
            return b":="
        case Operator.ERROR:
            return b"?"
        case Operator.ERROR_EMPTY:
            return b":?"
        case Operator.ALTERNATIVE:
            return b"+"
        case Operator.ALTERNATIVE_EMPTY:
            return b":+"
        case Operator.CUT_SHORT_SUFFIX:
            return b"%"
        case Operator.CUT_LONG_SUFFIX:
            return b"%%"
        case Operator.CUT_SHORT_PREFIX:
            return b"#"
        case Operator.CUT_LONG_PREFIX:
            return b"##"


def cuts(operator: Operator) -> bool:
    """Whether the argument is a pattern, which double quotes around the whole do not quote."""
    return operator in (
        Operator.CUT_SHORT_SUFFIX,
        Operator.CUT_LONG_SUFFIX,
        Operator.CUT_SHORT_PREFIX,
        Operator.CUT_LONG_PREFIX,
    )
