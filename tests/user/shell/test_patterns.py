"""Patterns against fnmatch, arithmetic against Python."""

from __future__ import annotations

import fnmatch
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from tests.kernel.tree import error_of

rig = bare.load("tests/user/shell/rig.py")
PIECES = st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "[a-c]", "**"])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join), st.text(alphabet="abcd", max_size=8))
def test_patterns_agree_with_fnmatch(pattern: str, name: str) -> None:
    marks = bytes(len(pattern))
    expected = fnmatch.fnmatchcase(name, pattern)
    assert rig.matches(pattern.encode(), marks, name.encode()) == expected


def test_many_stars_take_no_long_time() -> None:
    pattern = b"a*" * 30 + b"b"
    assert not rig.matches(pattern, bytes(len(pattern)), b"a" * 300)


@pytest.mark.parametrize(
    ("pattern", "marks", "name", "expected"),
    [
        (b"*", b"\1", b"*", True),
        (b"*", b"\1", b"x", False),
        (b"[a]", b"\1\0\0", b"[a]", True),
        (b"[]]", b"\0\0\0", b"]", True),
        (b"[!]]", b"\0\0\0\0", b"]", False),
        (b"[", b"\0", b"[", True),
        (b"[a", b"\0\0", b"[a", True),
        (b"[a-]", b"\0\0\0\0", b"-", True),
    ],
)
def test_quotes_and_odd_brackets(pattern: bytes, marks: bytes, name: bytes, expected: bool) -> None:
    assert rig.matches(pattern, marks, name) == expected


def wrapped(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


EXPRESSIONS = st.recursive(
    st.one_of(st.integers(0, 1 << 63).map(str), st.sampled_from(["x", "y", "z", "0x1F", "1"])),
    lambda inner: st.one_of(
        st.builds(
            lambda a, operator, b: f"({a} {operator} {b})",
            inner,
            st.sampled_from(["+", "-", "*", "&", "|", "^", "==", "!=", "<", "<=", ">", ">="]),
            inner,
        ),
        inner.map(lambda a: f"-{a}"),
        inner.map(lambda a: f"~{a}"),
    ),
    max_leaves=8,
)


class Wrapping(int):
    """A 64-bit number that wraps, for `eval`."""

    def _as(self, value: int) -> Wrapping:
        return Wrapping(wrapped(value))

    def __add__(self, other: Any) -> Wrapping:
        return self._as(int(self) + int(other))

    def __sub__(self, other: Any) -> Wrapping:
        return self._as(int(self) - int(other))

    def __mul__(self, other: Any) -> Wrapping:
        return self._as(int(self) * int(other))

    def __neg__(self) -> Wrapping:
        return self._as(-int(self))

    def __invert__(self) -> Wrapping:
        return self._as(~int(self))


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_arithmetic_agrees_with_python(expression: str) -> None:
    text = re.sub(r"0x1F|\b\d+\b", lambda m: f"W({m.group()})", expression)
    names = {
        "W": lambda v: Wrapping(wrapped(v)),
        "x": Wrapping(5),
        "y": Wrapping(-3),
        "z": Wrapping(0),
    }
    assert rig.compute(expression.encode()) == wrapped(int(eval(text, names)))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (b"1 + 2 * 3", 7), (b"1 << 2 + 1", 8), (b"7 / -2", -3), (b"-7 % 3", -1), (b"1 ? 2 : 3", 2),
        (b"0 ? 2 : 1 ? 5 : 6", 5), (b"0 && 1 / 0", 0), (b"1 || 1 / 0", 1), (b"", 0), (b" \n", 0),
        (b"2 > 1 == 1", 1), (b"- - 3", 3), (b"!5 + 1", 1),
        (b"-9223372036854775808 / -1", -(1 << 63)),
        (b"-1 >> 1", -1), (b"1 << 64", 1), (b"017", 15),
    ],
)  # fmt: skip
def test_arithmetic_values(expression: bytes, value: int) -> None:
    assert rig.compute(expression) == value


@pytest.mark.parametrize("expression", [b"1 +", b"(1", b"1 2", b"a b", b"*", b"08", b"1 ? 2", b"("])
def test_bad_expressions_are_refused(expression: bytes) -> None:
    assert error_of(rig.compute, expression) == "EINVAL"


def test_division_by_zero_is_its_own_error() -> None:
    assert error_of(rig.compute, b"1 / 0") == "EDOM"
    assert error_of(rig.compute, b"1 % (1 - 1)") == "EDOM"


def test_deep_expressions_are_refused() -> None:
    assert error_of(rig.compute, b"(" * 5000 + b"1" + b")" * 5000) == "EINVAL"
    assert error_of(rig.compute, b"-" * 5000 + b"1") == "EINVAL"
