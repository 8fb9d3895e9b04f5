"""Reads declarations out of source text: docstrings, documented constants, texts of calls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from swiftos import paths

ANYTHING = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class Constant:
    """A module's constant, its value as it is written, and the text below it."""

    name: str
    value: str
    what: str


def docstring(path: Path) -> str:
    """Returns a module's docstring, or nothing."""
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def constants(path: Path) -> Iterator[Constant]:
    """Yields the constants that a text explains; of several in a row it explains all."""
    waiting: list[tuple[str, str]] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name):
                waiting.append((target.id, ast.unparse(node.value)))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and waiting:
            what = " ".join(str(node.value.value).split())
            for name, value in waiting:
                yield Constant(name, value, what)
            waiting = []
        else:
            waiting = []


def template(node: ast.expr) -> str | None:
    """Returns a text or f-string with an ellipsis for each value in it; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value.decode() if isinstance(node.value, bytes) else node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [
        str(part.value) if isinstance(part, ast.Constant) else ANYTHING for part in node.values
    ]
    return "".join(parts)


def python_files(*folders: str) -> list[Path]:
    """Returns the modules under folders of the repository, in order."""
    found = [path for name in folders for path in (paths.REPOSITORY / name).rglob("*.py")]
    return sorted(path for path in found if path.name != "__init__.py")


def cell(text: str) -> str:
    """Returns a text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")
