"""Places of what the page draws: dots, intervals, lines, bars. Lengths along the axis are percent,
so that a plot is as wide as the page; across it they are pixels, so that a dot stays round."""

from dataclasses import dataclass
from itertools import pairwise

from swiftos.evidence.compare import Comparison
from swiftos.evidence.figures import percent
from swiftos.report.breakdown import BootChart
from swiftos.report.scale import Axis, Unit, axis, unit_for
from swiftos.report.series import Point, Series

MOST_ROWS = 8
MOST_HISTORY = 60
FEWEST_HISTORY = 3
ROW_PX = 30
STACK_PX = 5
STACKED_PART = 1.2
"""Dots nearer than this, in percent, are stacked instead of hiding each other."""
HISTORY_PX = 120
HISTORY_MARGIN_PX = 12


@dataclass(frozen=True)
class Dot:
    """One boot."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Row:
    """One record: a dot for each boot, the median, and its interval where there is one."""

    point: Point
    value: str
    spread: str
    dots: tuple[Dot, ...]
    middle: float
    low: float | None
    width: float | None


@dataclass(frozen=True)
class Mark:
    """A mark of the axis; `anchor` keeps the outermost texts within the plot."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class History:
    """Medians over records in their order: points with intervals, and lines between them."""

    dots: tuple[Dot, ...]
    intervals: tuple[tuple[float, float, float], ...]
    lines: tuple[tuple[float, float, float, float], ...]
    top: str
    bottom: str


@dataclass(frozen=True)
class Plot:
    """All that is drawn of one series."""

    series: Series
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    hidden: int
    history: History | None
    verdict: str
    change: str
    unit: str


@dataclass(frozen=True)
class StageBar:
    """One stage of a boot: where its bar begins and how long it is, in percent."""

    name: str
    x: float
    width: float
    step: str
    at: str


def plot(series: Series) -> Plot:
    """Returns the drawing of one series."""
    shown = series.points[-MOST_ROWS:]
    values = [value for point in shown for value in _extent(point)]
    unit = unit_for(series.declared.unit, values)
    scale = axis([value / unit.divisor for value in values])
    comparison = series.against_previous()
    return Plot(
        series=series,
        rows=tuple(_row(point, unit, scale) for point in shown),
        marks=_marks(scale, unit),
        hidden=len(series.points) - len(shown),
        history=_history(series, unit),
        verdict=comparison.verdict.value if comparison else "",
        change=_change(comparison),
        unit=unit.name,
    )


def stage_bars(chart: BootChart) -> list[StageBar]:
    """Returns the stages of a boot as bars, each beginning where the one before it ends."""
    total_us = max(stage.at_us for stage in chart.stages) or 1
    unit = unit_for("us", [total_us])
    bars = []
    before_us = 0
    for stage in chart.stages:
        step_us = stage.at_us - before_us
        x, width = 100 * before_us / total_us, 100 * step_us / total_us
        step, at = f"+{unit.text(step_us)}", unit.text(stage.at_us)
        bars.append(StageBar(stage.name, round(x, 2), round(max(width, 0.3), 2), step, at))
        before_us = stage.at_us
    return bars


def _row(point: Point, unit: Unit, scale: Axis) -> Row:
    """Returns the row of one record."""
    interval = point.interval
    spread = unit.range(min(point.boots), max(point.boots))
    low = high = None
    if interval:
        spread = unit.range(interval.low, interval.high)
        low = scale.place(interval.low / unit.divisor)
        high = scale.place(interval.high / unit.divisor)
    return Row(
        point=point,
        value=unit.text(point.middle),
        spread=spread if len(set(point.boots)) > 1 else "",
        dots=_stacked(point, unit, scale),
        middle=scale.place(point.middle / unit.divisor),
        low=low,
        width=round(high - low, 2) if low is not None and high is not None else None,
    )


def _stacked(point: Point, unit: Unit, scale: Axis) -> tuple[Dot, ...]:
    """Returns the dots, those at one place beside each other across the axis."""
    places = [(scale.place(value / unit.divisor), value) for value in point.boots]
    stacks: dict[int, int] = {}
    dots = []
    for x, value in sorted(places):
        place = int(x / STACKED_PART)
        height = stacks[place] = stacks.get(place, -1) + 1
        offset = (height + 1) // 2 * STACK_PX * (1 if height % 2 else -1)
        limit = ROW_PX / 2 - STACK_PX
        y = ROW_PX / 2 + max(-limit, min(limit, offset))
        dots.append(Dot(x, y, unit.text(value)))
    return tuple(dots)


def _marks(scale: Axis, unit: Unit) -> tuple[Mark, ...]:
    """Returns the marks of an axis, with the unit at the last."""
    result = []
    for value in scale.marks:
        x = scale.place(value)
        anchor = "start" if x < 8 else "end" if x > 92 else "middle"
        result.append(Mark(x, Unit("", 1).bare(value), anchor))
    return tuple(result)


def _history(series: Series, unit: Unit) -> History | None:
    """Returns the medians over the records, newest to the right; None for very few."""
    points = series.points[-MOST_HISTORY:]
    if len(points) < FEWEST_HISTORY:
        return None
    scale = axis([value / unit.divisor for point in points for value in _ends(point)])
    room = HISTORY_PX - 2 * HISTORY_MARGIN_PX

    def height(value: float) -> float:
        part = (value / unit.divisor - scale.low) / (scale.high - scale.low)
        return round(HISTORY_MARGIN_PX + room * (1 - part), 1)

    places = [round(3 + 94 * index / (len(points) - 1), 2) for index in range(len(points))]
    dots = tuple(
        Dot(x, height(point.middle), f"{point.revision}, {point.day}: {unit.text(point.middle)}")
        for x, point in zip(places, points, strict=True)
    )
    intervals = tuple(
        (x, height(point.interval.high), height(point.interval.low))
        for x, point in zip(places, points, strict=True)
        if point.interval
    )
    pairs = pairwise(dots)
    lines = tuple((first.x, first.y, second.x, second.y) for first, second in pairs)
    ends = unit.text(scale.high * unit.divisor), unit.text(scale.low * unit.divisor)
    return History(dots, intervals, lines, *ends)


def _ends(point: Point) -> list[float]:
    """Returns what the history shows of a point."""
    interval = [point.interval.low, point.interval.high] if point.interval else []
    return [point.middle, *interval]


def _extent(point: Point) -> list[float]:
    """Returns all values that a row shows."""
    return [*point.boots, *_ends(point)]


def _change(comparison: Comparison | None) -> str:
    """Spells the change since the record before, where there is one to speak of."""
    if comparison is None or comparison.change is None:
        return ""
    return percent(comparison.change.value)
