"""Records that no run made, for tests of what is done with records."""

from collections.abc import Sequence

import msgspec

from swiftos.evidence import metrics
from swiftos.evidence.record import (
    Artifact,
    Conditions,
    Direction,
    Domain,
    EmulatorIdentity,
    GuestIdentity,
    HostIdentity,
    Kind,
    Metric,
    Record,
    Sample,
    Source,
    Status,
    Workload,
)

SOME_ID = "0123456789abcdef" * 4


def sample_record() -> Record:
    """Returns a record of three boots, with every part filled."""
    return Record(
        schema=2,
        created_s=1_700_000_000,
        harness_version="0.1.0",
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command="./swos measure boot",
        source=Source(
            commit="68b140f0",
            subject="68b140f boot: say hello",
            branch="main",
            is_dirty=False,
            diff_sha256="",
            build_mode="release",
            python="3.11.7",
            toolchain="ziglang-0.17.1",
            lock_sha256="00",
            status=("## main",),
            tools=("git 2.39 (ok, needs any)",),
        ),
        artifacts=(Artifact("build/kernel.elf", 1234, "ab", 1_699_999_000),),
        guest=GuestIdentity(
            machine="virt",
            cpu="cortex-a72",
            memory="256M",
            smp=1,
            boot_path="direct -kernel (ELF)",
            clock="host",
            kernel_arguments="",
            network="",
        ),
        emulator=EmulatorIdentity("QEMU 7.2.22", "cd", "tcg", ("-machine", "virt")),
        host=HostIdentity("Some CPU", 2, 8192, "Debian 12", "6.1"),
        conditions=Conditions(0.5, 4096, 100, 2000, 0, "performance"),
        workload=Workload("boot", 1, {"rounds": "6"}),
        metrics=(
            Metric(
                "boot.wall",
                "s",
                Domain.HOST_TIME,
                Direction.LOWER,
                (Sample(0.25, 0), Sample(0.75, 1), Sample(0.5, 2)),
            ),
            Metric(
                "boot.blocks", "blocks", Domain.EXACT, Direction.LOWER, (Sample(9000, 0),), "seen"
            ),
        ),
        markers=("SwiftOS 0123", "boot: prompt at 1000 us"),
        snapshots={"top": "Mem:"},
        notes=("quiet host",),
        result="boot measured",
        started_s=1_699_999_990,
        duration_s=10.0,
    )


def changed(**changes: object) -> Record:
    """Returns the sample record with some fields replaced; its beginning moves with its end."""
    created_s = changes.get("created_s")
    if isinstance(created_s, int):
        changes.setdefault("started_s", created_s - 10)
    return msgspec.structs.replace(sample_record(), **changes)


def record_of(
    name: str,
    values: Sequence[float],
    *,
    artifact: str = "ab",
    campaign: str = "",
    positions: Sequence[int] | None = None,
    **changes: object,
) -> Record:
    """Returns a record of one metric with a value a boot, of an artifact with this content."""
    places = positions or range(len(values))
    samples = [Sample(value, boot, "", places[boot]) for boot, value in enumerate(values)]
    files = (Artifact("build/kernel.elf", 1234, artifact),)
    measured = (metrics.metric(name, samples),)
    return changed(metrics=measured, artifacts=files, campaign=campaign, **changes)
