"""Evidence records: canonical bytes, identity by domain, store that notices changes, the report."""

import re
from pathlib import Path

import msgspec
import pytest

from swiftos.errors import ProductError, UsageError
from swiftos.evidence import statistics
from swiftos.evidence.identity import differences, profile_hash
from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import (
    Conditions,
    HostIdentity,
    decode,
    encode,
    record_id,
)
from swiftos.evidence.report import render
from swiftos.evidence.store import Store
from tests.support.evidence_records import SOME_ID, changed, sample_record

TEMPLATE_KEYS = (
    "Revision",
    "Host",
    "QEMU version",
    "Boot path",
    "QEMU memory",
    "SMP_CPUS",
    "Artifact sizes",
    "Command or test",
    "Result",
    "Serial markers",
    "Comparison baseline",
    "Notes",
)


def test_canonical_bytes_come_back_the_same() -> None:
    data = encode(sample_record())
    assert encode(decode(data)) == data
    assert b'"artifacts":' in data
    assert data.index(b'"artifacts"') < data.index(b'"workload"')


@pytest.mark.parametrize(
    "damaged",
    [
        b"{}",
        encode(sample_record()).replace(b'"DONE"', b'"FINE"'),
        encode(sample_record()).replace(b'"smp":1', b'"smp":"1"'),
        encode(sample_record()).replace(b'"smp":1', b'"smp":1,"sockets":2'),
    ],
)
def test_what_is_no_record_is_refused(damaged: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(damaged)


def test_conditions_and_commit_are_no_part_of_identity() -> None:
    record = sample_record()
    busy = changed(conditions=Conditions(9.0, 1, 1, 1, 5), created_s=1)
    later = changed(source=msgspec.structs.replace(record.source, commit="ffff"))
    for scope in Scope:
        assert profile_hash(record, scope) == profile_hash(busy, scope)
        assert profile_hash(record, scope) == profile_hash(later, scope)


def test_host_matters_to_times_only() -> None:
    record = sample_record()
    other = changed(host=HostIdentity("Other CPU", 2, 8192, "Debian 12", "6.1"))
    assert differences(record, other, Scope.ARTIFACT) == []
    assert differences(record, other, Scope.GUEST) == []
    found = differences(record, other, Scope.HOST)
    assert [str(difference) for difference in found] == ["host CPU: Some CPU against Other CPU"]


def test_memory_matters_to_guests_and_build_mode_to_all() -> None:
    record = sample_record()
    small = changed(guest=msgspec.structs.replace(record.guest, memory="64M"))
    debug = changed(source=msgspec.structs.replace(record.source, build_mode="debug"))
    fields = {scope: [pair.field for pair in differences(record, small, scope)] for scope in Scope}
    assert fields == {Scope.ARTIFACT: [], Scope.GUEST: ["memory"], Scope.HOST: ["memory"]}
    for scope in Scope:
        assert [pair.field for pair in differences(record, debug, scope)] == ["build mode"]


def test_store_returns_what_was_added(tmp_path: Path) -> None:
    store = Store(tmp_path, tmp_path / "published")
    name = store.add(sample_record())
    assert name == record_id(sample_record())
    assert store.add(sample_record()) == name
    assert store.load(name[:8]) == (name, sample_record())
    assert [found for found, _ in store.all()] == [name]
    assert store.reindex() == 1
    with pytest.raises(UsageError, match="0 records"):
        store.load("zz")


def test_store_notices_a_changed_record(tmp_path: Path) -> None:
    store = Store(tmp_path, tmp_path / "published")
    store.add(sample_record())
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(path.read_bytes().replace(b"0.25", b"0.15"))
    records, damages = store.scan()
    assert records == []
    assert "was changed after it was stored" in damages[0].error.message
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ProductError, match="is cut off"):
        store.load(path.stem)


def test_report_fills_in_every_line_of_the_template() -> None:
    text = render(SOME_ID, sample_record())
    for key in TEMPLATE_KEYS:
        assert re.search(rf"^{key}: \S", text, re.MULTILINE), key
    order = [text.index(f"\n{key}:") for key in TEMPLATE_KEYS[1:]]
    assert order == sorted(order)
    assert "QEMU start to prompt: 0.5000 s (median of 3, 0.2500 to 0.7500) [host-time]" in text
    assert "translated blocks at the prompt: 9,000 blocks [exact]; seen" in text
    assert "  boot: prompt at 1000 us\n" in text
    assert SOME_ID[:16] in text


def test_modified_tree_is_said_in_the_report() -> None:
    source = msgspec.structs.replace(sample_record().source, is_dirty=True)
    assert "Revision: 68b140f boot: say hello (modified)\n" in render(
        SOME_ID, changed(source=source)
    )


def test_interval_contains_the_median_and_repeats() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 100.0]
    first = statistics.median_interval(values)
    assert first == statistics.median_interval(values)
    assert first.value == 3.0
    assert first.low <= 3.0 <= first.high <= 100.0
    assert statistics.median_interval([5.0, 5.0]).high == 5.0


def test_difference_and_ratio_of_clearly_different_groups() -> None:
    slow, fast = [4.0, 4.1, 3.9, 4.0], [2.0, 2.1, 1.9, 2.0]
    gap = statistics.difference_of_medians(slow, fast)
    assert 1.7 < gap.low <= gap.value <= gap.high < 2.3
    assert statistics.ratio_of_medians(slow, fast).low > 1.8
