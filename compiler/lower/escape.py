"""Frame escape: no reference to an object in a frame outlives the frame. Whole program, one pass file.

Every variable of a function has a set of *origins*, one bit each: something outside all frames; parameter i;
something that parameter i leads to; an object in a slot of this frame. An object has *contents*, the
origins that were stored in it. A function's *summary* says which parameters it returns or stores, and where; summaries
grow until nothing changes. Then every store, call and return is judged:

- a frame object returned: E0501;
- a frame object stored in what is not in the same frame: E0502;
- a frame object passed to a parameter that the callee stores or returns such that it would: E0503.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from compiler.frontend.diagnostics import Diagnostics, Label
from compiler.frontend.structs import Structs
from compiler.ir.program import Function
from compiler.ir.spans import Span
from compiler.ir.types import Type
from compiler.lower.escape_rules import Copy, Extractor, Give, Invoke, Load, Moves, Store
from compiler.lower.escape_shapes import Shapes

OUTSIDE = 1


@dataclass(slots=True)
class Summary:
    """What a function does with its parameters, in bits of its own origins."""

    returns: int = 0
    stores: dict[tuple[int, Type], int] = field(default_factory=dict)
    """Destination bit (outside, a parameter, what a parameter leads to) and type of what is stored,
    to the origins stored there."""


class Graph:
    """The moves of all functions, and which functions a call may mean."""

    def __init__(self, functions: dict[str, Function], shapes: Shapes) -> None:
        self.functions = functions
        self.shapes = shapes
        self.moves = {name: Extractor(function).result for name, function in functions.items()}
        self.summaries = {name: Summary() for name in functions}
        self.virtual: dict[tuple[str, ...], list[str]] = {}
        self.callers: dict[str, set[str]] = {}
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

    def link(self) -> None:
        """Finds who calls whom."""
        for name in self.functions:
            for move in self.moves[name].moves:
                if isinstance(move, Invoke):
                    for callee in self.callees(move.callee):
                        self.callers.setdefault(callee, set()).add(name)


class Solver:
    """The origins of one function's variables, from the summaries of what it calls."""

    def __init__(self, graph: Graph, moves: Moves) -> None:
        self.graph = graph
        self.moves = moves
        self.parameters = moves.parameters
        self.variables = [0] * moves.count
        self.contents: dict[int, int] = {}
        self.allowed: dict[Type, int] = {}
        self.summary = Summary()
        for index in range(moves.parameters):
            self.variables[index] = self.parameter_bit(index)
            self.contents[self.parameter_bit(index)] = self.content_bit(index)
            self.contents[self.content_bit(index)] = self.content_bit(index)
        for variable, slot in moves.places.items():
            self.variables[variable] |= self.slot_bit(slot)
        for variable in moves.outside:
            self.variables[variable] |= OUTSIDE
        self.contents[OUTSIDE] = OUTSIDE

    def parameter_bit(self, index: int) -> int:
        """The origin of parameter `index`."""
        return 1 << (1 + 2 * index)

    def content_bit(self, index: int) -> int:
        """The origin of what parameter `index` leads to."""
        return 1 << (2 + 2 * index)

    def slot_bit(self, slot: int) -> int:
        """The origin of the object in a frame slot."""
        return 1 << (1 + 2 * self.parameters + slot)

    @property
    def frame_mask(self) -> int:
        """All origins in this frame."""
        return -1 << (1 + 2 * self.parameters)

    def solve(self) -> Summary:
        """Runs the moves until nothing changes."""
        changed = True
        while changed:
            changed = False
            for move in self.moves.moves:
                if self.apply(move):
                    changed = True
        return self.summary

    def apply(self, move: Copy | Load | Store | Invoke | Give) -> bool:
        """One move; whether it changed anything."""
        if isinstance(move, Copy):
            return self.include(move.target, self.variables[move.source])
        if isinstance(move, Load):
            held = self.held_by(self.variables[move.source])
            return self.include(move.target, held & self.allow(move.type))
        if isinstance(move, Store):
            target = OUTSIDE if move.target is None else self.variables[move.target]
            return self.store(target, self.variables[move.source], move.type)
        if isinstance(move, Give):
            return self.give(self.variables[move.source])
        return self.invoke(move)

    def allow(self, type: Type) -> int:
        """All origins but the frame objects that a value of `type` cannot refer to."""
        known = self.allowed.get(type)
        if known is None:
            known = ~self.frame_mask
            for index, slot in enumerate(self.moves.function.slots):
                if self.graph.shapes.may_refer(type, slot.type):
                    known |= self.slot_bit(index)
            self.allowed[type] = known
        return known

    def include(self, variable: int, origins: int) -> bool:
        """Adds origins to a variable."""
        new = self.variables[variable] | origins
        if new == self.variables[variable]:
            return False
        self.variables[variable] = new
        return True

    def held_by(self, origins: int) -> int:
        """What the objects `origins` hold."""
        result = 0
        for bit in bits(origins):
            result |= self.contents.get(bit, 0)
        return result

    def reachable(self, origins: int) -> int:
        """What the objects `origins` lead to, through any number of references."""
        result, frontier = 0, self.held_by(origins)
        while frontier & ~result:
            result |= frontier
            frontier = self.held_by(frontier)
        return result

    def store(self, targets: int, origins: int, type: Type) -> bool:
        """Stores origins in each of the target objects."""
        changed = False
        for target in bits(targets):
            if target != OUTSIDE:
                old = self.contents.get(target, 0)
                if old | origins != old:
                    self.contents[target] = old | origins
                    changed = True
            if not target & self.frame_mask:
                changed |= self.keep(target, origins & ~self.frame_mask & ~OUTSIDE, type)
        return changed

    def keep(self, target: int, origins: int, type: Type) -> bool:
        """Notes in the summary that origins are stored in something that the caller knows."""
        old = self.summary.stores.get((target, type), 0)
        if old | origins == old:
            return False
        self.summary.stores[target, type] = old | origins
        return True

    def give(self, origins: int) -> bool:
        """Notes in the summary that origins are returned."""
        origins &= ~self.frame_mask
        if self.summary.returns | origins == self.summary.returns:
            return False
        self.summary.returns |= origins
        return True

    def invoke(self, move: Invoke) -> bool:
        """A call, by the summaries of what it may reach."""
        changed = False
        callees = self.graph.callees(move.callee)
        for callee in callees:
            summary = self.graph.summaries[callee]
            if move.result is not None:
                returned = self.translate(move, summary.returns) & self.allow(move.type)
                changed |= self.include(move.result, returned)
            for (target, type), origins in list(summary.stores.items()):
                moved = self.translate(move, origins) & self.allow(type)
                if moved:
                    changed |= self.store(self.translate(move, target), moved, type)
        if not callees and move.result is not None:
            changed |= self.include(move.result, OUTSIDE)
        return changed

    def translate(self, move: Invoke, origins: int) -> int:
        """A callee's origins as ours."""
        result = origins & OUTSIDE
        for index, argument in enumerate(move.arguments):
            if not origins >> (1 + 2 * index):
                break
            value = self.variables[argument] if argument is not None else OUTSIDE
            if origins & self.parameter_bit(index):
                result |= value
            if origins & self.content_bit(index):
                result |= self.reachable(value)
        return result


def bits(mask: int) -> Iterable[int]:
    """The single bits of a mask."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low


# --- judging -----------------------------------------------------------------------------------


class Judge:
    """Reports what must not be, once the summaries are final."""

    def __init__(self, graph: Graph, solver: Solver, diagnostics: Diagnostics) -> None:
        self.graph = graph
        self.solver = solver
        self.diagnostics = diagnostics
        self.function = solver.moves.function

    def run(self) -> None:
        """Judges every move."""
        for move in self.solver.moves.moves:
            if isinstance(move, Store):
                self.judge_store(move)
            elif isinstance(move, Give):
                self.judge_return(move)
            elif isinstance(move, Invoke):
                self.judge_call(move)

    def judge_store(self, move: Store) -> None:
        """A frame object in something that outlives the frame."""
        solver = self.solver
        target = OUTSIDE if move.target is None else solver.variables[move.target]
        frame = solver.variables[move.source] & solver.frame_mask
        if frame and target & ~solver.frame_mask:
            self.report(
                "E0502", move.span, frame,
                "an object of this function's frame is stored in something that outlives it",
            )  # fmt: skip

    def judge_return(self, move: Give) -> None:
        """A frame object as result."""
        frame = self.solver.variables[move.source] & self.solver.frame_mask
        if frame:
            self.report("E0501", move.span, frame, "an object of this function's frame is returned")

    def judge_call(self, move: Invoke) -> None:
        """A frame object passed to a parameter that is kept."""
        solver = self.solver
        for callee in self.graph.callees(move.callee):
            for (target, type), origins in self.graph.summaries[callee].stores.items():
                moved = solver.translate(move, origins) & solver.allow(type)
                frame = moved & solver.frame_mask
                place = solver.translate(move, target) if target != OUTSIDE else OUTSIDE
                if frame and place & ~solver.frame_mask:
                    self.report_call(move, callee, origins, frame)
                    return

    def report_call(self, move: Invoke, callee: str, origins: int, frame: int) -> None:
        """Names the parameter that the callee keeps."""
        function = self.graph.functions[callee]
        names = [
            item.name
            for index, item in enumerate(function.parameters)
            if origins & (self.solver.parameter_bit(index) | self.solver.content_bit(index))
        ]
        kept = ", ".join(repr(name) for name in names)
        note = Label(function.path, function.span._replace(
            end_line=function.span.line, end_column=function.span.column + 3
        ), f"{function.qualname} keeps {kept}")  # fmt: skip
        self.report(
            "E0503", move.span, frame,
            f"an object of this function's frame is passed to {function.qualname}(), which keeps {kept}",
            (note,),
        )  # fmt: skip

    def report(
        self, code: str, span: Span, frame: int, message: str, more: tuple[Label, ...] = ()
    ) -> None:
        """Records an error, with the place where the object is made."""
        first = next(iter(bits(frame)))
        slot = first.bit_length() - 2 - 2 * self.solver.parameters
        made = self.function.slots[slot].span
        labels = (Label(self.function.path, made, "the object is made here"), *more)
        self.diagnostics.report(code, self.function.path, span, message, labels=labels)


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
    pending = dict.fromkeys(functions)
    while pending:
        name = next(iter(pending))
        del pending[name]
        summary = Solver(graph, graph.moves[name]).solve()
        if summary != graph.summaries[name]:
            graph.summaries[name] = summary
            pending.update(dict.fromkeys(sorted(graph.callers.get(name, ()))))
    for name, moves in graph.moves.items():
        if moves.places:
            solver = Solver(graph, moves)
            solver.solve()
            Judge(graph, solver, diagnostics).run()
