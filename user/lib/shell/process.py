"""Child processes of the shell: forking, and becoming a program."""

from __future__ import annotations

from abi.errno import ENOENT, ENOEXEC
from abi.signal import SIGCHLD
from bare import errno_of, i32, raises, text, u64
from user.lib import sys
from user.lib.launch import execute
from user.lib.report import report, report_error
from user.lib.shell.fields import Field
from user.lib.shell.interrupt import prepare_child
from user.lib.shell.jobs import set_group
from user.lib.shell.state import Shell
from user.lib.standard import standard
from user.lib.words import WordTable

NOT_FOUND_STATUS: i32 = 127
CANNOT_RUN_STATUS: i32 = 126
SHELL_PATH: bytes = b"/bin/sh"


@raises()
def fork() -> i32:
    """Makes a copy of this process; returns 0 in it, its number in the parent."""
    standard().output.flush()
    return sys.clone(u64(SIGCHLD), 0, 0, 0, 0)


def become_child(shell: Shell, group: i32, is_foreground: bool) -> None:
    """Makes a fresh child fit to run a command: group, terminal, signals, no jobs.

    `group` is the process group to join, 0 for a new one; without job control it does not count.
    """
    if shell.jobs.has_control:
        set_group(0, group)
        if is_foreground:
            shell.jobs.give_terminal(sys.getpid() if group == 0 else group)
    prepare_child(shell.jobs.has_control)
    shell.jobs.forget_all()
    shell.is_interactive = False


def run_program(shell: Shell, first: Field) -> i32:
    """Becomes the program that fields name; returns the status for `exit` where that fails."""
    name = first.text
    try:
        words = WordTable()
        field: Field | None = first
        while field is not None:
            words.add(field.text)
            field = field.next
        variables = WordTable()
        shell.variables.fill(variables)
        execute(name, shell.variables.value(b"PATH"), words, variables)
    except OSError as error:
        code = errno_of(error)
        if code == ENOEXEC:
            return run_script(shell, first)
        if code == ENOENT:
            report(f"{text(name)}: not found")
            return NOT_FOUND_STATUS
        report_error(name, code)
        return CANNOT_RUN_STATUS
    return CANNOT_RUN_STATUS


def run_script(shell: Shell, first: Field) -> i32:
    """Becomes a shell that reads the file which fields name: it is no program."""
    try:
        words = WordTable()
        words.add(SHELL_PATH)
        field: Field | None = first
        while field is not None:
            words.add(field.text)
            field = field.next
        variables = WordTable()
        shell.variables.fill(variables)
        execute(SHELL_PATH, b"", words, variables)
    except OSError as error:
        report_error(first.text, errno_of(error))
    return CANNOT_RUN_STATUS
