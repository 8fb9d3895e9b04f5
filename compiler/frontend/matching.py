"""Checks `match` on enums and integers."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.flow import Flow, join
from compiler.frontend.source import span_of
from compiler.ir.nodes import Const, Stmt, Switch, SwitchCase
from compiler.ir.types import EnumType, IntType, NullableType, Type


def check_match(c: FunctionChecker, node: ast.Match) -> None:
    """`match subject:` with constant patterns."""
    subject = c.check_value(node.subject)
    type = subject.type
    if isinstance(type, NullableType):
        raise c.refused("E0311", node.subject, f"{ast.unparse(node.subject)} may be None here")
    if not isinstance(type, IntType | EnumType):
        raise c.refused("E0602", node.subject, f"`match` on {type}", "use `if`")
    entry = c.flow
    ends: list[Flow] = []
    cases: list[SwitchCase] = []
    default: list[Stmt] | None = None
    seen: set[int] = set()
    for case in node.cases:
        if case.guard is not None:
            raise c.refused("E0602", case.guard, "a guard is not in Bare Python", "use `if` inside")
        if default is not None:
            raise c.refused("E0602", case.pattern, "this case is never reached")
        values = pattern_values(c, case.pattern, type, seen)
        c.flow = entry.copy()
        body = c.check_body(case.body)
        ends.append(c.flow)
        if values is None:
            default = body
        else:
            cases.append(SwitchCase(values, body))
    default = complete(c, node, type, seen, default, ends, entry)
    c.flow = join(ends, c.structs.common_base)
    c.emit(Switch(span_of(node.subject), subject, cases, default))


def complete(
    c: FunctionChecker,
    node: ast.Match,
    type: Type,
    seen: set[int],
    default: list[Stmt] | None,
    ends: list[Flow],
    entry: Flow,
) -> list[Stmt] | None:
    """The default block: an enum has to be covered, an integer may fall through."""
    if default is not None:
        return default
    if isinstance(type, EnumType):
        entity = c.front_end.annotations.classes[type.name]
        missing = [name for name, value in entity.facts["members"] if value not in seen]
        if missing:
            names = ", ".join(missing)
            raise c.refused("E0601", node.subject, f"`match` does not cover {names}")
        return None
    ends.append(entry)
    return []


def pattern_values(
    c: FunctionChecker, pattern: ast.pattern, type: Type, seen: set[int]
) -> list[int] | None:
    """The constants of a pattern; None for `_`."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is None and pattern.name is None:
            return None
        raise c.refused(
            "E0602", pattern, "a pattern that binds a name", "use `_`, or assign in the body"
        )
    if isinstance(pattern, ast.MatchOr):
        found: list[int] = []
        for item in pattern.patterns:
            values = pattern_values(c, item, type, seen)
            if values is None:
                raise c.refused("E0602", item, "`_` inside `|`")
            found += values
        return found
    if isinstance(pattern, ast.MatchValue):
        return [constant(c, pattern, type, seen)]
    raise c.refused("E0602", pattern, "this pattern is not a constant")


def constant(c: FunctionChecker, pattern: ast.MatchValue, type: Type, seen: set[int]) -> int:
    """One constant of the subject's type."""
    value = c.check_as(pattern.value, type)
    if not isinstance(value, Const) or not isinstance(value.value, int):
        raise c.refused("E0602", pattern, "this pattern is not a constant")
    number = int(value.value)
    if number in seen:
        raise c.refused("E0602", pattern, f"{ast.unparse(pattern.value)} is covered already")
    seen.add(number)
    return number
