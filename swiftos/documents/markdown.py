"""A Markdown document as the checks see it: lines by what they are, headings, fences, links.

Only what the documents use is understood: `#` headings, fences, inline links and reference links
with their definitions, HTML comments. A code span hides what is in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from swiftos import paths

FENCE = re.compile(r"^(?P<mark>```+)(?P<info>.*)$")
HEADING = re.compile(r"^(?P<level>#{1,6}) +(?P<text>.+?)\s*$")
CODE_SPAN = re.compile(r"`[^`]*`")
COMMENT = re.compile(r"<!--.*?-->")
TITLE = r'(?: +"(?P<title>[^"]*)")?'
INLINE_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]*)" + TITLE + r"\)")
REFERENCE_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\[(?P<label>[^\]]*)\]")
DEFINITION = re.compile(r"^\[(?P<label>[^\]^]+)\]: +(?P<target>\S+)" + TITLE + r"\s*$")
NOT_IN_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Finding:
    """What is wrong in a line of a document, and what to do about it."""

    path: Path
    line: int
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{paths.relative(self.path)}:{self.line}: {self.message}\n  cure: {self.cure}"


@dataclass(frozen=True)
class Fence:
    """A block of code: its language, the words behind it, its lines. `line` is the opening one."""

    line: int
    language: str
    words: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link. `label` is that of a reference; start and end are columns of the whole link."""

    line: int
    text: str
    target: str
    title: str
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True)
class Line:
    """A line outside fences. `prose` is the line with code spans blanked, columns as in `text`."""

    number: int
    text: str
    prose: str


class Document:
    """One file, read and split."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = path.read_text() if text is None else text
        self.lines: list[Line] = []
        self.fences: list[Fence] = []
        self.open_fence_line = 0
        self._split()

    def _split(self) -> None:
        """Sorts the lines into fences and all others."""
        inside: list[str] = []
        info, opened, mark = "", 0, ""
        for number, text in enumerate(self.text.splitlines(), 1):
            found = FENCE.match(text)
            if not opened and found:
                info, opened, mark, inside = found["info"], number, found["mark"], []
            elif opened and found and found["mark"] == mark and not found["info"].strip():
                words = info.split()
                language = words[0] if words else ""
                self.fences.append(Fence(opened, language, tuple(words[1:]), tuple(inside)))
                opened = 0
            elif opened:
                inside.append(text)
            else:
                self.lines.append(Line(number, text, CODE_SPAN.sub(_blank, text)))
        self.open_fence_line = opened

    @cached_property
    def definitions(self) -> dict[str, Link]:
        """Returns the targets of reference links by label in lower case."""
        found = {}
        for line in self.lines:
            if match := DEFINITION.match(line.text):
                label, title = match["label"].lower(), match["title"] or ""
                found[label] = Link(line.number, "", match["target"], title, 0, 0, label)
        return found

    def links(self, line: Line) -> Iterator[Link]:
        """Yields the links of a line; one whose label is not defined has no target."""
        if DEFINITION.match(line.text):
            return
        for match in INLINE_LINK.finditer(line.prose):
            title = match["title"] or ""
            text = line.text[match.start("text") : match.end("text")]
            yield Link(line.number, text, match["target"], title, match.start(), match.end())
        for match in REFERENCE_LINK.finditer(line.prose):
            label = (match["label"] or match["text"]).lower()
            known = self.definitions.get(label)
            target, title = (known.target, known.title) if known else ("", "")
            start, end = match.span()
            yield Link(line.number, match["text"], target, title, start, end, label)

    def anchors(self) -> set[str]:
        """Returns the anchors of the headings, by GitHub's rule."""
        found: dict[str, int] = {}
        result = set()
        for line in self.lines:
            if match := HEADING.match(line.text):
                slug = slug_of(match["text"])
                again = found.get(slug, 0)
                found[slug] = again + 1
                result.add(f"{slug}-{again}" if again else slug)
        return result

    def section(self, number: int) -> str:
        """Returns the text from the heading above a line to the next heading."""
        first, last = 1, len(self.text.splitlines())
        for line in self.lines:
            if HEADING.match(line.text):
                if line.number <= number:
                    first = line.number
                else:
                    last = line.number - 1
                    break
        return "\n".join(self.text.splitlines()[first - 1 : last])

    def finding(self, line: int, message: str, cure: str) -> Finding:
        """Returns a finding in this document."""
        return Finding(self.path, line, message, cure)


def slug_of(heading: str) -> str:
    """Returns the anchor that GitHub gives a heading."""
    plain = INLINE_LINK.sub(lambda match: match["text"], heading.replace("`", ""))
    return NOT_IN_SLUG.sub("", plain.strip().lower()).replace(" ", "-")


def without_comments(text: str) -> str:
    """Returns a line with its HTML comments blanked, columns as they were."""
    return COMMENT.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
