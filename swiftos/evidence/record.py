"""The evidence record: what was measured, on what, with every sample.

Identity and conditions are apart: identity is what must match before two figures may be compared,
conditions vary by themselves and are only recorded. A record is immutable; its id is the SHA-256 of
the bytes that it was stored as, which are canonical JSON. Fields may be added with defaults, which
raises the schema's version; none is ever renamed or removed, so an older record stays readable.
"""

import hashlib
from enum import Enum

import msgspec

from swiftos.errors import RefusedError

SCHEMA_VERSION = 2


class Domain(Enum):
    """How a metric may be used; each domain has its own rules of comparison."""

    EXACT = "exact"
    VIRTUAL = "virtual"
    HOST_TIME = "host-time"
    EXTERNAL = "external"


class Direction(Enum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


class Kind(Enum):
    """What the result means: behaviour is present, a bound held, or a figure with its spread."""

    SMOKE = "smoke"
    GUARD = "guard"
    OBSERVATION = "observation"


class Status(Enum):
    """How the run ended. FAIL: product wrong; ERROR: test broken; MISS: harness broken."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    MISS = "MISS"
    DONE = "DONE"
    SKIP = "SKIP"


class Completion(Enum):
    """Whether all that was planned was measured; what was measured is kept in every case."""

    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a record share: immutable, no unknown fields."""


class Source(Base, frozen=True):
    """The tree that was built. `diff_sha256` covers uncommitted changes of tracked files."""

    commit: str
    subject: str
    branch: str
    is_dirty: bool
    diff_sha256: str
    build_mode: str
    python: str
    toolchain: str
    lock_sha256: str
    status: tuple[str, ...] = ()
    """The lines of `git status --short --branch`."""
    tools: tuple[str, ...] = ()
    """The lines of the tools check, without paths of the host."""


class Artifact(Base, frozen=True):
    """A file that took part, by content."""

    name: str
    bytes: int
    sha256: str
    built_s: int = 0
    """When the file was last written, in seconds since 1970, UTC; 0: not known."""


class GuestIdentity(Base, frozen=True):
    """The machine that QEMU was asked for."""

    machine: str
    cpu: str
    memory: str
    smp: int
    boot_path: str
    clock: str
    kernel_arguments: str
    network: str
    """The value of `-netdev`; ports of the host that were chosen freely are written as 0."""
    options: tuple[str, ...] = ()
    """Further arguments for QEMU that change the guest."""


class EmulatorIdentity(Base, frozen=True):
    """The QEMU that ran it. `argv` holds no host paths."""

    version: str
    sha256: str
    accelerator: str
    argv: tuple[str, ...]


class HostIdentity(Base, frozen=True):
    """The machine that QEMU ran on; sizes in MiB. Nothing here is measured."""

    cpu_model: str
    logical_cpus: int
    memory_mib: int
    system: str
    kernel_release: str


class Conditions(Base, frozen=True):
    """What varied by itself; load is the one-minute average, times in seconds since boot."""

    load: float
    free_memory_mib: int
    uptime_s: int
    frequency_mhz: int
    other_emulators: int
    governor: str = ""


class Workload(Base, frozen=True):
    """What was done: a name, a version that changes with its meaning, its parameters.

    How often it was repeated is no parameter: records of 6 and of 12 boots are comparable.
    """

    name: str
    version: int
    parameters: dict[str, str]


class Sample(Base, frozen=True):
    """One raw value. Boot counts fresh boots, from 0; samples of one boot are no replicates.

    Arm and position say where in the interleaving it was taken: position counts all boots of the
    campaign in the order in which they were made, over both arms.
    """

    value: float
    boot: int
    arm: str = ""
    position: int = 0


class Metric(Base, frozen=True):
    """A named series of samples, with unit, domain and direction."""

    name: str
    unit: str
    domain: Domain
    direction: Direction
    samples: tuple[Sample, ...]
    note: str = ""


class Record(Base, frozen=True):
    """One measurement. Times are seconds since 1970, UTC, by the host's clock."""

    schema: int
    created_s: int
    harness_version: str
    kind: Kind
    status: Status
    command: str
    source: Source
    artifacts: tuple[Artifact, ...]
    guest: GuestIdentity
    emulator: EmulatorIdentity
    host: HostIdentity
    conditions: Conditions
    workload: Workload
    metrics: tuple[Metric, ...]
    markers: tuple[str, ...]
    snapshots: dict[str, str]
    notes: tuple[str, ...]
    result: str
    started_s: int = 0
    """When the first run began; `created_s` is when the last had ended. 0: not known."""
    duration_s: float = 0.0
    """Between both by a clock that nobody sets."""
    completion: Completion = Completion.WHOLE
    boundaries: tuple[str, ...] = ()
    """What the record does not prove, a sentence each."""
    campaign: str = ""
    """Records whose boots were interleaved share this name; only they compare in host time."""
    attachments: tuple[Artifact, ...] = ()
    """Raw files (serial logs) that the store keeps beside the record."""


class _Versioned(msgspec.Struct):
    """The only field that every version of the schema has."""

    schema: int


def encode(record: Record) -> bytes:
    """Returns the canonical JSON: sorted keys, no spaces, every value of its field's type.

    Raises msgspec.ValidationError for a record that could not be read back.
    """
    checked = msgspec.json.decode(msgspec.json.encode(record), type=Record)
    return msgspec.json.encode(checked, order="sorted")


def decode(data: bytes) -> Record:
    """Reads a record. Raises msgspec.ValidationError for what is none, RefusedError for one that a
    newer version of the tool wrote."""
    schema = msgspec.json.decode(data, type=_Versioned).schema
    if schema > SCHEMA_VERSION:
        raise RefusedError(
            f"the record has schema version {schema}, this tool reads up to {SCHEMA_VERSION}",
            "update the checkout to the one that wrote it; the record was left as it is",
        )
    return msgspec.json.decode(data, type=Record)


def record_id(record: Record) -> str:
    """Returns the id under which the record is stored: the SHA-256 of its bytes, hexadecimal."""
    return bytes_id(encode(record))


def bytes_id(data: bytes) -> str:
    """Returns the id of a stored record's bytes."""
    return hashlib.sha256(data).hexdigest()
