"""Reads the repository's own files for tests of its rules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from swiftos import paths

SKIPPED_FOLDERS = frozenset({".git", ".venv", ".cache", "build", "__pycache__"})
CODE_FOLDERS = ("abi", "bare", "bench", "compiler", "kernel", "models", "swiftos", "tests", "user")


@dataclass(frozen=True)
class Import:
    """One imported module name, where it stands, and whether that is inside a function."""

    path: Path
    line: int
    module: str
    names: tuple[str, ...]
    is_in_function: bool

    def __str__(self) -> str:
        return f"{paths.relative(self.path)}:{self.line}: imports {self.module}"


@cache
def files() -> tuple[Path, ...]:
    """Returns the repository's files: those that git tracks or would; all of a plain copy."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    result = subprocess.run(command, cwd=paths.REPOSITORY, capture_output=True, check=False)
    if result.returncode == 0:
        names = result.stdout.decode().split("\0")
        found = [paths.REPOSITORY / name for name in names if name]
    else:
        found = [
            path
            for path in paths.REPOSITORY.rglob("*")
            if not SKIPPED_FOLDERS & set(path.relative_to(paths.REPOSITORY).parts)
        ]
    return tuple(sorted(path for path in found if path.is_file()))


def python_files(*folders: str) -> list[Path]:
    """Returns the Python files under folders; under all code folders when none is named."""
    roots = [paths.REPOSITORY / name for name in folders or CODE_FOLDERS]
    python = [path for path in files() if path.suffix == ".py" and not is_wrong_on_purpose(path)]
    return [path for path in python if any(path.is_relative_to(root) for root in roots)]


def is_wrong_on_purpose(path: Path) -> bool:
    """Says whether a program exists to be refused by the compiler."""
    return path.parent == paths.REPOSITORY / "tests" / "bare" and path.stem.startswith("invalid_")


def module_name(path: Path) -> str:
    """Returns the dotted name of a module's file."""
    parts = path.relative_to(paths.REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parse(path: Path) -> ast.Module:
    """Returns the syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def imports(path: Path) -> Iterator[Import]:
    """Yields every import of a file; `from package import module` also names the module."""
    tree = parse(path)
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, (), id(node) in inner)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = tuple(alias.name for alias in node.names)
            yield Import(path, node.lineno, node.module, names, id(node) in inner)
