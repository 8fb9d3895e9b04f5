"""What the report shows of a metric: its records under one profile, oldest first.

The unit is a boot: a point holds the median of each boot. An interval is drawn only where there
are boots enough for one.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from swiftos.evidence import metrics
from swiftos.evidence.compare import Comparison, compare_records, group_of
from swiftos.evidence.identity import differences, profile_hash
from swiftos.evidence.metrics import Declaration
from swiftos.evidence.record import Metric, Record
from swiftos.evidence.statistics import Interval, median_interval

FEWEST_BOOTS_FOR_INTERVAL = 6
Found = tuple[str, Record]


@dataclass(frozen=True)
class Point:
    """A metric in one record: the median of each boot, and over them the median's interval."""

    id: str
    record: Record
    boots: tuple[float, ...]
    interval: Interval | None

    @property
    def middle(self) -> float:
        """The median over the boots."""
        return median(self.boots)

    @property
    def day(self) -> str:
        """When it was stored, UTC."""
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(self.record.created_s))

    @property
    def revision(self) -> str:
        """The short commit, with a sign where the tree was changed."""
        return self.record.source.commit[:8] + ("+" if self.record.source.is_dirty else "")


@dataclass(frozen=True)
class Series:
    """A metric under one profile. `unlike` names what differs from the profile shown first."""

    declared: Declaration
    name: str
    title: str
    points: tuple[Point, ...]
    unlike: tuple[str, ...] = ()

    @property
    def newest(self) -> Point:
        """The newest point."""
        return self.points[-1]

    @property
    def subject(self) -> str:
        """The first word of the metric's name."""
        return self.name.partition(".")[0]

    def against_previous(self) -> Comparison | None:
        """Compares the newest record with the one before it."""
        if len(self.points) < 2:
            return None
        first, second = self.points[-2].record, self.points[-1].record
        return next(iter(compare_records(first, second, [self.name])), None)


def collect(records: Sequence[Found]) -> list[Series]:
    """Returns the series of all metrics but families, those with the newest record first."""
    points: dict[tuple[str, str], list[Point]] = {}
    for name, record in records:
        for metric in record.metrics:
            declared = metrics.find(metric.name)
            if metric.samples and declared is not None and not declared.is_family:
                key = (metric.name, profile_hash(record, declared.scope))
                points.setdefault(key, []).append(_point(name, record, metric))
    return _ordered(points)


def _ordered(points: dict[tuple[str, str], list[Point]]) -> list[Series]:
    """Orders by catalogue; of a metric's profiles the one with the newest record comes first."""
    result = []
    for declared in metrics.DECLARATIONS:
        mine = [found for (name, _), found in points.items() if name == declared.name]
        mine.sort(key=lambda found: found[-1].record.created_s, reverse=True)
        for found in mine:
            unlike = differences(mine[0][-1].record, found[-1].record, declared.scope)
            texts = tuple(f"{item.field} {item.second}, not {item.first}" for item in unlike)
            result.append(Series(declared, declared.name, declared.title, tuple(found), texts))
    return result


def _point(name: str, record: Record, metric: Metric) -> Point:
    boots = group_of(metric).values
    has_interval = len(boots) >= FEWEST_BOOTS_FOR_INTERVAL and len(set(boots)) > 1
    return Point(name, record, boots, median_interval(boots) if has_interval else None)
