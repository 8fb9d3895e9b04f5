"""The page of metrics: what can be measured, in which domain, and what it does not prove."""

from swiftos.evidence import metrics
from swiftos.evidence.metrics import DOMAIN_BOUNDARY, Declaration
from swiftos.references.source import cell


def metrics_text() -> str:
    """Returns the text of `docs/reference/metrics.md`."""
    lines = [
        "# Metrics",
        "",
        "<!-- claims: refused -->",
        "",
        "Written by `swiftos/generate.py` from `swiftos/evidence/metrics.py`; do not edit. A name",
        "that ends in `/` stands for all names that begin with it.",
        "",
        "| domain | what its figures are |",
        "| --- | --- |",
    ]
    lines += [f"| {domain.value} | {cell(text)} |" for domain, text in DOMAIN_BOUNDARY.items()]
    for subject in dict.fromkeys(_subject(item) for item in metrics.DECLARATIONS):
        lines += ["", f"## {subject}", "", "<!-- claims: refused -->", ""]
        lines += ["| name | what | unit | domain | better | does not prove |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        lines += [_row(item) for item in metrics.DECLARATIONS if _subject(item) == subject]
    return "\n".join([*lines, ""])


def _subject(item: Declaration) -> str:
    return item.name.partition(".")[0]


def _row(item: Declaration) -> str:
    cells = (f"`{item.name}`", item.title, item.unit, item.domain.value, item.direction.value)
    return f"| {' | '.join(cell(text) for text in (*cells, item.boundary))} |"
