"""What is known at one point of a function: which locals have a value, what `None` tests proved.

A narrowing belongs to a path, a local followed by fields. Narrowings of fields end at a call,
and at a store to a field of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from compiler.ir.types import Type

Path = tuple[str, ...]


@dataclass(slots=True)
class Flow:
    """The knowledge at one point."""

    assigned: set[str] = field(default_factory=set)
    narrowed: dict[Path, Type] = field(default_factory=dict)
    is_reachable: bool = True

    def copy(self) -> Flow:
        """An independent copy."""
        return Flow(set(self.assigned), dict(self.narrowed), self.is_reachable)

    def forget_local(self, name: str) -> None:
        """Drops what is known about `name` and its fields."""
        if self.narrowed:
            self.narrowed = {path: t for path, t in self.narrowed.items() if path[0] != name}

    def forget_field(self, name: str) -> None:
        """Drops what is known about fields called `name`: one was stored."""
        if self.narrowed:
            self.narrowed = {p: t for p, t in self.narrowed.items() if name not in p[1:]}

    def forget_fields(self) -> None:
        """Drops what is known about all fields: something was called."""
        if self.narrowed:
            self.narrowed = {path: t for path, t in self.narrowed.items() if len(path) == 1}


Meet = Callable[[Type, Type], "Type | None"]
"""The type that two narrowings have in common, if any."""


def join(flows: list[Flow], meet: Meet) -> Flow:
    """What is known where control may come from any of `flows`."""
    live = [flow for flow in flows if flow.is_reachable]
    if not live:
        dead = flows[0].copy() if flows else Flow()
        dead.is_reachable = False
        return dead
    result = live[0].copy()
    for flow in live[1:]:
        result.assigned &= flow.assigned
        narrowed: dict[Path, Type] = {}
        for path, type in result.narrowed.items():
            other = flow.narrowed.get(path)
            common = meet(type, other) if other is not None else None
            if common is not None:
                narrowed[path] = common
        result.narrowed = narrowed
    return result
