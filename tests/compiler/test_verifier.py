"""The verifier accepts what the front end makes and names the first node that breaks a rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from compiler.ir import nodes as n
from compiler.ir.program import Program
from compiler.ir.types import BOOL, I64, U32
from compiler.ir.verifier import verify_program
from compiler.lower.walk import walk
from tests.compiler.sources import compiled

Node = TypeVar("Node")

SOURCE = """
    from abc import ABC, abstractmethod
    from bare import Array, Bytes, Enum8, Span, array, inline, raises, struct, u8, u32, u64

    class Kind(Enum8):
        SMALL = 1
        LARGE = 2

    @struct
    class Shape(ABC):
        kind: Kind
        @abstractmethod
        def area(self) -> u32: ...

    @struct
    class Square(Shape):
        side: u32
        def area(self) -> u32:
            return self.side * self.side

    @struct
    class Holder:
        shape: Shape
        other: Shape | None = None
        bytes: Array[u8] = array(8)

    TABLE: tuple[u32, ...] = (1, 2, 3)

    @raises(5)
    def checked(number: u32) -> u32:
        if number > 9:
            raise OSError(5)
        return number

    def use(data: Bytes, limit: u32) -> u32:
        holder = Holder(Square(Kind.SMALL, 4))
        total: u32 = 0
        for index, byte in enumerate(data):
            holder.bytes[index & 7] = byte
        for i in range(limit):
            total += TABLE[i % 3]
        try:
            total += checked(limit)
        except OSError:
            total = 0
        match holder.shape.kind:
            case Kind.SMALL:
                total += 1
            case Kind.LARGE:
                pass
        other = holder.other
        if other is not None:
            total += other.area()
        return total + holder.shape.area() + u32(len(data[1:]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return compiled(tmp_path, SOURCE, keep=("use",))


def find(program: Program, kind: type[Node]) -> Node:
    body = program.functions["sample.use"].body
    return next(node for node in walk(body) if isinstance(node, kind))


def test_accepts_a_program_of_the_front_end(program: Program) -> None:
    assert verify_program(program) == []


def break_local(program: Program) -> None:
    find(program, n.Local).type = BOOL


def break_binary(program: Program) -> None:
    find(program, n.Binary).type = I64


def break_call(program: Program) -> None:
    find(program, n.Call).arguments.pop()


def break_symbol(program: Program) -> None:
    find(program, n.Call).symbol = "sample.nothing"


def break_slot(program: Program) -> None:
    find(program, n.CallVirtual).slot = 7


def break_field(program: Program) -> None:
    find(program, n.GetField).field = "nothing"


def break_frame(program: Program) -> None:
    find(program, n.Construct).slot = None


def break_condition(program: Program) -> None:
    find(program, n.If).condition = n.Const(U32, (1, 0, 1, 0), 1)  # type: ignore[arg-type]


def break_switch(program: Program) -> None:
    find(program, n.Switch).cases[1].values = [1]


def break_loop(program: Program) -> None:
    program.functions["sample.use"].body.append(n.Break((1, 0, 1, 0)))  # type: ignore[arg-type]


def break_handler(program: Program) -> None:
    find(program, n.Try).error = None


def break_data(program: Program) -> None:
    program.data.clear()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (break_local, "is not a local of type bool"),
        (break_binary, "has type"),
        (break_call, "passes 0 of 1 arguments"),
        (break_symbol, "calls a function that is not in the program"),
        (break_slot, "calls no slot of its struct"),
        (break_field, "unknown field"),
        (break_frame, "has no place, or two"),
        (break_condition, "has type u32, not bool"),
        (break_switch, "has 1 twice"),
        (break_loop, "outside a loop"),
        (break_handler, "has a handler without a local of i32"),
        (break_data, "is not in the program"),
    ],
)
def test_names_what_is_broken(
    program: Program, damage: Callable[[Program], None], message: str
) -> None:
    damage(program)
    problems = verify_program(program)
    assert problems
    assert message in "\n".join(problems)
    assert all(item.startswith("sample.use:") for item in problems)
