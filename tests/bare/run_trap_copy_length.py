"""copy_from of another length traps."""

from __future__ import annotations

from bare import Array, Span, array, u8


def copy(target: Span[u8], source: Span[u8]) -> None:
    """Copies."""
    target.copy_from(source)
    print("copied", len(source))


def main() -> None:
    """Copies four bytes, then three into four."""
    values: Array[u8] = array(8)
    copy(values[:4], values[4:])
    copy(values[:4], values[5:])
