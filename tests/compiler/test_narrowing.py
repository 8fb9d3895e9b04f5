"""What tests of None and of the class prove, and how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.sources import errors

NODES = """
from bare import struct, u32

@struct
class Shape:
    value: u32 = 0
    next: Shape | None = None
    count: u32 = 0

    def area(self) -> u32:
        return 1

@struct
class Square(Shape):
    side: u32 = 0

    def area(self) -> u32:
        return self.side

def touch(shape: Shape) -> None:
    shape.next = None
"""

ALLOWED = {
    "early return": """
def f(x: Shape | None) -> u32:
    if x is None:
        return 0
    return x.value
""",
    "both operands of and": """
def f(x: Shape | None, y: Shape | None) -> u32:
    if x is not None and y is not None and x.value < y.value:
        return x.value
    return 0
""",
    "or that leaves": """
def f(x: Shape | None) -> u32:
    if x is None or x.value == 0:
        return 0
    return x.value
""",
    "not": """
def f(x: Shape | None) -> u32:
    return 0 if not (x is not None) else x.value
""",
    "a loop over a list": """
def f(x: Shape | None) -> u32:
    total: u32 = 0
    while x is not None:
        total += x.value
        x = x.next
    return total
""",
    "a loop that always assigns something": """
def f(x: Shape | None, y: Shape) -> u32:
    assert x is not None
    while x.value < 9:
        x.value += 1
        x = y
    return x.value
""",
    "a loop that continues with something": """
def f(x: Shape | None, y: Shape) -> u32:
    if x is None:
        x = y
    while True:
        if x.value == 3:
            x = y
            continue
        return x.value
""",
    "a field until something of that name is stored": """
def f(x: Shape) -> u32:
    if x.next is not None:
        x.count = 1
        return x.next.value
    return 0
""",
    "a field that was just stored": """
def f(x: Shape, y: Shape) -> u32:
    x.next = y
    return x.next.value
""",
    "the class after isinstance in a loop": """
def f(x: Shape | None) -> u32:
    total: u32 = 0
    while x is not None:
        if isinstance(x, Square):
            total += x.side
        x = x.next
    return total
""",
    "a branch that calls and returns": """
def f(x: Shape | None) -> u32:
    if x is None:
        tell()
        return 0
    return x.value

def tell() -> None:
    pass
""",
}

REFUSED = {
    "without a test": """
def f(x: Shape | None) -> u32:
    return x.value  # here
""",
    "after one of two ways": """
def f(x: Shape | None, flag: bool) -> u32:
    if flag:
        assert x is not None
    return x.value  # here
""",
    "the wrong side of or": """
def f(x: Shape | None) -> u32:
    if x is not None or touched():
        return x.value  # here
    return 0

def touched() -> bool:
    return True
""",
    "a field after a call": """
def f(x: Shape) -> u32:
    if x.next is not None:
        touch(x)
        return x.next.value  # here
    return 0
""",
    "a field after a store through another reference": """
def f(x: Shape, y: Shape) -> u32:
    if x.next is not None:
        y.next = None
        return x.next.value  # here
    return 0
""",
    "a field of a local that changed": """
def f(x: Shape, y: Shape) -> u32:
    if x.next is not None:
        x = y
        return x.next.value  # here
    return 0
""",
    "the second turn of a loop": """
def f(x: Shape | None) -> u32:
    assert x is not None
    total: u32 = 0
    while total < 9:
        total += x.value  # here
        if total == 3:
            x = None
    return total
""",
    "the class after the test": """
def f(x: Shape) -> u32:
    if isinstance(x, Square):
        touch(x)
    return x.side  # here
""",
    "a handler after an assignment in the body": """
def f(x: Shape | None) -> u32:
    assert x is not None
    try:
        x = None
        fail()
    except OSError:
        return x.value  # here
    return 0

def fail() -> None:
    pass
""",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allows(name: str, tmp_path: Path) -> None:
    assert errors(tmp_path, NODES + ALLOWED[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, tmp_path: Path) -> None:
    lines = (NODES + REFUSED[name]).splitlines()
    (place,) = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    found = errors(tmp_path, NODES + REFUSED[name])
    assert [line for _, line in found] == [place]
    assert {code for code, _ in found} <= {"E0311", "E0203"}
