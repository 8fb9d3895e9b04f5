"""A test that fails beside others and passes alone is named, and only a few are excused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from swiftos import cli, emulator, unsteady
from swiftos.commands import test as test_command

GUEST = "tests/guest/test_boot.py::test_prompt"
HOST = "tests/swiftos/test_cli.py::test_help"


def leave(root: Path, failed: list[str]) -> None:
    record = root / unsteady.LAST_FAILED
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(dict.fromkeys(failed, True)))


def test_failures_of_an_earlier_run_are_forgotten(tmp_path: Path) -> None:
    leave(tmp_path, [GUEST])
    assert unsteady.failures(tmp_path) == [GUEST]
    unsteady.forget_failures(tmp_path)
    assert unsteady.failures(tmp_path) == []


@pytest.mark.parametrize(
    ("failed", "is_excused"),
    [([], False), ([GUEST], True), ([GUEST, GUEST + "2"], True), ([GUEST] * 3, False),
     ([HOST], False), ([GUEST, HOST], False)],
)  # fmt: skip
def test_only_few_and_only_guest_tests_are_run_again(failed: list[str], is_excused: bool) -> None:
    assert unsteady.may_be_unsteady(failed, 2) is is_excused


@pytest.mark.parametrize(
    ("second", "code", "told"), [([], 0, "UNSTEADY"), ([GUEST], 1, "FAILED TWICE")]
)
def test_the_second_run_decides_and_is_told(
    monkeypatch: pytest.MonkeyPatch, second: list[str], code: int, told: str
) -> None:
    runs = [[GUEST], second]
    left: list[list[str]] = []

    def pretend(arguments: list[str]) -> int:
        left.append(runs.pop(0))
        return 1 if left[-1] else 0

    monkeypatch.setattr(test_command, "pytest", pretend)
    monkeypatch.setattr(test_command, "build", lambda: None)
    monkeypatch.setattr(emulator, "obtain", lambda: None)
    monkeypatch.setattr(unsteady, "failures", lambda: left[-1])
    monkeypatch.setattr(unsteady, "forget_failures", lambda: None)
    result = CliRunner().invoke(test_command.command, ["--again", "1"], **cli.main.context_settings)
    assert result.exit_code == code
    assert f"{told}" in result.output and GUEST in result.output
