"""The settings that a terminal starts with: those that `stty sane` gives. termios(3)."""

from __future__ import annotations

from abi.terminal import (
    B115200,
    CREAD,
    CS8,
    ECHO,
    ECHOCTL,
    ECHOE,
    ECHOK,
    ECHOKE,
    HUPCL,
    ICANON,
    ICRNL,
    IEXTEN,
    ISIG,
    IUTF8,
    ONLCR,
    OPOST,
    VDISCARD,
    VEOF,
    VERASE,
    VINTR,
    VKILL,
    VLNEXT,
    VMIN,
    VQUIT,
    VREPRINT,
    VSTART,
    VSTOP,
    VSUSP,
    VWERASE,
    Termios,
)
from bare import u8

CONTROL: u8 = 0x40
"""Control characters are letters less this: ^C is 0x43 - 0x40."""
DELETE: u8 = 0x7F
BACKSPACE: u8 = 0x08
NEWLINE: u8 = 0x0A
RETURN: u8 = 0x0D
TAB: u8 = 0x09
SPACE: u8 = 0x20
DISABLED: u8 = 0
"""A control character with this value is switched off."""


def set_defaults(settings: Termios) -> None:
    """Sets what a fresh terminal has."""
    settings.input = ICRNL | IUTF8
    settings.output = OPOST | ONLCR
    settings.control_modes = B115200 | CS8 | CREAD | HUPCL
    settings.local = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE
    control = settings.control
    control[VINTR] = 3
    control[VQUIT] = 28
    control[VERASE] = DELETE
    control[VKILL] = 21
    control[VEOF] = 4
    control[VMIN] = 1
    control[VSTART] = 17
    control[VSTOP] = 19
    control[VSUSP] = 26
    control[VREPRINT] = 18
    control[VDISCARD] = 15
    control[VWERASE] = 23
    control[VLNEXT] = 22
