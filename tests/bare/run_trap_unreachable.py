"""unreachable() traps."""

from __future__ import annotations

from bare import u32, unreachable


def name(value: u32) -> str:
    """Knows two numbers."""
    result = "one"
    if value == 2:
        result = "two"
    elif value != 1:
        unreachable()
    return result


def main() -> None:
    """Names what it knows, and then what not."""
    print(name(1), name(2))
    print(name(3))
