"""A function rebinds a module-level name."""

from __future__ import annotations

from bare import u32

COUNT: u32 = 0


def bump() -> None:
    global COUNT
    COUNT = COUNT + 1

# error[E0103] 11:5-16: `global` is not in Bare Python: a module-level name is a constant
#   help: keep mutable state in a struct that `main` creates and passes down
