"""The syntax tree of the shell. POSIX.1-2017, XCU 2.9 and 2.10.

Nodes are made by the parser in an allocator and never changed afterwards. Lists are chained by
`next`. Text is a copy in the same allocator.
"""

from __future__ import annotations

from bare import Bytes, Enum8, i32, struct


class NodeKind(Enum8):
    """What a command is."""

    SIMPLE = 0
    """`assignments`, `words`, `redirections`."""
    PIPELINE = 1
    """`first` is a chain of commands; `is_negated`."""
    AND = 2
    """`first` and, if it succeeds, `second`."""
    OR = 3
    LIST = 4
    """`first` is a chain; items with `is_background` are not waited for."""
    SUBSHELL = 5
    """`first` in a process of its own."""
    GROUP = 6
    IF = 7
    """`first` is the condition, `second` the body, `third` the else part or none."""
    WHILE = 8
    """`first` is the condition, `second` the body."""
    UNTIL = 9
    FOR = 10
    """`name` takes each of `words` (of "$@", unless `has_words`); `first` is the body."""
    CASE = 11
    """`words` is the subject, `cases` the branches."""
    FUNCTION = 12
    """`name` gets the body `first`; `text` is the body's source."""


class PartKind(Enum8):
    """What a part of a word is."""

    LITERAL = 0
    """`text` as it stands."""
    PARAMETER = 1
    """The value of `text`, changed as `operator` and `argument` say."""
    COMMAND = 2
    """The output of `command`."""
    ARITHMETIC = 3
    """The value of the expression `argument`."""


class Operator(Enum8):
    """What `${name…}` does. `_EMPTY`: an empty value counts as unset (`:-`)."""

    NONE = 0
    LENGTH = 1
    DEFAULT = 2
    """`-`"""
    DEFAULT_EMPTY = 3
    """`:-`"""
    ASSIGN = 4
    ASSIGN_EMPTY = 5
    ERROR = 6
    ERROR_EMPTY = 7
    ALTERNATIVE = 8
    ALTERNATIVE_EMPTY = 9
    CUT_SHORT_SUFFIX = 10
    """`%`"""
    CUT_LONG_SUFFIX = 11
    CUT_SHORT_PREFIX = 12
    """`#`"""
    CUT_LONG_PREFIX = 13


class RedirectionKind(Enum8):
    """What a redirection does with its descriptor."""

    READ = 0
    WRITE = 1
    APPEND = 2
    READ_WRITE = 3
    DUPLICATE_INPUT = 4
    """`<&word`; `-` closes."""
    DUPLICATE_OUTPUT = 5
    HERE_TEXT = 6
    """`target` is the text itself."""


@struct
class Part:
    """A part of a word."""

    kind: PartKind
    is_quoted: bool
    """Inside quotes: neither split into fields nor a pattern."""
    operator: Operator
    text: Bytes
    argument: Word | None
    command: Node | None
    next: Part | None


@struct
class Word:
    """A word before its expansion."""

    parts: Part | None
    next: Word | None


@struct
class Assignment:
    """`name=value`."""

    name: Bytes
    value: Word
    next: Assignment | None


@struct
class Redirection:
    """One redirection of `descriptor`."""

    kind: RedirectionKind
    descriptor: i32
    target: Word
    next: Redirection | None


@struct
class CaseBranch:
    """`patterns) body ;;`"""

    patterns: Word | None
    body: Node | None
    next: CaseBranch | None


@struct
class Node:
    """A command."""

    kind: NodeKind
    is_negated: bool
    is_background: bool
    has_words: bool
    first: Node | None
    second: Node | None
    third: Node | None
    next: Node | None
    words: Word | None
    assignments: Assignment | None
    redirections: Redirection | None
    cases: CaseBranch | None
    name: Bytes
    text: Bytes
    """The source of the command, for messages; of a function that of its body."""
