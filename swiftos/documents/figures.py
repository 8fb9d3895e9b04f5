"""Every figure in a document has evidence, or says that it is a constant or a bound.

A measured figure is a link to a published record, with the name of the metric as the link's title:

    It takes [24.6 ms][prompt] to the prompt, emulated.

    [prompt]: ../bench/records/ID.json "boot.entry-to-prompt"

The check reads the record, compares the value to the digits that are written (the median of the
boots, or the `minimum` or `maximum` that the title names behind the metric), and refuses a record
that is not there, was changed, or is older than another published record of the same profile.

What was not measured says so: `16 KiB<!-- constant -->` is what the source says,
`25 s<!-- bound -->` what a test or a guard holds. `<!-- figures: constants -->` says it of all
figures to the next heading, or of the whole document where it stands above the title.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import msgspec

from swiftos import paths
from swiftos.documents import quantity
from swiftos.documents.markdown import HEADING, Document, Finding, Line, Link, without_comments
from swiftos.errors import ToolError
from swiftos.evidence import metrics
from swiftos.evidence.compare import group_of
from swiftos.evidence.identity import identity
from swiftos.evidence.record import Domain, Metric, Record, bytes_id, decode

CONSTANTS = "<!-- figures: constants -->"
CHECKED = "<!-- figures: checked -->"
MARK = re.compile(r"^\s*<!-- (constant|bound) -->")
UNRECORDED = "Figures here were tried when this was decided; no record was kept."
HISTORY = paths.REPOSITORY / "docs" / "decisions"
GENERATED = paths.REPOSITORY / "docs" / "reference"
FEWEST_BOOTS = 7
"""With fewer a side no difference can be told from chance at the level that `compare` asks for."""
MARK_CURE = (
    "link it to a record in bench/records (./swos record export), or mark it "
    "`<!-- constant -->` or `<!-- bound -->`"
)
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "median": median,
    "minimum": min,
    "maximum": max,
}


@dataclass(frozen=True)
class Published:
    """A record that documents may cite."""

    path: Path
    record: Record


def check(document: Document, published: Path = paths.PUBLISHED_RECORDS) -> Iterator[Finding]:
    """Yields the figures of a document that nothing stands behind."""
    if document.path.is_relative_to(GENERATED):
        return
    for definition in document.definitions.values():
        if is_evidence(document, definition, published):
            yield from _check_record(document, definition, published)
    is_history = document.path.is_relative_to(HISTORY) and UNRECORDED in document.text
    for line, is_constant in _scoped(document):
        cited = [link for link in document.links(line) if is_evidence(document, link, published)]
        for link in cited:
            yield from _check_citation(document, link, published)
        if not is_constant and not is_history:
            yield from _check_bare(document, line, cited)


def is_evidence(document: Document, link: Link, published: Path) -> bool:
    """Whether a link leads to a record."""
    target = (document.path.parent / link.target).resolve()
    return link.target.endswith(".json") and target.parent == published.resolve()


def _scoped(document: Document) -> Iterator[tuple[Line, bool]]:
    """Yields the lines, each with whether its figures are declared to be constants."""
    is_whole = is_section = is_below_title = False
    for line in document.lines:
        if HEADING.match(line.text):
            is_below_title = True
            is_section = False
        elif line.text.strip() == CONSTANTS:
            is_section = is_below_title
            is_whole = is_whole or not is_below_title
        elif line.text.strip() == CHECKED:
            is_section = is_whole = False
        yield line, is_whole or is_section


def _check_bare(document: Document, line: Line, cited: list[Link]) -> Iterator[Finding]:
    """Yields the figures of a line that are neither cited nor marked."""
    visible = without_comments(line.prose)
    for link in cited:
        visible = visible[: link.start] + " " * (link.end - link.start) + visible[link.end :]
    for match in quantity.figures(visible):
        if not MARK.match(line.text[match.end() :]):
            yield document.finding(line.number, f"`{match.group()}` has no evidence", MARK_CURE)


def _check_record(document: Document, link: Link, published: Path) -> Iterator[Finding]:
    """Yields what is wrong with a record that a definition names, whether or not it is cited."""
    try:
        _load(document, link)
    except ToolError as error:
        yield document.finding(link.line, error.message, error.cure)


def _check_citation(document: Document, link: Link, published: Path) -> Iterator[Finding]:
    """Yields what is wrong with one figure that names its evidence."""
    try:
        found = _load(document, link)
    except ToolError as error:
        if not link.label:
            yield document.finding(link.line, error.message, error.cure)
        return
    name, statistic = link.title.partition(" ")[0], _statistic(link)
    metric = next((item for item in found.record.metrics if item.name == name), None)
    if metric is None or statistic not in STATISTICS:
        known = ", ".join(item.name for item in found.record.metrics)
        yield document.finding(
            link.line, f"the record has no metric {link.title!r}", f"its metrics: {known}"
        )
        return
    if not _is_right(link, metric):
        value = STATISTICS[statistic](group_of(metric).values)
        message = f"`{link.text}` is not what the record says of {metric.name}"
        yield document.finding(link.line, message, f"its {statistic} is {value:g} {metric.unit}")
    yield from _check_newest(document, link, found, metric, published)
    yield from _check_words(document, link, metric)


def _check_newest(
    document: Document, link: Link, found: Published, metric: Metric, published: Path
) -> Iterator[Finding]:
    """Yields a finding where a newer record of the same profile says something else."""
    declared = metrics.find(metric.name)
    scope = declared.scope if declared else metrics.Scope.HOST
    profile = identity(found.record, scope)
    for other in all_published(published):
        theirs = next((item for item in other.record.metrics if item.name == metric.name), None)
        is_newer = other.record.created_s > found.record.created_s
        if theirs is None or not is_newer or identity(other.record, scope) != profile:
            continue
        if not _is_right(link, theirs):
            message = f"{link.target.rpartition('/')[2][:16]} is stale for {metric.name}"
            cure = f"{paths.relative(other.path)} is newer and of the same profile; cite it"
            yield document.finding(link.line, message, cure)
            return


def _is_right(link: Link, metric: Metric) -> bool:
    """Whether the written number is the metric's."""
    written = quantity.read(link.text)
    value = STATISTICS[_statistic(link)](group_of(metric).values)
    return written is not None and written.is_rounded_from(value, metric.unit)


def _statistic(link: Link) -> str:
    """Returns the word behind the metric's name in a link's title."""
    return link.title.partition(" ")[2] or "median"


def _check_words(document: Document, link: Link, metric: Metric) -> Iterator[Finding]:
    """Yields a finding where the section does not say what kind of figure it is."""
    if metric.domain is Domain.EXACT:
        return
    section = document.section(link.line).lower()
    if "emulat" not in section:
        cure = "say in the section that the figure is emulated"
        yield document.finding(link.line, f"`{link.text}` was measured in an emulator", cure)
    boots = len({(sample.arm, sample.boot) for sample in metric.samples})
    if metric.domain is not Domain.VIRTUAL and boots < FEWEST_BOOTS and "observed" not in section:
        cure = f"say `observed`, or measure at least {FEWEST_BOOTS} boots"
        yield document.finding(link.line, f"`{link.text}` comes from {boots} boots", cure)


def _load(document: Document, link: Link) -> Published:
    """Returns the record of a link. Raises ToolError for one that cannot be cited."""
    return load_published((document.path.parent / link.target).resolve())


@cache
def load_published(path: Path) -> Published:
    """Reads a published record. Raises ToolError where it is not there, changed or unusable."""
    name = path.stem[:16]
    try:
        data = path.read_bytes()
    except OSError:
        cure = "export it there, or cite one that is there"
        raise ToolError(f"there is no record {name} in bench/records", cure) from None
    if bytes_id(data) != path.stem:
        raise ToolError(f"record {name} was changed after it was stored", "export it again")
    try:
        record = decode(data)
    except msgspec.MsgspecError as error:
        raise ToolError(f"record {name} is none: {error}", "export it again") from None
    if record.source.is_dirty and not record.source.diff_sha256:
        raise ToolError(f"record {name} does not say what was changed", "measure a committed tree")
    return Published(path, record)


def all_published(folder: Path) -> list[Published]:
    """Returns the records of a folder that can be read."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(load_published(path.resolve()))
        except ToolError:
            continue
    return found
