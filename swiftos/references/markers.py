"""The page of the serial log: every line that the kernel logs, and those by which services say
what they do. An ellipsis stands for a value."""

import ast
from collections.abc import Iterator
from pathlib import Path

from swiftos import names, paths
from swiftos.references.source import cell, python_files, template

LEVELS = ("info", "warning", "error")
SERVICES = ("init", "network", "llm", "llmd", "httpd", "boot")
USER_FOLDERS = ("user/bin", "user/sbin", "user/lib/llm", "user/lib/llmd", "user/lib/httpd")


def markers_text() -> str:
    """Returns the text of `docs/reference/markers.md`."""
    lines = [
        "# Lines of the serial log",
        "",
        "Written by `swiftos/generate.py` from the calls that print them; do not edit. An ellipsis",
        "stands for a value. `dmesg` shows the kernel's again.",
        "",
        "## That tests and measurements wait for",
        "",
        "| begins with | what | is there |",
        "| --- | --- | --- |",
    ]
    for row in names.of_kind("serial marker"):
        state = "yes" if row.is_built else "not built yet"
        lines.append(f"| `{row.name}` | {cell(row.what)} | {state} |")
    lines += ["", "## From the kernel", "", "| level | line | file |", "| --- | --- | --- |"]
    lines += [f"| {level} | `{cell(text)}` | `{name}` |" for level, text, name in kernel_lines()]
    lines += ["", "## From services and programs", "", "| line | file |", "| --- | --- |"]
    lines += [f"| `{cell(text)}` | `{name}` |" for text, name in service_lines()]
    return "\n".join([*lines, ""])


def kernel_lines() -> Iterator[tuple[str, str, str]]:
    """Yields level, line and file of every call of the kernel's log."""
    for path in python_files("kernel"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_log_call(node.func):
                text = template(node.args[0])
                assert isinstance(node.func, ast.Attribute)
                if text is not None:
                    yield node.func.attr, text, paths.relative(path)


def service_lines() -> list[tuple[str, str]]:
    """Returns line and file of what services print that begins with their name, each once."""
    found: dict[tuple[str, str], None] = {}
    for path in python_files(*USER_FOLDERS):
        for text in _texts(path):
            if text.startswith(tuple(f"{name}: " for name in SERVICES)):
                found[(text.strip(), paths.relative(path))] = None
    return sorted(found)


def _is_log_call(function: ast.expr) -> bool:
    """Whether that is `SOMETHING.log.LEVEL` or `log.LEVEL`."""
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name == "log"


def _texts(path: Path) -> Iterator[str]:
    """Yields the texts of a module that are not docstrings or parts of f-strings."""
    tree = ast.parse(path.read_text())
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in inner or id(node) in comments or not isinstance(node, ast.expr):
            continue
        text = template(node)
        if text is not None:
            yield text
