"""A record of boots as `./swos measure boot` leaves one, with values chosen by the test."""

from collections.abc import Mapping, Sequence

import msgspec

from swiftos.evidence import metrics
from swiftos.evidence.record import Record, Sample
from tests.support.evidence_records import changed, sample_record

COMMIT = "68b140f0" * 5
COUNTED = "icount shift=3,sleep=on"
MARKERS = ("SwiftOS 0123456789ab", "boot: console at 800 us", "boot: prompt at 24600 us")


def boot_record(
    prompt_us: float = 24_600.0, created_s: int = 1_700_000_000, memory: str = "256M"
) -> Record:
    """Returns a record with one metric in the virtual domain."""
    return record_of({"boot.entry-to-prompt": [prompt_us]}, created_s, memory)


def record_of(
    values: Mapping[str, Sequence[float]],
    created_s: int = 1_700_000_000,
    memory: str = "256M",
    markers: Sequence[str] = MARKERS,
) -> Record:
    """Returns a record with these metrics, a boot for each value."""
    measured = [
        metrics.metric(name, [Sample(value, boot) for boot, value in enumerate(series)])
        for name, series in values.items()
    ]
    sample = sample_record()
    return changed(
        created_s=created_s,
        source=msgspec.structs.replace(sample.source, commit=COMMIT),
        guest=msgspec.structs.replace(sample.guest, memory=memory, clock=COUNTED),
        metrics=tuple(measured),
        markers=tuple(markers),
        boundaries=tuple(metrics.boundaries(measured)),
    )


def with_commit(record: Record, commit: str) -> Record:
    """Returns the record as if it came from another commit."""
    source = msgspec.structs.replace(record.source, commit=commit, subject=f"{commit[:7]} change")
    return msgspec.structs.replace(record, source=source)
