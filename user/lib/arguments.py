"""`Arguments` and `Options`: what the program was called with.

    def main(arguments: Arguments) -> i32:
        options = Options(arguments, b"n:r")
        while options.next():
            match options.letter: ...
        for index in range(options.index, arguments.count): arguments.get(index)

Options follow POSIX.1-2017, 12.2: letters may be joined, a value may follow its letter at once or
as the next word, `--` ends the options. A word `--name` is a usage error, or with `has_names` given
as letter 0 with `name` set.
"""

from __future__ import annotations

from bare import Bytes, struct, text, u8, u64, usize
from bare.unsafe import Pointer, span_at
from user.lib.report import usage_error

MINUS = ord("-")
COLON = ord(":")
EQUALS = ord("=")
WORD_BYTES = 8


@struct
class Arguments:
    """The words and the environment, as the kernel laid them out on the first stack page.

    `words` and `variables` are addresses of null-terminated arrays of C strings.
    """

    count: usize
    words: usize
    variables: usize

    def get(self, index: usize) -> Bytes:
        """Returns word `index`; word 0 is the program's name. Traps when there is no such word."""
        assert index < self.count, "no such argument"
        return c_string(word_at(self.words, index))

    def variable(self, name: Bytes) -> Bytes:
        """Returns the value of an environment variable, empty where it is not set."""
        index: usize = 0
        while word_at(self.variables, index) != 0:
            entry = c_string(word_at(self.variables, index))
            if is_assignment_of(entry, name):
                return entry[len(name) + 1 :]
            index += 1
        return b""

    def variable_entry(self, index: usize) -> Bytes:
        """Returns the environment's entry `index` as `NAME=VALUE`, empty after the last."""
        address = word_at(self.variables, index)
        if address == 0:
            return b""
        return c_string(address)

    def auxiliary(self, kind: u64) -> u64:
        """Returns what the kernel says of the machine (`AT_…`), 0 where it says nothing."""
        index: usize = 0
        while word_at(self.variables, index) != 0:
            index += 1
        index += 1
        while word_at(self.variables, index) != 0:
            if word_at(self.variables, index) == kind:
                return word_at(self.variables, index + 1)
            index += 2
        return 0


@struct
class Options:
    """Walks over the option words. After the last one, `index` is the first operand."""

    arguments: Arguments
    accepted: Bytes
    has_names: bool = False
    index: usize = 1
    position: usize = 0
    letter: u8 = 0
    name: Bytes = b""
    value: Bytes = b""
    has_ended: bool = False

    def next(self) -> bool:
        """Steps to the next option; False when there is none left.

        An unknown option or a missing value ends the program with a usage error, status 2.
        """
        if self.position == 0 and not self.start_word():
            return False
        word = self.arguments.get(self.index)
        if self.letter == 0 and len(self.name) > 0:
            if not self.has_names:
                usage_error(f"unknown option --{text(self.name)}")
            self.index += 1
            return True
        self.letter = word[self.position]
        self.position += 1
        at_end = self.position == len(word)
        if takes_value(self.accepted, self.letter):
            self.take_value(word)
        elif at_end:
            self.next_word()
        return True

    def letter_word(self) -> Bytes:
        """Returns the letter just stepped to as a word of one byte."""
        if self.position == 0:
            last = self.arguments.get(self.index - 1)
            return last[len(last) - 1 :]
        return self.arguments.get(self.index)[self.position - 1 : self.position]

    def start_word(self) -> bool:
        """Decides whether the word at `index` holds options, and where its letters begin."""
        self.letter = 0
        self.name = b""
        self.value = b""
        if self.has_ended or self.index >= self.arguments.count:
            return False
        word = self.arguments.get(self.index)
        if len(word) < 2 or word[0] != MINUS:
            return False
        if word[1] != MINUS:
            self.position = 1
            return True
        if len(word) == 2:
            self.index += 1
            self.has_ended = True
            return False
        self.name = word[2:]
        return True

    def take_value(self, word: Bytes) -> None:
        """Takes the rest of the word or the next word as the letter's value."""
        if self.position < len(word):
            self.value = word[self.position :]
        elif self.index + 1 < self.arguments.count:
            self.index += 1
            self.value = self.arguments.get(self.index)
        else:
            usage_error(f"option -{self.letter:c} needs a value")
        self.next_word()

    def next_word(self) -> None:
        """Goes to the first position of the next word."""
        self.index += 1
        self.position = 0

    def value_of_name(self) -> Bytes:
        """Takes the next word as the value of the option `--name` just returned."""
        if self.index >= self.arguments.count:
            usage_error(f"option --{text(self.name)} needs a value")
        value = self.arguments.get(self.index)
        self.index += 1
        return value

    def refuse_operands(self) -> None:
        """Ends the program with a usage error where a word follows the options."""
        if self.index < self.arguments.count:
            usage_error(f"unexpected word: {text(self.arguments.get(self.index))}")


def refuse_arguments(arguments: Arguments) -> None:
    """Ends a program that takes no arguments with a usage error where there are any."""
    options = Options(arguments, b"")
    while options.next():
        pass
    options.refuse_operands()


def takes_value(accepted: Bytes, letter: u8) -> bool:
    """Whether the letter is followed by a value; an unknown letter is a usage error."""
    for index in range(len(accepted)):
        if accepted[index] == letter and letter != COLON:
            return index + 1 < len(accepted) and accepted[index + 1] == COLON
    usage_error(f"unknown option -{letter:c}")


def is_assignment_of(entry: Bytes, name: Bytes) -> bool:
    """Whether `entry` is `name=…`."""
    if len(entry) <= len(name) or entry[len(name)] != EQUALS:
        return False
    return entry[: len(name)] == name


def word_at(table: usize, index: usize) -> u64:
    """Reads entry `index` of a table of addresses."""
    # SAFETY: the kernel ends both tables with a null entry, and no caller reads behind it.
    return Pointer[u64](table + index * WORD_BYTES).load()


def c_string(address: usize) -> Bytes:
    """Views the bytes before the first zero byte."""
    length: usize = 0
    # SAFETY: the kernel wrote the string with its final zero; it stays for the program's life.
    while Pointer[u8](address + length).load() != 0:
        length += 1
    return span_at(u8, address, length)
