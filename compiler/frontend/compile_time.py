"""The parent's side of compile time: runs the clean interpreter and keeps its answers on disk.

An answer depends on the text of the module and of all that it imports, and is stored under the
hash of those.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from compiler.frontend.diagnostics import Diagnostics
from compiler.frontend.loader import LIBRARY_ROOT, Loader, Module
from compiler.ir.spans import Span

Facts = dict[str, Any]
CHANGED = "changed layouts"
IMPORTER = Path(__file__).with_name("importer.py")


class CompileTime:
    """Facts about module levels, by module name."""

    def __init__(self, loader: Loader, cache_folder: Path | None) -> None:
        self.loader = loader
        self.cache_folder = cache_folder
        self.facts: dict[str, Facts] = {}
        self.changed_layouts: list[str] = []
        """Structs whose layout module level was told before it was final."""
        self._keys: dict[str, str] = {}

    def evaluate(self, diagnostics: Diagnostics) -> None:
        """Finds the facts of every loaded module; failures become diagnostics."""
        missing: list[str] = []
        for name in self.loader.modules:
            if name in self.facts:
                continue
            stored = self._stored(name)
            if stored is None:
                missing.append(name)
            else:
                self.facts[name] = stored
        if not missing:
            return
        answers = self._run(missing)
        self.changed_layouts = answers.pop(CHANGED, [])
        for name, answer in answers.items():
            if isinstance(answer, tuple):
                self._report(name, answer, diagnostics)
                self.facts[name] = empty_facts()
            else:
                self.facts[name] = answer
                if not self.changed_layouts:
                    self._store(name, answer)

    def _run(self, names: list[str]) -> dict[str, Any]:
        roots = [str(root) for root in self.loader.roots]
        ordered = dependencies_first(self.loader.modules)
        command = [sys.executable, "-I", str(IMPORTER), *roots, "--", *names, "--", *ordered]
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
        if done.returncode:
            raise RuntimeError(f"the compile-time interpreter failed: {done.stderr.decode()}")
        answers: dict[str, Any] = marshal.loads(done.stdout)
        return answers

    def _report(self, name: str, answer: tuple[Any, ...], diagnostics: Diagnostics) -> None:
        _, kind, message, file, line = answer
        module = self.loader.modules[name]
        path, place = module.path, Span(1, 0, 1, 0)
        for other in self.loader.modules.values():
            if str(other.file) == file:
                path, text = other.path, other.source.line(line)
                start = len(text) - len(text.lstrip())
                place = Span(line, start, line, len(text))
        if kind == "SyntaxError":
            diagnostics.report("E0001", path, place, message)
        else:
            diagnostics.report("E0003", path, place, f"module level raised {kind}: {message}")

    def key(self, name: str) -> str:
        """Hash of the module's closure."""
        known = self._keys.get(name)
        if known is None:
            digest = hashlib.sha256(vocabulary_digest().encode())
            for module in sorted(closure(self.loader.modules, name)):
                digest.update(f"{module}={self.loader.modules[module].digest};".encode())
            known = self._keys[name] = digest.hexdigest()
        return known

    def _place(self, name: str) -> Path | None:
        if self.cache_folder is None:
            return None
        key = hashlib.sha256(f"{name}:{self.key(name)}".encode()).hexdigest()
        return self.cache_folder / "facts" / key[:2] / key

    def _stored(self, name: str) -> Facts | None:
        place = self._place(name)
        if place is None:
            return None
        try:
            facts: Facts = marshal.loads(place.read_bytes())
        except (OSError, EOFError, ValueError, TypeError):
            return None
        return facts

    def _store(self, name: str, facts: Facts) -> None:
        place = self._place(name)
        if place is None:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(marshal.dumps(facts, 4))
        os.replace(temporary, place)


def empty_facts() -> Facts:
    """Facts of a module whose import failed."""
    return {"names": {}, "classes": {}, "functions": {}, "objects": [], "failed": True}


def closure(modules: dict[str, Module], name: str) -> set[str]:
    """`name` and all modules that it imports, transitively."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current not in seen and current in modules:
            seen.add(current)
            pending += modules[current].imports
    return seen


def dependencies_first(modules: dict[str, Module]) -> list[str]:
    """The names of all modules, each behind what it imports, as far as cycles allow."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    for root in modules:
        stack = [root]
        while stack:
            name = stack[-1]
            entered.add(name)
            ahead = [
                item for item in modules[name].imports if item in modules and item not in entered
            ]
            if ahead:
                stack.append(ahead[0])
                continue
            stack.pop()
            order.setdefault(name)
    return list(order)


@cache
def vocabulary_digest() -> str:
    """Hash of the vocabulary and of the importer: what else an answer depends on."""
    digest = hashlib.sha256()
    files = [IMPORTER, *sorted((LIBRARY_ROOT / "bare").glob("*.py"))]
    files += sorted((LIBRARY_ROOT / "bare").glob("[!l]*/*.py"))
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
