"""Measuring with boots that are functions: order, records, and every way in which it can end."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from swiftos import cli
from swiftos.commands import measure as command
from swiftos.errors import HarnessError, ProductError, UsageError
from swiftos.evidence.record import Completion, Status, Workload
from swiftos.evidence.store import Store
from swiftos.guest import Guest, GuestError
from swiftos.measure import anything, campaign, machine, observation, schedule
from swiftos.measure.campaign import Result, Settings
from swiftos.measure.catalogue import MEASUREMENTS
from swiftos.measure.machine import Variant
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.paths import BUILD
from swiftos.qemu import Clock, Profile
from swiftos.runfolder import RunFolder
from tests.support import tinyguest
from tests.support.tinyguest import Ending

METRIC = "http.busy-per-request"
NOWHERE = Profile(kernel=Path("none"))


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Variant, Variant]:
    """Two build folders that hold a guest of a few instructions each."""
    found = []
    for label in "AB":
        folder = tmp_path / label / "build"
        folder.mkdir(parents=True)
        tinyguest.write(folder, f"{label}\nswiftos:/# ", Ending.HANG).rename(folder / "kernel.elf")
        (folder / "base.img").write_bytes(bytes(1 << 20))
        found.append(Variant(label, folder))
    return found[0], found[1]


def part(observe: Callable[[Profile, Observation], None]) -> Part:
    return Part("a part", Workload("test", 1, {}), as_described, observe)


def measured(
    observe: Callable[[Profile, Observation], None], builds: tuple[Variant, ...], boots: int = 4
) -> Result:
    measurement = Measurement("test", "it works", (part(observe),), ("does not prove: much",))
    return campaign.measure(measurement, Settings("./swos measure test", builds, boots))


@given(st.integers(1, 20), st.integers(0, 1000))
def test_two_builds_are_interleaved_in_balanced_blocks(boots: int, seed: int) -> None:
    order = schedule.turns(["A", "B"], boots, seed)
    arms = "".join(turn.arm for turn in order)
    assert [turn.position for turn in order] == list(range(2 * boots))
    assert arms.count("A") == arms.count("B") == boots
    blocks = [arms[start : start + 4] for start in range(0, 2 * boots, 4)]
    assert set(blocks[:-1]) <= {"ABBA", "BAAB"}
    assert blocks[-1] in ("ABBA", "BAAB", "AB", "BA")
    assert [turn.boot for turn in order if turn.arm == "B"] == list(range(boots))
    assert order == schedule.turns(["A", "B"], boots, seed)


def test_seed_changes_the_order() -> None:
    orders = {
        "".join(turn.arm for turn in schedule.turns(["A", "B"], 12, seed)) for seed in range(20)
    }
    assert len(orders) > 2


def test_record_of_each_build_has_its_samples_in_their_place(
    builds: tuple[Variant, Variant],
) -> None:
    def observe(profile: Profile, seen: Observation) -> None:
        seen.add(METRIC, 100 if profile.kernel.parent == builds[0].folder else 103)
        seen.markers.append("marker")
        seen.raw["serial.log"] = b"text"

    result = measured(observe, builds)
    assert result.completion is Completion.WHOLE
    (first, raw), (second, _) = result.records
    assert [sample.value for sample in first.metrics[0].samples] == [100.0] * 4
    assert [sample.value for sample in second.metrics[0].samples] == [103.0] * 4
    places = [s.position for record in (first, second) for s in record.metrics[0].samples]
    assert sorted(places) == list(range(8))
    assert first.campaign == second.campaign
    assert raw == {"serial.log": b"text"}
    assert first.metrics[0].note == "all equal"
    assert "does not prove: much" in first.boundaries
    assert {file.name for file in first.artifacts} == {"build/kernel.elf", "build/base.img"}
    hashes = [record.artifacts[0].sha256 for record in (first, second)]
    assert hashes[0] != hashes[1]
    assert first.source.subject.startswith("another build folder")


def ending_with(error: BaseException, whole: int) -> Callable[[Profile, Observation], None]:
    """Returns boots of which some are whole and the next ends with an error in the middle."""
    count = 0

    def observe(profile: Profile, seen: Observation) -> None:
        nonlocal count
        seen.add("http.calls-per-request", 5)
        if count == whole:
            raise error
        seen.add(METRIC, 100)
        count += 1

    return observe


@pytest.mark.parametrize(
    ("error", "completion", "status"),
    [
        (KeyboardInterrupt(), Completion.INTERRUPTED, Status.DONE),
        (GuestError("the guest hung\nregisters", "see it"), Completion.FAILED, Status.FAIL),
        (HarnessError("QMP: no answer", "see it"), Completion.FAILED, Status.MISS),
        (ConnectionResetError("reset"), Completion.FAILED, Status.MISS),
        (OSError(28, "No space left on device"), Completion.FAILED, Status.MISS),
    ],
)
def test_what_was_measured_before_the_end_is_kept(
    error: BaseException, completion: Completion, status: Status, builds: tuple[Variant, Variant]
) -> None:
    result = measured(ending_with(error, 2), builds[:1])
    assert result.completion is completion
    ((record, _),) = result.records
    assert record.completion is completion
    assert record.status is status
    values = {metric.name: len(metric.samples) for metric in record.metrics}
    assert values == {"http.calls-per-request": 3, METRIC: 2}
    assert record.result == f"a part, {completion.value} behind 2 whole boots"
    if isinstance(error, GuestError):
        assert result.problem is error
        assert "ended early: the guest hung" in record.notes


def test_parts_behind_the_end_are_not_begun(builds: tuple[Variant, Variant]) -> None:
    begun = []

    def note(profile: Profile, seen: Observation) -> None:
        begun.append(profile)

    parts = (part(ending_with(KeyboardInterrupt(), 0)), part(note))
    measurement = Measurement("test", "", parts, ())
    result = campaign.measure(measurement, Settings("", builds[:1], 3))
    assert len(result.records) == 1
    assert not begun


def test_metric_that_is_not_in_the_catalogue_is_refused(builds: tuple[Variant, Variant]) -> None:
    with pytest.raises(UsageError, match=r"no metric 'http\.busy-per-requst'") as caught:
        measured(lambda profile, seen: seen.add("http.busy-per-requst", 1), builds[:1])
    assert "did you mean http.busy-per-request" in caught.value.cure


@pytest.mark.guest
@pytest.mark.slow
def test_killed_qemu_ends_the_measurement_with_its_exit_code(
    builds: tuple[Variant, Variant],
) -> None:
    def observe(profile: Profile, seen: Observation) -> None:
        with Guest.start(Profile(kernel=profile.kernel), RunFolder.create("killed")) as guest:
            guest.wait_prompt(20)
            seen.add(METRIC, 1)
            os.kill(guest.pid, signal.SIGKILL)
            guest.run_command("echo here", 20)

    result = measured(observe, builds[:1])
    assert result.completion is Completion.FAILED
    assert result.problem is not None and "QEMU ended with code -9" in result.problem.message
    assert len(result.records[0][0].metrics[0].samples) == 1


@pytest.mark.guest
@pytest.mark.slow
def test_hung_guest_ends_the_measurement_within_its_budget(
    builds: tuple[Variant, Variant],
) -> None:
    def observe(profile: Profile, seen: Observation) -> None:
        with Guest.start(Profile(kernel=profile.kernel), RunFolder.create("hung")) as guest:
            guest.wait_prompt(20)
            guest.expect("never", 0.2)

    started_s = time.monotonic()
    result = measured(observe, builds[:1])
    assert time.monotonic() - started_s < 60
    assert result.problem is not None
    assert "waited 0.2 s for 'never'" in result.problem.message
    assert "cpu 0 PC" in result.problem.message


def test_interrupted_measurement_is_stored_and_leaves_with_130(
    builds: tuple[Variant, Variant], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWOS_EVIDENCE", str(tmp_path / "evidence"))
    parts = (part(ending_with(KeyboardInterrupt(), 1)),)
    interrupted = Measurement("interrupted", "it can be", parts, ())
    monkeypatch.setattr(machine, "variants", lambda beside: list(builds[:1]))
    command.add_measurement(interrupted)
    try:
        outcome = CliRunner().invoke(
            command.command, ["interrupted", "--boots", "3"], **cli.main.context_settings
        )
    finally:
        del command.command.commands["interrupted"]
    assert outcome.exit_code == 130, outcome.output
    ((_, record),) = Store(tmp_path / "evidence", published=tmp_path).all()
    assert record.completion is Completion.INTERRUPTED
    assert record.command == "./swos measure interrupted --boots 3 --seed 1 -m 256M"


def test_two_builds_are_told_how_to_compare_them(builds: tuple[Variant, Variant]) -> None:
    result = measured(lambda profile, seen: seen.add(METRIC, 1), builds)
    lines = command.stored_lines(["a" * 64, "b" * 64], [record for record, _ in result.records])
    assert lines[1:] == [f"compare: ./swos compare {'a' * 16} {'b' * 16}   (test)"]


@pytest.mark.parametrize(
    ("typed", "line", "boots"),
    [
        (["--", "top", "-b", "-n", "1"], "top -b -n 1", 12),
        (["--boots", "2", "--", "echo 'a b' | wc"], "echo 'a b' | wc", 2),
        (["--", "echo", "a b"], "echo 'a b'", 12),
    ],
)
def test_guest_command_is_everything_behind_two_dashes(
    typed: list[str], line: str, boots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(command, "run", lambda found, start, **rest: seen.append((found, rest)))
    outcome = CliRunner().invoke(
        command.command, typed, standalone_mode=False, **cli.main.context_settings
    )
    assert outcome.exception is None
    ((found, rest),) = seen
    assert found.parts[0].workload.parameters == {"command": line}
    assert rest["boots"] == boots


def test_other_build_is_named_by_its_folder_or_by_its_checkout(
    builds: tuple[Variant, Variant], tmp_path: Path
) -> None:
    for named in (builds[1].folder, builds[1].folder.parent):
        assert machine.variants(named) == [Variant("A", builds[1].folder), Variant("B", BUILD)]
    with pytest.raises(UsageError, match="holds no build"):
        machine.variants(tmp_path)


def test_counted_guest_has_a_tick_for_each_instruction() -> None:
    guest = machine.counted(NOWHERE)
    assert guest.clock is Clock.COUNTED
    assert guest.cpu == "cortex-a72,cntfrq=125000000"


def test_lines_of_the_guest_are_read() -> None:
    text = "noise\nspent: busy_ns=12 idle_ns=0\nsteps: kept=2 least_ns=1 median_ns=2 most_ns=3\n"
    assert observation.spent_lines(text) == [{"busy_ns": 12, "idle_ns": 0}]
    assert observation.step_lines(text)[0]["median_ns"] == 2
    assert observation.spent_lines("a spent: busy_ns=1") == []


def test_quoted_command_is_one_word() -> None:
    assert anything.quoted("echo 'x'") == "'echo '\\''x'\\'''"


def test_failed_proof_is_a_failure_of_the_product() -> None:
    assert campaign.prove(["true"]) == ["proof PASS: true"]
    with pytest.raises(ProductError, match="the proof false failed"):
        campaign.prove(["true", "false"])


def test_every_measurement_says_what_it_does_not_prove_and_describes_its_guests() -> None:
    wanted = {"boot", "sizes", "memory", "http", "net", "llm", "serve"}
    assert wanted <= set(MEASUREMENTS)
    for measurement in MEASUREMENTS.values():
        assert all(line.startswith("does not prove: ") for line in measurement.boundaries)
        assert measurement.boundaries and measurement.claim
        assert measurement.parts[0].workload.name == measurement.name
        for one in measurement.parts:
            assert one.describe(NOWHERE).kernel == NOWHERE.kernel
