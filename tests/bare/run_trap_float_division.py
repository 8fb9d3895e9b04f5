"""Division of floats by zero traps too."""

from __future__ import annotations

from bare import f32


def divide(left: f32, right: f32) -> f32:
    """Divides."""
    return left / right


def main() -> None:
    """Divides by two, then by zero."""
    print(f"{divide(5.0, 2.0):.2f}")
    print(f"{divide(5.0, 0.0):.2f}")
