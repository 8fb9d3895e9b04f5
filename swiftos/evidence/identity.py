"""The profile: which fields of a record must match before figures may be compared.

What must match grows with the scope of a metric: the size of a file depends on how it was built;
a figure of a guest also on the machine, the workload and the emulator; a time also on the host.
The commit and the artifacts are what a comparison is about, conditions vary by themselves: neither
is part of a profile.
"""

import hashlib
import json
from dataclasses import dataclass

from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import Record

ABSENT = "(absent)"


@dataclass(frozen=True)
class Difference:
    """A field that differs, with both values as text."""

    field: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.field}: {self.first} against {self.second}"


def identity(record: Record, scope: Scope) -> dict[str, str]:
    """Returns the fields that must match for a scope, by the names that reports use."""
    fields = dict(_artifact_fields(record))
    if scope is not Scope.ARTIFACT:
        fields |= _guest_fields(record) | _emulator_fields(record) | _workload_fields(record)
    if scope is Scope.HOST:
        fields |= _host_fields(record)
    return fields


def profile_hash(record: Record, scope: Scope = Scope.HOST) -> str:
    """Returns a short hash of the identity, the key for grouping records."""
    text = json.dumps(identity(record, scope), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(first: Record, second: Record, scope: Scope) -> list[Difference]:
    """Returns all fields of a scope that differ between two records."""
    left, right = identity(first, scope), identity(second, scope)
    names = dict.fromkeys((*left, *right))
    pairs = [Difference(name, left.get(name, ABSENT), right.get(name, ABSENT)) for name in names]
    return [pair for pair in pairs if pair.first != pair.second]


def _artifact_fields(record: Record) -> dict[str, str]:
    return {"build mode": record.source.build_mode}


def _guest_fields(record: Record) -> dict[str, str]:
    guest = record.guest
    return {
        "boot path": guest.boot_path,
        "memory": guest.memory,
        "CPUs": str(guest.smp),
        "guest machine": guest.machine,
        "guest CPU": guest.cpu,
        "clock": guest.clock,
        "kernel arguments": guest.kernel_arguments or "(none)",
        "network": guest.network or "(none)",
        "QEMU options": " ".join(guest.options) or "(none)",
    }


def _emulator_fields(record: Record) -> dict[str, str]:
    emulator = record.emulator
    return {
        "QEMU version": emulator.version,
        "QEMU binary": emulator.sha256[:16],
        "accelerator": emulator.accelerator,
    }


def _workload_fields(record: Record) -> dict[str, str]:
    workload = record.workload
    fields = {"workload": workload.name, "workload version": str(workload.version)}
    return fields | {f"workload {name}": value for name, value in workload.parameters.items()}


def _host_fields(record: Record) -> dict[str, str]:
    host = record.host
    return {
        "host CPU": host.cpu_model,
        "host CPUs": str(host.logical_cpus),
        "host memory": f"{host.memory_mib} MiB",
        "host system": host.system,
        "host kernel": host.kernel_release,
    }
