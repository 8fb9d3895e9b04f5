"""Tables of the back end that repeat what is declared elsewhere agree with it."""

from __future__ import annotations

from bare.lib.trap_names import NAMES
from bare.traps import TRAPS
from compiler.backend.dispatch import known_intrinsics, known_nodes
from compiler.backend.function import TRAP_NUMBERS
from compiler.ir import nodes
from compiler.ir.intrinsics import INTRINSICS


def test_trap_numbers_are_those_of_the_vocabulary() -> None:
    assert {trap.__name__: number for number, trap in TRAPS.items()} == TRAP_NUMBERS
    assert {number: name for number, name in enumerate(NAMES) if number} == {
        number: trap.__name__ for number, trap in TRAPS.items()
    }


def test_every_intrinsic_has_a_rule_and_every_rule_an_intrinsic() -> None:
    assert known_intrinsics() == set(INTRINSICS)


def test_every_node_has_a_rule() -> None:
    declared = {
        kind
        for kind in vars(nodes).values()
        if isinstance(kind, type) and issubclass(kind, nodes.Expr | nodes.Stmt)
    }
    assert known_nodes() == declared - {nodes.Expr, nodes.Stmt}
