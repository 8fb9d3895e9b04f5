"""Writes a comparison as text and as JSON: always with boots, interval, floor and what it could
have seen."""

import math
from collections import Counter
from typing import Any

import msgspec

from swiftos.evidence import metrics
from swiftos.evidence.compare import NOT_INTERLEAVED, Comparison, Verdict
from swiftos.evidence.figures import number, percent
from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import Completion, Record
from swiftos.evidence.shift import LEVEL
from swiftos.evidence.store import short

NAMES_SHOWN = 3
CONFIDENCE = f"{100 * (1 - LEVEL):g} %"


Part = tuple[tuple[str, Record], tuple[str, Record], list[Comparison]]
"""Two records with their ids, and what came of comparing them."""


def text(parts: list[Part]) -> str:
    """Returns comparisons for a terminal."""
    lines = []
    for first, second, found in parts:
        lines += [_head("A", first), _head("B", second), ""]
        shown, quiet = _split(found)
        for item in shown:
            lines += [_line(item), f"    {_details(item)}"]
        lines += [*_members(quiet), *_only_in_one(first[1], second[1]), ""]
    everything = [item for part in parts for item in part[2]]
    lines += [summary(everything), *_cures(everything), "", "what this does not prove:"]
    lines += [f"  {line}" for line in _boundaries(everything)]
    return "\n".join(lines)


def _boundaries(found: list[Comparison]) -> list[str]:
    """Returns what the figures do not prove, each with the metrics that it is said of."""
    titles: dict[str, dict[str, None]] = {}
    for item in found:
        if item.declared.boundary:
            titles.setdefault(item.declared.boundary, {})[item.declared.title] = None
    lines = [f"{text} ({_some(list(of))})" for text, of in titles.items()]
    return lines + metrics.domain_boundaries(item.metric.domain for item in found)


def _some(names: list[str]) -> str:
    """Returns the first names of a list and how many more there are."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _split(found: list[Comparison]) -> tuple[list[Comparison], list[Comparison]]:
    """Returns what is shown line by line, and members of families that did not change."""
    quiet = [
        item
        for item in found
        if item.declared.is_family and item.verdict in (Verdict.UNCHANGED, Verdict.IDENTICAL)
    ]
    return [item for item in found if item not in quiet], quiet


def _members(quiet: list[Comparison]) -> list[str]:
    """Returns a line for each family of which members did not change."""
    counts = Counter((item.verdict, item.declared.name) for item in quiet)
    return [
        f"{verdict.value:13} {count} of {family}"
        for (verdict, family), count in sorted(counts.items(), key=lambda item: item[0][1])
    ]


def _only_in_one(first: Record, second: Record) -> list[str]:
    """Names the metrics that only one of the records has."""
    ours, theirs = ({item.name for item in record.metrics} for record in (first, second))
    lines = [f"only in A      {name}" for name in sorted(ours - theirs)]
    return lines + [f"only in B      {name}" for name in sorted(theirs - ours)]


def _cures(found: list[Comparison]) -> list[str]:
    """Returns what would turn an INCONCLUSIVE into an answer."""
    if not any(item.reason == NOT_INTERLEAVED for item in found):
        return []
    return [
        "A drift of the host between two campaigns cannot be told from a change: for times of the",
        "host measure both in one, boot by boot (./swos measure ... --beside BUILD-FOLDER).",
    ]


def summary(found: list[Comparison]) -> str:
    """Returns how many metrics got each verdict."""
    counts = {verdict: sum(item.verdict is verdict for item in found) for verdict in Verdict}
    parts = [f"{count} {verdict.value}" for verdict, count in counts.items() if count]
    return "verdict: " + ", ".join(parts)


def to_json(
    first: tuple[str, Record], second: tuple[str, Record], found: list[Comparison]
) -> dict[str, Any]:
    """Returns the comparison as plain values; what is not known is null."""
    return {
        "first": first[0],
        "second": second[0],
        "level": LEVEL,
        "metrics": [_item(item) for item in found],
    }


def _head(letter: str, side: tuple[str, Record]) -> str:
    name, record = side
    dirty = " (modified)" if record.source.is_dirty else ""
    line = f"{letter}  {short(name)}  {record.workload.name}: {record.source.subject}{dirty}"
    return line if record.completion is Completion.WHOLE else f"{line} [{record.completion.value}]"


def _line(item: Comparison) -> str:
    old, new = number(item.first.middle), number(item.second.middle)
    change = f" {percent(item.change.value)}" if item.change else ""
    title = metrics.title(item.metric.name)
    return f"{item.verdict.value:13} {title}: {old} -> {new} {item.metric.unit}{change}"


def _details(item: Comparison) -> str:
    parts = [item.metric.name, item.metric.domain.value]
    if item.declared.scope is not Scope.ARTIFACT:
        parts.append(_boots(len(item.first.values), len(item.second.values)))
    if item.change and item.change.width and not math.isinf(item.change.width):
        ends = f"{percent(item.change.low)} to {percent(item.change.high)}"
        parts.append(f"{CONFIDENCE} interval {ends}, noise floor {percent(item.floor, sign='')}")
    if item.verdict in (Verdict.UNCHANGED, Verdict.INCONCLUSIVE):
        parts.append(_detectable(item))
    return f"[{'; '.join(parts)}] {item.reason}"


def _boots(first: int, second: int) -> str:
    if first != second:
        return f"{first} and {second} boots"
    return "one boot each" if first == 1 else f"{first} boots each"


def _detectable(item: Comparison) -> str:
    if math.isinf(item.detectable):
        return "no change could have been found for certain"
    if item.detectable == 0:
        return "any change would have been found"
    return f"a change of {percent(item.detectable, sign='')} would have been found"


def _item(item: Comparison) -> dict[str, Any]:
    change = item.change
    return {
        "metric": item.metric.name,
        "unit": item.metric.unit,
        "domain": item.metric.domain.value,
        "verdict": item.verdict.value,
        "reason": item.reason,
        "first": list(item.first.values),
        "second": list(item.second.values),
        "change": _finite(change.value) if change else None,
        "interval": [_finite(change.low), _finite(change.high)] if change else None,
        "noise_floor": item.floor,
        "smallest_detectable_change": _finite(item.detectable),
        "differences": [msgspec.to_builtins(difference) for difference in item.differences],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
