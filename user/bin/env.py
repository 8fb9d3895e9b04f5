"""env - print the environment, or run a command in a changed one.

usage: env [-i] [NAME=VALUE...] [COMMAND [ARGUMENT...]]

  -i   start from an empty environment
"""

from __future__ import annotations

from abi.errno import ENOENT
from bare import Bytes, errno_of, i32, raises, struct, text, usize
from user.lib.arguments import Arguments, Options
from user.lib.launch import execute
from user.lib.report import report_error
from user.lib.standard import standard
from user.lib.strings import find_byte, starts_with
from user.lib.words import WordTable

EQUALS = ord("=")
NOT_FOUND_STATUS = 127
CANNOT_RUN_STATUS = 126


@struct
class NewEnvironment:
    """Where the assignments stand among the words, and whether the old environment counts."""

    arguments: Arguments
    first: usize
    end: usize
    is_empty: bool

    def is_replaced(self, entry: Bytes) -> bool:
        """Whether one of the assignments sets the variable of `entry`."""
        name_end = min(find_byte(entry, EQUALS, 0) + 1, len(entry))
        for index in range(self.first, self.end):
            if starts_with(self.arguments.get(index), entry[:name_end]):
                return True
        return False

    @raises()
    def fill(self, variables: WordTable) -> None:
        """Adds every variable of the new environment."""
        index: usize = 0
        entry = self.arguments.variable_entry(index)
        while len(entry) > 0 and not self.is_empty:
            if not self.is_replaced(entry):
                variables.add(entry)
            index += 1
            entry = self.arguments.variable_entry(index)
        for place in range(self.first, self.end):
            variables.add(self.arguments.get(place))

    def print_all(self) -> None:
        """Prints every variable of the new environment, one a line."""
        index: usize = 0
        entry = self.arguments.variable_entry(index)
        while len(entry) > 0 and not self.is_empty:
            if not self.is_replaced(entry):
                print(text(entry))
            index += 1
            entry = self.arguments.variable_entry(index)
        for place in range(self.first, self.end):
            print(text(self.arguments.get(place)))


@raises()
def run(arguments: Arguments, first: usize, environment: NewEnvironment) -> None:
    """Becomes the command at word `first`."""
    words = WordTable()
    variables = WordTable()
    environment.fill(variables)
    for index in range(first, arguments.count):
        words.add(arguments.get(index))
    standard().output.flush()
    execute(arguments.get(first), arguments.variable(b"PATH"), words, variables)


def main(arguments: Arguments) -> i32:
    """Prints or runs."""
    is_empty = False
    options = Options(arguments, b"i")
    while options.next():
        is_empty = True
    end = options.index
    while end < arguments.count and find_byte(arguments.get(end), EQUALS, 0) < len(
        arguments.get(end)
    ):
        end += 1
    environment = NewEnvironment(arguments, options.index, end, is_empty)
    if end == arguments.count:
        environment.print_all()
        return 0
    try:
        run(arguments, end, environment)
    except OSError as error:
        report_error(arguments.get(end), errno_of(error))
        return NOT_FOUND_STATUS if errno_of(error) == ENOENT else CANNOT_RUN_STATUS
    return 0
