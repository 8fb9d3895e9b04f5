"""The status words of `wait4`. Linux, include/uapi/linux/wait.h."""

from __future__ import annotations

from bare import i32

SIGNALLED = 128


def has_stopped(status: i32) -> bool:
    """Whether a process has stopped, not ended."""
    return status & 0xFF == 0x7F


def killing_signal(status: i32) -> i32:
    """Returns the signal that killed or stopped a process, 0 where it ended by itself."""
    if has_stopped(status):
        return status >> 8 & 0xFF
    return status & 0x7F


def ended_status(status: i32) -> i32:
    """Returns the value of `$?` for a process that has ended."""
    if status & 0x7F == 0:
        return status >> 8 & 0xFF
    return SIGNALLED + killing_signal(status)
