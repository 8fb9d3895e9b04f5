"""false - do nothing, unsuccessfully.

usage: false
"""

from __future__ import annotations

from bare import i32
from user.lib.arguments import Arguments


def main(arguments: Arguments) -> i32:
    """Returns 1."""
    return 1
