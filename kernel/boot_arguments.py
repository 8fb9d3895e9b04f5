"""Boot arguments: the words of the device tree's `/chosen` `bootargs`. `docs/architecture.md`
lists them.
"""

from __future__ import annotations

from bare import Bytes, encode, struct, u8, u64, usize

SPACE: u8 = 0x20
MAXIMUM_COUNT = 1_000_000_000
"""Numbers above are not believed."""


@struct
class BootArguments:
    """What the words say."""

    has_semihosting: bool = False
    is_quiet: bool = False
    init: Bytes = b"/sbin/init"
    fail_allocation: u64 = 0
    """Which allocation of frames or objects is to fail, counted from 1; 0 for none."""

    def parse(self, line: Bytes) -> None:
        """Takes the words of a command line; unknown ones are nobody's business here."""
        start: usize = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end] != SPACE:
                end += 1
            self.take(line[start:end])
            start = end + 1

    def take(self, word: Bytes) -> None:
        """Takes one word."""
        if word == b"semihosting":
            self.has_semihosting = True
        elif word == b"quiet":
            self.is_quiet = True
        elif starts_with(word, "init="):
            self.init = word[len(encode("init=")) :]
        elif starts_with(word, "fail-allocation="):
            self.fail_allocation = number(word[len(encode("fail-allocation=")) :])


def starts_with(word: Bytes, prefix: str) -> bool:
    """Whether a word begins with a prefix."""
    wanted = encode(prefix)
    return len(word) >= len(wanted) and word[: len(wanted)] == wanted


def number(digits: Bytes) -> u64:
    """Returns a decimal number, 0 where it is none."""
    value: u64 = 0
    for digit in digits:
        if digit < 0x30 or digit > 0x39 or value > MAXIMUM_COUNT:
            return 0
        value = value * 10 + (digit - 0x30)
    return value
