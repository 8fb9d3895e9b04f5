"""Each `invalid_*` program gives exactly the diagnostics that the comments at its end say.

    # error[CODE] LINE:FIRST-LAST: message
    #   note LINE: text
    #   help: what to write instead

Columns are counted from 1 in characters, the last one included.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler.frontend.diagnostics import Diagnostic
from compiler.frontend.front_end import FrontEnd
from compiler.pipeline import check_modules

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PROGRAMS = sorted(path.stem for path in FOLDER.glob("invalid_*.py"))
EXPECTATION = re.compile(r"#( error\[|   note |   help: )")


def expected(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.py").read_text().splitlines()
    return [line for line in lines if EXPECTATION.match(line)]


def spelled(diagnostic: Diagnostic, front_end: FrontEnd) -> list[str]:
    span = diagnostic.span
    source = front_end.source_of(diagnostic.path)
    assert source is not None
    first = source.character_column(span.line, span.column) + 1
    last = source.character_column(span.end_line, span.end_column)
    end = f"{last}" if span.line == span.end_line else f"{span.end_line}:{last}"
    lines = [f"# error[{diagnostic.code}] {span.line}:{first}-{end}: {diagnostic.message}"]
    lines += [f"#   note {label.span.line}: {label.text}" for label in diagnostic.labels]
    return [*lines, f"#   help: {diagnostic.help}"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_diagnostics_are_those_of_the_comments(name: str, tmp_path: Path) -> None:
    cache = tmp_path.parent / "compile-time"
    front_end = check_modules([f"tests.bare.{name}"], source_root=ROOT, cache=cache)
    found = front_end.diagnostics.sorted()
    assert {item.path for item in found} == {f"tests/bare/{name}.py"}
    lines = [line for item in found for line in spelled(item, front_end)]
    assert lines == expected(name)
