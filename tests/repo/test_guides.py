"""Recipes of the guides, followed literally."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bare
from swiftos import paths
from tests.support.spec import read_spec

GUIDE = paths.REPOSITORY / "docs" / "guides" / "add-a-command.md"
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str, beginning: str) -> list[str]:
    found = [match for match in BLOCK.finditer(GUIDE.read_text())]
    return [
        match["text"]
        for match in found
        if match["language"] == language and match["text"].startswith(beginning)
    ]


@pytest.fixture
def command() -> Iterator[Path]:
    (text,) = blocks("python", '"""rev')
    path = paths.BUILD / "guides" / "rev.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    yield path
    path.unlink()


def test_the_command_is_bare_python(command: Path) -> None:
    loaded = bare.load(str(command))
    assert loaded.main is not None


def test_the_command_has_our_style(command: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "user/bin/rev.py", "-"]
    with command.open() as source:
        result = subprocess.run(
            ruff, stdin=source, cwd=paths.REPOSITORY, capture_output=True, text=True, check=False
        )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_specification_can_be_read(tmp_path: Path) -> None:
    (text,) = blocks("text", "=== ")
    path = tmp_path / "rev.spec"
    path.write_text(text)
    first, second = read_spec(path)
    assert first.output == "olleh\nb a\n"
    assert second.status == 1
