"""The signals of a server: SIGTERM and ^C are noted, and seen between two waits.

    catch_stop_signals()
    while not stop_is_wanted():
        ... wait with `set_waiting_mask`, which raises EINTR when a signal comes ...
    pass_interrupt_on()

Outside of that wait both signals are blocked, so that none is missed between the question and the
wait.
"""

from __future__ import annotations

from abi.signal import SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIGINT, SIGPIPE, SIGTERM, SigAction, SigSet
from bare import export, raises, struct, u64
from bare.unsafe import function_address, static_object
from user.lib import sys

STOP_SIGNALS: u64 = 1 << (SIGINT - 1) | 1 << (SIGTERM - 1)


@struct
class StopFlag:
    """Whether a signal to stop has come."""

    is_set: bool = False
    signal: u64 = 0
    mask: u64 = 0
    """The signals that were blocked before."""


def stop_flag() -> StopFlag:
    """Returns the one flag."""
    # SAFETY: the handler only sets it, and runs in the wait of the program's one thread.
    return static_object(StopFlag)


@export("swiftos_note_stop")
def note_stop(signal: u64) -> None:
    """The handler: notes that a signal has come."""
    stop_flag().is_set = True
    stop_flag().signal = signal


@raises()
def catch_stop_signals() -> None:
    """Has both signals noted from now on, and only in waits with the mask of `set_waiting_mask`."""
    old = SigSet(0)
    sys.rt_sigprocmask(SIG_BLOCK, SigSet(STOP_SIGNALS), old)
    stop_flag().mask = old.bits
    action = SigAction()
    # SAFETY: the handler returns to where the kernel says, and touches only the flag.
    action.handler = function_address(note_stop)
    sys.rt_sigaction(SIGINT, action, None)
    sys.rt_sigaction(SIGTERM, action, None)


@raises()
def ignore_broken_pipes() -> None:
    """Has writing to a connection that is gone raise EPIPE and nothing else."""
    action = SigAction()
    action.handler = SIG_IGN
    sys.rt_sigaction(SIGPIPE, action, None)


def set_waiting_mask(mask: SigSet) -> None:
    """Sets `mask` to the signals that stay blocked in a wait: those that were before."""
    mask.bits = stop_flag().mask


def stop_is_wanted() -> bool:
    """Whether a signal to stop has come."""
    return stop_flag().is_set


@raises()
def pass_interrupt_on() -> None:
    """Where it was ^C that stopped the program, ends it by that signal, as a shell expects.

    For SIGTERM it returns: the program has done what it was told.
    """
    flag = stop_flag()
    if flag.signal != u64(SIGINT):
        return
    sys.rt_sigaction(SIGINT, SigAction(), None)
    sys.kill(sys.getpid(), SIGINT)
    sys.rt_sigprocmask(SIG_SETMASK, SigSet(flag.mask), None)
