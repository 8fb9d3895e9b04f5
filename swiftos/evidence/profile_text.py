"""Writes the host profile of a record: what to know about the place where it was measured.

The fields are those of the table `swiftos/names.toml` (kind `profile field`), in its order.
"""

import time

from swiftos.evidence.identity import identity, profile_hash
from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import Artifact, Record

INDENT = "  "
SCOPE_NAMES = {
    Scope.ARTIFACT: "sizes",
    Scope.GUEST: "counts and guest time",
    Scope.HOST: "host time",
}
OTHER_KINDS = {"package": (".swpkg",), "disk": ("swift-os.img",)}
"""What may take part beside kernel and base image, by the ends of its files' names."""


def fields(record: Record, earlier: Record | None = None) -> dict[str, list[str]]:
    """Returns the lines of each field; `earlier` is the record that artifacts are compared with."""
    source, guest, emulator = record.source, record.guest, record.emulator
    state = [f"diff {source.diff_sha256[:16]}"] if source.is_dirty else []
    return {
        "Revision": [source.subject],
        "Tree": [*(source.status or (f"## {source.branch}",)), *state],
        "QEMU version": [f"{emulator.version} (program {emulator.sha256[:16]})"],
        "Tools": list(source.tools) or ["not recorded by this version"],
        "Host": host_lines(record),
        "QEMU acceleration": [emulator.accelerator],
        "QEMU memory": [guest.memory],
        "SMP_CPUS": [str(guest.smp)],
        "Boot path": [guest.boot_path],
        "Rebuilt artifacts": rebuilt_lines(record, earlier),
        "Command or test": [record.command],
    }


def text(record: Record, earlier: Record | None = None) -> str:
    """Returns the profile as text, a field a line, further lines of a field indented."""
    lines = []
    for name, (first, *more) in fields(record, earlier).items():
        lines += [f"{name}: {first}", *(INDENT + line for line in more)]
    return "\n".join(lines)


def identity_text(record: Record) -> str:
    """Returns what must match before figures are compared, by what asks for it."""
    lines, shown = [], set[str]()
    for scope, what in SCOPE_NAMES.items():
        lines.append(f"profile {profile_hash(record, scope)} for {what}:")
        own = {name: value for name, value in identity(record, scope).items() if name not in shown}
        lines += [f"{INDENT}{name}: {value}" for name, value in own.items()]
        shown |= set(own)
    return "\n".join(lines)


def host_lines(record: Record) -> list[str]:
    """Returns the host, then what it was doing meanwhile, which is no part of the identity."""
    host, now = record.host, record.conditions
    date = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(record.created_s))
    frequency = f"{now.frequency_mhz} MHz" if now.frequency_mhz else "frequency not told"
    return [
        f"{host.cpu_model}, {host.logical_cpus} CPUs, {host.memory_mib} MiB",
        f"{host.system}, kernel {host.kernel_release}",
        f"conditions: {date}, load {now.load}, {now.free_memory_mib} MiB free, {frequency}, "
        f"governor {now.governor or 'not told'}, {now.other_emulators} other emulators",
    ]


def rebuilt_lines(record: Record, earlier: Record | None) -> list[str]:
    """Says of each artifact whether it is the one of the record before, and what took no part."""
    known = {file.name: file for file in earlier.artifacts} if earlier else {}
    lines = [_rebuilt(file, known.get(file.name)) for file in record.artifacts]
    for kind, ends in OTHER_KINDS.items():
        if not any(file.name.endswith(ends) for file in record.artifacts):
            lines.append(f"{kind}: none took part")
    lines.append("model: inside the base image")
    return lines


def _rebuilt(file: Artifact, before: Artifact | None) -> str:
    date = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(file.built_s)) if file.built_s else "?"
    if before is None:
        state = "no record before this one has it"
    elif before.sha256 == file.sha256:
        state = "not rebuilt: the bytes of the record before"
    else:
        state = "rebuilt: other bytes than in the record before"
    return f"{file.name}: {state}; {file.bytes} bytes of {date}, {file.sha256[:16]}"
