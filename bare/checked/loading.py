"""`load`: a Bare Python module as an object that tests can use."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from bare.checked.library import SOURCE_ROOT, library
from bare.checked.machine import Machine
from bare.checked.memory import Memory
from bare.checked.program import CheckedProgram


class LoadedModule:
    """One module of a checked program: its functions, classes, enumerations and constants."""

    def __init__(self, program: CheckedProgram, name: str) -> None:
        self._program = program
        self._name = name

    @property
    def program(self) -> CheckedProgram:
        """The program, with its memory and machine."""
        return self._program

    def module(self, name: str) -> LoadedModule:
        """Returns another module of the same program."""
        return LoadedModule(self._program, name)

    def __getattr__(self, name: str) -> Any:
        symbol = f"{self._name}.{name}"
        if symbol in self._program.ir.functions:
            return self._program.outside(symbol)
        if symbol in self._program.ir.structs:
            return self._program.classes.of(symbol)
        return getattr(self._program.module(self._name), name)

    def instance(self, name: str) -> Any:
        """Returns an instance of a generic class or function, such as "Pool[kernel.task.Task]"."""
        return self.__getattr__(name)

    def __repr__(self) -> str:
        return f"<checked module {self._name}>"


def module_name(target: str | Path | ModuleType, source_root: Path) -> str:
    """Returns the dotted name of a module given as a path, a name or an imported module."""
    if isinstance(target, ModuleType):
        return target.__name__
    text = str(target)
    if not text.endswith(".py"):
        return text
    path = Path(text)
    absolute = path if path.is_absolute() else source_root / path
    parts = absolute.resolve().relative_to(source_root.resolve()).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def load(
    target: str | Path | ModuleType,
    *others: str | Path | ModuleType,
    source_root: Path = SOURCE_ROOT,
    memory: Memory | None = None,
    machine: Machine | None = None,
) -> LoadedModule:
    """Types a module and all that it imports, and returns it for checked execution.

    `others` become part of the same program, with all their functions; `loaded.module(name)` gives
    them. Raises `compiler.frontend.diagnostics.CompileError` with every error found. Each call
    makes a program of its own, with its own classes and memory; what was typed before is reused.
    """
    root = source_root.resolve()
    names = tuple(module_name(one, root) for one in (target, *others))
    checked = CheckedProgram(library(names, root), root, memory or Memory(), machine or Machine())
    return LoadedModule(checked, names[0])
