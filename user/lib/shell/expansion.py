"""Expansion of words: parameters, commands, arithmetic, fields, pathnames. POSIX, XCU 2.6."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EDOM, EINVAL, EPERM
from bare import (
    Allocator,
    Bytes,
    allocate,
    errno_of,
    i64,
    raises,
    struct,
    text,
    u8,
    usize,
    write_to,
)
from bare.lib.text import Text
from user.lib.report import report
from user.lib.shell.arithmetic import Arithmetic, Names
from user.lib.shell.characters import (
    AT,
    BANG,
    DOLLAR,
    HASH,
    MINUS,
    NEWLINE,
    QUESTION,
    SLASH,
    STAR,
    TILDE,
)
from user.lib.shell.fields import DEFAULT_SEPARATORS, Field, FieldList
from user.lib.shell.glob import Pattern
from user.lib.shell.pathnames import PathExpansion, sort_fields
from user.lib.shell.state import Shell
from user.lib.shell.tree import Node, Operator, Part, PartKind, Word
from user.lib.strings import is_digit

STATUS_ERROR = EINVAL
"""What a failed expansion raises, after it was reported."""


@struct
class CommandRunner(ABC):
    """Runs commands, for expansions and builtins."""

    @abstractmethod
    @raises()
    def output_of(self, command: Node | None, into: Text) -> None:
        """Appends what a command prints to `into`."""

    @abstractmethod
    @raises()
    def run_text(self, text: Bytes) -> None:
        """Runs all commands of a text; what is wrong with it is reported."""


@struct
class ShellNames(Names):
    """Variables, for arithmetic."""

    shell: Shell

    def value(self, name: Bytes) -> Bytes:
        """Returns the value of a variable."""
        return self.shell.variables.value(name)


@struct
class Expander:
    """Expands words for one shell."""

    shell: Shell
    allocator: Allocator
    commands: CommandRunner

    @raises()
    def fields(self, words: Word | None) -> FieldList:
        """Returns the fields of words: split, and with pathnames expanded."""
        result = self.new_list()
        word = words
        while word is not None:
            self.add_word(word, result)
            word = word.next
        return result

    @raises()
    def string(self, word: Word) -> Bytes:
        """Returns a word as one string: for assignments and redirections."""
        return self.unsplit(word).text

    @raises()
    def pattern(self, word: Word) -> Pattern:
        """See `unsplit`: text and marks of a pattern."""
        field = self.unsplit(word)
        made = allocate(self.allocator, Pattern)
        made.text = field.text
        made.marks = field.marks
        return made

    @raises()
    def unsplit(self, word: Word) -> Field:
        """Returns a word as one field."""
        fields = self.new_list()
        fields.open()
        self.add_parts(word.parts, fields, False)
        fields.open()
        fields.end()
        first = fields.first
        assert first is not None, "expansion without a field"
        return first

    @raises()
    def new_list(self) -> FieldList:
        """Makes an empty list."""
        made = allocate(self.allocator, FieldList)
        made.allocator = self.allocator
        return made

    @raises()
    def add_word(self, word: Word, result: FieldList) -> None:
        """Adds the fields of one word."""
        fields = self.new_list()
        self.add_parts(word.parts, fields, True)
        fields.end()
        field = fields.first
        while field is not None:
            following = field.next
            self.add_paths(field, result)
            field = following

    @raises()
    def add_paths(self, field: Field, result: FieldList) -> None:
        """Adds the pathnames that a field matches, or the field itself."""
        pattern = Pattern(field.text, field.marks)
        if pattern.has_special():
            found = self.new_list()
            expansion = PathExpansion(self.allocator, pattern, found)
            expansion.expand(b"", 0)
            if found.count > 0:
                sort_fields(found)
                path = found.first
                while path is not None:
                    result.add_field(path.text, path.marks)
                    path = path.next
                return
        result.add_field(field.text, field.marks)

    @raises()
    def add_parts(self, parts: Part | None, fields: FieldList, splits: bool) -> None:
        """Adds the parts of a word."""
        part = parts
        is_first = True
        while part is not None:
            if part.kind == PartKind.LITERAL:
                literal = part.text
                if is_first and not part.is_quoted:
                    literal = self.add_home(literal, fields)
                if part.is_quoted or len(literal) > 0:
                    fields.add(literal, part.is_quoted)
            elif part.kind == PartKind.PARAMETER:
                self.add_parameter(part, fields, splits)
            else:
                self.add_result(self.computed(part), part.is_quoted, fields, splits)
            is_first = False
            part = part.next

    @raises()
    def add_home(self, literal: Bytes, fields: FieldList) -> Bytes:
        """Turns a tilde at the start of a word into the home directory; returns what follows."""
        if len(literal) == 0 or literal[0] != TILDE:
            return literal
        if len(literal) > 1 and literal[1] != SLASH:
            return literal
        home = self.shell.variables.value(b"HOME")
        if len(home) == 0:
            return literal
        fields.add(home, True)
        return literal[1:]

    @raises()
    def add_result(self, value: Bytes, is_quoted: bool, fields: FieldList, splits: bool) -> None:
        """Adds the result of an expansion."""
        if is_quoted or not splits:
            fields.add(value, is_quoted)
        else:
            fields.add_split(value, self.separators())

    def separators(self) -> Bytes:
        """Returns the value of IFS, or its default."""
        if self.shell.variables.is_set(b"IFS"):
            return self.shell.variables.value(b"IFS")
        return DEFAULT_SEPARATORS

    @raises()
    def computed(self, part: Part) -> Bytes:
        """Returns the result of a command or an arithmetic expansion."""
        result = self.new_text()
        if part.kind == PartKind.COMMAND:
            self.commands.output_of(part.command, result)
            return without_newlines(result.view())
        argument = part.argument
        assert argument is not None, "arithmetic without an expression"
        expression = self.string(argument)
        try:
            value = Arithmetic(expression, ShellNames(self.shell)).compute()
        except OSError as error:
            if errno_of(error) == EDOM:
                report(f"division by zero in '{text(expression)}'")
            else:
                report(f"bad expression '{text(expression)}'")
            raise OSError(STATUS_ERROR) from None
        append_number(result, value)
        return result.view()

    @raises()
    def add_parameter(self, part: Part, fields: FieldList, splits: bool) -> None:
        """Adds `$name` or `${name…}`."""
        name = part.text
        is_all = len(name) == 1 and name[0] in (AT, STAR)
        if is_all and part.operator == Operator.NONE:
            self.add_all(name[0], part.is_quoted, fields, splits)
            return
        value = self.new_text()
        is_set = self.parameter_value(name, value)
        self.apply(part, value.view(), is_set, fields, splits)

    @raises()
    def add_all(self, name: u8, is_quoted: bool, fields: FieldList, splits: bool) -> None:
        """Adds `$@` or `$*`."""
        parameter = self.shell.parameters
        joins = name == STAR and is_quoted
        while parameter is not None:
            self.add_result(parameter.value, is_quoted, fields, splits)
            parameter = parameter.next
            if parameter is None:
                return
            if joins or not splits:
                fields.add(self.joint(joins), is_quoted)
            else:
                fields.end()

    def joint(self, joins: bool) -> Bytes:
        """Returns what stands between the parameters in `"$*"`: the first byte of IFS."""
        separators = self.separators()
        if not joins:
            return b" "
        return separators[: min(len(separators), 1)]

    @raises()
    def apply(
        self, part: Part, value: Bytes, is_set: bool, fields: FieldList, splits: bool
    ) -> None:
        """Does what the operator of a parameter says."""
        counts = is_set and (len(value) > 0 or not treats_empty_as_unset(part.operator))
        match part.operator:
            case Operator.NONE:
                self.check_set(part.text, is_set)
                self.add_result(value, part.is_quoted, fields, splits)
            case Operator.LENGTH:
                self.check_set(part.text, is_set)
                length = self.new_text()
                append_number(length, i64(len(value)))
                self.add_result(length.view(), part.is_quoted, fields, splits)
            case Operator.DEFAULT | Operator.DEFAULT_EMPTY:
                if counts:
                    self.add_result(value, part.is_quoted, fields, splits)
                else:
                    self.add_argument(part, fields, splits)
            case Operator.ALTERNATIVE | Operator.ALTERNATIVE_EMPTY:
                if counts:
                    self.add_argument(part, fields, splits)
                elif part.is_quoted:
                    fields.add(b"", True)
            case Operator.ASSIGN | Operator.ASSIGN_EMPTY:
                if not counts:
                    value = self.assigned(part)
                self.add_result(value, part.is_quoted, fields, splits)
            case Operator.ERROR | Operator.ERROR_EMPTY:
                if not counts:
                    self.refuse(part)
                self.add_result(value, part.is_quoted, fields, splits)
            case _:
                self.add_result(self.cut(part, value), part.is_quoted, fields, splits)

    @raises()
    def add_argument(self, part: Part, fields: FieldList, splits: bool) -> None:
        """Adds the word of an operator."""
        argument = part.argument
        if argument is None or argument.parts is None:
            if part.is_quoted:
                fields.add(b"", True)
            return
        self.add_parts(argument.parts, fields, splits)

    @raises()
    def assigned(self, part: Part) -> Bytes:
        """Sets a variable to the word of `=`; returns it."""
        argument = part.argument
        assert argument is not None, "operator without a word"
        value = self.string(argument)
        try:
            self.shell.variables.set(part.text, value)
        except OSError as error:
            if errno_of(error) == EPERM:
                report(f"{text(part.text)}: is readonly")
            raise
        return value

    @raises()
    def refuse(self, part: Part) -> None:
        """Reports the word of `?` and fails."""
        argument = part.argument
        message: Bytes = b""
        if argument is not None:
            message = self.string(argument)
        if len(message) == 0:
            message = b"parameter not set"
        report(f"{text(part.text)}: {text(message)}")
        raise OSError(STATUS_ERROR)

    @raises()
    def check_set(self, name: Bytes, is_set: bool) -> None:
        """Refuses an unset parameter under `set -u`."""
        if not is_set and self.shell.refuses_unset:
            report(f"{text(name)}: parameter not set")
            raise OSError(STATUS_ERROR)

    @raises()
    def cut(self, part: Part, value: Bytes) -> Bytes:
        """Takes a prefix or suffix that matches a pattern away."""
        argument = part.argument
        assert argument is not None, "operator without a word"
        pattern = self.pattern(argument)
        length = len(value)
        for step in range(length + 1):
            size = usize(step)
            if part.operator in (Operator.CUT_LONG_PREFIX, Operator.CUT_LONG_SUFFIX):
                size = length - usize(step)
            if part.operator in (Operator.CUT_SHORT_PREFIX, Operator.CUT_LONG_PREFIX):
                if pattern.matches(value[:size]):
                    return value[size:]
            elif pattern.matches(value[length - size :]):
                return value[: length - size]
        return value

    @raises()
    def parameter_value(self, name: Bytes, into: Text) -> bool:
        """Appends the value of a parameter; whether it is set."""
        shell = self.shell
        first = name[0]
        if is_digit(first):
            return self.positional_value(name, into)
        if first == QUESTION:
            append_number(into, i64(shell.status))
        elif first == DOLLAR:
            append_number(into, i64(shell.pid))
        elif first == HASH:
            append_number(into, i64(shell.parameter_count()))
        elif first == BANG:
            append_number(into, i64(shell.last_background))
            return shell.last_background != 0
        elif first == MINUS:
            self.append_options(into)
        elif first in (AT, STAR):
            self.append_all(into)
            return shell.parameters is not None
        else:
            into.append(shell.variables.value(name))
            return shell.variables.is_set(name)
        return True

    @raises()
    def positional_value(self, name: Bytes, into: Text) -> bool:
        """Appends `$0`, `$1` and so on."""
        number: usize = 0
        for byte in name:
            number = min(number * 10 + byte - 0x30, LARGEST_PARAMETER)
        if number == 0:
            into.append(self.shell.name)
            return True
        parameter = self.shell.parameter(number)
        if parameter is None:
            return False
        into.append(parameter.value)
        return True

    @raises()
    def append_options(self, into: Text) -> None:
        """Appends the letters of the options that are set."""
        if self.shell.exits_on_error:
            into.append(b"e")
        if self.shell.is_interactive:
            into.append(b"i")
        if self.shell.refuses_unset:
            into.append(b"u")
        if self.shell.traces:
            into.append(b"x")

    @raises()
    def append_all(self, into: Text) -> None:
        """Appends all positional parameters with blanks between them."""
        parameter = self.shell.parameters
        while parameter is not None:
            into.append(parameter.value)
            parameter = parameter.next
            if parameter is not None:
                into.append(b" ")

    @raises()
    def new_text(self) -> Text:
        """Makes an empty text."""
        made = allocate(self.allocator, Text)
        made.allocator = self.allocator
        return made


LARGEST_PARAMETER: usize = 1_000_000


def treats_empty_as_unset(operator: Operator) -> bool:
    """Whether an operator was written with a colon."""
    return operator in (
        Operator.DEFAULT_EMPTY,
        Operator.ASSIGN_EMPTY,
        Operator.ERROR_EMPTY,
        Operator.ALTERNATIVE_EMPTY,
    )


def append_number(into: Text, value: i64) -> None:
    """Appends a number in decimal."""
    write_to(into, f"{value}")


def without_newlines(data: Bytes) -> Bytes:
    """Returns `data` without the newlines at its end."""
    end = len(data)
    while end > 0 and data[end - 1] == NEWLINE:
        end -= 1
    return data[:end]
