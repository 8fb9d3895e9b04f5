"""Module level runs once, in a clean interpreter; its answers are kept by content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compiler.frontend import compile_time
from compiler.ir.printer import print_program
from compiler.ir.program import Program
from compiler.pipeline import compile_program
from tests.compiler.sources import write_module

ROOT = Path(__file__).parents[2]
TABLES = """
from bare import struct, u32
def square(n: u32) -> u32:
    return n * n
SQUARES: tuple[u32, ...] = tuple(square(n) for n in range(COUNT))
@struct
class Entry:
    number: u32
    name: str
ENTRIES: tuple[Entry, ...] = (Entry(1, "one"), Entry(2, "two"))
def first() -> str:
    return ENTRIES[0].name
def value(n: u32) -> u32:
    return SQUARES[n]
"""


def build(folder: Path, count: int, cache: Path | None = None) -> Program:
    text = TABLES.replace("COUNT", str(count))
    name = write_module(folder, text)
    return compile_program(name, source_root=folder, roots=("first", "value"), cache=cache)


def test_constants_become_data(tmp_path: Path) -> None:
    program = build(tmp_path, 5)
    squares = program.data["sample.SQUARES"]
    assert squares.value.items == [0, 1, 4, 9, 16]  # type: ignore[union-attr]
    entries = program.data["sample.ENTRIES"]
    assert entries.by_reference
    names = [
        program.data[item.symbol].value.fields["name"]  # type: ignore[union-attr]
        for item in entries.value.items  # type: ignore[union-attr]
    ]
    assert names == [b"one", b"two"]


def test_answers_are_kept_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    runs: list[list[str]] = []
    original = compile_time.CompileTime._run

    def count(self: compile_time.CompileTime, names: list[str]) -> dict[str, object]:
        runs.append(names)
        return original(self, names)

    monkeypatch.setattr(compile_time.CompileTime, "_run", count)
    first = print_program(build(tmp_path, 5, cache))
    assert "sample" in runs[0]
    assert print_program(build(tmp_path, 5, cache)) == first
    assert len(runs) == 1
    changed = build(tmp_path, 6, cache)
    assert runs[1:] == [["sample"]]
    assert len(changed.data["sample.SQUARES"].value.items) == 6  # type: ignore[union-attr]


def test_a_damaged_answer_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = print_program(build(tmp_path, 5, cache))
    for stored in sorted((cache / "facts").rglob("*")):
        if stored.is_file():
            stored.write_bytes(b"\xff")
    assert print_program(build(tmp_path, 5, cache)) == first


def test_same_source_gives_the_same_program(tmp_path: Path) -> None:
    write_module(tmp_path, TABLES.replace("COUNT", "9"))
    script = (
        "import sys; from pathlib import Path; from compiler.pipeline import compile_program;"
        "from compiler.ir.printer import print_program;"
        "root = Path(sys.argv[1]);"
        "program = compile_program('sample', source_root=root, roots=('first', 'value'));"
        "sys.stdout.write(print_program(program))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0]
    assert outputs[0] == outputs[1]


def test_module_level_sees_a_clean_interpreter(tmp_path: Path) -> None:
    text = """
import os
import sys
from bare import u32
CLEAN: u32 = 1 if "pytest" not in sys.modules and "HOME" not in os.environ else 0
def clean() -> u32:
    return CLEAN
"""
    name = write_module(tmp_path, text)
    program = compile_program(name, source_root=tmp_path, roots=("clean",))
    assert "return 1:u32" in print_program(program)
