"""^C in an interactive shell, and what else of signals it waits for.

^C (SIGINT) is blocked, not ignored: the shell looks between commands whether it is pending, so that
no command of its own is torn apart. What blocks for long lets it through: `wait_for_input` for
`read`, `wait_for_child` for `wait`. SIGWINCH, which asks for the line to be drawn again, comes
through in `wait_for_key` alone.
"""

from __future__ import annotations

from abi.errno import EINTR
from abi.poll import POLLIN, PollFd
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
    SIGWINCH,
    SigAction,
    SigSet,
)
from bare import Array, array, errno_of, i32, raises, u64
from bare.unsafe import function_address
from user.lib import sys

JOB_SIGNALS: tuple[i32, ...] = (SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU)
"""What an interactive shell ignores and its children do not."""


def prepare_interactive() -> None:
    """Makes an interactive shell immune to the signals of the keyboard.

    SIGCHLD is blocked too, so that `wait_for_child` does not miss one.
    """
    for signal in JOB_SIGNALS:
        set_action(signal, SIG_IGN)
    set_action(SIGWINCH, function_address(ignore_signal))
    set_mask(signal_bit(SIGINT) | signal_bit(SIGCHLD) | signal_bit(SIGWINCH))


def prepare_child(has_job_control: bool) -> None:
    """Undoes in a child what the interactive shell set for itself."""
    if has_job_control:
        for signal in JOB_SIGNALS:
            set_action(signal, SIG_DFL)
    set_mask(0)


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


@raises()
def wait_for_child() -> None:
    """Waits until a child has changed, perhaps before this call. EINTR: ^C came instead."""
    wanted = SigSet(signal_bit(SIGINT) | signal_bit(SIGCHLD))
    if sys.rt_sigtimedwait(wanted, None, None) == SIGINT:
        raise OSError(EINTR)


@raises()
def wait_for_input(descriptor: i32) -> None:
    """Waits until a descriptor can be read. EINTR: ^C came instead.

    Only inside the call is ^C unblocked, and there it must be caught, as it would end the shell.
    """
    polled: Array[PollFd] = array(1)
    polled[0].fd = descriptor
    polled[0].events = POLLIN
    set_action(SIGINT, function_address(ignore_signal))
    try:
        sys.ppoll(polled[:], None, SigSet(signal_bit(SIGCHLD) | signal_bit(SIGWINCH)))
    finally:
        set_action(SIGINT, SIG_DFL)


def wait_for_key(descriptor: i32) -> bool:
    """Waits until a key can be read; False: the line is to be drawn again instead."""
    polled: Array[PollFd] = array(1)
    polled[0].fd = descriptor
    polled[0].events = POLLIN
    try:
        sys.ppoll(polled[:], None, SigSet(signal_bit(SIGINT) | signal_bit(SIGCHLD)))
    except OSError as error:
        return errno_of(error) != EINTR
    return True


def ignore_signal(signal: i32) -> None:
    """Handles a signal that is there to end a system call."""


def set_action(signal: i32, handler: u64) -> None:
    """Sets what a signal does."""
    action = SigAction()
    action.handler = handler
    try:
        sys.rt_sigaction(signal, action, None)
    except OSError:
        return


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
