"""`./swos run` builds what changed before it boots, and as the last build did."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from swiftos import artifacts, building, cli
from swiftos.building import Plan
from swiftos.commands import run
from swiftos.runfolder import RunFolder


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Plan]:
    """The plans of all builds; nothing is built, nothing boots."""
    found: list[Plan] = []

    def build(plan: Plan) -> Iterator[str]:
        found.append(plan)
        yield "built"

    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(building, "MODE", tmp_path / "mode")
    monkeypatch.setattr(artifacts, "require", lambda *_: None)
    monkeypatch.setattr(RunFolder, "create", lambda _: RunFolder(tmp_path))
    monkeypatch.setattr(RunFolder, "record", lambda *_: None)
    monkeypatch.setattr(run, "run_on_terminal", lambda *_: 0)
    return found


def test_run_builds_first(plans: list[Plan]) -> None:
    result = CliRunner().invoke(run.command, [], **cli.main.context_settings)
    assert result.exit_code == 0, result.output
    assert plans == [Plan()]


def test_debug_artifacts_stay_debug_ones(plans: list[Plan]) -> None:
    building.MODE.write_text("debug\n")
    CliRunner().invoke(run.command, ["--gdb"], **cli.main.context_settings)
    assert plans == [Plan(is_debug=True)]


@pytest.mark.parametrize("option", ["--no-build", "--dry-run"])
def test_nothing_is_built_when_not_wanted(plans: list[Plan], option: str) -> None:
    result = CliRunner().invoke(run.command, [option], **cli.main.context_settings)
    assert result.exit_code == 0, result.output
    assert plans == []
