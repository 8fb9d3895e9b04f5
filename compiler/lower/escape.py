"""Frame escape: no reference to an object in a frame outlives the frame.

Every variable of a function has a set of *origins*, a bit each: something outside all frames; an
object in a slot of this frame; parameter i; what parameter i leads to through a field of some
name. An object has *contents*, by field: the origins that were stored there. A function's
*summary* says what it returns and stores of what the caller knows; summaries grow until nothing
changes. Then every store, call and return is judged:

- a frame object returned: E0501;
- a frame object stored in what is not in the same frame: E0502;
- a frame object passed to a parameter that the callee stores so that it would be: E0503.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from compiler.frontend.diagnostics import Diagnostics
from compiler.frontend.structs import Structs
from compiler.ir.program import Function
from compiler.lower.escape_judge import Judge
from compiler.lower.escape_moves import Invoke
from compiler.lower.escape_rules import Extractor
from compiler.lower.escape_shapes import Shapes
from compiler.lower.escape_solver import Solver, Summary


class Graph:
    """The moves of all functions, and which functions a call may mean."""

    def __init__(self, functions: dict[str, Function], shapes: Shapes) -> None:
        self.functions = functions
        self.shapes = shapes
        self.moves = {name: Extractor(function).result for name, function in functions.items()}
        self.summaries = {name: Summary() for name in functions}
        self.virtual: dict[tuple[str, ...], list[str]] = {}
        self.callers: dict[str, set[str]] = {}
        self._ordered: set[str] = set()
        for name in functions:
            for symbol, key in self.moves[name].referenced.items():
                self.add_target(("indirect", key), symbol)

    def add_target(self, key: tuple[str, ...], symbol: str) -> None:
        """Says that calls of `key` may reach a function."""
        known = self.virtual.setdefault(key, [])
        if symbol in self.functions and symbol not in known:
            known.append(symbol)

    def callees(self, key: tuple[str, ...]) -> list[str]:
        """The functions that a call may reach."""
        if key[0] == "function":
            return [key[1]] if key[1] in self.functions else []
        return self.virtual.get(key, [])

    def callees_first(self) -> list[str]:
        """All functions, each behind what it calls as far as that is possible."""
        order: list[str] = []
        seen: set[str] = set()
        for root in self.functions:
            stack = [(root, iter(self.called_by(root)))]
            while stack:
                name, rest = stack[-1]
                if name not in seen:
                    seen.add(name)
                following = next((item for item in rest if item not in seen), None)
                if following is not None:
                    stack.append((following, iter(self.called_by(following))))
                    seen.add(following)
                    continue
                stack.pop()
                if name not in self._ordered:
                    self._ordered.add(name)
                    order.append(name)
        return order

    def needed(self) -> set[str]:
        """The functions with frame objects and all that they may call: nobody asks for what the
        others do with what they are given.
        """
        found: set[str] = set()
        frontier = [name for name in self.functions if self.moves[name].places]
        while frontier:
            name = frontier.pop()
            if name not in found:
                found.add(name)
                frontier += self.called_by(name)
        return found

    def called_by(self, name: str) -> list[str]:
        """The functions that a function may call."""
        found: dict[str, None] = {}
        for move in self.moves[name].moves:
            if isinstance(move, Invoke):
                found.update(dict.fromkeys(self.callees(move.callee)))
        return list(found)

    def link(self) -> None:
        """Finds who calls whom."""
        for name in self.functions:
            for move in self.moves[name].moves:
                if isinstance(move, Invoke):
                    for callee in self.callees(move.callee):
                        self.callers.setdefault(callee, set()).add(name)


def check_escapes(
    functions: dict[str, Function],
    targets: Iterable[tuple[tuple[str, ...], str]],
    structs: Structs,
    diagnostics: Diagnostics,
) -> None:
    """Checks all functions; `targets` says what virtual and indirect calls may reach besides."""
    graph = Graph(functions, Shapes(structs))
    for key, symbol in targets:
        graph.add_target(key, symbol)
    graph.link()
    needed = graph.needed()
    order = [name for name in graph.callees_first() if name in needed]
    pending = list(range(len(order)))
    waiting = set(pending)
    places = {name: place for place, name in enumerate(order)}
    solved: dict[str, Solver] = {}
    while pending:
        place = heapq.heappop(pending)
        waiting.discard(place)
        name = order[place]
        solver = Solver(graph, graph.moves[name])
        summary = solver.solve()
        if solver.moves.places:
            solved[name] = solver
        if summary != graph.summaries[name]:
            graph.summaries[name] = summary
            for caller in graph.callers.get(name, set()) & needed:
                if places[caller] not in waiting:
                    waiting.add(places[caller])
                    heapq.heappush(pending, places[caller])
    for name in functions:
        if name in solved:
            Judge(solved[name], diagnostics).run()
