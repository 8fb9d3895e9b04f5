"""Diagnostics: their text, their table, and that all errors come at once."""

from __future__ import annotations

import re
from pathlib import Path

from compiler.frontend.codes import CODES
from compiler.frontend.diagnostics import Diagnostic, Label, render
from compiler.frontend.source import Source
from compiler.ir.spans import Span
from tests.compiler.sources import checked, errors

FRONTEND = Path(__file__).parents[2] / "compiler"


def test_text_marks_the_place() -> None:
    source = Source("sample.py", 'x = 1\nname = "é" + total\n')
    found = Diagnostic(
        "E0301", "sample.py", Span(2, 14, 2, 19), "wrong", "write it", (
            Label("sample.py", Span(1, 0, 1, 1), "from here"),
        ),
    )  # fmt: skip
    assert render(found, lambda path: source).splitlines() == [
        "sample.py:2:14: error[E0301]: wrong",
        ' 2 | name = "é" + total',
        "   |              ^^^^^",
        "sample.py:1:1: note: from here",
        " 1 | x = 1",
        "   | -",
        "help: write it",
    ]


def test_text_marks_to_the_end_of_the_first_line() -> None:
    source = Source("sample.py", "\tcall(\n1)\n")
    found = Diagnostic("E0301", "sample.py", Span(1, 1, 2, 2), "wrong", "")
    assert render(found, lambda path: source).splitlines()[1:] == [" 1 | \tcall(", "   | \t^^^^^"]


def test_every_code_is_used_and_every_used_code_is_in_the_table() -> None:
    texts = [path.read_text() for path in sorted(FRONTEND.rglob("*.py")) if path.name != "codes.py"]
    used = set(re.findall(r'"(E\d{4})"', "\n".join(texts)))
    assert sorted(used - set(CODES)) == []
    assert sorted(set(CODES) - used) == []


def test_every_code_has_cause_and_cure() -> None:
    for code, entry in CODES.items():
        assert entry.title and entry.cause.endswith(".") and entry.cure, code


def test_all_errors_of_a_module_come_at_once(tmp_path: Path) -> None:
    source = """
from bare import u8, u32
def f(a: u32) -> u8:
    b: u8 = a
    c = unknown
    d = c + b
    return 256
def g() -> u32:
    return missing
"""
    found = errors(tmp_path, source)
    assert found == [("E0303", 4), ("E0201", 5), ("E0305", 7), ("E0201", 9)]


def test_messages_use_the_plain_names_of_classes(tmp_path: Path) -> None:
    source = """
from bare import struct, u32
@struct
class Point:
    x: u32
def f(point: Point) -> u32:
    return point
"""
    (found,) = checked(tmp_path, source).diagnostics.sorted()
    assert found.message == "expected u32, got Point"


def test_a_failing_module_level_is_reported_where_it_failed(tmp_path: Path) -> None:
    source = """
from bare import u32
def half(n: u32) -> u32:
    return n // 0
TABLE = tuple(half(n) for n in range(3))
"""
    (found,) = checked(tmp_path, source).diagnostics.sorted()
    assert (found.code, found.span.line) == ("E0003", 5)
    assert "ZeroDivisionError" in found.message


def test_a_syntax_error_is_a_diagnostic(tmp_path: Path) -> None:
    assert errors(tmp_path, "\ndef f(:\n    pass\n") == [("E0001", 2)]


def test_a_missing_module_is_a_diagnostic(tmp_path: Path) -> None:
    found = errors(tmp_path, "\nfrom nowhere.at_all import thing\n")
    assert [code for code, _ in found] == ["E0003"]
