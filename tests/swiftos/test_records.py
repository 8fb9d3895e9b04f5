"""Records on their way: export and import, publishing, finding by name, baselines, the profile."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from swiftos import cli, names, paths
from swiftos.commands import baseline as baseline_command
from swiftos.commands import compare as compare_command
from swiftos.commands import profile as profile_command
from swiftos.commands import record as record_command
from swiftos.errors import ProductError, RefusedError, ToolError, UsageError
from swiftos.evidence import exchange, profile_text, select, verify
from swiftos.evidence.baseline import Baselines
from swiftos.evidence.record import Completion, Record, Status, Workload, encode
from swiftos.evidence.report import render
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from tests.support.evidence_records import SOME_ID, changed, record_of, sample_record


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "store"))
    monkeypatch.setattr(paths, "PUBLISHED_RECORDS", tmp_path / "published")
    return Store()


def http(
    created_s: int, value: float = 1000.0, artifact: str = "ab", memory: str = "256M"
) -> Record:
    """Returns a record of two boots that agree."""
    return record_of(
        "http.busy-per-request",
        [value, value],
        artifact=artifact,
        workload=Workload("http", 1, {}),
        created_s=created_s,
        guest=msgspec.structs.replace(sample_record().guest, memory=memory),
    )


def test_exported_records_arrive_with_their_raw_files(store: Store, tmp_path: Path) -> None:
    name = store.add(sample_record(), {"serial.log": b"SwiftOS"})
    target, again = tmp_path / "records.zip", tmp_path / "again.zip"
    assert exchange.export(store, [store.load(name)], target) == 1
    exchange.export(store, [store.load(name)], again)
    assert target.read_bytes() == again.read_bytes()
    other = Store(tmp_path / "other", tmp_path / "published")
    assert exchange.import_file(other, target) == [name]
    record = other.load(name)[1]
    assert other.raw(record.attachments[0]) == b"SwiftOS"
    with pytest.raises(UsageError, match="exists"):
        exchange.export(store, [store.load(name)], target)


def test_export_that_was_changed_on_the_way_is_refused(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "records.zip"
    exchange.export(store, [store.load(store.add(sample_record()))], target)
    data = bytearray(target.read_bytes())
    data[len(data) // 3] ^= 0xFF
    target.write_bytes(data)
    other = Store(tmp_path / "other", tmp_path / "published")
    with pytest.raises(ProductError, match=r"is damaged|not what it was"):
        exchange.import_file(other, target)
    assert list(other.all()) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"PK and nothing behind", b"[1, 2]"])
def test_what_is_no_record_is_not_imported(store: Store, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "file"
    source.write_bytes(content)
    with pytest.raises(ProductError):
        exchange.import_file(store, source)


def test_published_record_is_found_without_the_store(store: Store, tmp_path: Path) -> None:
    name = store.add(sample_record())
    exchange.publish(name, store.load(name)[1], tmp_path / "published")
    empty = Store(tmp_path / "empty", tmp_path / "published")
    assert empty.load(name[:8]) == (name, sample_record())


def test_raw_files_of_a_published_record_are_nobodys_damage(store: Store, tmp_path: Path) -> None:
    name = store.add(sample_record(), {"serial.log": b"boot"})
    exchange.publish(name, store.load(name)[1], tmp_path / "published")
    empty = Store(tmp_path / "empty", tmp_path / "published")
    assert verify.verify(empty).damages == []
    (tmp_path / "published" / f"{name}.json").unlink()
    for raw in store.folder.glob("raw/*"):
        raw.unlink()
    (damage,) = verify.verify(store).damages
    assert "serial.log" in damage


def test_records_are_found_by_id_workload_and_place(store: Store) -> None:
    first, second = store.add(http(1)), store.add(http(2))
    boot = store.add(changed(created_s=3))
    for text, name in {
        first[:8]: first, "http": second, "http~1": first, "last": boot, "last~2": first,
    }.items():  # fmt: skip
        assert select.find(store, text)[0] == name
    for text, words in {
        "htp": "did you mean http",
        "http~5": "http",
        "ffff": "record list",
    }.items():
        with pytest.raises(UsageError) as caught:
            select.find(store, text)
        assert words in caught.value.cure


def test_comparison_without_names_takes_the_baseline_or_the_one_before(store: Store) -> None:
    first, second, third = (store.add(http(second)) for second in (1, 2, 3))
    assert [found[0] for found in select.pairs(store, None, None)[0]] == [second, third]
    Baselines(store).set(first, store.load(first)[1], "as released")
    assert [found[0] for found in select.pairs(store, None, None)[0]] == [first, third]
    assert select.find(store, "baseline:http")[0] == first
    assert [found[0] for found in select.pairs(store, second[:9], None)[0]] == [second, third]
    store.add(changed(created_s=4))
    with pytest.raises(UsageError, match="no record of 'boot' before it"):
        select.pairs(store, None, None)


def test_baseline_needs_a_reason_and_a_run_that_went_well(store: Store) -> None:
    name = store.add(sample_record())
    with pytest.raises(UsageError, match="needs a reason"):
        Baselines(store).set(name, sample_record(), " ")
    with pytest.raises(RefusedError, match="ended with FAIL"):
        Baselines(store).set(name, changed(status=Status.FAIL), "why not")
    assert Baselines(store).current() == []


def test_every_field_of_the_host_profile_is_filled() -> None:
    table = [row.name for row in names.of_kind("profile field")]
    assert len(table) == 11
    fields = profile_text.fields(sample_record(), changed(artifacts=()))
    assert list(fields) == table
    for name, lines in fields.items():
        assert lines and all(line.strip() for line in lines), name
    text = profile_text.text(sample_record())
    for name in table:
        assert re.search(rf"^{name}: \S", text, re.MULTILINE), name


def test_every_field_of_the_template_is_filled_even_without_a_guest() -> None:
    bare = changed(markers=(), notes=(), boundaries=(), artifacts=(), metrics=())
    for record in (sample_record(), bare):
        text = render(SOME_ID, record)
        for row in names.of_kind("template field"):
            assert re.search(rf"^{row.name}: \S", text, re.MULTILINE), row.name


def test_rebuilt_artifacts_are_told_from_the_same_bytes() -> None:
    record = sample_record()
    (line, *_) = profile_text.rebuilt_lines(record, record)
    assert "not rebuilt" in line
    other = record_of("boot.wall", [1.0], artifact="cd")
    assert "rebuilt: other bytes" in profile_text.rebuilt_lines(record, other)[0]
    assert "package: none took part" in profile_text.rebuilt_lines(record, None)


def test_interrupted_record_says_so() -> None:
    text = render(SOME_ID, changed(completion=Completion.INTERRUPTED))
    assert "interrupted: only what is listed was measured" in text


def run(command: object, *arguments: str) -> tuple[int, str]:
    """Runs a subcommand; returns its exit status and what it printed, errors with their cure."""
    # click keeps a command's help option from its first use on: it must be the tool's.
    settings = cli.main.context_settings
    result = CliRunner().invoke(command, list(arguments), **settings)  # type: ignore[arg-type]
    if isinstance(result.exception, ToolError):
        error = result.exception
        return int(error.exit_code), f"{error.message}; {error.cure}"
    return result.exit_code, result.output


def test_compare_exits_3_for_unlike_profiles_and_names_the_field(store: Store) -> None:
    store.add(http(1))
    store.add(http(2, 2000.0, "cd"))
    code, text = run(compare_command.command)
    assert (code, "REGRESSED" in text) == (0, True)
    assert run(compare_command.command, "--strict")[0] == 1
    store.add(http(3, memory="512M"))
    code, text = run(compare_command.command, "http~1", "http")
    assert code == 3
    assert "INCOMPARABLE" in text and "memory: 256M against 512M" in text
    (found,) = json.loads(run(compare_command.command, "--json")[1])
    assert found["metrics"][0]["differences"][0]["field"] == "memory"


@pytest.mark.parametrize(
    ("command", "arguments", "code", "words"),
    [
        (compare_command.command, ["--metric", "http.busy"], 2, "did you mean http.busy-per"),
        (compare_command.command, ["--frobnicate"], 2, "No such option"),
        (compare_command.command, ["last", "boot"], 2, "no record 'boot'"),
        (record_command.command, ["show", "zz"], 2, "no record 'zz'"),
        (record_command.command, ["export", "last"], 2, "Missing option"),
        (record_command.command, ["import", "/nowhere"], 2, "cannot be read"),
        (baseline_command.command, ["set", "last"], 2, "Missing option '--reason'"),
        (baseline_command.command, ["set", "last", "--reason", ""], 2, "needs a reason"),
        (profile_command.command, ["show", "nothing"], 2, "no record 'nothing'"),
    ],
)
def test_wrong_arguments_are_named(
    store: Store, command: object, arguments: list[str], code: int, words: str
) -> None:
    store.add(http(1))
    store.add(http(2))
    found, text = run(command, *arguments)
    assert (found, words in text) == (code, True), text


def test_record_commands_tell_what_is_there(store: Store, tmp_path: Path) -> None:
    assert "no records yet" in run(record_command.command, "list")[1]
    name = store.add(sample_record())
    assert name[:16] in run(record_command.command, "list")[1]
    assert run(record_command.command, "show", "--json")[1].encode().strip() == encode(
        sample_record()
    )
    assert "Tools: git 2.39" in run(record_command.command, "show", "--profile")[1]
    target = str(tmp_path / "out.zip")
    assert run(record_command.command, "export", "last", "boot", "-o", target)[0] == 0
    assert name[:16] in run(record_command.command, "import", target)[1]
    assert "1 records" in run(record_command.command, "verify")[1]
    store.path_of(name).write_bytes(b"{}")
    code, text = run(record_command.command, "verify")
    assert (code, "DAMAGED" in text) == (1, True)
    assert run(record_command.command, "verify", "--set-aside")[0] == 1
    assert run(record_command.command, "verify")[0] == 0


def test_profile_difference_is_named_and_exits_3(store: Store) -> None:
    first = store.add(sample_record())
    guest = msgspec.structs.replace(sample_record().guest, memory="512M")
    second = store.add(changed(created_s=2, guest=guest))
    code, text = run(profile_command.command, "diff", first[:8], second[:8])
    assert (code, "memory: 256M against 512M" in text) == (3, True)
    assert "sizes compare" in text
    assert run(profile_command.command, "diff", first[:8], first[:8])[0] == 0


def measured(created_s: int, campaign: str, workload: str, arm: str = "A") -> Record:
    """Returns a record as a campaign of several kinds of boot gives it."""
    record = http(created_s, 1000.0 + created_s, artifact=campaign + arm)
    (metric,) = record.metrics
    samples = tuple(msgspec.structs.replace(sample, arm=arm) for sample in metric.samples)
    return msgspec.structs.replace(
        record,
        metrics=(msgspec.structs.replace(metric, samples=samples),),
        workload=Workload(workload, 1, {}),
        campaign=campaign,
    )


def test_records_of_one_measurement_are_found_and_compared_together(store: Store) -> None:
    old = [store.add(measured(1, "http-1", name)) for name in ("http-inside", "http-outside")]
    new = [store.add(measured(2, "http-2", name)) for name in ("http-inside", "http-outside")]
    assert {name for name, _ in select.find_group(store, "http")} == set(new)
    assert {name for name, _ in select.find_group(store, "http~1")} == set(old)
    assert select.find(store, "http-outside~1")[0] == old[1]
    expected = set(zip(old, new, strict=True))
    for words in ((None, None), ("http", None), ("http~1", "http")):
        assert {(left[0], right[0]) for left, right in select.pairs(store, *words)} == expected
    with pytest.raises(UsageError, match="names 2 records"):
        select.find(store, "http")
    code, text = run(compare_command.command)
    assert (code, text.count("REGRESSED  ")) == (0, 2)
    assert run(baseline_command.command, "set", "http~1", "--reason", "as released")[0] == 0
    store.add(measured(3, "http-3", "http-inside"))
    ((left, _),) = select.pairs(store, None, None)
    assert left[0] == old[0]


def test_two_builds_measured_in_turn_are_compared_with_each_other(store: Store) -> None:
    store.add(measured(1, "http-1", "http-inside"))
    own = store.add(measured(2, "http-2", "http-inside", "A"))
    other = store.add(measured(2, "http-2", "http-inside", "B"))
    ((left, right),) = select.pairs(store, None, None)
    assert (left[0], right[0]) == (other, own)
    assert select.find(store, "http")[0] == own


def test_history_of_a_metric_keeps_to_one_profile(store: Store) -> None:
    store.add(http(1, 1000.0))
    store.add(http(2, 9000.0, memory="512M"))
    store.add(http(3, 2000.0))
    code, text = run(record_command.command, "history", "http.busy-per-request")
    assert code == 0
    assert [line.split()[4] for line in text.splitlines()[1:]] == ["1,000", "2,000"]
    assert run(record_command.command, "history", "boot.blocks")[0] == 2
    assert "did you mean" in run(record_command.command, "history", "boot.bloks")[1]


def test_comparison_says_which_record_is_not_whole(store: Store) -> None:
    store.add(http(1))
    store.add(msgspec.structs.replace(http(2, 2000.0, "cd"), completion=Completion.INTERRUPTED))
    assert "say hello [interrupted]" in run(compare_command.command)[1]
