"""Writes the link by which a document cites a figure, from the newest published record."""

from pathlib import Path

from swiftos import paths
from swiftos.documents.figures import Published, all_published
from swiftos.errors import UsageError
from swiftos.evidence import metrics
from swiftos.evidence.compare import group_of
from swiftos.report.scale import unit_for

CURE = "./swos measure it from a committed tree, then ./swos record publish ID"


def citation(name: str, folder: Path = paths.PUBLISHED_RECORDS) -> tuple[str, str]:
    """Returns the figure as a reference link, and the definition for a page in `docs/`.

    Raises UsageError where no published record has the metric.
    """
    metrics.declaration(name)
    found = newest(name, folder)
    if found is None:
        raise UsageError(f"no published record has the metric {name}", CURE)
    metric = next(item for item in found.record.metrics if item.name == name)
    value = group_of(metric).middle
    text = unit_for(metric.unit, [value]).text(value)
    return f"[{text}][{name}]", f'[{name}]: ../bench/records/{found.path.name} "{name}"'


def newest(name: str, folder: Path) -> Published | None:
    """Returns the newest published record with a metric."""
    having = [
        found
        for found in all_published(folder)
        if any(item.name == name for item in found.record.metrics)
    ]
    return max(having, key=lambda found: found.record.created_s, default=None)
