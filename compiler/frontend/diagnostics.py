"""Diagnostics are values: a code, a message, a marked place, further labelled places, a cure.

The front end collects them and never prints; `render` makes the text that a command line shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from compiler.frontend.codes import CODES
from compiler.frontend.source import Source
from compiler.ir.spans import Span


class CompileError(Exception):
    """The program has errors; carries all of them, in order of place."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} errors")
        self.diagnostics = diagnostics


class RefusedError(Exception):
    """Ends the checking of one statement; its diagnostic has been recorded."""


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that explains the error."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error."""

    code: str
    path: str
    span: Span
    message: str
    help: str
    labels: tuple[Label, ...] = ()

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        """Orders diagnostics by file and place."""
        return (self.path, self.span, self.code, self.message)


@dataclass
class Diagnostics:
    """The diagnostics of one run, without repetitions."""

    found: dict[Diagnostic, None] = field(default_factory=dict)

    def report(
        self,
        code: str,
        path: str,
        span: Span,
        message: str,
        *,
        cure: str = "",
        labels: tuple[Label, ...] = (),
    ) -> None:
        """Records an error; `cure` replaces the general cure of the code."""
        cure = cure or CODES[code].cure
        self.found.setdefault(Diagnostic(code, path, span, message, cure, labels))

    def sorted(self) -> list[Diagnostic]:
        """All of them, by file and place."""
        return sorted(self.found, key=lambda item: item.sort_key)

    def raise_if_any(self) -> None:
        """Raises CompileError if an error was recorded."""
        if self.found:
            raise CompileError(self.sorted())


SourceOf = Callable[[str], Source | None]


def render(diagnostic: Diagnostic, source_of: SourceOf) -> str:
    """The diagnostic as text: place, message, marked source lines, help."""
    head = f"error[{diagnostic.code}]: {diagnostic.message}"
    lines = [f"{_place(diagnostic.path, diagnostic.span, source_of)}: {head}"]
    lines += _marked(diagnostic.path, diagnostic.span, source_of, "^")
    for label in diagnostic.labels:
        lines.append(f"{_place(label.path, label.span, source_of)}: note: {label.text}")
        lines += _marked(label.path, label.span, source_of, "-")
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def _place(path: str, span: Span, source_of: SourceOf) -> str:
    source = source_of(path)
    column = source.character_column(span.line, span.column) if source else span.column
    return f"{path}:{span.line}:{column + 1}"


def _marked(path: str, span: Span, source_of: SourceOf, mark: str) -> list[str]:
    source = source_of(path)
    if source is None or not source.line(span.line):
        return []
    text = source.line(span.line)
    start = source.character_column(span.line, span.column)
    if span.end_line == span.line:
        end = source.character_column(span.line, span.end_column)
    else:
        end = len(text.rstrip())
    number = str(span.line)
    gutter = " " * len(number)
    padding = "".join("\t" if character == "\t" else " " for character in text[:start])
    return [f" {number} | {text}", f" {gutter} | {padding}{mark * max(1, end - start)}"]
