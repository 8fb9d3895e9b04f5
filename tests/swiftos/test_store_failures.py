"""What goes wrong with a store of records: a clear error with its cure, and nothing is lost."""

import errno
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from swiftos import paths
from swiftos.errors import HarnessError, ProductError, RefusedError, UsageError
from swiftos.evidence import exchange, gather, metrics, safe_write
from swiftos.evidence.baseline import Baselines
from swiftos.evidence.record import SCHEMA_VERSION, Domain, Metric, bytes_id, encode
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from swiftos.evidence.verify import set_aside, verify
from tests.support.evidence_records import changed, record_of, sample_record

LATER_S = 1_750_000_000


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, warnings: list[str]) -> Store:
    return Store(tmp_path / "store", tmp_path / "published", warnings.append)


def add_two(store: Store) -> tuple[str, str]:
    """Stores two records, the first with a raw file; returns their ids."""
    first = store.add(sample_record(), {"serial.log": b"SwiftOS"})
    return first, store.add(changed(created_s=LATER_S))


def test_corrupt_index_is_made_anew_from_the_records(store: Store, warnings: list[str]) -> None:
    first, second = add_two(store)
    store.index.path.write_bytes(b"this is no database" * 100)
    third = store.add(changed(created_s=LATER_S + 1))
    assert "the index is damaged" in warnings[-1]
    assert store.index.names() == {first, second, third}
    assert len(list(store.folder.glob("index.damaged-*"))) == 1
    assert verify(store).damages == []


def test_index_that_disagrees_with_the_samples_is_named_and_made_anew(store: Store) -> None:
    add_two(store)
    with sqlite3.connect(store.index.path) as database:
        database.execute("update metric set median = 0.1 where name = 'boot.wall'")
    database.close()
    found = verify(store)
    assert "the statistics of boot.wall" in found.notes[0]
    assert verify(store).notes == []


def test_corrupt_record_is_named_and_the_others_are_read(store: Store, warnings: list[str]) -> None:
    first, second = add_two(store)
    path = store.path_of(first)
    path.write_bytes(path.read_bytes().replace(b"0.25", b"0.15"))
    assert [name for name, _ in store.all()] == [second]
    assert "was changed after it was stored (./swos record verify" in warnings[-1]
    with pytest.raises(ProductError, match="was changed"):
        store.load(first)
    findings = verify(store)
    assert len(findings.damages) == 1
    (moved,) = set_aside(store, findings)
    assert b"0.15" in moved.read_bytes()
    assert verify(store).damages == []


def test_corrupt_raw_file_is_named(store: Store) -> None:
    add_two(store)
    (path,) = (store.folder / "raw").iterdir()
    path.write_bytes(b"another log")
    assert "serial.log" in verify(store).damages[0]
    path.unlink()
    assert "cannot be read" in verify(store).damages[0]


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from tests.support.evidence_records import changed
os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
Store(Path(sys.argv[1])).add(changed(created_s=1_760_000_000))
"""
FULL_DISK = """
import resource, sys
from pathlib import Path
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from swiftos.cli import main
from swiftos.errors import ToolError
from tests.support.evidence_records import changed
resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
try:
    Store(Path(sys.argv[1])).add(changed(created_s=1_760_000_000))
except ToolError as error:
    print(error.message, error.cure, file=sys.stderr)
    sys.exit(int(error.exit_code))
"""


def python(program: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", program, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY)}
    return subprocess.run(command, capture_output=True, check=False, env=environment)


@pytest.mark.slow
def test_writer_that_is_killed_leaves_the_store_whole(store: Store) -> None:
    names = {*add_two(store)}
    assert python(KILLED_WRITER, store.folder).returncode < 0
    assert {name for name, _ in store.all()} == names
    assert "left by a writer that was killed" in verify(store).notes[0]


def test_half_written_record_is_named_as_cut_off(store: Store) -> None:
    first, second = add_two(store)
    path = store.path_of(first)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ProductError, match="is cut off"):
        store.load(first)
    assert [name for name, _ in store.all()] == [second]


def test_half_written_baseline_spoils_no_other(store: Store, warnings: list[str]) -> None:
    name, _ = add_two(store)
    baselines = Baselines(store)
    baselines.set(name, sample_record(), "as released")
    path = store.folder / "baselines.jsonl"
    path.write_bytes(path.read_bytes() + b'{"set_s":17')
    baselines.set(name, sample_record(), "measured again")
    assert [line.reason for line in baselines.history()] == ["as released", "measured again"]
    assert "damaged line" in warnings[-1]


def test_clock_that_went_backwards_is_warned_of_and_the_record_kept(
    store: Store, warnings: list[str]
) -> None:
    now_s = int(time.time())
    store.add(changed(created_s=now_s - 7200))
    older = store.add(changed(created_s=now_s - 9000))
    assert warnings == []
    newest = store.add(changed(created_s=now_s + 3600))
    name = store.add(changed(created_s=now_s))
    assert "the host's clock went backwards" in warnings[-1]
    assert [found for found, _ in store.all()][-2:] == [name, newest]
    assert older in store.index.names()


@pytest.mark.parametrize(("ended_s", "way"), [(-3600.0, "back"), (3600.0, "forward")])
def test_clock_that_was_set_meanwhile_is_noted(ended_s: float, way: str) -> None:
    (note,) = gather.clock_notes(1000.0, 1010.0 + ended_s, 10.0)
    assert f"set {way} by 3600 s" in note
    assert gather.clock_notes(1000.0, 1010.5, 10.0) == []


def test_verify_names_a_record_that_ended_before_it_began(store: Store) -> None:
    store.add(changed(started_s=LATER_S, created_s=LATER_S - 50, duration_s=10.0))
    assert "went backwards by 60 s" in verify(store).notes[0]


def test_record_that_finds_no_room_is_saved_elsewhere(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {*add_two(store)}

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(safe_write, "write", full)
        with pytest.raises(HarnessError, match="No space left") as caught:
            store.add(changed(created_s=LATER_S + 2))
    saved = Path(caught.value.cure.split()[-1])
    assert {name for name, _ in store.all()} == names
    (name,) = exchange.import_file(store, saved)
    saved.unlink()
    assert store.load(name)[1].created_s == LATER_S + 2


@pytest.mark.slow
def test_record_that_finds_no_room_anywhere_is_printed(store: Store, tmp_path: Path) -> None:
    names = {*add_two(store)}
    result = python(FULL_DISK, store.folder)
    assert result.returncode == 5, result.stderr
    assert b"cannot be stored" in result.stderr
    assert b"the record was printed" in result.stderr
    assert {name for name, _ in store.all()} == names
    assert store.partial_files() == []
    kept = tmp_path / "kept.json"
    kept.write_bytes(result.stdout)
    (name,) = exchange.import_file(store, kept)
    assert store.load(name)[1].created_s == 1_760_000_000


def test_unknown_metric_is_refused_with_the_nearest_names(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        metrics.metric("boot.bloks", ())
    assert caught.value.cure.startswith("did you mean boot.blocks")
    strange = Metric("boot.bloks", "blocks", Domain.EXACT, sample_record().metrics[1].direction, ())
    with pytest.raises(HarnessError, match=r"'boot.bloks' is not declared"):
        store.add(changed(metrics=(strange,)))
    wrong_unit = msgspec.structs.replace(record_of("boot.wall", [1.0]).metrics[0], unit="ms")
    with pytest.raises(HarnessError, match="not as declared: ms"):
        store.add(changed(metrics=(wrong_unit,)))
    assert list(store.all()) == []


def newer_record() -> bytes:
    text = encode(sample_record()).replace(b'"schema":2', b'"schema":%d' % (SCHEMA_VERSION + 1))
    return text.replace(b'"smp":1', b'"smp":1,"sockets":2')


def test_record_of_a_newer_version_is_refused_and_left(
    store: Store, warnings: list[str], tmp_path: Path
) -> None:
    _, known = add_two(store)
    data = newer_record()
    path = store.path_of(bytes_id(data))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    with pytest.raises(RefusedError, match=f"schema version {SCHEMA_VERSION + 1}") as caught:
        store.load(bytes_id(data))
    assert "update the checkout" in caught.value.cure
    assert known in [name for name, _ in store.all()]
    assert "update the checkout" in warnings[-1]
    arriving = tmp_path / "newer.json"
    arriving.write_bytes(data)
    with pytest.raises(RefusedError):
        exchange.import_file(store, arriving)
    assert path.read_bytes() == data


def test_index_of_a_newer_version_is_refused_and_left(store: Store) -> None:
    add_two(store)
    with sqlite3.connect(store.index.path) as database:
        database.execute("pragma user_version = 99")
    database.close()
    before = store.index.path.read_bytes()
    with pytest.raises(RefusedError, match="has version 99"):
        verify(store)
    assert store.index.path.read_bytes() == before


@pytest.mark.parametrize("state", ["missing", "older"])
def test_index_that_is_missing_or_older_is_made_anew(store: Store, state: str) -> None:
    names = {*add_two(store)}
    if state == "missing":
        store.index.path.unlink()
    else:
        with sqlite3.connect(store.index.path) as database:
            database.execute("drop table metric")
            database.execute("pragma user_version = 1")
        database.close()
    third = store.add(changed(created_s=LATER_S + 1))
    assert store.index.names() == names | {third}
    assert verify(store).notes == []


FULL_DISK_FOR_A_COMMAND = """
import resource, sys
from swiftos import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
sys.argv = ["./swos", "baseline", "set", "last", "--reason", "as released"]
cli.run()
"""


@pytest.mark.slow
def test_command_that_finds_no_room_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _ = add_two(store)
    Baselines(store).set(name, sample_record(), "before")
    monkeypatch.setenv(FOLDER_VARIABLE, str(store.folder))
    result = python(FULL_DISK_FOR_A_COMMAND, store.folder)
    assert (result.returncode, b"cure: make room" in result.stderr) == (4, True), result.stderr
    assert b"Traceback" not in result.stderr
    assert [line.reason for line in Baselines(store).history()] == ["before"]
    assert verify(store).damages == []
