"""Commands that the shell does itself. POSIX.1-2017, XCU 2.14, and those that change its state."""

from __future__ import annotations

from abi.error_text import strerror
from abi.file import AT_FDCWD, O_CLOEXEC, O_RDONLY, X_OK
from abi.limits import PATH_MAX
from bare import (
    Array,
    Bytes,
    Span,
    allocate,
    array,
    errno_of,
    i32,
    raises,
    struct,
    text,
    u8,
    u32,
    usize,
)
from bare.lib.text import Text
from user.lib import sys
from user.lib.inputs import close_quietly
from user.lib.numbers import decimal_value
from user.lib.report import report, report_error
from user.lib.shell.characters import COLON, SLASH, is_number
from user.lib.shell.expansion import CommandRunner
from user.lib.shell.fields import Field
from user.lib.shell.job_builtins import JobBuiltins
from user.lib.shell.parser import Parser
from user.lib.shell.printer import Printer
from user.lib.shell.process import run_program
from user.lib.shell.region import Region
from user.lib.shell.state import Flow, Function, Shell
from user.lib.shell.test_command import TestExpression
from user.lib.shell.tree import Node
from user.lib.shell.variable_builtins import VariableBuiltins
from user.lib.standard import standard
from user.lib.strings import find_byte

LOWER_E: u8 = ord("e")
LOWER_U: u8 = ord("u")
LOWER_X: u8 = ord("x")
NAMES: tuple[bytes, ...] = (
    b":", b"true", b"false", b"cd", b"pwd", b"exit", b"export", b"readonly", b"unset", b"set",
    b"read", b"test", b"[", b"echo", b"wait", b"jobs", b"fg", b"bg", b"kill", b"umask", b"exec",
    b"shift", b".", b"type", b"eval", b"break", b"continue", b"return",
)  # fmt: skip
FAILED: i32 = 1
USAGE: i32 = 2
NOT_FOUND: i32 = 127
LARGEST_NUMBER = 0xFFFF_FFFF
DEFAULT_PATH: bytes = b"/bin:/sbin"


@struct
class Builtins:
    """The builtins of one shell. Each takes its fields, its name first, and returns its status."""

    shell: Shell

    def has(self, name: Bytes) -> bool:
        """Whether a name is that of a builtin."""
        for known in NAMES:
            if name == known:
                return True
        return False

    @raises()
    def run(self, runner: CommandRunner, first: Field) -> i32:
        """Runs the builtin that the first field names."""
        name = first.text
        if name == b":" or name == b"true":
            return 0
        if name == b"false":
            return FAILED
        if name == b"echo":
            return echo(first.next)
        if name == b"test" or name == b"[":
            return self.test(first)
        if name in (b"eval", b".", b"exec", b"exit", b"return", b"break", b"continue"):
            return self.run_flow(runner, first)
        if name in (b"wait", b"jobs", b"fg", b"bg", b"kill"):
            return JobBuiltins(self.shell).run(first)
        if name in (b"export", b"readonly", b"unset", b"set", b"shift", b"read"):
            return VariableBuiltins(self.shell).run_variable(first)
        if name == b"cd":
            return self.change_directory(first.next)
        if name == b"pwd":
            return print_directory()
        if name == b"umask":
            return self.umask(first.next)
        return self.types(first.next)

    @raises()
    def run_flow(self, runner: CommandRunner, first: Field) -> i32:
        """Runs a builtin that runs, ends or skips other commands."""
        name = first.text
        if name == b"eval":
            return self.evaluate(runner, first.next)
        if name == b".":
            return self.source(runner, first.next)
        if name == b"exec":
            return self.execute(first.next)
        if name == b"exit":
            return self.leave(Flow.EXIT, first.next)
        if name == b"return":
            if self.shell.calls == 0:
                report("return: not in a function")
                return FAILED
            return self.leave(Flow.RETURN, first.next)
        return self.leave_loop(first)

    @raises()
    def define(self, node: Node) -> None:
        """Defines a function: its text is parsed again, into memory that stays."""
        shell = self.shell
        region = allocate(shell.heap, Region)
        region.source = shell.heap
        parser = allocate(region, Parser)
        parser.allocator = region
        parser.text = parser.copy(node.text)
        parser.begin()
        definition = parser.next_command()
        assert definition is not None, "function without a definition"
        function = shell.find_function(node.name)
        if function is None:
            function = allocate(shell.heap, Function)
            function.name = definition.name
            function.next = shell.functions
            shell.functions = function
        function.body = definition.first
        shell.status = 0

    @raises()
    def test(self, first: Field) -> i32:
        """Evaluates an expression; `[` demands its bracket."""
        argument = first.next
        if first.text == b"[":
            if not drop_bracket(first):
                report("[: missing ]")
                return USAGE
            argument = first.next
        expression = TestExpression(argument)
        try:
            return 0 if expression.evaluate() else FAILED
        except OSError:
            report("test: bad expression")
            return USAGE

    @raises()
    def evaluate(self, runner: CommandRunner, argument: Field | None) -> i32:
        """Joins the arguments and runs them as commands."""
        joined = allocate(self.shell.region, Text)
        joined.allocator = self.shell.region
        field = argument
        while field is not None:
            joined.append(field.text)
            field = field.next
            if field is not None:
                joined.append(b" ")
        self.shell.status = 0
        runner.run_text(joined.view())
        return self.shell.status

    @raises()
    def source(self, runner: CommandRunner, argument: Field | None) -> i32:
        """Runs the commands of a file in this shell."""
        shell = self.shell
        if argument is None:
            report(".: needs a file")
            return USAGE
        content = allocate(shell.region, Text)
        content.allocator = shell.region
        try:
            read_file(argument.text, content)
        except OSError as error:
            report_error(argument.text, errno_of(error))
            return FAILED
        shell.calls += 1
        shell.status = 0
        try:
            runner.run_text(content.view())
        finally:
            shell.calls -= 1
        if shell.flow == Flow.RETURN:
            shell.flow = Flow.NORMAL
        return shell.status

    @raises()
    def execute(self, argument: Field | None) -> i32:
        """Becomes a program; without arguments the redirections alone stay."""
        if argument is None:
            return 0
        standard().output.flush()
        status = run_program(self.shell, argument)
        if not self.shell.is_interactive:
            self.shell.flow = Flow.EXIT
        return status

    @raises()
    def leave(self, flow: Flow, argument: Field | None) -> i32:
        """Ends the shell or a function, with a status."""
        status = self.shell.status
        if argument is not None:
            if not is_number(argument.text):
                report(f"bad number '{text(argument.text)}'")
                status = USAGE
            else:
                status = i32(decimal_value(argument.text, LARGEST_NUMBER) & 0xFF)
        self.shell.flow = flow
        return status

    @raises()
    def leave_loop(self, first: Field) -> i32:
        """Does `break` and `continue`."""
        shell = self.shell
        levels: u32 = 1
        argument = first.next
        if argument is not None:
            if not is_number(argument.text) or argument.text == b"0":
                report(f"{text(first.text)}: bad number '{text(argument.text)}'")
                return USAGE
            levels = u32(decimal_value(argument.text, LARGEST_NUMBER))
        if shell.loops == 0:
            return 0
        shell.flow_levels = min(max(levels, 1), shell.loops)
        shell.flow = Flow.BREAK if first.text == b"break" else Flow.CONTINUE
        return 0

    @raises()
    def change_directory(self, argument: Field | None) -> i32:
        """Changes the working directory: to HOME without an argument, back with `-`."""
        variables = self.shell.variables
        target = variables.value(b"HOME")
        is_back = False
        while argument is not None and argument.text in (b"-L", b"-P", b"--"):
            argument = argument.next
        if argument is not None:
            target = argument.text
            is_back = target == b"-"
            if argument.next is not None:
                report("cd: too many words")
                return USAGE
        if is_back:
            target = variables.value(b"OLDPWD")
        if len(target) == 0:
            report("cd: no directory")
            return FAILED
        buffer: Array[u8] = array(PATH_MAX)
        try:
            sys.chdir(target)
        except OSError as error:
            report(f"cd: {text(target)}: {strerror(errno_of(error))}")
            return FAILED
        variables.set(b"OLDPWD", variables.value(b"PWD"))
        try:
            variables.set(b"PWD", working_directory(buffer))
        except OSError as error:
            report(f"cd: the path cannot be told: {strerror(errno_of(error))}")
        if is_back:
            print(text(variables.value(b"PWD")))
        return 0

    @raises()
    def umask(self, argument: Field | None) -> i32:
        """Prints or sets the mode bits that new files do not get."""
        if argument is None:
            mask = sys.umask(0)
            sys.umask(mask)
            print(f"{mask:04o}")
            return 0
        value: u32 = 0
        for digit in argument.text:
            if digit < 0x30 or digit > 0x37 or value > 0o777:
                report(f"umask: bad mask '{text(argument.text)}'")
                return USAGE
            value = value * 8 + digit - 0x30
        sys.umask(value & 0o777)
        return 0

    @raises()
    def types(self, argument: Field | None) -> i32:
        """Says what names stand for."""
        status: i32 = 0
        field = argument
        while field is not None:
            if not self.type_of(field.text):
                report(f"{text(field.text)}: not found")
                status = NOT_FOUND
            field = field.next
        return status

    @raises()
    def type_of(self, name: Bytes) -> bool:
        """Says what a name stands for; false where it stands for nothing."""
        function = self.shell.find_function(name)
        if function is not None and function.body is not None:
            print(f"{text(name)} is a function")
            output = standard().output
            output.print(f"{text(name)}() ")
            Printer(output).chain(function.body)
            output.line("")
            return True
        if self.has(name):
            print(f"{text(name)} is a shell builtin")
            return True
        buffer: Array[u8] = array(PATH_MAX)
        path = self.find_program(name, buffer)
        if len(path) > 0:
            print(f"{text(name)} is {text(path)}")
        return len(path) > 0

    def find_program(self, name: Bytes, buffer: Span[u8]) -> Bytes:
        """Returns the path of a program, empty where there is none."""
        search = self.shell.variables.value(b"PATH")
        if len(search) == 0:
            search = DEFAULT_PATH
        if find_byte(name, SLASH, 0) < len(name):
            search = b""
        start: usize = 0
        while start <= len(search):
            end = find_byte(search, COLON, start)
            length = put_path(buffer, search[start:end], name)
            if length > 0 and is_program(buffer[:length]):
                return buffer[:length]
            start = end + 1
        return b""


def drop_bracket(first: Field) -> bool:
    """Takes the closing bracket of `[` away; false where there is none."""
    before = first
    last = first.next
    if last is None:
        return False
    while last.next is not None:
        before = last
        last = last.next
    before.next = None
    return last.text == b"]"


def echo(argument: Field | None) -> i32:
    """Prints words with blanks between them; `-n` leaves the newline out."""
    output = standard().output
    field = argument
    ends_line = True
    if field is not None and field.text == b"-n":
        ends_line = False
        field = field.next
    while field is not None:
        output.write(field.text)
        field = field.next
        if field is not None:
            output.write(b" ")
    if ends_line:
        output.write(b"\n")
    return 0


def print_directory() -> i32:
    """Prints the working directory."""
    buffer: Array[u8] = array(PATH_MAX)
    try:
        print(text(working_directory(buffer)))
    except OSError as error:
        report_error(b"pwd", errno_of(error))
        return FAILED
    return 0


@raises()
def working_directory(buffer: Span[u8]) -> Bytes:
    """Returns the path of the working directory, in `buffer`."""
    length = sys.getcwd(buffer)
    return buffer[: length - 1]


@raises()
def read_file(path: Bytes, into: Text) -> None:
    """Reads a whole file."""
    descriptor = sys.openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)
    try:
        buffer: Array[u8] = array(4096)
        while True:
            count = sys.read(descriptor, buffer[:])
            if count == 0:
                return
            into.append(buffer[:count])
    finally:
        close_quietly(descriptor)


def put_path(buffer: Span[u8], directory: Bytes, name: Bytes) -> usize:
    """Joins a directory and a name; returns the length, 0 where it does not fit."""
    start = len(directory)
    if start + 1 + len(name) > len(buffer):
        return 0
    buffer[:start].copy_from(directory)
    if start > 0:
        buffer[start] = SLASH
        start += 1
    buffer[start : start + len(name)].copy_from(name)
    return start + len(name)


def is_program(path: Bytes) -> bool:
    """Whether a path may be executed."""
    try:
        sys.faccessat(AT_FDCWD, path, X_OK)
    except OSError:
        return False
    return True
