"""true - do nothing, successfully.

usage: true
"""

from __future__ import annotations

from bare import i32
from user.lib.arguments import Arguments


def main(arguments: Arguments) -> i32:
    """Returns 0."""
    return 0
