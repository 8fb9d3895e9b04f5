"""Fills in a record's description of source, artifacts, guest and emulator."""

import hashlib
import importlib.metadata
import platform
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from swiftos import emulator, hostcheck, paths, qemu, version
from swiftos.evidence import host
from swiftos.evidence.metrics import boundaries as boundaries_of
from swiftos.evidence.record import (
    SCHEMA_VERSION,
    Artifact,
    Completion,
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

CLOCK_TOLERANCE_S = 2.0
"""What the host's clock may gain or lose during a run before a record says so."""
HOST_PORT = re.compile(r"(hostfwd=(?:tcp|udp):[^:,]*:)\d+")


@dataclass(frozen=True)
class Beginning:
    """The moment before the first run: by both clocks, and what the host was doing."""

    started_s: float
    monotonic_s: float
    conditions: Conditions


def begin() -> Beginning:
    """Notes the moment before the first run."""
    return Beginning(time.time(), time.monotonic(), host.observe())


def make_record(
    *,
    beginning: Beginning,
    kind: Kind,
    status: Status,
    command: str,
    profile: Profile,
    workload: Workload,
    metrics: Iterable[Metric],
    result: str,
    markers: Iterable[str] = (),
    snapshots: dict[str, str] | None = None,
    notes: Iterable[str] = (),
    boundaries: Iterable[str] = (),
    completion: Completion = Completion.WHOLE,
    campaign: str = "",
    build: Path = paths.BUILD,
) -> Record:
    """Returns a record of runs that have ended; what its metrics do not prove is added.

    `build` is the folder that the guest's files came from.
    """
    ended_s, duration_s = time.time(), time.monotonic() - beginning.monotonic_s
    measured = tuple(metrics)
    return Record(
        schema=SCHEMA_VERSION,
        created_s=int(ended_s),
        harness_version=version.VERSION,
        kind=kind,
        status=status,
        command=command,
        source=describe_source(build),
        artifacts=tuple(describe_artifacts(profile, build)),
        guest=describe_guest(profile),
        emulator=describe_emulator(profile),
        host=host.identify(),
        conditions=beginning.conditions,
        workload=workload,
        metrics=measured,
        markers=tuple(markers),
        snapshots=snapshots or {},
        notes=(*notes, *clock_notes(beginning.started_s, ended_s, duration_s)),
        result=result,
        started_s=int(beginning.started_s),
        duration_s=round(duration_s, 3),
        completion=completion,
        boundaries=(*boundaries, *boundaries_of(measured)),
        campaign=campaign,
    )


def clock_notes(started_s: float, ended_s: float, duration_s: float) -> list[str]:
    """Says where the host's clock was set while it was measured: its dates are wrong then.

    Figures are not: guests and the harness measure by clocks that nobody sets.
    """
    error_s = ended_s - started_s - duration_s
    if abs(error_s) <= CLOCK_TOLERANCE_S:
        return []
    direction = "back" if error_s < 0 else "forward"
    return [
        f"the host's clock was set {direction} by {abs(error_s):.0f} s meanwhile: dates are off"
    ]


def describe_source(build: Path = paths.BUILD) -> Source:
    """Describes the tree and the tools that built it; of another build folder little is known."""
    if build != paths.BUILD:
        return _foreign_source(build)
    diff = subprocess.run(
        ["git", "diff", "HEAD", "--binary"], cwd=paths.REPOSITORY, capture_output=True, check=False
    ).stdout
    return Source(
        commit=version.commit(),
        subject=version.revision(),
        branch=version.branch(),
        is_dirty=bool(diff),
        diff_sha256=hashlib.sha256(diff).hexdigest() if diff else "",
        build_mode=build_mode(build),
        python=platform.python_version(),
        toolchain=_toolchain(),
        lock_sha256=_sha256(paths.LOCKS / "tools.txt"),
        status=tuple(version.status_lines()),
        tools=tuple(_tool_line(check) for check in hostcheck.check_all()),
    )


def _tool_line(check: hostcheck.Check) -> str:
    state = "ok" if check.is_found else "missing" if check.is_required else "absent"
    return f"{check.tool} {check.version or '-'} ({state}, needs {check.needed})"


def _foreign_source(build: Path) -> Source:
    """Describes a build whose tree is not this one: its artifacts are all that is certain."""
    return Source(
        commit="",
        subject=f"another build folder, {paths.relative(build)}",
        branch="",
        is_dirty=False,
        diff_sha256="",
        build_mode=build_mode(build),
        python=platform.python_version(),
        toolchain=_toolchain(),
        lock_sha256="",
    )


def build_mode(build: Path = paths.BUILD) -> str:
    """Returns how the artifacts were built, as the build noted it."""
    note = build / "mode"
    return note.read_text().strip() if note.exists() else "unknown"


def describe_artifacts(profile: Profile, build: Path = paths.BUILD) -> list[Artifact]:
    """Describes the files that the guest was made of, by the names that they have in a build."""
    files = [build / path.name for path in (paths.KERNEL_ELF, paths.KERNEL_BIN, paths.BASE_IMAGE)]
    files += [profile.kernel, *([profile.base_image] if profile.base_image else [])]
    unique = dict.fromkeys(path for path in files if path.exists())
    return [_artifact(path, build) for path in unique]


def _artifact(path: Path, build: Path) -> Artifact:
    name = f"{paths.BUILD.name}/{path.name}" if path.parent == build else paths.relative(path)
    status = path.stat()
    return Artifact(name, status.st_size, _sha256(path), int(status.st_mtime))


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
        network=HOST_PORT.sub(r"\g<1>0", profile.network),
        options=profile.extra,
    )


def describe_emulator(profile: Profile) -> EmulatorIdentity:
    """Describes QEMU by version and content; host paths are cut from its arguments."""
    found = emulator.obtain()
    root = str(paths.REPOSITORY) + "/"
    build = str(profile.kernel.parent) + "/"
    words = [word.replace(build, "build/") for word in qemu.machine_arguments(profile)]
    arguments = [word.replace(root, "") for word in words]
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
