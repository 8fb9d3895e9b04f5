"""Frame escape, the verdicts: which stores, returns and calls are refused."""

from __future__ import annotations

from compiler.frontend.diagnostics import Diagnostics, Label
from compiler.ir.spans import Span
from compiler.lower.escape_moves import CopyFields, Give, Invoke, Store
from compiler.lower.escape_solver import OUTSIDE, Destination, Solver, Symbol, bits


def by_name(destination: Destination) -> tuple[Symbol, str, str]:
    """An order of destinations that does not depend on where they lie in memory."""
    symbol, field = destination
    return symbol, field.name, str(field.type)


class Judge:
    """Reports what must not be, once the summaries are final."""

    def __init__(self, solver: Solver, diagnostics: Diagnostics) -> None:
        self.graph = solver.graph
        self.solver = solver
        self.diagnostics = diagnostics
        self.function = solver.moves.function

    def run(self) -> None:
        """Judges every move, and what loops carry from turn to turn."""
        self.judge_carried()
        for move in self.solver.moves.moves:
            if isinstance(move, Store):
                self.judge_store(move)
            elif isinstance(move, CopyFields):
                self.judge_copy(move)
            elif isinstance(move, Give):
                self.judge_return(move)
            elif isinstance(move, Invoke):
                self.judge_call(move)

    def judge_store(self, move: Store) -> None:
        """A frame object in something that outlives the frame."""
        solver = self.solver
        target = OUTSIDE if move.target is None else solver.variables[move.target]
        self._judge_stored(move.span, target, solver.variables[move.source])

    def judge_copy(self, move: CopyFields) -> None:
        """The same, for each field of a copied object."""
        solver = self.solver
        for name, type in self.graph.shapes.reference_fields(move.struct):
            held = solver.held_by(solver.variables[move.source], name) & solver.allow(type)
            self._judge_stored(move.span, solver.variables[move.target], held)

    def judge_carried(self) -> None:
        """A local that still refers to the object of the turn before."""
        moves = self.solver.moves
        for loop, names in moves.carried.items():
            for name, variable in names.items():
                origins = self.solver.variables[variable] & self.solver.frame_mask
                for bit in bits(origins):
                    if loop in moves.loops.get(bit.bit_length() - 2, ()):
                        self._report_carried(name, bit)

    def _report_carried(self, name: str, bit: int) -> None:
        made = self.function.slots[bit.bit_length() - 2].span
        self.diagnostics.report(
            "E0504", self.function.path, made,
            f"each turn of the loop makes this object anew, but {name!r} still refers to that of "
            "the turn before",
        )  # fmt: skip

    def judge_turns(self, span: Span, target: int, origins: int) -> None:
        """An object that each turn of a loop makes anew, in one that outlives the turn."""
        solver, loops = self.solver, self.solver.moves.loops
        for bit in bits(origins & solver.frame_mask):
            made_in = loops.get(bit.bit_length() - 2, ())
            if not made_in:
                continue
            for holder in bits(target & solver.frame_mask):
                if made_in[-1] not in loops.get(holder.bit_length() - 2, ()):
                    self.report(
                        "E0504", span, bit,
                        "an object that each turn of the loop makes anew is stored in something "
                        "that outlives the turn",
                    )  # fmt: skip
                    return

    def _judge_stored(self, span: Span, target: int, origins: int) -> None:
        self.judge_turns(span, target, origins)
        frame = origins & self.solver.frame_mask
        if frame and target & ~self.solver.frame_mask:
            self.report(
                "E0502", span, frame,
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
        translation = solver.translation(move)
        for callee in self.graph.callees(move.callee):
            stores = self.graph.summaries[callee].stores
            for symbol, field in sorted(stores, key=by_name):
                place = translation.of(symbol)
                sources = stores[symbol, field]
                moved = translation.union(sources) & solver.allow_in(field)
                self.judge_turns(move.span, place, moved)
                if not place & ~solver.frame_mask or not moved & solver.frame_mask:
                    continue
                for source in sorted(sources):
                    moved = translation.of(source) & solver.allow_in(field)
                    if moved & solver.frame_mask:
                        self.report_call(move, callee, source, moved & solver.frame_mask)
                        return

    def report_call(self, move: Invoke, callee: str, source: Symbol, frame: int) -> None:
        """Names the parameter that the callee keeps."""
        function = self.graph.functions[callee]
        name = function.parameters[source[0]].name
        what = f"{name!r}" if not source[1] else f"what {name!r} leads to"
        line, column = function.span.line, function.span.column
        place = Span(line, column, line, column + len("def"))
        note = Label(function.path, place, f"{function.qualname} keeps {what}")
        self.report(
            "E0503", move.span, frame,
            f"an object of this function's frame is passed to {function.qualname}(), "
            f"which keeps {what}",
            (note,),
        )  # fmt: skip

    def report(
        self, code: str, span: Span, frame: int, message: str, more: tuple[Label, ...] = ()
    ) -> None:
        """Records an error, with the place where the object is made."""
        slot = next(iter(bits(frame))).bit_length() - 2
        made = self.function.slots[slot].span
        labels = (Label(self.function.path, made, "the object is made here"), *more)
        self.diagnostics.report(code, self.function.path, span, message, labels=labels)
