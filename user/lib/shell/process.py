"""Child processes of the shell: forking, and becoming a program."""

from __future__ import annotations

from abi.errno import ENOENT, ENOEXEC
from abi.signal import (
    SIG_DFL,
    SIG_IGN,
    SIG_SETMASK,
    SIGCHLD,
    SIGINT,
    SIGQUIT,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SigAction,
    SigSet,
)
from bare import errno_of, i32, raises, text, u64
from user.lib import sys
from user.lib.launch import execute
from user.lib.report import report, report_error
from user.lib.shell.fields import Field
from user.lib.shell.jobs import set_group
from user.lib.shell.state import Shell
from user.lib.standard import standard
from user.lib.words import WordTable

NOT_FOUND_STATUS: i32 = 127
CANNOT_RUN_STATUS: i32 = 126
SHELL_PATH: bytes = b"/bin/sh"

JOB_SIGNALS: tuple[i32, ...] = (SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU)
"""What an interactive shell ignores and its children do not."""


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
        for signal in JOB_SIGNALS:
            set_action(signal, SIG_DFL)
    unblock_interrupt()
    shell.jobs.forget_all()
    shell.is_interactive = False


def prepare_interactive() -> None:
    """Makes an interactive shell immune to the signals of the keyboard.

    ^C is blocked, not ignored: the shell looks between commands whether it is pending.
    """
    for signal in JOB_SIGNALS:
        set_action(signal, SIG_IGN)
    block(SIGINT)


def take_interrupt() -> bool:
    """Whether ^C came since the last call, in an interactive shell."""
    pending = SigSet()
    try:
        sys.rt_sigpending(pending)
    except OSError:
        return False
    if pending.bits & signal_bit(SIGINT) == 0:
        return False
    drop_pending()
    return True


def drop_pending() -> None:
    """Takes a pending ^C away: ignoring a signal discards it."""
    set_action(SIGINT, SIG_IGN)
    set_action(SIGINT, SIG_DFL)


def set_action(signal: i32, handler: u64) -> None:
    """Sets what a signal does."""
    action = SigAction()
    action.handler = handler
    try:
        sys.rt_sigaction(signal, action, None)
    except OSError:
        return


def block(signal: i32) -> None:
    """Blocks exactly one signal."""
    set_mask(signal_bit(signal))


def unblock_interrupt() -> None:
    """Blocks no signal."""
    set_mask(0)


def set_mask(bits: u64) -> None:
    """Sets which signals are blocked."""
    mask = SigSet(bits)
    try:
        sys.rt_sigprocmask(SIG_SETMASK, mask, None)
    except OSError:
        return


def signal_bit(signal: i32) -> u64:
    """Returns the bit of a signal in a set."""
    return u64(1) << (signal - 1)


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
