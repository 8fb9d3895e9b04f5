"""Finds the modules of a program and parses them.

A program is a root module and what it imports, transitively. Modules are searched under the
source root, then beside the `bare` package. `bare` itself and the compile-time modules are
vocabulary, not program; `bare.lib` is program.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from compiler.frontend.diagnostics import Diagnostics
from compiler.frontend.source import Source
from compiler.ir.spans import Span

COMPILE_TIME_MODULES = frozenset({"typing", "enum", "collections.abc", "__future__", "abc"})
BARE_LIBRARY_NAMES = {"Allocator": "bare.lib.allocator", "Writer": "bare.lib.writer"}
"""Names that `bare` hands on from modules of the program."""
LIBRARY_ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Module:
    """One parsed module of the program."""

    name: str
    file: Path
    source: Source
    tree: ast.Module
    digest: str
    is_package: bool
    imports: list[str] = field(default_factory=list)
    """Names of the program's modules that it imports, in order."""

    @property
    def path(self) -> str:
        """Path relative to its search root, with forward slashes."""
        return self.source.path


def is_vocabulary(name: str) -> bool:
    """Whether the module is part of the language rather than of the program."""
    if name == "bare" or name.startswith("bare."):
        return not name.startswith("bare.lib.")
    return name in COMPILE_TIME_MODULES


class Loader:
    """Loads the modules reachable from roots; keeps what it parsed."""

    def __init__(self, source_root: Path, diagnostics: Diagnostics) -> None:
        self.roots = [source_root.resolve()]
        if LIBRARY_ROOT not in self.roots:
            self.roots.append(LIBRARY_ROOT)
        self.diagnostics = diagnostics
        self.modules: dict[str, Module] = {}
        self._files: dict[str, Path | None] = {}

    def load(self, name: str) -> Module | None:
        """Loads `name` and its imports; None (and a diagnostic) where it cannot be parsed."""
        pending = [name]
        while pending:
            current = pending.pop()
            if current in self.modules:
                continue
            module = self._parse(current)
            if module is not None:
                self.modules[current] = module
                pending += module.imports
        return self.modules.get(name)

    def find(self, name: str) -> Path | None:
        """The file of module `name` of the program, or None."""
        if name not in self._files:
            self._files[name] = self._search(name)
        return self._files[name]

    def _search(self, name: str) -> Path | None:
        parts = name.split(".")
        for root in self.roots:
            place = root.joinpath(*parts)
            for candidate in (place.with_name(place.name + ".py"), place / "__init__.py"):
                if candidate.is_file():
                    return candidate
        return None

    def _parse(self, name: str) -> Module | None:
        file = self.find(name)
        if file is None:
            self.diagnostics.report(
                "E0002",
                name,
                Span(1, 0, 1, 0),
                f"there is no module {name!r} under the source root",
            )
            return None
        text = file.read_text(encoding="utf-8")
        root = next(root for root in self.roots if file.is_relative_to(root))
        path = file.relative_to(root).as_posix()
        source = Source(path, text)
        try:
            tree = ast.parse(text, filename=path)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(0, (error.offset or 1) - 1)
            span = Span(line, column, line, column + 1)
            self.diagnostics.report("E0001", path, span, error.msg)
            return None
        digest = hashlib.sha256(text.encode()).hexdigest()
        module = Module(name, file, source, tree, digest, file.name == "__init__.py")
        module.imports = self._imports(module)
        return module

    def _imports(self, module: Module) -> list[str]:
        found: dict[str, None] = {}
        for statement in module_statements(module.tree.body):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    self._add(alias.name, found)
            elif isinstance(statement, ast.ImportFrom):
                self._add_from(module, statement, found)
        return list(found)

    def _add(self, name: str, found: dict[str, None]) -> bool:
        if is_vocabulary(name) or self.find(name) is None:
            return False
        found[name] = None
        return True

    def _add_from(self, module: Module, statement: ast.ImportFrom, found: dict[str, None]) -> None:
        base = absolute_name(module, statement)
        if is_vocabulary(base) and base != "bare":
            return
        for alias in statement.names:
            if base == "bare":
                if alias.name in BARE_LIBRARY_NAMES:
                    found[BARE_LIBRARY_NAMES[alias.name]] = None
            elif self.find(f"{base}.{alias.name}") is not None:
                found[f"{base}.{alias.name}"] = None
            else:
                self._add(base, found)


def absolute_name(module: Module, statement: ast.ImportFrom) -> str:
    """The module that a `from` import names, relative ones resolved."""
    if not statement.level:
        return statement.module or ""
    parts = module.name.split(".")
    keep = len(parts) - statement.level + (1 if module.is_package else 0)
    base = parts[:keep]
    return ".".join(base + ([statement.module] if statement.module else []))


def module_statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Module-level statements in order, those under module-level `if` and `try` included."""
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.If):
            found += module_statements(statement.body)
            found += module_statements(statement.orelse)
        else:
            found.append(statement)
    return found
