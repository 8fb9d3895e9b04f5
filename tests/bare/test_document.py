"""docs/bare-python.md names every program in tests/bare, and every program that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "bare-python.md"
BRACKET = re.compile(r"\[((?:run|invalid)_[^\]]*)\]")


def named() -> set[str]:
    text = " ".join(DOCUMENT.read_text().split())
    return {name.strip() for group in BRACKET.findall(text) for name in group.split(",")}


def programs() -> set[str]:
    return {path.stem for kind in ("run", "invalid") for path in FOLDER.glob(f"{kind}_*.py")}


def test_every_named_program_exists() -> None:
    assert sorted(named() - programs()) == []


def test_every_program_is_named() -> None:
    assert sorted(programs() - named()) == []


def test_every_rule_points_at_a_program() -> None:
    text = DOCUMENT.read_text()
    rules = re.findall(r"^- .*?(?=^- |^## |\Z)", text[text.index("## 1.") :], re.M | re.S)
    assert rules
    assert [rule for rule in rules if not BRACKET.search(" ".join(rule.split()))] == []
