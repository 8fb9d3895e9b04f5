"""Module level holds constants: a function neither rebinds a name nor stores into an object."""

from __future__ import annotations

from bare import struct, u32


@struct
class Counter:
    """A number."""

    value: u32


COUNT: u32 = 0
COUNTER = Counter(0)


def bump() -> None:
    global COUNT
    COUNT = COUNT + 1


def add() -> None:
    COUNTER.value += 1


def set_to(number: u32) -> None:
    COUNTER.value = number

# error[E0103] 20:5-16: `global` is not in Bare Python: a module-level name is a constant
#   help: keep mutable state in a struct that `main` creates and passes down
# error[E0103] 25:5-17: this is part of a constant: module-level objects are read-only
#   help: keep mutable state in a struct that `main` creates and passes down
# error[E0103] 29:5-17: this is part of a constant: module-level objects are read-only
#   help: keep mutable state in a struct that `main` creates and passes down
