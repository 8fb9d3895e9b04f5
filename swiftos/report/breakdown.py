"""What a boot and the artifacts consist of: stages, files by folder, symbols by part."""

from collections.abc import Sequence
from dataclasses import dataclass

from swiftos.evidence.record import Record
from swiftos.measure.bootlog import Stage, stages
from swiftos.qemu import Clock
from swiftos.report.series import Found

FEWEST_STAGES = 3
FILE = "size.file"
SYMBOL = "size.symbol/"
LARGEST = 12


@dataclass(frozen=True)
class Bar:
    """One bar: its name, value and share of the largest, and the change since the record before."""

    name: str
    value: float
    change: float | None = None


@dataclass(frozen=True)
class BootChart:
    """The stages of one boot."""

    found: Found
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Sizes:
    """Bytes by folder of the image, by part of the kernel, and the largest of each."""

    found: Found
    folders: tuple[Bar, ...]
    files: tuple[Bar, ...]
    parts: tuple[Bar, ...]
    symbols: tuple[Bar, ...]


def boot_chart(records: Sequence[Found]) -> BootChart | None:
    """Returns the stages of the newest record that has them, one in counted time if there is any:
    by the host's clock a stage is as long as the host was busy."""
    charts = []
    for found in records:
        seen = stages("\n".join(found[1].markers))
        if len(seen) >= FEWEST_STAGES:
            charts.append(BootChart(found, tuple(seen)))
    counted = [chart for chart in charts if chart.found[1].guest.clock != Clock.HOST.value]
    return next(reversed(counted or charts), None)


def sizes(records: Sequence[Found]) -> Sizes | None:
    """Returns the sizes of the newest record that has them, with changes since the one before."""
    with_sizes = [found for found in records if _family(found[1], FILE)]
    if not with_sizes:
        return None
    newest = with_sizes[-1]
    before = with_sizes[-2][1] if len(with_sizes) > 1 else None
    files, symbols = _family(newest[1], FILE), _family(newest[1], SYMBOL)
    old_files = _family(before, FILE) if before else {}
    old_symbols = _family(before, SYMBOL) if before else {}
    folders = _bars(_grouped(files, folder_of), _grouped(old_files, folder_of), len(files))
    parts = _bars(_grouped(symbols, part_of), _grouped(old_symbols, part_of), len(symbols))
    largest_files = _bars(files, old_files, LARGEST)
    return Sizes(newest, folders, largest_files, parts, _bars(symbols, old_symbols, LARGEST))


def folder_of(path: str) -> str:
    """Returns the folder at the top of the image that a file lies in."""
    first, separator, _ = path.lstrip("/").partition("/")
    return f"/{first}" if separator else "/"


def part_of(symbol: str) -> str:
    """Returns the folder of the kernel that a symbol comes from: its first two names."""
    words = symbol.split(".")
    return "/".join(words[:2]) if len(words) > 2 else words[0]


def _family(record: Record, prefix: str) -> dict[str, float]:
    """Returns the values of a family by what stands behind its name."""
    return {
        metric.name.removeprefix(prefix): metric.samples[0].value
        for metric in record.metrics
        if metric.name.startswith(prefix) and metric.samples
    }


def _grouped(values: dict[str, float], key_of: object) -> dict[str, float]:
    assert callable(key_of)
    result: dict[str, float] = {}
    for name, value in values.items():
        key = key_of(name)
        result[key] = result.get(key, 0) + value
    return result


def _bars(values: dict[str, float], before: dict[str, float], most: int) -> tuple[Bar, ...]:
    """Returns the largest values as bars, the largest first."""
    order = sorted(values, key=lambda name: (-values[name], name))[:most]
    return tuple(
        Bar(name, values[name], values[name] - before.get(name, 0) if before else None)
        for name in order
    )
