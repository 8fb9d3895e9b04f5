"""The terminal of a program: whether there is one, its size, raw input, waiting for a key."""

from __future__ import annotations

from abi.poll import POLLIN, PollFd
from abi.terminal import (
    ECHO,
    ICANON,
    ISIG,
    IXON,
    TCGETS,
    TCSETS,
    TIOCGWINSZ,
    TIOCSPGRP,
    TIOCSWINSZ,
    VMIN,
    VTIME,
    Termios,
    WindowSize,
)
from abi.time import NS_PER_SECOND, TimeSpec
from bare import Array, array, copy_struct, i32, i64, inline, invert, raises, struct, u8, u64
from bare.unsafe import address_of
from user.lib import sys

DEFAULT_ROWS = 24
UNLIMITED_COLUMNS = 0x7FFF


def is_terminal(descriptor: i32) -> bool:
    """Whether a descriptor is a terminal."""
    modes = Termios()
    try:
        # SAFETY: TCGETS writes one Termios, which lives in this frame.
        sys.ioctl(descriptor, TCGETS, address_of(modes))
    except OSError:
        return False
    return True


def window_size(descriptor: i32, size: WindowSize) -> None:
    """Asks for the size; 24 rows without end where nobody knows: a serial line does not tell."""
    try:
        # SAFETY: TIOCGWINSZ writes one WindowSize, which the caller holds.
        sys.ioctl(descriptor, TIOCGWINSZ, address_of(size))
    except OSError:
        size.rows = 0
    if size.rows == 0 or size.columns == 0:
        size.rows = DEFAULT_ROWS
        size.columns = UNLIMITED_COLUMNS


@struct
class RawTerminal:
    """Input by the byte, without echo or line editing, between `enter` and `leave`."""

    descriptor: i32 = 0
    saved: Termios = inline()
    modes: Termios = inline()

    @raises()
    def enter(self, with_signals: bool) -> None:
        """Switches to raw input; ^C still interrupts if `with_signals`. ENOTTY without one."""
        # SAFETY: TCGETS writes one Termios and TCSETS reads one; both are fields of this object.
        sys.ioctl(self.descriptor, TCGETS, address_of(self.saved))
        copy_struct(self.modes, self.saved)
        self.modes.local &= invert(ICANON | ECHO)
        if not with_signals:
            self.modes.local &= invert(ISIG)
        self.modes.input &= invert(IXON)
        self.modes.control[VMIN] = 1
        self.modes.control[VTIME] = 0
        sys.ioctl(self.descriptor, TCSETS, address_of(self.modes))

    def leave(self) -> None:
        """Restores what was before `enter`."""
        try:
            # SAFETY: TCSETS reads one Termios.
            sys.ioctl(self.descriptor, TCSETS, address_of(self.saved))
        except OSError:
            pass


def set_foreground_group(descriptor: i32, group: i32) -> None:
    """Makes a process group the terminal's foreground group; that it cannot be is no error."""
    number: Array[i32] = array(1)
    number[0] = group
    try:
        # SAFETY: TIOCSPGRP reads one integer, which lives in this frame.
        sys.ioctl(descriptor, TIOCSPGRP, address_of(number))
    except OSError:
        return


@raises()
def ask_for_redraw(descriptor: i32) -> None:
    """Has who draws on a terminal draw again, as after a change of its size: SIGWINCH."""
    size = WindowSize()
    # SAFETY: TIOCGWINSZ writes one WindowSize and TIOCSWINSZ reads one, which lives in this frame.
    sys.ioctl(descriptor, TIOCGWINSZ, address_of(size))
    sys.ioctl(descriptor, TIOCSWINSZ, address_of(size))


@raises()
def wait_for_input(descriptor: i32, timeout_ns: u64) -> bool:
    """Waits until something can be read or the time is over; True in the first case."""
    polled: Array[PollFd] = array(1)
    polled[0].fd = descriptor
    polled[0].events = POLLIN
    timeout = TimeSpec(i64(timeout_ns // NS_PER_SECOND), i64(timeout_ns % NS_PER_SECOND))
    return sys.ppoll(polled[:], timeout, None) > 0


@raises()
def read_key(descriptor: i32) -> i32:
    """Reads one byte; -1 at the end of the input."""
    byte: Array[u8] = array(1)
    if sys.read(descriptor, byte[:]) == 0:
        return -1
    return i32(byte[0])
