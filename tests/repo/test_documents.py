"""Documents that cannot rot: cited code exists, folders say what they are."""

import ast
import re
from pathlib import Path

import pytest

from swiftos import paths
from tests.support import tree

ANCHOR = re.compile(r"`(?P<path>[\w./-]+\.\w+):/(?P<pattern>[^`]+)/`")
REQUIRED = (
    "README.md",
    "STYLE.md",
    "LICENSE",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "THIRD-PARTY.md",
)


def documents() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".md"]


def anchors(path: Path) -> list[tuple[str, str]]:
    return [(match["path"], match["pattern"]) for match in ANCHOR.finditer(path.read_text())]


def resolves(name: str, pattern: str) -> bool:
    """Says whether a line of the named file matches the pattern."""
    target = paths.REPOSITORY / name
    if not target.is_file():
        return False
    return re.search(pattern, target.read_text(), re.MULTILINE) is not None


@pytest.mark.parametrize("name", REQUIRED)
def test_document_exists(name: str) -> None:
    assert (paths.REPOSITORY / name).read_text().strip()


def test_cited_code_exists() -> None:
    wrong = [
        f"{paths.relative(path)}: {name}:/{pattern}/"
        for path in [*documents(), *tree.python_files()]
        for name, pattern in anchors(path)
        if not resolves(name, pattern)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_package_says_what_it_owns() -> None:
    wrong = []
    for path in tree.python_files():
        if path.name != "__init__.py":
            continue
        body = tree.parse(path).body
        docstring = ast.get_docstring(tree.parse(path))
        is_only_docstring = len(body) == 1 and docstring is not None
        if not is_only_docstring and paths.relative(path) not in PACKAGES_WITH_NAMES:
            wrong.append(paths.relative(path))
    assert not wrong, "no sentence, or more than a sentence:\n" + "\n".join(wrong)


# Packages whose __init__ also gathers names -> why.
PACKAGES_WITH_NAMES = {
    "bare/__init__.py": "the vocabulary is imported from one place",
}


@pytest.mark.parametrize(
    ("name", "pattern", "is_there"),
    [
        ("swiftos/errors.py", "^class ToolError", True),
        ("swiftos/errors.py", "^class NoSuchError", False),
        ("swiftos/none.py", "^class", False),
    ],
)
def test_anchor_is_resolved_in_the_file(name: str, pattern: str, is_there: bool) -> None:
    assert resolves(name, pattern) is is_there
