"""Claims that no measurement here can carry are refused wherever they stand.

A section that says what is *not* claimed is opened by `<!-- claims: refused -->` and may name the
topics; it ends at the next heading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from swiftos.documents.markdown import HEADING, Document, Finding

REFUSED_SECTION = "<!-- claims: refused -->"
RELATIVE = "say what was measured, on which profile, and link the record"


@dataclass(frozen=True)
class Topic:
    """What may not be claimed, as a pattern of words, with what to write in its place."""

    pattern: re.Pattern[str]
    cure: str


def _topic(pattern: str, cure: str) -> Topic:
    return Topic(re.compile(pattern, re.IGNORECASE), cure)


TOPICS = (
    _topic(r"production[- ](?:\w+[- ]){0,3}(?:throughput|capacity|performance)", RELATIVE),
    _topic(r"production[- ]ready|production[- ]grade", "name the tests that pass and the limits"),
    _topic(
        r"(?:real|bare|physical)[- ](?:hardware|nic|machine)s?[- ](?:\w+[- ])?"
        r"(?:performance|throughput|speed|boot time)",
        "figures come from an emulator; say `emulated` and name the profile",
    ),
    _topic(
        r"persistent[- ](?:storage[- ])?writes?[- ](?:performance|throughput|speed)",
        "there is no storage that persists; speak of /tmp, which is memory",
    ),
    _topic(
        r"tls (?:trust )?(?:performance|throughput)|certificate[- ]validation (?:cost|time)",
        "there is no TLS; say so",
    ),
    _topic(r"service[- ]level objectives?|\bSLOs?\b|\bSLAs?\b", RELATIVE),
    _topic(
        r"(?:complete|completed|finished|full) (?:scheduler )?load[- ]balancing",
        "one CPU runs; say so",
    ),
    _topic(
        r"(?:complete|completed|finished|full) per[- ]cell (?:resource )?accounting",
        "there are no figures a cell; say so",
    ),
    _topic(r"(?:hardware|host)[- ]independent (?:tokens|tok/s|throughput|speed)", RELATIVE),
    _topic(r"multi[- ]core (?:throughput|scaling|speed-?up)", "one CPU runs; say so"),
    _topic(
        r"(?:faster|quicker|slower|smaller|better|leaner) than (?:linux|nginx|llama\.cpp|busybox|"
        r"(?:any|every|all|most) other|others)",
        "a ratio comes from one run of both systems (bench/beside_linux.py), with its record",
    ),
    _topic(
        r"(?:blazing|lightning|extremely|incredibly)[- ]?(?:ly )?fast|"
        r"(?:best|fastest) (?:in|of) (?:its |the )?(?:class|field|world)",
        RELATIVE,
    ),
)


def check(document: Document) -> Iterator[Finding]:
    """Yields the claims of a document that are refused; a claim may go over the end of a line."""
    is_refused = False
    previous = ""
    for line in document.lines:
        if HEADING.match(line.text):
            is_refused = False
        if line.text.strip() == REFUSED_SECTION:
            is_refused = True
        if not is_refused:
            yield from _check_line(document, line.number, previous, line.prose)
        previous = line.prose.rstrip() + " " if line.prose.strip() else ""


def _check_line(document: Document, number: int, before: str, text: str) -> Iterator[Finding]:
    """Yields the topics whose words end in this line; `before` is the line above."""
    joined = before + text.strip()
    for topic in TOPICS:
        for match in topic.pattern.finditer(joined):
            if match.end() > len(before):
                message = f"`{match.group()}` may not be claimed"
                yield document.finding(number, message, topic.cure)
