"""What can go wrong in the tools, with the exit code that each kind has.

Every error carries its cure: what to do next, as a sentence or a command. The codes are part of the
command line's contract: 0 good, 1 product failure, 2 usage, 3 refused, 4 environment missing,
5 harness error.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The meaning of the exit status of every subcommand."""

    GOOD = 0
    PRODUCT = 1
    USAGE = 2
    REFUSED = 3
    ENVIRONMENT = 4
    HARNESS = 5


class ToolError(Exception):
    """Base of all expected failures: `message` says what failed, `cure` what to do about it."""

    exit_code = ExitCode.HARNESS

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


class ProductError(ToolError):
    """The system under construction is wrong: a build error, a panic, a missed marker."""

    exit_code = ExitCode.PRODUCT


class UsageError(ToolError):
    """The command line asks for something that does not exist."""

    exit_code = ExitCode.USAGE


class RefusedError(ToolError):
    """The request is understood and declined: not comparable, unsupported claim."""

    exit_code = ExitCode.REFUSED


class MissingToolError(ToolError):
    """A program, package or file of the host is absent or too old."""

    exit_code = ExitCode.ENVIRONMENT


class HarnessError(ToolError):
    """The test bench itself failed: no verdict about the product can be drawn."""

    exit_code = ExitCode.HARNESS
