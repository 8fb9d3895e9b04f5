"""Fills in a record's description of source, artifacts, guest and emulator."""

import hashlib
import importlib.metadata
import platform
import subprocess
import time
from pathlib import Path

from swiftos import emulator, paths, qemu, version
from swiftos.evidence import host
from swiftos.evidence.record import (
    SCHEMA_VERSION,
    Artifact,
    Conditions,
    EmulatorIdentity,
    GuestIdentity,
    Kind,
    Metric,
    Record,
    Source,
    Status,
    Workload,
)
from swiftos.qemu import Profile


def make_record(
    *,
    kind: Kind,
    status: Status,
    command: str,
    profile: Profile,
    workload: Workload,
    metrics: list[Metric],
    markers: list[str],
    snapshots: dict[str, str],
    notes: list[str],
    result: str,
    conditions: Conditions,
) -> Record:
    """Returns a record of a run that has ended; `conditions` were observed before it."""
    return Record(
        schema=SCHEMA_VERSION,
        created_s=int(time.time()),
        harness_version=version.VERSION,
        kind=kind,
        status=status,
        command=command,
        source=describe_source(),
        artifacts=tuple(describe_artifacts(profile)),
        guest=describe_guest(profile),
        emulator=describe_emulator(profile),
        host=host.identify(),
        conditions=conditions,
        workload=workload,
        metrics=tuple(metrics),
        markers=tuple(markers),
        snapshots=snapshots,
        notes=tuple(notes),
        result=result,
    )


def describe_source() -> Source:
    """Describes the tree and the tools that built it."""
    diff = subprocess.run(
        ["git", "diff", "HEAD", "--binary"], cwd=paths.REPOSITORY, capture_output=True, check=False
    ).stdout
    short = version.revision()
    return Source(
        commit=version.commit(),
        subject=short,
        branch=version.branch(),
        is_dirty=bool(diff),
        diff_sha256=hashlib.sha256(diff).hexdigest() if diff else "",
        build_mode=build_mode(),
        python=platform.python_version(),
        toolchain=_toolchain(),
        lock_sha256=_sha256(paths.LOCKS / "tools.txt"),
    )


def build_mode() -> str:
    """Returns how the artifacts were built, as the build noted it."""
    note = paths.BUILD / "mode"
    return note.read_text().strip() if note.exists() else "unknown"


def describe_artifacts(profile: Profile) -> list[Artifact]:
    """Describes the files that the guest was made of."""
    files = [paths.KERNEL_ELF, paths.KERNEL_BIN, paths.BASE_IMAGE]
    files += [profile.kernel, *([profile.base_image] if profile.base_image else [])]
    unique = dict.fromkeys(path for path in files if path.exists())
    return [Artifact(paths.relative(path), path.stat().st_size, _sha256(path)) for path in unique]


def describe_guest(profile: Profile) -> GuestIdentity:
    """Describes the machine that a profile asks for."""
    return GuestIdentity(
        machine=f"virt,gic-version={profile.gic}" if profile.gic else "virt",
        cpu=profile.cpu,
        memory=profile.memory,
        smp=profile.smp,
        boot_path=profile.boot_path.value,
        clock=profile.clock.value,
        kernel_arguments=profile.kernel_arguments,
        network=profile.network,
    )


def describe_emulator(profile: Profile) -> EmulatorIdentity:
    """Describes QEMU by version and content; host paths are cut from its arguments."""
    found = emulator.obtain()
    root = str(paths.REPOSITORY) + "/"
    arguments = [word.replace(root, "") for word in qemu.machine_arguments(profile)]
    return EmulatorIdentity(
        version=found.version,
        sha256=_sha256(found.program),
        accelerator="tcg",
        argv=tuple(arguments),
    )


def _toolchain() -> str:
    """Names the package that holds clang and LLD, with its version."""
    return f"ziglang-{importlib.metadata.version('ziglang')}"


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
