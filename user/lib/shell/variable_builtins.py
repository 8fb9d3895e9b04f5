"""The builtins `export`, `readonly`, `unset`, `set` and `shift`."""

from __future__ import annotations

from bare import Bytes, errno_of, i32, i64, raises, struct, text, u8, u64
from user.lib.numbers import decimal_value
from user.lib.report import report, report_error
from user.lib.shell.characters import EQUALS, MINUS, PLUS, is_name, is_number
from user.lib.shell.fields import Field
from user.lib.shell.reading import read_command
from user.lib.shell.state import ParameterList, Shell
from user.lib.strings import find_byte

LOWER_E: u8 = ord("e")
LOWER_U: u8 = ord("u")
LOWER_X: u8 = ord("x")
FAILED: i32 = 1
USAGE: i32 = 2
LARGEST_COUNT = 0xFFFF_FFFF


@struct
class VariableBuiltins:
    """Builtins about variables and parameters. Each takes its fields, its name first, and returns
    its status.
    """

    shell: Shell

    @raises()
    def run_variable(self, first: Field) -> i32:
        """Runs a builtin about variables and parameters."""
        name = first.text
        if name == b"unset":
            return self.unset(first.next)
        if name == b"set":
            return self.set(first.next)
        if name == b"shift":
            return self.shift(first.next)
        if name == b"read":
            return read_command(self.shell, first.next)
        return self.mark(first)

    @raises()
    def mark(self, first: Field) -> i32:
        """Does `export` and `readonly`: marks variables, with a value or as they are."""
        is_export = first.text == b"export"
        argument = first.next
        if argument is None or argument.text == b"-p":
            self.print_marked(is_export)
            return 0
        status: i32 = 0
        while argument is not None:
            end = find_byte(argument.text, EQUALS, 0)
            name = argument.text[:end]
            if is_name(name):
                if end < len(argument.text):
                    self.shell.variables.set(name, argument.text[end + 1 :])
                variable = self.shell.variables.entry(name)
                if is_export:
                    variable.is_exported = True
                else:
                    variable.is_readonly = True
            else:
                report(f"{text(first.text)}: bad name '{text(name)}'")
                status = FAILED
            argument = argument.next
        return status

    def print_marked(self, is_export: bool) -> None:
        """Prints exported or readonly variables as commands."""
        variable = self.shell.variables.first
        while variable is not None:
            if is_export and variable.is_exported:
                print(f"export {text(variable.name)}='{text(variable.value)}'")
            if not is_export and variable.is_readonly:
                print(f"readonly {text(variable.name)}='{text(variable.value)}'")
            variable = variable.next

    @raises()
    def unset(self, argument: Field | None) -> i32:
        """Forgets variables, or functions with `-f`."""
        status: i32 = 0
        is_function = argument is not None and argument.text == b"-f"
        field = argument
        if field is not None and field.text in (b"-f", b"-v"):
            field = field.next
        while field is not None:
            if is_function:
                function = self.shell.find_function(field.text)
                if function is not None:
                    function.name = b""
            else:
                try:
                    self.shell.variables.unset(field.text)
                except OSError as error:
                    report_error(field.text, errno_of(error))
                    status = FAILED
            field = field.next
        return status

    @raises()
    def set(self, argument: Field | None) -> i32:
        """Sets options and positional parameters; without arguments prints all variables."""
        if argument is None:
            self.print_variables()
            return 0
        field: Field | None = argument
        while field is not None and len(field.text) > 1 and field.text[0] in (MINUS, PLUS):
            if field.text == b"--":
                field = field.next
                self.set_parameters(field)
                return 0
            if not self.set_options(field.text):
                return USAGE
            field = field.next
        if field is not None:
            self.set_parameters(field)
        return 0

    def set_options(self, letters: Bytes) -> bool:
        """Sets (`-`) or clears (`+`) options."""
        value = letters[0] == MINUS
        for letter in letters[1:]:
            if letter == LOWER_E:
                self.shell.exits_on_error = value
            elif letter == LOWER_X:
                self.shell.traces = value
            elif letter == LOWER_U:
                self.shell.refuses_unset = value
            else:
                report(f"set: unknown option {letter:c}")
                return False
        return True

    @raises()
    def set_parameters(self, first: Field | None) -> None:
        """Replaces the positional parameters."""
        made = ParameterList(self.shell.heap)
        field = first
        while field is not None:
            made.add(field.text)
            field = field.next
        self.shell.parameters = made.first

    def print_variables(self) -> None:
        """Prints every variable that is set."""
        variable = self.shell.variables.first
        while variable is not None:
            if variable.is_set:
                print(f"{text(variable.name)}='{text(variable.value)}'")
            variable = variable.next

    @raises()
    def shift(self, argument: Field | None) -> i32:
        """Drops positional parameters."""
        count: i64 = 1
        if argument is not None:
            if not is_number(argument.text):
                report("shift: bad number")
                return USAGE
            count = i64(decimal_value(argument.text, LARGEST_COUNT))
        if u64(count) > self.shell.parameter_count():
            report("shift: not so many parameters")
            return FAILED
        while count > 0:
            parameter = self.shell.parameters
            if parameter is not None:
                self.shell.parameters = parameter.next
            count -= 1
        return 0
