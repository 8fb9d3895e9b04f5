"""Segment in, segment out: the scripts of the `.tcp` files, each named by the section it is about.

A case begins with `== RFC, SECTION: what`. The language is in `script.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kernel.net.tcp.script import MismatchError, ScriptRun

FOLDER = Path(__file__).parent
HEADING = re.compile(r"^== (.+)$", re.MULTILINE)
LEAST_CASES = 150


def cases() -> list[tuple[str, str]]:
    """Returns titles and scripts of all files."""
    found = []
    for path in sorted(FOLDER.glob("*.tcp")):
        pieces = HEADING.split(path.read_text())
        found += list(zip(pieces[1::2], pieces[2::2], strict=True))
    return found


CASES = cases()


@pytest.mark.parametrize("script", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_script(script: str) -> None:
    ScriptRun().run(script)


def test_there_are_enough_cases_and_each_names_its_section() -> None:
    titles = [title for title, _ in CASES]
    assert len(titles) == len(set(titles)) >= LEAST_CASES
    assert all(re.match(r"RFC \d+, [\w.]+: \w", title) for title in titles)


@pytest.mark.parametrize(
    "script",
    [
        "open\n> S 0 mss 1461",
        "open\n+1",
        "open\n> S 0\n+999\n> S 0",
        "established\n< A 1+10 ack 1\n+39\n> A 1 ack 11",
        "established\nstate CLOSED",
        "established\nwrite 10\n> PA 1+11 ack 1",
    ],
)
def test_scripts_can_fail(script: str) -> None:
    with pytest.raises(MismatchError):
        ScriptRun().run(script)
