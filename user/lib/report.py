"""Messages of a program about itself: `NAME: message` on standard error."""

from __future__ import annotations

from typing import NoReturn

from abi.error_text import strerror
from bare import Bytes, FormatStr, i32, program, text
from user.lib import sys
from user.lib.standard import standard

USAGE_STATUS = 2


def report(message: FormatStr) -> None:
    """Prints `NAME: message` to standard error."""
    errors = standard().errors
    standard().output.flush()
    errors.print(f"{program.NAME}: ")
    errors.line(message)


def report_error(name: Bytes, error: i32) -> None:
    """Prints `NAME: name: the error's text`; an empty name is shown as quotes."""
    shown: Bytes = name if len(name) > 0 else b"''"
    report(f"{text(shown)}: {strerror(error)}")


def usage_error(message: FormatStr) -> NoReturn:
    """Says what is wrong with the arguments and where help is, and ends with status 2."""
    report(message)
    standard().errors.line(f"try '{program.NAME} --help'")
    leave(USAGE_STATUS)


def leave(status: i32) -> NoReturn:
    """Writes what is buffered and ends the program."""
    standard().output.flush()
    standard().errors.flush()
    sys.exit_group(status)
