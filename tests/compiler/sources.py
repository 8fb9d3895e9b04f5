"""Compiles source text that a test holds."""

from __future__ import annotations

import textwrap
from pathlib import Path

from compiler.frontend.front_end import FrontEnd
from compiler.ir.program import Program
from compiler.pipeline import check_modules, compile_program

HEAD = "from __future__ import annotations\n"


def write_module(folder: Path, text: str, name: str = "sample") -> str:
    """Writes a module and returns its name."""
    (folder / f"{name}.py").write_text(HEAD + textwrap.dedent(text))
    return name


def cache_beside(folder: Path) -> Path:
    """Where the tests of one run keep what compile time answered about the library."""
    return folder.parent / "compile-time"


def compiled(folder: Path, text: str, *, keep: tuple[str, ...] = ()) -> Program:
    """The program of a module whose functions `keep` are roots."""
    name = write_module(folder, text)
    return compile_program(name, source_root=folder, roots=keep, cache=cache_beside(folder))


def checked(folder: Path, text: str) -> FrontEnd:
    """The front end after it has checked a module."""
    name = write_module(folder, text)
    return check_modules([name], source_root=folder, cache=cache_beside(folder))


def errors(folder: Path, text: str) -> list[tuple[str, int]]:
    """Code and line of every error; the first line of `text` that is not empty is line 2."""
    found = checked(folder, text.lstrip("\n")).diagnostics.sorted()
    return [(item.code, item.span.line) for item in found]
