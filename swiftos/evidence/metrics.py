"""The catalogue of metrics: each is declared once, and everything else asks here.

A metric's name is `subject.quantity`; a family's ends in `/` and stands for all names that begin
with it (`size.file/` for `size.file/bin/sh`). `metric` makes one from its samples.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from swiftos.errors import UsageError
from swiftos.evidence.record import Direction, Domain, Metric, Sample


class Scope(Enum):
    """What a figure depends on beside the tree, and so what must match in a comparison."""

    ARTIFACT = "artifact"
    """The built file alone: its mode of building."""
    GUEST = "guest"
    """The guest as well, the workload and the emulator."""
    HOST = "host"
    """All that, and the host."""


DOMAIN_BOUNDARY = {
    Domain.EXACT: "a count: it says nothing about time",
    Domain.VIRTUAL: (
        "guest time that counts instructions: translation, TLB flushes, caches and device models "
        "of the emulator cost nothing in it"
    ),
    Domain.HOST_TIME: "time of this host under emulation (TCG): no other host's, no hardware's",
    Domain.EXTERNAL: "what a client on the same host saw of an emulated guest",
}


@dataclass(frozen=True)
class Declaration:
    """A metric. `minimum_effect` is the relative change below which nobody should care."""

    name: str
    title: str
    unit: str
    domain: Domain
    direction: Direction = Direction.LOWER
    minimum_effect: float = 0.0
    is_of_artifact: bool = False
    is_of_build: bool = True
    """Whether the artifacts decide the figure; false: the tools do, as for the time of a build."""
    boundary: str = ""

    @property
    def scope(self) -> Scope:
        """What must match before two values are compared."""
        if self.is_of_artifact:
            return Scope.ARTIFACT
        return Scope.GUEST if self.domain in (Domain.EXACT, Domain.VIRTUAL) else Scope.HOST

    @property
    def is_family(self) -> bool:
        """Whether the declaration stands for all names that begin with its own."""
        return self.name.endswith("/")


HIGHER = Direction.HIGHER
EXACT, VIRTUAL = Domain.EXACT, Domain.VIRTUAL
HOST_TIME, EXTERNAL = Domain.HOST_TIME, Domain.EXTERNAL
VIRTUAL_EFFECT = 0.005
HOST_EFFECT = 0.03
NOT_HARDWARE = "boot time of real hardware"
LLM = "production LLM throughput, or tokens a second of any hardware"
NIC = "the throughput or latency of a real network"


def _size(name: str, title: str) -> Declaration:
    boundary = "memory pressure at run time: it is the size of a file"
    return Declaration(name, title, "bytes", EXACT, is_of_artifact=True, boundary=boundary)


def _virtual(name: str, title: str, unit: str, boundary: str = "") -> Declaration:
    return Declaration(name, title, unit, VIRTUAL, minimum_effect=VIRTUAL_EFFECT, boundary=boundary)


def _host(name: str, title: str, unit: str, boundary: str = "") -> Declaration:
    return Declaration(name, title, unit, HOST_TIME, minimum_effect=HOST_EFFECT, boundary=boundary)


def _tools(name: str, title: str) -> Declaration:
    return Declaration(name, title, "s", HOST_TIME, minimum_effect=HOST_EFFECT, is_of_build=False)


def _count(name: str, title: str, unit: str, boundary: str = "") -> Declaration:
    return Declaration(name, title, unit, EXACT, boundary=boundary)


def _outside(
    name: str, title: str, unit: str, direction: Direction = Direction.LOWER, boundary: str = NIC
) -> Declaration:
    return Declaration(name, title, unit, EXTERNAL, direction, HOST_EFFECT, boundary=boundary)


DECLARATIONS = (
    _size("size.kernel-memory", "kernel.bin plus zeroed memory"),
    _size("size.kernel-elf", "kernel.elf"),
    _size("size.kernel-bin", "kernel.bin"),
    _size("size.base-image", "base.img"),
    _size("size.base-without-models", "base.img without models"),
    _size("size.file/", "file of the base image"),
    _size("size.symbol/", "symbol of the kernel"),
    _virtual("boot.entry-to-user", "kernel entry to first EL0 instruction", "us", NOT_HARDWARE),
    _virtual("boot.entry-to-prompt", "kernel entry to prompt", "us", NOT_HARDWARE),
    _virtual("boot.busy", "busy time of a boot and of a frame of top", "ns", NOT_HARDWARE),
    Declaration(
        "boot.blocks", "translated blocks at the prompt", "blocks", EXACT, boundary=NOT_HARDWARE
    ),
    _host("boot.wall", "QEMU start to prompt", "s", NOT_HARDWARE),
    _host("boot.bare-elf-wall", "QEMU start to first character of a bare ELF", "s"),
    _host("boot.above-bare-elf", "prompt above the bare ELF, in the same replicate", "s"),
    _host("boot.cpu", "CPU time of QEMU up to the prompt", "s", NOT_HARDWARE),
    Declaration(
        "memory.at-prompt", "memory used at the prompt", "KiB", EXACT,
        boundary="a trend over time, or what a workload needs",
    ),
    Declaration(
        "memory.smallest-machine", "smallest -m that reaches the prompt", "MiB", EXACT,
        boundary="that a workload fits into it",
    ),
    _count("memory.story-keeps", "memory that a story leaves used", "KiB", "a trend over time"),
    _count("memory.second-story-keeps", "that a second leaves used more", "KiB"),
    _virtual("call.getpid", "busy time of a getpid call", "ns"),
    _host("call.getpid-wall", "time of a getpid call", "ns"),
    _virtual("http.busy-per-request", "busy time of an HTTP request over loopback", "ns"),
    _virtual("http.busy-per-request-mean", "the same with timers and new slices", "ns"),
    _virtual("http.busy-per-connection", "busy time of a request on a fresh connection", "ns"),
    _virtual("http.outside-busy-per-request", "busy time of a request from the host", "ns", NIC),
    _count("http.calls-per-request", "system calls of a request, client's too", "calls"),
    _count("http.allocations-per-request", "kernel allocations of a request", "allocations"),
    _host("http.cpu-per-request", "CPU time of QEMU for a request from the host", "us", NIC),
    _outside("http.requests-per-second", "requests a second on one connection", "1/s", HIGHER),
    _outside("http.latency", "median time of a request from the host", "ms"),
    _outside("http.latency-p99", "99th percentile of the same", "ms"),
    _outside("http.burst", "32 requests, 8 at once", "s"),
    _virtual("net.busy-per-kib", "busy time of a KiB over loopback, by nc", "ns"),
    _outside("net.to-guest", "TCP from the host to the guest", "MiB/s", HIGHER),
    _outside("net.from-guest", "TCP from the guest to the host", "MiB/s", HIGHER),
    _host("net.to-guest-cpu", "CPU time of QEMU for a MiB to the guest", "ms", NIC),
    _host("net.from-guest-cpu", "CPU time of QEMU for a MiB from the guest", "ms", NIC),
    _outside("net.tcp-echo", "median time of a TCP echo", "us"),
    _outside("net.udp-echo", "median time of a UDP echo", "us"),
    _virtual("command.busy", "busy time of the command, run before", "ns"),
    _virtual("command.first-busy", "busy time of the command, run for the first time", "ns"),
    _count("command.calls", "system calls of the command", "calls"),
    _count("command.page-faults", "page faults of the command", "faults"),
    _count("command.allocations", "kernel allocations of the command", "allocations"),
    _count("command.processes", "processes that the command makes, its shell too", "processes"),
    _count("command.memory-kept", "memory in use that was free before", "KiB", "a trend over time"),
    _host("command.wall", "time of the command", "s"),
    _host("command.cpu", "CPU time of QEMU for the command", "s"),
    _virtual("llm.busy-per-token", "busy time of a token of /bin/llm", "ns"),
    _virtual("llm.busy-to-first-token", "busy time of /bin/llm with one token", "ns"),
    _host("llm.cpu-per-story", "CPU time of QEMU for a story", "s"),
    _host("llm.first-token", "first token behind a prompt of 200 tokens", "ms", LLM),
    _host("serve.first-token", "first token by llmd's metrics", "ms", LLM),
    _count("serve.tokens", "tokens of a completion", "tokens"),
    _outside("serve.completion", "whole completion, seen by the client", "s", boundary=LLM),
    Declaration(
        "llm.tokens-per-second", "llm tokens a second", "tok/s", HOST_TIME, HIGHER, HOST_EFFECT,
        boundary="production LLM throughput",
    ),
    Declaration(
        "serve.tokens-per-second", "llmd tokens a second", "tok/s", HOST_TIME, HIGHER, HOST_EFFECT,
        boundary="tokens a second of any hardware",
    ),
    Declaration("serve.first-byte", "llmd first byte", "ms", EXTERNAL, minimum_effect=HOST_EFFECT),
    _tools("build.scratch", "build from scratch"),
    _tools("build.unchanged", "build with nothing changed"),
    _tools("build.one-file", "build with one kernel file changed"),
)  # fmt: skip

_BY_NAME = {declaration.name: declaration for declaration in DECLARATIONS}
_FAMILIES = tuple(declaration for declaration in DECLARATIONS if declaration.is_family)


def find(name: str) -> Declaration | None:
    """Returns the declaration of a metric or of its family, or None."""
    exact = _BY_NAME.get(name)
    if exact is not None and not exact.is_family:
        return exact
    return next((family for family in _FAMILIES if name.startswith(family.name)), None)


def declaration(name: str) -> Declaration:
    """Returns the declaration of a metric. Raises UsageError, with the nearest names, for none."""
    found = find(name)
    if found is None:
        raise UsageError(f"there is no metric {name!r}", suggestion(name, _BY_NAME))
    return found


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a cure that names what comes near to `name`, or all that is known."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 3, 0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"


def metric(name: str, samples: Iterable[Sample], note: str = "") -> Metric:
    """Returns a metric with unit, domain and direction as declared."""
    found = declaration(name)
    return Metric(name, found.unit, found.domain, found.direction, tuple(samples), note)


def one(name: str, value: float, note: str = "") -> Metric:
    """Returns a metric of a single value."""
    return metric(name, (Sample(float(value), 0),), note)


def title(name: str) -> str:
    """Returns how a metric is called in reports; a name that is not declared stands for itself."""
    found = find(name)
    if found is None:
        return name
    return f"{found.title} {name.removeprefix(found.name)}" if found.is_family else found.title


def boundaries(measured: Sequence[Metric]) -> list[str]:
    """Returns what figures of these metrics do not prove, a sentence each, none twice."""
    lines: dict[str, None] = {}
    for item in measured:
        found = find(item.name)
        if found is not None and found.boundary:
            lines[f"{found.title}: does not prove {found.boundary}"] = None
    return list(lines) + domain_boundaries(item.domain for item in measured)


def domain_boundaries(domains: Iterable[Domain]) -> list[str]:
    """Returns what figures of these domains cannot say, a sentence for each domain."""
    return [
        f"{domain.value} figures: {DOMAIN_BOUNDARY[domain]}" for domain in dict.fromkeys(domains)
    ]
