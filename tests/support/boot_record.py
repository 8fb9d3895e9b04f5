"""A record of boots as `./swos measure boot` leaves one, with values chosen by the test."""

from collections.abc import Mapping, Sequence

import msgspec

from swiftos.evidence import metrics
from swiftos.evidence.record import (
    SCHEMA_VERSION,
    Artifact,
    Conditions,
    EmulatorIdentity,
    GuestIdentity,
    HostIdentity,
    Kind,
    Record,
    Sample,
    Source,
    Status,
    Workload,
)

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
    return Record(
        schema=SCHEMA_VERSION,
        created_s=created_s,
        harness_version="0.1.0",
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command="./swos measure boot",
        source=_source(),
        artifacts=(Artifact("build/kernel.elf", 2_095_296, "ab" * 32),),
        guest=_guest(memory),
        emulator=EmulatorIdentity("QEMU 7.2.22", "cd" * 32, "tcg", ("-machine", "virt")),
        host=HostIdentity("Some CPU", 2, 8192, "Debian 12", "6.1"),
        conditions=Conditions(0.5, 4096, 100, 2000, 0),
        workload=Workload("boot", 1, {}),
        metrics=tuple(measured),
        markers=tuple(markers),
        snapshots={},
        notes=(),
        result="boot measured",
        boundaries=tuple(metrics.boundaries(measured)),
    )


def with_commit(record: Record, commit: str) -> Record:
    """Returns the record as if it came from another commit."""
    source = msgspec.structs.replace(record.source, commit=commit, subject=f"{commit[:7]} change")
    return msgspec.structs.replace(record, source=source)


def _source() -> Source:
    return Source(
        commit="68b140f0" * 5,
        subject="68b140f boot: say hello",
        branch="main",
        is_dirty=False,
        diff_sha256="",
        build_mode="release",
        python="3.11.7",
        toolchain="ziglang-0.17.1",
        lock_sha256="00" * 32,
    )


def _guest(memory: str) -> GuestIdentity:
    return GuestIdentity(
        machine="virt",
        cpu="cortex-a72",
        memory=memory,
        smp=1,
        boot_path="direct -kernel (ELF)",
        clock="icount shift=3,sleep=on",
        kernel_arguments="",
        network="",
    )
