"""`test` and `[`. POSIX.1-2017, XCU test; `-a`, `-o`, `!` and parentheses are supported."""

from __future__ import annotations

from abi.errno import EINVAL
from abi.file import (
    AT_FDCWD,
    AT_SYMLINK_NOFOLLOW,
    R_OK,
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    S_IFSOCK,
    W_OK,
    X_OK,
    Stat,
)
from bare import Bytes, i64, raises, struct, u8, u32
from user.lib import sys
from user.lib.numbers import parse_signed
from user.lib.shell.characters import MINUS, WHITESPACE, is_number
from user.lib.shell.fields import Field
from user.lib.shell.redirections import small_number
from user.lib.strings import compare, trimmed
from user.lib.terminal import is_terminal

LOWER_B: u8 = ord("b")
LOWER_C: u8 = ord("c")
LOWER_D: u8 = ord("d")
LOWER_E: u8 = ord("e")
LOWER_F: u8 = ord("f")
LOWER_G: u8 = ord("g")
LOWER_H: u8 = ord("h")
LOWER_N: u8 = ord("n")
LOWER_P: u8 = ord("p")
LOWER_R: u8 = ord("r")
LOWER_S: u8 = ord("s")
LOWER_T: u8 = ord("t")
LOWER_U: u8 = ord("u")
LOWER_W: u8 = ord("w")
LOWER_X: u8 = ord("x")
LOWER_Z: u8 = ord("z")
UPPER_L: u8 = ord("L")
UPPER_S: u8 = ord("S")
DEPTH_LIMIT: u32 = 64


@struct
class TestExpression:
    """An expression; `field` is the argument at hand, none at the end."""

    field: Field | None
    depth: u32 = 0

    @raises(EINVAL)
    def evaluate(self) -> bool:
        """Returns the value of all arguments; EINVAL where they are no expression."""
        if self.field is None:
            return False
        value = self.either()
        if self.field is not None:
            raise OSError(EINVAL)
        return value

    @raises(EINVAL)
    def either(self) -> bool:
        """Evaluates `a -o b`."""
        value = self.both()
        while self.text() == b"-o":
            self.next()
            right = self.both()
            value = value or right
        return value

    @raises(EINVAL)
    def both(self) -> bool:
        """Evaluates `a -a b`."""
        value = self.negation()
        while self.text() == b"-a":
            self.next()
            right = self.negation()
            value = value and right
        return value

    @raises(EINVAL)
    def negation(self) -> bool:
        """Evaluates `! a`, parentheses, and what is left."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise OSError(EINVAL)
        value = False
        if self.text() == b"!" and self.remaining() > 1 and not is_binary(self.text_at(1)):
            self.next()
            value = not self.negation()
        elif self.text() == b"(" and self.remaining() > 2 and not is_binary(self.text_at(1)):
            self.next()
            value = self.either()
            if self.text() != b")":
                raise OSError(EINVAL)
            self.next()
        else:
            value = self.primary()
        self.depth -= 1
        return value

    @raises(EINVAL)
    def primary(self) -> bool:
        """Evaluates a comparison, a question about a file or a string, or a string."""
        if self.field is None:
            raise OSError(EINVAL)
        if self.remaining() >= 3 and is_binary(self.text_at(1)):
            left = self.next()
            operator = self.next()
            return compare_words(left, operator, self.next())
        first = self.next()
        if len(first) == 2 and first[0] == MINUS and self.field is not None:
            if is_unary(first[1]):
                return ask(first[1], self.next())
        return len(first) > 0

    def text(self) -> Bytes:
        """Returns the argument at hand, empty at the end."""
        return self.text_at(0)

    def text_at(self, offset: u32) -> Bytes:
        """Returns an argument further on."""
        field = self.field
        place: u32 = 0
        while field is not None and place < offset:
            field = field.next
            place += 1
        return b"" if field is None else field.text

    def remaining(self) -> u32:
        """Returns how many arguments are left."""
        count: u32 = 0
        field = self.field
        while field is not None:
            count += 1
            field = field.next
        return count

    @raises(EINVAL)
    def next(self) -> Bytes:
        """Takes an argument."""
        field = self.field
        if field is None:
            raise OSError(EINVAL)
        self.field = field.next
        return field.text


BINARY: tuple[bytes, ...] = (
    b"=", b"==", b"!=", b"<", b">", b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge", b"-nt",
    b"-ot", b"-ef",
)  # fmt: skip


def is_binary(word: Bytes) -> bool:
    """Whether a word compares two others."""
    for operator in BINARY:
        if word == operator:
            return True
    return False


def is_unary(letter: u8) -> bool:
    """Whether a letter asks about one word."""
    for known in b"nzedfrwxsLhtpbcSgu":
        if letter == known:
            return True
    return False


@raises(EINVAL)
def compare_words(left: Bytes, operator: Bytes, right: Bytes) -> bool:
    """Compares strings, numbers or files."""
    if operator == b"=" or operator == b"==":
        return left == right
    if operator == b"!=":
        return left != right
    if operator == b"<":
        return compare(left, right) < 0
    if operator == b">":
        return compare(left, right) > 0
    if operator in (b"-nt", b"-ot", b"-ef"):
        return compare_files(left, operator, right)
    return compare_numbers(number_word(left), operator, number_word(right))


def compare_numbers(left: i64, operator: Bytes, right: i64) -> bool:
    """Compares two numbers."""
    if operator == b"-eq":
        return left == right
    if operator == b"-ne":
        return left != right
    if operator == b"-lt":
        return left < right
    if operator == b"-le":
        return left <= right
    if operator == b"-gt":
        return left > right
    return left >= right


@raises(EINVAL)
def number_word(word: Bytes) -> i64:
    """Reads an argument that must be a number."""
    digits = trimmed(word, WHITESPACE)
    if len(digits) == 0:
        raise OSError(EINVAL)
    try:
        return parse_signed(digits)
    except OSError:
        raise OSError(EINVAL) from None


def compare_files(left: Bytes, operator: Bytes, right: Bytes) -> bool:
    """Compares the times or the identity of two files; one that is missing is older."""
    first = Stat()
    second = Stat()
    has_first = read_stat(left, first, True)
    has_second = read_stat(right, second, True)
    if operator == b"-ef":
        is_same = first.device == second.device and first.inode == second.inode
        return has_first and has_second and is_same
    if operator == b"-nt":
        return has_first and (not has_second or is_newer(first, second))
    return has_second and (not has_first or is_newer(second, first))


def is_newer(first: Stat, second: Stat) -> bool:
    """Whether a file was changed after another."""
    if first.modified.seconds != second.modified.seconds:
        return first.modified.seconds > second.modified.seconds
    return first.modified.nanoseconds > second.modified.nanoseconds


def ask(letter: u8, word: Bytes) -> bool:
    """Answers a question about a string, a descriptor or a file."""
    if letter == LOWER_N:
        return len(word) > 0
    if letter == LOWER_Z:
        return len(word) == 0
    if letter == LOWER_T:
        return is_number(word) and is_terminal(small_number(word))
    if letter in (LOWER_R, LOWER_W, LOWER_X):
        return may_access(letter, word)
    record = Stat()
    if not read_stat(word, record, letter not in (UPPER_L, LOWER_H)):
        return False
    return ask_stat(letter, record)


def ask_stat(letter: u8, record: Stat) -> bool:
    """Answers a question about what is known of a file."""
    if letter == LOWER_E:
        return True
    if letter == LOWER_S:
        return record.size_bytes > 0
    if letter == LOWER_G:
        return record.mode & 0o2000 != 0
    if letter == LOWER_U:
        return record.mode & 0o4000 != 0
    return record.mode & S_IFMT == wanted_type(letter)


def wanted_type(letter: u8) -> u32:
    """Returns the file type that a letter asks for."""
    if letter == LOWER_F:
        return S_IFREG
    if letter == LOWER_D:
        return S_IFDIR
    if letter == LOWER_P:
        return S_IFIFO
    if letter == LOWER_B:
        return S_IFBLK
    if letter == LOWER_C:
        return S_IFCHR
    if letter == UPPER_S:
        return S_IFSOCK
    return S_IFLNK


def read_stat(path: Bytes, record: Stat, follows: bool) -> bool:
    """Reads what is known of a file; false where there is none."""
    flags = 0 if follows else AT_SYMLINK_NOFOLLOW
    try:
        sys.newfstatat(AT_FDCWD, path, record, flags)
    except OSError:
        return False
    return True


def may_access(letter: u8, path: Bytes) -> bool:
    """Whether the shell may use a file."""
    mode = R_OK
    if letter == LOWER_W:
        mode = W_OK
    elif letter == LOWER_X:
        mode = X_OK
    try:
        sys.faccessat(AT_FDCWD, path, mode)
    except OSError:
        return False
    return True
