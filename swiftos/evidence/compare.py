"""Compares two records metric by metric; the answer is one of six verdicts.

The unit is a boot: samples of one boot are first reduced to their median. Counts and guest time
that are equal in all boots of a record are compared exactly. Everything else gets an interval of
its relative change (`shift.py`), and is changed only if the whole interval lies beyond the noise
floor, unchanged only if the whole interval lies within it. See docs/decisions/comparing-figures.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from statistics import mean, median

from swiftos.evidence import metrics
from swiftos.evidence.identity import Difference, differences
from swiftos.evidence.metrics import Declaration, Scope
from swiftos.evidence.record import Direction, Domain, Metric, Record
from swiftos.evidence.shift import Shift, boots_needed, shift

BOOTS_FOR_EXACT = 2
"""Boots of a record that must agree before a figure of a guest counts as exact."""
BOOTS_FOR_CONTROL = 4
LARGEST_LEAN = 0.2
"""How far the mean positions of two arms may lie apart, as a part of the campaign's length."""
NOT_INTERLEAVED = "the boots of the two were not interleaved"
TIMED = (Domain.HOST_TIME, Domain.EXTERNAL)


class Verdict(Enum):
    """What a comparison says."""

    IDENTICAL = "IDENTICAL"
    IMPROVED = "IMPROVED"
    REGRESSED = "REGRESSED"
    UNCHANGED = "UNCHANGED"
    INCONCLUSIVE = "INCONCLUSIVE"
    INCOMPARABLE = "INCOMPARABLE"


class Mode(Enum):
    """Whether records of the same artifacts are called identical, or put to the test as well."""

    NORMAL = "normal"
    CONTROL = "control"


@dataclass(frozen=True)
class Group:
    """One side of a comparison: the value of each boot, by boot, and where in the campaign."""

    values: tuple[float, ...]
    positions: tuple[int, ...]

    @property
    def middle(self) -> float:
        """The median over the boots."""
        return median(self.values)

    @property
    def is_constant(self) -> bool:
        """Whether all boots agree."""
        return len(set(self.values)) == 1


@dataclass(frozen=True)
class Comparison:
    """One metric of two records. Changes are relative: 0.03 is 3 % more than the first."""

    metric: Metric
    declared: Declaration
    first: Group
    second: Group
    verdict: Verdict = Verdict.INCONCLUSIVE
    reason: str = ""
    change: Shift | None = None
    floor: float = 0.0
    detectable: float = math.inf
    """The smallest change that would have been found for certain; 0: any."""
    differences: tuple[Difference, ...] = ()


def compare_records(
    first: Record, second: Record, names: Sequence[str] = (), mode: Mode = Mode.NORMAL
) -> list[Comparison]:
    """Compares the metrics that both records have, or those of `names` among them."""
    theirs = {metric.name: metric for metric in second.metrics}
    pairs = [(metric, theirs[metric.name]) for metric in first.metrics if metric.name in theirs]
    chosen = [pair for pair in pairs if not names or pair[0].name in names]
    return [_compare(first, second, ours, other, mode) for ours, other in chosen if ours.samples]


def _compare(first: Record, second: Record, ours: Metric, other: Metric, mode: Mode) -> Comparison:
    declared = metrics.find(ours.name) or _undeclared(ours)
    found = Comparison(ours, declared, group_of(ours), group_of(other))
    unlike = differences(first, second, declared.scope)
    if unlike:
        reason = "; ".join(str(difference) for difference in unlike)
        return replace(
            found, verdict=Verdict.INCOMPARABLE, reason=reason, differences=tuple(unlike)
        )
    if mode is Mode.NORMAL and declared.is_of_build and are_same_artifacts(first, second):
        reason = "the artifacts are byte for byte the same"
        return replace(found, verdict=Verdict.IDENTICAL, reason=reason)
    is_interleaved = bool(first.campaign) and first.campaign == second.campaign
    return judge(found, is_interleaved)


def judge(found: Comparison, is_interleaved: bool) -> Comparison:
    """Returns a comparison of boots under one profile with its verdict."""
    first, second, declared = found.first, found.second, found.declared
    if _is_exact(declared, first) and _is_exact(declared, second):
        return _judge_exactly(found)
    if any(value <= 0 for value in (*first.values, *second.values)):
        return replace(found, reason="a ratio needs values above zero")
    change = ratio(first.values, second.values)
    floor = max(declared.minimum_effect, control(first), control(second))
    found = replace(found, change=change, floor=floor)
    if declared.domain in TIMED and not (is_interleaved and is_balanced(first, second)):
        return replace(found, reason=NOT_INTERLEAVED)
    if math.isinf(change.width):
        return replace(found, reason=_too_few(declared, first, second))
    verdict, reason = _verdict_of_interval(declared, change, floor)
    # A true change of this size lifts the whole interval over the floor if the interval holds it.
    detectable = (1 + floor) * (1 + change.high) / (1 + change.low) - 1
    return replace(found, verdict=verdict, reason=reason, detectable=detectable)


def _too_few(declared: Declaration, first: Group, second: Group) -> str:
    """Says how many boots would do."""
    is_single = len(first.values) < BOOTS_FOR_EXACT or len(second.values) < BOOTS_FOR_EXACT
    if is_single and declared.domain not in TIMED:
        return f"one boot cannot show that a figure is exact: {BOOTS_FOR_EXACT} that agree can"
    return f"the boots disagree: {boots_needed()} in each record are needed"


def _judge_exactly(found: Comparison) -> Comparison:
    """Returns the comparison of two exact values."""
    old, new = found.first.values[0], found.second.values[0]
    found = replace(found, detectable=0.0)
    if old == new:
        return replace(found, verdict=Verdict.UNCHANGED, reason="exactly equal")
    part = (new - old) / abs(old) if old else math.copysign(math.inf, new - old)
    verdict = _verdict_of(found.declared, new > old)
    return replace(found, verdict=verdict, reason="exact", change=Shift(part, part, part))


def _verdict_of_interval(declared: Declaration, change: Shift, floor: float) -> tuple[Verdict, str]:
    """Returns the verdict of an interval against the noise floor."""
    if change.low > floor or change.high < -floor:
        return _verdict_of(declared, change.value > 0), "the interval lies beyond the noise floor"
    if -floor <= change.low and change.high <= floor:
        return Verdict.UNCHANGED, "the interval lies within the noise floor"
    return Verdict.INCONCLUSIVE, "the interval reaches over the edge of the noise floor"


def _verdict_of(declared: Declaration, is_more: bool) -> Verdict:
    is_better = is_more == (declared.direction is Direction.HIGHER)
    return Verdict.IMPROVED if is_better else Verdict.REGRESSED


def group_of(metric: Metric) -> Group:
    """Returns the median of each boot, in the order of the boots."""
    boots: dict[int, list[float]] = {}
    positions: dict[int, int] = {}
    for sample in metric.samples:
        boots.setdefault(sample.boot, []).append(sample.value)
        positions.setdefault(sample.boot, sample.position)
    order = sorted(boots)
    values = tuple(median(boots[boot]) for boot in order)
    return Group(values, tuple(positions[boot] for boot in order))


def ratio(first: Sequence[float], second: Sequence[float]) -> Shift:
    """Returns the relative change from `first` to `second`; all values must be above zero."""
    found = shift([math.log(value) for value in first], [math.log(value) for value in second])
    return Shift(*(math.expm1(end) for end in (found.value, found.low, found.high)))


def control(group: Group) -> float:
    """Returns the A/A control: how far halves of the same boots lie apart, as a part.

    Every other boot against the rest shows the noise, the first half against the second the drift.
    """
    values = group.values
    if len(values) < BOOTS_FOR_CONTROL:
        return 0.0
    half = len(values) // 2
    halves = ((values[0::2], values[1::2]), (values[:half], values[half:]))
    return max(abs(ratio(left, right).value) for left, right in halves)


def is_balanced(first: Group, second: Group) -> bool:
    """Says whether neither arm of a campaign was measured earlier than the other on the whole."""
    places = (*first.positions, *second.positions)
    length = max(places) - min(places) + 1
    if len(set(places)) < len(places):
        return False
    lean = mean(first.positions) - mean(second.positions)
    return abs(lean) <= LARGEST_LEAN * length


def are_same_artifacts(first: Record, second: Record) -> bool:
    """Says whether both records are of the same files by content, and of any at all."""
    ours = {file.name: file.sha256 for file in first.artifacts}
    theirs = {file.name: file.sha256 for file in second.artifacts}
    return bool(ours) and ours == theirs


def _is_exact(declared: Declaration, group: Group) -> bool:
    """Says whether a group stands for one exact value."""
    if declared.scope is Scope.ARTIFACT:
        return group.is_constant
    is_counted = declared.domain not in TIMED
    return is_counted and group.is_constant and len(group.values) >= BOOTS_FOR_EXACT


def _undeclared(metric: Metric) -> Declaration:
    """Returns a declaration for a metric that an older version measured."""
    return Declaration(metric.name, metric.name, metric.unit, metric.domain, metric.direction)
