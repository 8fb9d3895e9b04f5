"""`SignalState`: what a process does with signals and which of them wait. Pure data, no locks.

Standard signals are not queued: one more of a kind that waits is dropped. Sets are `u64` with bit n
- 1 for signal n. Real-time signals (32 to 64) behave like standard ones and carry no sender.
"""

from __future__ import annotations

from abi.signal import (
    SIG_DFL,
    SIG_IGN,
    SIGCHLD,
    SIGCONT,
    SIGKILL,
    SIGNAL_COUNT,
    SIGSTOP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGURG,
    SIGWINCH,
    SigAction,
    SigStack,
)
from bare import (
    Array,
    Enum8,
    array,
    copy_struct,
    i32,
    inline,
    invert,
    struct,
    trailing_zeros,
    u32,
    u64,
)

STANDARD_SIGNALS = 32


class DefaultAction(Enum8):
    """What a signal does that the program has not changed."""

    TERMINATE = 0
    IGNORE = 1
    STOP = 2
    CONTINUE = 3


@struct
class SignalDetail:
    """Where a pending signal came from: what `siginfo_t` tells the handler."""

    code: i32 = 0
    pid: i32 = 0
    uid: u32 = 0
    status: i32 = 0
    address: u64 = 0


@struct
class SignalState:
    """The signals of one process."""

    actions: Array[SigAction] = array(SIGNAL_COUNT)
    pending: u64 = 0
    blocked: u64 = 0
    suspended_mask: u64 = 0
    """The mask to go back to after `rt_sigsuspend` or `ppoll`, if `is_suspended`."""
    is_suspended: bool = False
    awaited: u64 = 0
    """Blocked signals that `rt_sigtimedwait` waits for."""
    details: Array[SignalDetail] = array(STANDARD_SIGNALS)
    alternate: SigStack = inline()

    def add(self, signal: i32, detail: SignalDetail) -> None:
        """Makes a signal pending, unless one of its kind is."""
        bit = signal_bit(signal)
        if self.pending & bit != 0:
            return
        self.pending |= bit
        if signal < STANDARD_SIGNALS:
            copy_struct(self.details[signal], detail)

    def remove(self, signals: u64) -> None:
        """Drops pending signals."""
        self.pending &= invert(signals)

    def deliverable(self) -> u64:
        """Returns the pending signals that are not blocked."""
        return self.pending & invert(self.blocked)

    def first_deliverable(self) -> i32:
        """Returns the signal to be delivered next, SIGKILL before all others; 0 if there is none.
        """
        ready = self.deliverable()
        if ready == 0:
            return 0
        if ready & signal_bit(SIGKILL) != 0:
            return SIGKILL
        return i32(trailing_zeros(ready)) + 1

    def set_blocked(self, mask: u64) -> None:
        """Blocks exactly `mask`; SIGKILL and SIGSTOP are never blocked."""
        self.blocked = mask & invert(UNBLOCKABLE)

    def action(self, signal: i32) -> SigAction:
        """Returns what a signal does."""
        return self.actions[signal - 1]

    def is_ignored(self, signal: i32) -> bool:
        """Whether a signal that comes now would have no effect at all."""
        handler = self.action(signal).handler
        if handler == SIG_IGN:
            return True
        return handler == SIG_DFL and default_action(signal) == DefaultAction.IGNORE

    def is_fatal(self, signal: i32) -> bool:
        """Whether the delivery of a signal would end the process."""
        if self.action(signal).handler != SIG_DFL:
            return False
        return default_action(signal) == DefaultAction.TERMINATE

    def has_fatal(self) -> bool:
        """Whether a signal that is due ends the process."""
        ready = self.deliverable()
        while ready != 0:
            if self.is_fatal(i32(trailing_zeros(ready)) + 1):
                return True
            ready &= ready - 1
        return False

    def reset_for_exec(self) -> None:
        """Sets caught signals back to their default, as a new program expects."""
        for action in self.actions:
            if action.handler > SIG_IGN:
                action.handler = SIG_DFL
            action.flags = 0
            action.mask = 0
        self.alternate.base = 0
        self.alternate.size = 0
        self.alternate.flags = 0

    def inherit(self, parent: SignalState) -> None:
        """Takes a parent's dispositions and mask; nothing is pending."""
        copy_struct(self, parent)
        self.pending = 0
        self.is_suspended = False


def signal_bit(signal: i32) -> u64:
    """Returns the set that holds one signal, 1 to 64."""
    return 1 << (u64(signal) - 1)


def is_signal(signal: i32) -> bool:
    """Whether there is such a signal."""
    return 1 <= signal <= SIGNAL_COUNT


UNBLOCKABLE: u64 = (1 << (SIGKILL - 1)) | (1 << (SIGSTOP - 1))
STOPPING: u64 = (
    (1 << (SIGSTOP - 1)) | (1 << (SIGTSTP - 1)) | (1 << (SIGTTIN - 1)) | (1 << (SIGTTOU - 1))
)


def default_action(signal: i32) -> DefaultAction:
    """Returns what a signal does by default. signal(7)."""
    if signal in (SIGCHLD, SIGURG, SIGWINCH):
        return DefaultAction.IGNORE
    if signal == SIGCONT:
        return DefaultAction.CONTINUE
    if signal_bit(signal) & STOPPING != 0:
        return DefaultAction.STOP
    return DefaultAction.TERMINATE
