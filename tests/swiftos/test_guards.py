"""Guards: what a file must hold, which figures may be guarded, when a bound is broken."""

import datetime
import re
from pathlib import Path

import pytest

from swiftos import artifacts, paths
from swiftos.commands import guard as guard_command
from swiftos.errors import ExitCode, ProductError, RefusedError, ToolError, UsageError
from swiftos.evidence import guards, metrics
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Kind, Status
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from swiftos.measure import guarded
from tests.support.evidence_records import SOME_ID, record_of

TODAY = datetime.date(2026, 1, 2)
REQUEST = "http.busy-per-request"
WHOLE = f"""\
metric = "{REQUEST}"
bound = 1000
origin = "0123456789abcdef"
date = 2026-01-02
reason = "as released"
"""
GUARDED = (
    "boot.busy", "boot.blocks", "size.kernel-memory", "size.base-without-models",
    "memory.at-prompt", "call.getpid", "http.busy-per-request", "llm.busy-per-token",
)  # fmt: skip


def load_text(folder: Path, text: str) -> list[guards.Guard]:
    (folder / "one.toml").write_text(text)
    return guards.load(folder)


def test_bound_is_kept_up_to_itself(tmp_path: Path) -> None:
    (guard,) = found = load_text(tmp_path, WHOLE)
    assert guard.words == "at most 1,000 ns"
    (kept,) = guards.check(found, [one(REQUEST, 1000)])
    (broken,) = guards.check(found, [one(REQUEST, 1001)])
    (missing,) = guards.check(found, [one("boot.blocks", 1)])
    assert (kept.is_kept, broken.is_kept, missing.is_kept) == (True, False, False)
    assert str(broken).startswith("BROKEN")
    assert str(missing).startswith("UNMEASURED")


def test_more_is_better_has_a_least_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rising = metrics.Declaration(
        "http.kept", "kept requests", "requests", metrics.EXACT, metrics.HIGHER
    )
    monkeypatch.setitem(metrics._BY_NAME, "http.kept", rising)
    (guard,) = load_text(tmp_path, WHOLE.replace(REQUEST, "http.kept"))
    assert guard.words == "at least 1,000 requests"
    assert guard.holds(1000) and not guard.holds(999)
    record = record_of("http.kept", [1000.0])
    assert "bound = 990" in guards.propose(SOME_ID, record, "http.kept", 0.01, TODAY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WHOLE.replace('reason = "as released"\n', ""), "reason is missing"),
        (WHOLE.replace("as released", " "), "has no reason"),
        (WHOLE.replace("1000", '"1000"'), "bound is missing, of a wrong type"),
        (WHOLE + "limit = 5\n", "limit is missing, of a wrong type or unknown"),
        (WHOLE.replace(REQUEST, "http.bussy"), "there is no metric 'http.bussy'"),
        (WHOLE.replace(REQUEST, "boot.wall"), "boot.wall is a host-time figure"),
        ("bound = = 5", "is not TOML"),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ToolError, match=re.escape(words)):
        load_text(tmp_path, text)


def test_metric_is_guarded_once(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(WHOLE)
    with pytest.raises(UsageError, match=r"one\.toml"):
        load_text(tmp_path, WHOLE)


def test_proposed_guard_is_read_back_with_its_room(tmp_path: Path) -> None:
    record = record_of(REQUEST, [1000.0, 1001.0])
    text = guards.propose(SOME_ID, record, REQUEST, 0.02, TODAY)
    path = guards.write(tmp_path, REQUEST, text, "as released")
    (guard,) = guards.load(tmp_path)
    assert path.name == "http.busy-per-request.toml"
    assert (guard.bound, guard.origin, guard.date) == (1021, SOME_ID[:16], TODAY)
    with pytest.raises(UsageError, match="needs a reason"):
        guards.write(tmp_path, REQUEST, text, "  ")
    with pytest.raises(RefusedError, match="depends on the host"):
        guards.propose(SOME_ID, record, "boot.wall", 0.02, TODAY)
    with pytest.raises(ProductError, match=r"no metric 'boot\.blocks'"):
        guards.propose(SOME_ID, record, "boot.blocks", 0.02, TODAY)


def test_every_guard_of_the_tree_follows_from_its_published_record(tmp_path: Path) -> None:
    found = guards.load(paths.GUARDS)
    assert {guard.metric for guard in found} >= set(GUARDED)
    only_published = Store(tmp_path)
    for guard in found:
        value = guards.origin_value(guard, only_published)
        assert guard.holds(value), guard.metric
        assert abs(guard.bound - value) <= 0.2 * value, f"{guard.metric} has too much room"


@pytest.mark.parametrize(("value", "code"), [(900, ExitCode.GOOD), (1100, ExitCode.PRODUCT)])
def test_check_stores_a_record_and_fails_for_a_broken_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: int, code: ExitCode
) -> None:
    load_text(tmp_path, WHOLE)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "store"))
    monkeypatch.setattr(paths, "GUARDS", tmp_path)
    monkeypatch.setattr(artifacts, "require", lambda *needed: None)
    monkeypatch.setattr(guarded, "measure", lambda profile: ([one(REQUEST, value)], "SwiftOS 01\n"))
    assert guard_command.check() is code
    ((_, record),) = Store(published=tmp_path).all()
    assert record.kind is Kind.GUARD
    assert record.status is (Status.PASS if code is ExitCode.GOOD else Status.FAIL)
    assert f"guard {REQUEST}: at most 1,000 ns" in record.notes
