"""What both pages show, in the order in which they show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from swiftos.evidence import metrics
from swiftos.report import breakdown, plots
from swiftos.report.breakdown import BootChart, Sizes
from swiftos.report.plots import Plot
from swiftos.report.series import Found, Point, collect

SUBJECTS = {
    "boot": "Boot",
    "memory": "Memory",
    "size": "Artifacts",
    "call": "System calls",
    "http": "HTTP",
    "net": "Network",
    "llm": "Language model",
    "serve": "Serving completions",
    "build": "Building",
}
DOES_NOT_PROVE = " does not prove"
ALWAYS = (
    "Anything about hardware: every figure comes from an emulator.",
    "Throughput or capacity in production, or service levels.",
    "Anything about several CPUs: one runs.",
    "A difference between records of unlike profiles: ./swos compare refuses it.",
)
LAST_HEADINGS = (
    ("stages", "Boot by stage"),
    ("sizes", "Sizes"),
    ("boundaries", "What this does not prove"),
    ("records", "Records"),
)


@dataclass(frozen=True)
class Content:
    """All that a page needs. `firsts` are the plots of each metric's newest profile."""

    records: tuple[Point, ...]
    subjects: tuple[tuple[str, str, tuple[Plot, ...]], ...]
    chart: BootChart | None
    sizes: Sizes | None
    boundaries: tuple[str, ...]

    @property
    def firsts(self) -> list[Plot]:
        """The plots that the overview lists."""
        every = [plot for _, _, found in self.subjects for plot in found]
        return [plot for plot in every if not plot.series.unlike]

    @property
    def headings(self) -> list[tuple[str, str]]:
        """The anchors and texts of all sections."""
        subjects = [(name, heading) for name, heading, _ in self.subjects]
        return [("latest", "Latest"), *subjects, *LAST_HEADINGS]


def gather(records: Sequence[Found]) -> Content:
    """Returns the content made of records, which come oldest first."""
    drawn = [plots.plot(series) for series in collect(records)]
    names = dict.fromkeys(plot.series.subject for plot in drawn)
    order = sorted(names, key=lambda name: list(SUBJECTS).index(name) if name in SUBJECTS else 99)
    subjects = tuple(
        (
            name,
            SUBJECTS.get(name, name.capitalize()),
            tuple(plot for plot in drawn if plot.series.subject == name),
        )
        for name in order
    )
    return Content(
        records=tuple(Point(name, record, (), None) for name, record in records),
        subjects=subjects,
        chart=breakdown.boot_chart(records),
        sizes=breakdown.sizes(records),
        boundaries=_boundaries(records),
    )


def _boundaries(records: Sequence[Found]) -> tuple[str, ...]:
    """Returns what the records say that they do not prove, the general things first.

    Sentences on several figures that say the same become one.
    """
    lines = dict.fromkeys(ALWAYS)
    figures: dict[str, dict[str, None]] = {}
    for _, record in records:
        for line in record.boundaries or metrics.boundaries(record.metrics):
            title, separator, what = f" {line}".partition(DOES_NOT_PROVE)
            if separator:
                figures.setdefault(what.strip(" :"), {})[title.strip(" :")] = None
            else:
                lines[_sentence(line)] = None
    for what, titles in figures.items():
        named = ", ".join(title for title in titles if title)
        lines[_sentence(f"{what} ({named})" if named else what)] = None
    return tuple(lines)


def _sentence(text: str) -> str:
    """Returns a text that begins and ends like a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
