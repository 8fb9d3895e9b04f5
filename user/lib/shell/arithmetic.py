"""Arithmetic of `$((…))`: signed 64-bit integers, wrapping. POSIX.1-2017, XCU 2.6.4.

Operators, from weak to strong: `? :`, `||`, `&&`, `|`, `^`, `&`, `== !=`, `< <= > >=`, `<< >>`, `+
-`, `* / %`, unary `+ - ! ~`. Assignment is left to the shell. Names stand for variables; an empty
or unset one is 0. Division cuts towards zero, as in C.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EDOM, EINVAL
from bare import (
    Bytes,
    i64,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
    wrap_i64,
    wrap_u64,
    wrapping_add,
    wrapping_mul,
    wrapping_neg,
    wrapping_shl,
    wrapping_sub,
)
from user.lib.shell.characters import (
    CLOSE_PARENTHESIS,
    COLON,
    NEWLINE,
    OPEN_PARENTHESIS,
    QUESTION,
    WHITESPACE,
    is_blank,
    is_name_byte,
    is_name_start,
)
from user.lib.strings import is_digit, trimmed

DEPTH_LIMIT: u32 = 64
LOWEST: i64 = -0x8000_0000_0000_0000

OPERATORS: tuple[bytes, ...] = (
    b"||", b"&&", b"|", b"^", b"&", b"==", b"!=", b"<=", b">=", b"<<", b">>", b"<", b">",
    b"+", b"-", b"*", b"/", b"%",
)  # fmt: skip
"""Longer ones before their beginnings."""
LEVELS: tuple[u32, ...] = (1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8, 7, 7, 9, 9, 10, 10, 10)
"""How strongly each operator binds."""
NO_OPERATOR: usize = len(OPERATORS)


@struct
class Names(ABC):
    """Where the values of names come from."""

    @abstractmethod
    def value(self, name: Bytes) -> Bytes:
        """Returns the value of a variable, empty where it is not set."""


@struct
class Arithmetic:
    """An expression being computed."""

    text: Bytes
    names: Names
    position: usize = 0
    depth: u32 = 0
    is_skipped: bool = False
    """Whether the value does not count: division by zero in it is no error."""

    @raises(EINVAL, EDOM)
    def compute(self) -> i64:
        """Returns the value of the whole text. EINVAL: no expression; EDOM: division by zero."""
        self.skip_blanks()
        if self.position == len(self.text):
            return 0
        value = self.conditional()
        if self.position < len(self.text):
            raise OSError(EINVAL)
        return value

    @raises(EINVAL, EDOM)
    def conditional(self) -> i64:
        """Computes `a ? b : c`, or what binds more strongly."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise OSError(EINVAL)
        value = self.binary(1)
        if self.peek() == QUESTION:
            self.take(1)
            first = self.guarded(value != 0)
            if self.peek() != COLON:
                raise OSError(EINVAL)
            self.take(1)
            second = self.guarded(value == 0)
            value = first if value != 0 else second
        self.depth -= 1
        return value

    @raises(EINVAL, EDOM)
    def guarded(self, counts: bool) -> i64:
        """Computes a branch that may not count."""
        before = self.is_skipped
        self.is_skipped = before or not counts
        value = self.conditional()
        self.is_skipped = before
        return value

    @raises(EINVAL, EDOM)
    def binary(self, level: u32) -> i64:
        """Computes operators that bind at least as strongly as `level`."""
        left = self.unary()
        while True:
            operator = self.operator()
            if operator == NO_OPERATOR or LEVELS[operator] < level:
                return left
            self.take(len(OPERATORS[operator]))
            before = self.is_skipped
            if (operator == 0 and left != 0) or (operator == 1 and left == 0):
                self.is_skipped = True
            right = self.binary(LEVELS[operator] + 1)
            left = self.apply(OPERATORS[operator], left, right)
            self.is_skipped = before

    @raises(EINVAL, EDOM)
    def unary(self) -> i64:
        """Computes signs, negations, and what they stand before."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise OSError(EINVAL)
        byte = self.peek()
        value: i64 = 0
        if byte in (PLUS, MINUS, NOT, COMPLEMENT):
            self.take(1)
            value = unary_value(byte, self.unary())
        else:
            value = self.primary()
        self.depth -= 1
        return value

    @raises(EINVAL, EDOM)
    def primary(self) -> i64:
        """Reads a number, a name or an expression in parentheses."""
        byte = self.peek()
        if byte == OPEN_PARENTHESIS:
            self.take(1)
            value = self.conditional()
            if self.peek() != CLOSE_PARENTHESIS:
                raise OSError(EINVAL)
            self.take(1)
            return value
        start = self.position
        while self.position < len(self.text) and is_name_byte(self.text[self.position]):
            self.position += 1
        word = self.text[start : self.position]
        self.skip_blanks()
        if len(word) > 0 and is_name_start(word[0]):
            return number_value(trimmed(self.names.value(word), WHITESPACE))
        if len(word) == 0:
            raise OSError(EINVAL)
        return number_value(word)

    def operator(self) -> usize:
        """Returns the place in OPERATORS of what stands here."""
        rest = self.text[self.position :]
        for index in range(NO_OPERATOR):
            candidate = OPERATORS[index]
            if len(rest) >= len(candidate) and rest[: len(candidate)] == candidate:
                return index
        return NO_OPERATOR

    @raises(EDOM)
    def apply(self, operator: Bytes, left: i64, right: i64) -> i64:
        """Computes one operation."""
        if operator == b"+":
            return wrapping_add(left, right)
        if operator == b"-":
            return wrapping_sub(left, right)
        if operator == b"*":
            return wrapping_mul(left, right)
        if operator == b"/" or operator == b"%":
            return self.divide(operator == b"%", left, right)
        if operator == b"<<":
            return wrapping_shl(left, wrap_u64(right) % 64)
        if operator == b">>":
            return left >> wrap_u64(right) % 64
        if operator == b"&":
            return left & right
        if operator == b"|":
            return left | right
        if operator == b"^":
            return left ^ right
        return 1 if compare(operator, left, right) else 0

    @raises(EDOM)
    def divide(self, is_remainder: bool, left: i64, right: i64) -> i64:
        """Divides, cutting towards zero."""
        if right == 0:
            if self.is_skipped:
                return 0
            raise OSError(EDOM)
        if left == LOWEST and right == -1:
            return 0 if is_remainder else LOWEST
        quotient = left // right
        remainder = left % right
        if remainder != 0 and (left < 0) != (right < 0):
            quotient += 1
            remainder -= right
        return remainder if is_remainder else quotient

    def peek(self) -> u8:
        """Returns the byte at the position, 0 at the end."""
        if self.position < len(self.text):
            return self.text[self.position]
        return 0

    def take(self, count: usize) -> None:
        """Skips bytes and the blanks behind them."""
        self.position += count
        self.skip_blanks()

    def skip_blanks(self) -> None:
        """Skips blanks and newlines."""
        while self.position < len(self.text) and is_space(self.text[self.position]):
            self.position += 1


PLUS: u8 = ord("+")
MINUS: u8 = ord("-")
NOT: u8 = ord("!")
COMPLEMENT: u8 = ord("~")


def is_space(byte: u8) -> bool:
    """Whether a byte separates parts of an expression."""
    return is_blank(byte) or byte == NEWLINE


def unary_value(operator: u8, value: i64) -> i64:
    """Computes a sign or a negation."""
    if operator == MINUS:
        return wrapping_neg(value)
    if operator == NOT:
        return 1 if value == 0 else 0
    if operator == COMPLEMENT:
        return ~value
    return value


def compare(operator: Bytes, left: i64, right: i64) -> bool:
    """Computes comparisons and the logical operators."""
    if operator == b"==":
        return left == right
    if operator == b"!=":
        return left != right
    if operator == b"<":
        return left < right
    if operator == b"<=":
        return left <= right
    if operator == b">":
        return left > right
    if operator == b">=":
        return left >= right
    if operator == b"&&":
        return left != 0 and right != 0
    return left != 0 or right != 0


@raises(EINVAL)
def number_value(text: Bytes) -> i64:
    """Reads a number: decimal, 0x hexadecimal or 0 octal, perhaps signed; empty is 0. EINVAL."""
    start: usize = 0
    is_negative = False
    if len(text) > 0 and text[0] in (PLUS, MINUS):
        is_negative = text[0] == MINUS
        start = 1
    digits = text[start:]
    base: u64 = 10
    if len(digits) > 2 and digits[0] == ZERO and digits[1] in (0x58, 0x78):
        base = 16
        digits = digits[2:]
    elif len(digits) > 1 and digits[0] == ZERO:
        base = 8
        digits = digits[1:]
    if len(digits) == 0 and start > 0:
        raise OSError(EINVAL)
    value: u64 = 0
    for byte in digits:
        value = wrapping_add(wrapping_mul(value, base), digit_value(byte, base))
    signed = wrap_i64(value)
    return wrapping_neg(signed) if is_negative else signed


ZERO: u8 = ord("0")


@raises(EINVAL)
def digit_value(byte: u8, base: u64) -> u64:
    """Returns the value of a digit; EINVAL where it is none of the base."""
    value: u64 = 99
    if is_digit(byte):
        value = u64(byte) - 0x30
    elif 0x41 <= byte <= 0x46:
        value = u64(byte) - 0x37
    elif 0x61 <= byte <= 0x66:
        value = u64(byte) - 0x57
    if value >= base:
        raise OSError(EINVAL)
    return value
