"""Frame escape, second half: the origins of one function's variables, and its summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compiler.ir.types import Type
from compiler.lower.escape_moves import Copy, CopyFields, Give, Invoke, Load, Move, Moves, Store
from compiler.lower.escape_shapes import Field

if TYPE_CHECKING:
    from compiler.lower.escape import Graph

OUTSIDE = 1
Symbol = tuple[int, str]
"""What a caller knows: (parameter, "") or (parameter, field) for what it leads to;
OUTSIDE_SYMBOL.
"""
OUTSIDE_SYMBOL: Symbol = (-1, "")
Symbols = frozenset[Symbol]
Destination = tuple[Symbol, Field]
"""Object, and field of what is stored there."""
Effect = tuple[Symbols, Field, Symbols]
"""Objects, field, and what is stored there."""
Closure = tuple[list[dict[str, int]], set[int]]
NOTHING: Symbols = frozenset()


@dataclass(slots=True)
class Summary:
    """What a function does with what its caller knows."""

    returns: Symbols = frozenset()
    stores: dict[Destination, Symbols] = field(default_factory=dict)
    _effects: list[Effect] | None = field(default=None, compare=False)

    def effects(self) -> list[Effect]:
        """`stores` once they are final, the objects together in which the same is stored."""
        if self._effects is None:
            objects: dict[tuple[Field, Symbols], list[Symbol]] = {}
            for (symbol, place), sources in self.stores.items():
                objects.setdefault((place, sources), []).append(symbol)
            self._effects = [
                (frozenset(symbols), place, sources)
                for (place, sources), symbols in objects.items()
            ]
        return self._effects


class Solver:
    """Solves the moves of one function."""

    def __init__(self, graph: Graph, moves: Moves) -> None:
        self.graph = graph
        self.moves = moves
        self.slots = len(moves.function.slots)
        self.frame_mask = ((1 << self.slots) - 1) << 1
        self.symbols: dict[Symbol, int] = {OUTSIDE_SYMBOL: OUTSIDE}
        self.meaning: dict[int, Symbol] = {OUTSIDE: OUTSIDE_SYMBOL}
        self.variables = [0] * moves.count
        self.contents: dict[int, dict[str, int]] = {}
        self.allowed: dict[Type, int] = {}
        self.allowed_in: dict[Field, int] = {}
        self.closures: dict[int, Closure] = {}
        self.anywhere: dict[tuple[int, str], int] = {}
        self.outer: dict[int, Symbols] = {}
        self.version = 0
        """Grows with every change of `contents`."""
        self.seen: dict[int, tuple[int, ...]] = {}
        """By call: the arguments and the version that it was last done with."""
        self.summary = Summary()
        self.kept: dict[tuple[int, Field], int] = {}
        """By target and field: the origins that the summary has already."""
        for index in range(moves.parameters):
            self.variables[index] = self.bit((index, ""))
        for variable, slot in moves.places.items():
            self.variables[variable] |= self.slot_bit(slot)
        for variable in moves.outside:
            self.variables[variable] |= OUTSIDE

    def slot_bit(self, slot: int) -> int:
        """The origin of the object in a frame slot."""
        return 1 << (1 + slot)

    def bit(self, symbol: Symbol) -> int:
        """The origin of something that the caller knows."""
        known = self.symbols.get(symbol)
        if known is None:
            known = self.symbols[symbol] = 1 << (self.slots + len(self.symbols))
            self.meaning[known] = symbol
        return known

    def known_to_caller(self, origins: int) -> Symbols:
        """Origins as the caller sees them."""
        outer = origins & ~self.frame_mask & ~OUTSIDE
        known = self.outer.get(outer)
        if known is None:
            known = self.outer[outer] = frozenset(self.meaning[bit] for bit in bits(outer))
        return known

    def solve(self) -> Summary:
        """Runs the moves until nothing changes."""
        changed = True
        while changed:
            changed = False
            for move in self.moves.moves:
                if self.apply(move):
                    changed = True
        return self.summary

    def apply(self, move: Move) -> bool:
        """One move; whether it changed anything."""
        if isinstance(move, Copy):
            return self.include(move.target, self.variables[move.source])
        if isinstance(move, Load):
            held = self.held_by(self.variables[move.source], move.field)
            return self.include(move.target, held & self.allow(move.type))
        if isinstance(move, Store):
            target = OUTSIDE if move.target is None else self.variables[move.target]
            field = self.graph.shapes.field(move.field, move.type)
            return self.store(target, field, self.variables[move.source])
        if isinstance(move, CopyFields):
            return self.copy_fields(move)
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

    def allow_in(self, field: Field) -> int:
        """The same, for what is stored in a field."""
        known = self.allowed_in.get(field)
        if known is None:
            known = self.allowed_in[field] = self.allow(field.type)
        return known

    def include(self, variable: int, origins: int) -> bool:
        """Adds origins to a variable."""
        new = self.variables[variable] | origins
        if new == self.variables[variable]:
            return False
        self.variables[variable] = new
        return True

    def held_by(self, origins: int, field: str) -> int:
        """What the objects `origins` hold in a field."""
        result = 0
        for bit in bits(origins):
            result |= self.contents.get(bit, {}).get(field, 0)
            symbol = self.meaning.get(bit)
            if symbol == OUTSIDE_SYMBOL:
                result |= OUTSIDE
            elif symbol is not None:
                result |= self.bit((symbol[0], field))
        return result

    def held_anywhere(self, origins: int, field: str) -> int:
        """What the objects `origins`, and all that they lead to, hold in a field."""
        key = (origins, field)
        known = self.anywhere.get(key)
        if known is None:
            holders, owners = self.closure(origins)
            known = 0
            for fields in holders:
                known |= fields.get(field, 0)
            for owner in owners:
                known |= self.bit((owner, field)) if owner >= 0 else OUTSIDE
            self.anywhere[key] = known
        return known

    def closure(self, origins: int) -> Closure:
        """What the objects `origins` and all that they lead to hold, and which parameters, or
        OUTSIDE_SYMBOL's, they come from.
        """
        known = self.closures.get(origins)
        if known is None:
            holders: list[dict[str, int]] = []
            owners: set[int] = set()
            seen, frontier = 0, origins
            while frontier:
                seen |= frontier
                following = 0
                for bit in bits(frontier):
                    fields = self.contents.get(bit)
                    if fields is not None:
                        holders.append(fields)
                        for held in fields.values():
                            following |= held
                    if not bit & self.frame_mask:
                        owners.add(self.meaning[bit][0])
                frontier = following & ~seen
            known = self.closures[origins] = (holders, owners)
        return known

    def store(self, targets: int, field: Field, origins: int) -> bool:
        """Stores origins in a field of each of the target objects."""
        changed = False
        for target in bits(targets):
            if target != OUTSIDE:
                fields = self.contents.setdefault(target, {})
                old = fields.get(field.name, 0)
                if old | origins != old:
                    fields[field.name] = old | origins
                    self.closures.clear()
                    self.anywhere.clear()
                    self.version += 1
                    changed = True
            if not target & self.frame_mask:
                changed |= self.keep(target, field, origins)
        return changed

    def keep(self, target: int, field: Field, origins: int) -> bool:
        """Notes in the summary what is stored in something that the caller knows."""
        old = self.kept.get((target, field))
        if old is not None and old | origins == old:
            return False
        self.kept[target, field] = origins if old is None else old | origins
        destination = (self.meaning[target], field)
        known = self.known_to_caller(origins)
        told = self.summary.stores.get(destination, NOTHING)
        if known <= told:
            return False
        self.summary.stores[destination] = told | known
        return True

    def copy_fields(self, move: CopyFields) -> bool:
        """Each reference of one object into another."""
        changed = False
        for name, type in self.graph.shapes.reference_fields(move.struct):
            held = self.held_by(self.variables[move.source], name) & self.allow(type)
            field = self.graph.shapes.field(name, type)
            changed |= self.store(self.variables[move.target], field, held)
        return changed

    def give(self, origins: int) -> bool:
        """Notes in the summary what is returned."""
        known = self.known_to_caller(origins)
        if origins & OUTSIDE:
            known |= {OUTSIDE_SYMBOL}
        if known <= self.summary.returns:
            return False
        self.summary.returns = self.summary.returns | known
        return True

    def invoke(self, move: Invoke) -> bool:
        """A call, by the summaries of what it may reach."""
        given = tuple(OUTSIDE if at is None else self.variables[at] for at in move.arguments)
        state = (self.version, *given)
        if self.seen.get(id(move)) == state:
            return False
        changed = False
        callees = self.graph.callees(move.callee)
        translation = Translation(self, given)
        for callee in callees:
            summary = self.graph.summaries[callee]
            if move.result is not None:
                returned = translation.union(summary.returns) & self.allow(move.type)
                changed |= self.include(move.result, returned)
            for symbols, place, sources in summary.effects():
                moved = translation.union(sources) & self.allow_in(place)
                if moved:
                    changed |= self.store(translation.union(symbols), place, moved)
        if not callees and move.result is not None:
            changed |= self.include(move.result, OUTSIDE)
        self.seen[id(move)] = state
        return changed

    def translation(self, move: Invoke) -> Translation:
        """What the names of a callee mean here."""
        given = tuple(OUTSIDE if at is None else self.variables[at] for at in move.arguments)
        return Translation(self, given)


class Translation:
    """What a callee names, as origins of the caller: for one call, while nothing changes."""

    def __init__(self, solver: Solver, given: tuple[int, ...]) -> None:
        self._solver = solver
        self._given = given
        self._known: dict[Symbol, int] = {OUTSIDE_SYMBOL: OUTSIDE}
        self._unions: dict[Symbols, int] = {}

    def of(self, symbol: Symbol) -> int:
        """One thing."""
        known = self._known.get(symbol)
        if known is None:
            index, field = symbol
            value = self._given[index]
            known = self._solver.held_anywhere(value, field) if field else value
            self._known[symbol] = known
        return known

    def union(self, symbols: Symbols) -> int:
        """Several things."""
        known = self._unions.get(symbols)
        if known is None:
            known = 0
            for symbol in symbols:
                known |= self.of(symbol)
            self._unions[symbols] = known
        return known


def bits(mask: int) -> Iterable[int]:
    """The single bits of a mask."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
