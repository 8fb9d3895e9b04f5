"""Recursion without end traps when the stack is used up."""

from __future__ import annotations

from bare import u64


def depth(number: u64) -> u64:
    """Never comes back."""
    return depth(number + 1) + 1


def main() -> None:
    """Recurses."""
    print("down")
    print(depth(0))
