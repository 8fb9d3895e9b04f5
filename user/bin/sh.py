"""sh - the shell: runs commands from a terminal, a file or a string.

usage: sh [-eux] [-c COMMANDS [NAME [WORD...]] | FILE [WORD...]]

  -c   run COMMANDS; NAME becomes $0, the words $1 and so on
  -e   end at the first command that fails
  -u   refuse variables that are not set
  -x   print commands before they run

Without FILE and -c the commands come from standard input; on a terminal with line editing and
history. docs/guides/shell.md describes the language: pipes, redirections, quotes, variables,
patterns, arithmetic, if, while, for, case, functions.
"""

from __future__ import annotations

from abi.errno import EINVAL, ENODATA
from abi.limits import PATH_MAX
from abi.time import NS_PER_US
from bare import (
    Array,
    Bytes,
    allocate,
    array,
    errno_of,
    i32,
    raises,
    struct,
    u8,
    u64,
    usize,
    write_to,
)
from bare.lib.text import Text
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.clock import monotonic_ns
from user.lib.inputs import close_quietly
from user.lib.numbers import parse_unsigned
from user.lib.report import report_error
from user.lib.shell.builtins import Builtins, read_file, working_directory
from user.lib.shell.characters import is_name
from user.lib.shell.console import Console
from user.lib.shell.editor import EditResult, LineEditor
from user.lib.shell.executor import Executor
from user.lib.shell.expansion import Expander
from user.lib.shell.history import History
from user.lib.shell.interrupt import drop_pending, prepare_interactive
from user.lib.shell.jobs import SIGNALLED, JobTable, set_group
from user.lib.shell.parser import Parser
from user.lib.shell.region import Mark, Region
from user.lib.shell.state import Flow, ParameterList, Shell
from user.lib.shell.syntax_report import report_syntax
from user.lib.shell.variables import Variables
from user.lib.standard import standard
from user.lib.strings import find_byte
from user.lib.terminal import is_terminal

LOWER_C: u8 = ord("c")
LOWER_E: u8 = ord("e")
LOWER_U: u8 = ord("u")
EQUALS: u8 = ord("=")
NEWLINE: u8 = ord("\n")
INTERRUPTED_STATUS: i32 = 130
SYNTAX_STATUS: i32 = 2
CANNOT_READ_STATUS: i32 = 127
BOOT_VARIABLE: bytes = b"SWIFTOS_BOOT"
"""Set by init for the first shell, which tells when its prompt is there: on the console, and to
init by closing the descriptor that the variable names, unless that is 0.
"""
LAST_STANDARD: u64 = 2
LARGEST_READY: u64 = 9


@struct
class LineSource:
    """Where lines come from when no file or string was given."""

    shell: Shell
    executor: Executor
    console: Console | None
    pending: Text
    """Lines of a command that is not complete yet."""
    is_at_end: bool = False

    @raises()
    def run_all(self) -> None:
        """Reads and runs commands until the end or `exit`."""
        while not self.is_at_end and self.shell.flow != Flow.EXIT:
            self.shell.flow = Flow.NORMAL
            self.run_once()

    @raises()
    def run_once(self) -> None:
        """Reads a line, and runs what is complete."""
        if not self.read_line():
            self.is_at_end = True
            if len(self.pending) == 0:
                return
        shell = self.shell
        mark = Mark()
        shell.region.mark(mark)
        if self.run_pending():
            self.pending.clear()
        shell.region.release_to(mark)
        if shell.flow == Flow.INTERRUPT:
            shell.status = INTERRUPTED_STATUS
            if shell.is_interactive:
                standard().errors.line("")
            else:
                shell.flow = Flow.EXIT

    @raises()
    def run_pending(self) -> bool:
        """Runs the pending text; false where more lines are needed."""
        shell = self.shell
        parser = allocate(shell.region, Parser)
        parser.allocator = shell.region
        parser.text = parser.copy(self.pending.view())
        if not self.is_complete(parser):
            return False
        parser.position = 0
        self.run_parsed(parser)
        return True

    @raises()
    def is_complete(self, parser: Parser) -> bool:
        """Whether a text needs no further line; one that is wrong needs none."""
        try:
            parser.begin()
            while parser.next_command() is not None:
                pass
        except OSError as error:
            if errno_of(error) == ENODATA:
                return self.is_at_end
            if errno_of(error) != EINVAL:
                raise
        return True

    @raises()
    def run_parsed(self, parser: Parser) -> None:
        """Runs the commands of a text one after the other."""
        shell = self.shell
        try:
            parser.reset()
            parser.begin()
            while not shell.must_stop():
                node = parser.next_command()
                if node is None:
                    return
                self.executor.run_line(node)
        except OSError as error:
            report_syntax(parser, errno_of(error))
            shell.status = SYNTAX_STATUS
            if not shell.is_interactive:
                shell.flow = Flow.EXIT

    @raises()
    def read_line(self) -> bool:
        """Appends a line to the pending text; false at the end of the input."""
        console = self.console
        if console is None:
            return read_plain_line(self.pending)
        shell = self.shell
        if len(self.pending) == 0:
            shell.jobs.update()
            shell.jobs.report(False)
        prompt = allocate(shell.region, Text)
        prompt.allocator = shell.region
        mark = Mark()
        shell.region.mark(mark)
        make_prompt(shell, prompt, len(self.pending) > 0)
        tell_boot_time(shell)
        was_killed = shell.status > SIGNALLED
        result = console.read_line(prompt.view(), self.pending, was_killed)
        shell.region.release_to(mark)
        if result == EditResult.INTERRUPTED:
            self.pending.clear()
            shell.status = INTERRUPTED_STATUS
            drop_pending()
        return result != EditResult.END


@raises()
def read_plain_line(into: Text) -> bool:
    """Reads a line of standard input byte by byte: what follows belongs to the commands."""
    byte: Array[u8] = array(1)
    any_byte = False
    while sys.read(0, byte[:]) == 1:
        any_byte = True
        into.append_byte(byte[0])
        if byte[0] == NEWLINE:
            return True
    return any_byte


@raises()
def make_prompt(shell: Shell, prompt: Text, is_continuation: bool) -> None:
    """Puts the prompt together: `swiftos:DIRECTORY# `, or `> ` inside a command."""
    if is_continuation:
        prompt.append(b"> ")
        return
    buffer: Array[u8] = array(PATH_MAX)
    prompt.append(b"swiftos:")
    try:
        prompt.append(working_directory(buffer))
    except OSError:
        prompt.append(b"?")
    prompt.append(b"# ")


@raises()
def tell_boot_time(shell: Shell) -> None:
    """Prints the time since boot before the first prompt of the machine."""
    if not shell.variables.is_set(BOOT_VARIABLE):
        return
    ready: u64 = 0
    try:
        ready = parse_unsigned(shell.variables.value(BOOT_VARIABLE))
    except OSError:
        ready = 0
    shell.variables.unset(BOOT_VARIABLE)
    print(f"boot: prompt at {monotonic_ns() // NS_PER_US} us")
    standard().output.flush()
    if LAST_STANDARD < ready <= LARGEST_READY:
        close_quietly(i32(ready))


@raises()
def import_variables(shell: Shell, arguments: Arguments) -> None:
    """Takes over the environment."""
    index: usize = 0
    entry = arguments.variable_entry(index)
    while len(entry) > 0:
        end = find_byte(entry, EQUALS, 0)
        if end < len(entry) and is_name(entry[:end]):
            shell.variables.set(entry[:end], entry[end + 1 :])
            shell.variables.entry(entry[:end]).is_exported = True
        index += 1
        entry = arguments.variable_entry(index)


@raises()
def note_directory(shell: Shell) -> None:
    """Sets PWD, where the path of the working directory can be told."""
    buffer: Array[u8] = array(PATH_MAX)
    try:
        shell.variables.set(b"PWD", working_directory(buffer))
    except OSError:
        shell.variables.unset(b"PWD")


@raises()
def note_parent(shell: Shell) -> None:
    """Sets PPID."""
    number = allocate(shell.region, Text)
    number.allocator = shell.region
    write_to(number, f"{sys.getppid()}")
    shell.variables.set(b"PPID", number.view())


@raises()
def set_parameters(shell: Shell, arguments: Arguments, first: usize) -> None:
    """Makes the words from `first` on positional parameters."""
    parameters = ParameterList(shell.heap)
    index = first
    while index < arguments.count:
        parameters.add(arguments.get(index))
        index += 1
    shell.parameters = parameters.first


@raises()
def make_shell() -> Shell:
    """Makes a shell without variables."""
    heap = standard().heap
    shell = allocate(heap, Shell)
    shell.heap = heap
    region = allocate(heap, Region)
    region.source = heap
    shell.region = region
    variables = allocate(heap, Variables)
    variables.allocator = heap
    shell.variables = variables
    jobs = allocate(heap, JobTable)
    jobs.allocator = heap
    shell.jobs = jobs
    shell.name = b"sh"
    shell.pid = sys.getpid()
    return shell


@raises()
def make_executor(shell: Shell) -> Executor:
    """Makes what runs commands."""
    executor = allocate(shell.heap, Executor)
    builtins = allocate(shell.heap, Builtins)
    builtins.shell = shell
    expander = allocate(shell.heap, Expander)
    expander.shell = shell
    expander.allocator = shell.region
    expander.commands = executor
    executor.shell = shell
    executor.builtins = builtins
    executor.expander = expander
    return executor


@raises()
def make_console(shell: Shell) -> Console:
    """Makes the terminal's editor, and the shell its session's first group."""
    history = allocate(shell.heap, History)
    history.allocator = shell.heap
    editor = allocate(shell.heap, LineEditor)
    editor.output = standard().errors
    editor.history = history
    console = allocate(shell.heap, Console)
    console.editor = editor
    shell.is_interactive = True
    prepare_interactive()
    set_group(0, 0)
    shell.jobs.own_group = sys.getpgid(0)
    shell.jobs.has_control = True
    shell.jobs.give_terminal(shell.jobs.own_group)
    return console


@raises()
def run_text(executor: Executor, content: Bytes) -> None:
    """Runs a whole text."""
    try:
        executor.run_text(content)
    except OSError:
        if executor.shell.status == 0:
            executor.shell.status = SYNTAX_STATUS


@raises()
def run(arguments: Arguments, shell: Shell) -> None:
    """Does what the arguments ask for."""
    import_variables(shell, arguments)
    note_directory(shell)
    note_parent(shell)
    executor = make_executor(shell)
    options = Options(arguments, b"ceux")
    has_commands = False
    while options.next():
        if options.letter == LOWER_C:
            has_commands = True
        elif options.letter == LOWER_E:
            shell.exits_on_error = True
        elif options.letter == LOWER_U:
            shell.refuses_unset = True
        else:
            shell.traces = True
    first = options.index
    if first < arguments.count:
        run_operand(executor, arguments, first, has_commands)
        return
    pending = allocate(shell.heap, Text)
    pending.allocator = shell.heap
    console: Console | None = None
    if is_terminal(0):
        console = make_console(shell)
    source = LineSource(shell, executor, console, pending)
    source.run_all()


@raises()
def run_operand(executor: Executor, arguments: Arguments, first: usize, has_commands: bool) -> None:
    """Runs the commands that the operand holds or names."""
    shell = executor.shell
    if has_commands:
        if first + 1 < arguments.count:
            shell.name = arguments.get(first + 1)
        set_parameters(shell, arguments, first + 2)
        run_text(executor, arguments.get(first))
        return
    shell.name = arguments.get(first)
    set_parameters(shell, arguments, first + 1)
    content = allocate(shell.heap, Text)
    content.allocator = shell.heap
    try:
        read_file(shell.name, content)
    except OSError as error:
        report_error(shell.name, errno_of(error))
        shell.status = CANNOT_READ_STATUS
        return
    run_text(executor, content.view())


def main(arguments: Arguments) -> i32:
    """Makes a shell and runs it."""
    standard().output.is_vital = False
    try:
        shell = make_shell()
        run(arguments, shell)
        return shell.status
    except OSError as error:
        report_error(b"cannot go on", errno_of(error))
        return SYNTAX_STATUS
