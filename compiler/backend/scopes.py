"""Where control goes when it leaves a block early: loops, handlers, `final` parts around a node.

Each way out of a `try` gets one landing pad that runs the `final` part once and goes on outwards,
so a `with` block with five returns has one copy of its `__exit__` for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from compiler.ir import nodes as n


@dataclass(slots=True, eq=False)
class Loop:
    """A loop: where `break` and `continue` go."""

    break_label: str
    continue_label: str
    break_used: bool = False
    continue_used: bool = False

    def label(self, way: Exit) -> str:
        """The label for a break or a continue, which is marked as used."""
        if way.kind == "break":
            self.break_used = True
            return self.break_label
        self.continue_used = True
        return self.continue_label


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out: an error, a return, or a break or continue of `loop`."""

    kind: Literal["error", "return", "break", "continue"]
    loop: Loop | None = None


@dataclass(slots=True, eq=False)
class TryBlock:
    """A `try`: its handler while the body is being lowered, its final part, its landing pads."""

    handler_label: str | None
    final: list[n.Stmt]
    catches: bool = True
    handler_used: bool = False
    pads: dict[Exit, str] = field(default_factory=dict)

    def pad(self, way: Exit, fresh: Callable[[str], str]) -> str:
        """The label that takes a way out: the handler, or a landing pad for the final part."""
        if way.kind == "error" and self.handles:
            assert self.handler_label is not None
            self.handler_used = True
            return self.handler_label
        if way not in self.pads:
            self.pads[way] = fresh("final")
        return self.pads[way]

    @property
    def handles(self) -> bool:
        """Whether an error stops here."""
        return self.catches and self.handler_label is not None


class Scopes:
    """The loops and tries around the current place, innermost last."""

    def __init__(self) -> None:
        self._stack: list[Loop | TryBlock] = []

    def push(self, scope: Loop | TryBlock) -> None:
        """Enters a loop or a try."""
        self._stack.append(scope)

    def pop(self) -> None:
        """Leaves it."""
        self._stack.pop()

    def has_final(self) -> bool:
        """Whether a return has something to run first."""
        return any(isinstance(scope, TryBlock) and scope.final for scope in self._stack)

    def innermost_loop(self) -> Loop:
        """The loop that break and continue mean."""
        return next(scope for scope in reversed(self._stack) if isinstance(scope, Loop))

    def next_stop(self, way: Exit) -> Loop | TryBlock | None:
        """The first scope that `way` stops at; None: it leaves the function."""
        for scope in reversed(self._stack):
            if isinstance(scope, Loop):
                if scope is way.loop:
                    return scope
            elif scope.final or (way.kind == "error" and scope.handles):
                return scope
        return None
