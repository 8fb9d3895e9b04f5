"""Places in source text."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of one file: lines from 1, columns from 0 in UTF-8 bytes (as CPython's `ast`).

    The file is that of the function or class which holds the node.
    """

    line: int
    column: int
    end_line: int
    end_column: int


NO_SPAN = Span(1, 0, 1, 0)
