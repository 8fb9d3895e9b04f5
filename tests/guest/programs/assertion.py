"""assertion - assert what is not so."""

from __future__ import annotations

from bare import i32
from user.lib.arguments import Arguments


def main(arguments: Arguments) -> i32:
    """Traps with the assertion's text."""
    assert arguments.count == 0, "the name is always there"
    return 0
