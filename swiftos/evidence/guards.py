"""Guards: bounds that figures must keep, one file each in `bench/guards/`.

A guard holds one metric to one bound and says where the bound comes from: the record of the run
that it was set by, which is published with the tree, the date and the reason. Only counts and guest
time are guarded, so that a guard says the same on every host, idle or loaded. A guard that holds
proves its bound and nothing else.
"""

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from swiftos.errors import ProductError, RefusedError, UsageError
from swiftos.evidence import metrics, safe_write
from swiftos.evidence.figures import number, percent
from swiftos.evidence.record import Direction, Domain, Metric, Record
from swiftos.evidence.store import Store, short

GUARDED = (Domain.EXACT, Domain.VIRTUAL)
KEYS = {"metric": str, "bound": (int, float), "origin": str, "date": date, "reason": str}


@dataclass(frozen=True)
class Guard:
    """One bound: at most where lower is better, at least where higher is."""

    path: Path
    metric: str
    bound: float
    origin: str
    date: date
    reason: str

    @property
    def words(self) -> str:
        """The bound in words."""
        declared = metrics.declaration(self.metric)
        which = "at most" if declared.direction is Direction.LOWER else "at least"
        return f"{which} {number(self.bound)} {declared.unit}"

    def holds(self, value: float) -> bool:
        """Says whether a value keeps the bound."""
        is_lower = metrics.declaration(self.metric).direction is Direction.LOWER
        return value <= self.bound if is_lower else value >= self.bound


@dataclass(frozen=True)
class Outcome:
    """What became of one guard; `value` is None where the metric was not measured."""

    guard: Guard
    value: float | None

    @property
    def is_kept(self) -> bool:
        """Whether the metric was measured and keeps its bound."""
        return self.value is not None and self.guard.holds(self.value)

    def __str__(self) -> str:
        guard = self.guard
        title = metrics.title(guard.metric)
        if self.value is None:
            return f"UNMEASURED {title} ({guard.metric}): nothing gave a value"
        state = "kept" if self.is_kept else "BROKEN"
        unit = metrics.declaration(guard.metric).unit
        room = (guard.bound - self.value) / abs(guard.bound) if guard.bound else 0.0
        return f"{state:10} {title}: {number(self.value)} {unit}, {guard.words} ({percent(room)})"


def load(folder: Path) -> list[Guard]:
    """Returns all guards, by the names of their files. Raises UsageError for a wrong file."""
    guards = [_read(path) for path in sorted(folder.glob("*.toml"))]
    seen: dict[str, Path] = {}
    for guard in guards:
        if guard.metric in seen:
            what = f"{guard.path.name} and {seen[guard.metric].name} guard {guard.metric}"
            raise UsageError(what, "keep one of them")
        seen[guard.metric] = guard.path
    return guards


def check(guards: Iterable[Guard], measured: Iterable[Metric]) -> list[Outcome]:
    """Returns what became of each guard; the worst sample of a metric counts."""
    values = {item.name: _worst(item) for item in measured if item.samples}
    return [Outcome(guard, values.get(guard.metric)) for guard in guards]


def origin_value(guard: Guard, store: Store) -> float:
    """Returns the value that the origin of a guard measured.

    Raises UsageError where the record is not there, ProductError where it has no such metric.
    """
    _, record = store.load(guard.origin)
    return value_of(record, guard.metric)


def value_of(record: Record, name: str) -> float:
    """Returns the median of a record's metric. Raises ProductError where it has none."""
    found = next((item for item in record.metrics if item.name == name), None)
    if found is None or not found.samples:
        known = [item.name for item in record.metrics if item.samples]
        raise ProductError(
            f"the record has no metric {name!r}", metrics.suggestion(name, known or ["nothing"])
        )
    return median(sample.value for sample in found.samples)


def propose(record_name: str, record: Record, name: str, headroom: float, today: date) -> str:
    """Returns the text of a guard that lets a metric of a record get worse by `headroom`.

    Raises RefusedError for a metric that depends on the host.
    """
    declared = metrics.declaration(name)
    if declared.domain not in GUARDED:
        what = f"{name} is a {declared.domain.value} figure: it depends on the host"
        raise RefusedError(what, "guard a count or guest time")
    value = value_of(record, name)
    is_lower = declared.direction is Direction.LOWER
    bound = math.ceil(value * (1 + headroom)) if is_lower else math.floor(value * (1 - headroom))
    return (
        f'metric = "{name}"\nbound = {bound}\norigin = "{short(record_name)}"\n'
        f"date = {today.isoformat()}\n"
    )


def write(folder: Path, name: str, text: str, reason: str) -> Path:
    """Writes a guard's file. Raises UsageError without a reason."""
    if not reason.strip() or any(letter in reason for letter in '"\\\n'):
        raise UsageError("a guard needs a reason, on one line and without quotes", "--reason WHY")
    path = folder / f"{name.replace('/', '-')}.toml"
    safe_write.write(path, f'{text}reason = "{reason.strip()}"\n'.encode())
    return path


def _worst(measured: Metric) -> float:
    values = [sample.value for sample in measured.samples]
    return max(values) if measured.direction is Direction.LOWER else min(values)


def _read(path: Path) -> Guard:
    """Reads one file."""
    try:
        content = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not TOML: {error}", "correct the file") from None
    wrong = [key for key, kind in KEYS.items() if not isinstance(content.get(key), kind)]  # type: ignore[arg-type]
    wrong += sorted(content.keys() - KEYS.keys())
    if wrong:
        what = f"{path.name}: {', '.join(wrong)} is missing, of a wrong type or unknown"
        raise UsageError(what, f"a guard has {', '.join(KEYS)}")
    guard = Guard(path, **content)
    declared = metrics.declaration(guard.metric)
    if declared.domain not in GUARDED:
        what = f"{path.name}: {guard.metric} is a {declared.domain.value} figure"
        raise RefusedError(what, "guard a count or guest time: they do not depend on the host")
    if not guard.reason.strip():
        raise UsageError(f"{path.name} has no reason", "say why the bound is what it is")
    return guard
