"""Writes random Bare Python modules for the property tests: many functions, each with a few cases.

Every function has the shape `(a: u64, b: u64, c: u64, d: u64) -> u64`: it takes its scalars from
the bits of the arguments and gives its result as bits, so that all executions call it alike.
Programs are well typed by construction; whether they trap is left to the operators.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.bare.random_expressions import FIELDS, FLOATS, INTEGERS, SCALARS, Expressions

ARGUMENTS = ("a", "b", "c", "d")

HEAD = '''"""Random functions."""

from __future__ import annotations

from bare import (
    Array, Span, array, byte_swap, copy_struct, count_ones, errno_of, export, f32, f32_bits,
    f32_from_bits, f64, f64_bits, f64_from_bits, floor, i8, i16, i32, i64, invert, leading_zeros,
    load_u16, load_u32_be, load_u64, rotate_left, rotate_right, saturating_add, saturating_sub,
    sqrt, store_u16_be, store_u32, trailing_zeros, u8, u16, u32, u64, view, wrap_i8, wrap_i16,
    wrap_i32, wrap_i64, wrap_u8, wrap_u16, wrap_u32, wrap_u64, wrapping_add, wrapping_mul,
    wrapping_neg, wrapping_shl, wrapping_sub,
)
from tests.bare.random_prelude import (
    OPERATIONS, Kind, Record, Square, Tall, Wire, check, digest_of, divide, helper, kind_of,
    walk_shapes,
)
'''

MAIN = '''

def main() -> None:
    """Does nothing: the functions are called by their exported names."""
'''


@dataclass
class Writer(Expressions):
    """Writes one function."""

    lines: list[str] = field(default_factory=list)
    depth: int = 1

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def block(self, size: int, budget: int) -> None:
        """Writes some statements one level deeper."""
        self.depth += 1
        for _ in range(max(1, size)):
            self.statement(budget - 1)
        self.depth -= 1

    def statement(self, budget: int) -> None:
        if budget <= 0:
            self.store()
            return
        simple = (self.store, self.store, self.lay, self.copy, self.talk, self.call, self.shapes)
        nested = (self.branch, self.count, self.walk, self.attempt, self.choose)
        choices = (*simple, *nested) if budget == 1 else (self.store, *nested)
        self.random.choice(choices)()

    def store(self) -> None:
        of = self.random.choice(SCALARS[:-1])
        place = self.place(of)
        if place is None:
            self.line(f"total = wrapping_add(total, {self.expr('u64', 2)})")
            return
        if of in INTEGERS and self.random.random() < 0.3:
            self.line(f"{place} {self.pick('^=', '|=', '&=', '+=', '-=')} {self.expr(of, 2)}")
        else:
            self.line(f"{place} = {self.expr(of, 3)}")

    def branch(self) -> None:
        self.line(f"if {self.truth(2)}:")
        self.block(2, 1)
        if self.random.random() < 0.5:
            self.line("else:")
            self.block(1, 1)

    def count(self) -> None:
        start, turns = self.random.randrange(4), self.random.randrange(5)
        step = self.random.choice((1, 2, 3))
        name = f"n{len(self.lines)}"
        self.line(f"for {name} in range(u8({start}), u8({start + turns * step}), {step}):")
        self.depth += 1
        self.line(f"total = wrapping_add(total, {name})")
        if self.random.random() < 0.3:
            self.line(f"if {self.truth(1)}:")
            self.line(f"    {self.pick('break', 'continue')}")
        self.depth -= 1
        self.block(1, 1)

    def walk(self) -> None:
        part = self.random.choice(("record.bytes", "record.bytes[2:9]", "record.words[1:]"))
        index, item = f"k{len(self.lines)}", f"e{len(self.lines)}"
        self.line(f"for {index}, {item} in enumerate({part}):")
        self.line(f"    total = wrapping_add(wrapping_mul(total, 31), {index} ^ wrap_u64({item}))")

    def attempt(self) -> None:
        self.line("try:")
        self.depth += 1
        self.line(f"total = wrapping_add(total, check({self.expr('u64', 2)}))")
        self.depth -= 1
        self.block(1, 0)
        self.line("except OSError as error:")
        self.line("    total = wrapping_sub(total, u64(errno_of(error)))")
        if self.random.random() < 0.4:
            self.line("else:")
            self.block(1, 0)
        if self.random.random() < 0.4:
            self.line("finally:")
            self.line("    total = wrapping_mul(total, 3)")

    def choose(self) -> None:
        self.line(f"record.kind = kind_of({self.expr('u64', 2)})")
        self.line("match record.kind:")
        self.line("    case Kind.FIRST | Kind.THIRD:")
        self.line(f"        total = rotate_left(total, {self.random.randrange(70)})")
        self.line("    case Kind.SECOND:")
        self.line(f"        total = total ^ {self.expr('u64', 2)}")

    def lay(self) -> None:
        name = f"w{len(self.lines)}"
        self.line(f"{name} = view(Wire, record.bytes, {self.random.randrange(6)})")
        self.line(f"{name}.high = {self.expr('u8', 1)} & 31")
        self.line(f"{name}.port = {self.expr('u16', 2)}")
        self.line(f"total = wrapping_add(total, {name}.rest ^ u32({name}.low))")

    def talk(self) -> None:
        parts = []
        for _ in range(self.random.randrange(1, 4)):
            of = self.random.choice(SCALARS)
            parts.append(f"{{{self.expr(of, 1)}{self.spec(of)}}}")
        self.line(f'total = wrapping_add(total, digest_of(f"<{"|".join(parts)}>"))')

    def spec(self, of: str) -> str:
        """Writes a format specification."""
        align = self.pick("", "", "<", ">", "^")
        width = self.random.choice(("", "", "1", "7", "30"))
        if of == "bool":
            return f":{align}{width}" if width else ""
        zero = self.pick("", "0") if width else ""
        comma = self.pick("", "", ",")
        if of in FLOATS:
            return f":{align}{zero}{width}{comma}.{self.random.choice((0, 1, 3, 20))}f"
        kind = self.pick("d", "x", "X", "o", "b", "")
        if kind in ("d", ""):
            return f":{align}{zero}{width}{comma}{kind}"
        return f":{align}{self.pick('', '#')}{zero}{width}{kind}"

    def call(self) -> None:
        name = f"q{len(self.lines)}"
        left, right = self.varying("u64", 2), self.expr("u64", 1)
        self.line(f"{name}, {name}r, {name}b = divide({left}, {right} | 1)")
        self.line(f"if {name}b:")
        self.line(f"    total = OPERATIONS[{self.index(3)}](total, {name})")
        self.line(f"total = wrapping_add(total, {name}r)")

    def shapes(self) -> None:
        name = f"s{len(self.lines)}"
        self.line(f"{name} = Square({self.varying('u32', 1)})")
        self.line(f"{name}t = Tall(next={name}, side={self.varying('u16', 1)})")
        self.line(f"total = walk_shapes({name}t if {self.truth(1)} else {name}, total)")

    def copy(self) -> None:
        start = self.random.randrange(5)
        source = f"record.bytes[{start + 2}:{start + 6}]"
        self.line(f"record.bytes[{start}:{start + 4}].copy_from({source})")
        self.line(f"store_u32(record.bytes, {self.random.randrange(9)}, {self.expr('u32', 2)})")
        self.line(f"store_u16_be(record.bytes, {self.random.randrange(11)}, {self.expr('u16', 1)})")
        self.line("copy_struct(other, record)")
        self.line(f"other.inner.x = {self.expr('u16', 1)}")
        self.line("total = wrapping_add(total, u64(other.inner.x ^ record.inner.x))")


def to_bits(name: str, of: str) -> str:
    """Spells a scalar's bits as a u64."""
    if of in FLOATS:
        return f"u64({of}_bits({name}))"
    return f"u64({name})" if of == "bool" else f"wrap_u64({name})"


def from_bits(name: str, of: str) -> str:
    """Spells a scalar made from the bits of an argument."""
    if of == "bool":
        return f"{name} % 2 == 1"
    if of in FLOATS:
        return f"{of}(wrap_i32({name})) / 8.0"
    return f"wrap_{of}({name})"


def function(source: random.Random, number: int) -> str:
    """Writes a function."""
    writer = Writer(source)
    signature = ", ".join(f"{name}: u64" for name in ARGUMENTS)
    head = [f'@export("random_{number}")', f"def random_{number}({signature}) -> u64:"]
    head += ['    """Random."""', "    record = Record()", "    other = Record()"]
    head.append("    total: u64 = u64(other.p)")
    for position, of in enumerate(source.sample(SCALARS, 6)):
        name = f"v{position}"
        head.append(f"    {name}: {of} = {from_bits(ARGUMENTS[position % 4], of)}")
        writer.locals[name] = of
    for _ in range(source.randint(2, 7)):
        writer.statement(2)
    ends = [*writer.locals.items(), *((f"record.{name}", of) for name, of in FIELDS.items())]
    for name, of in ends:
        writer.line(f"total = wrapping_add(wrapping_mul(total, 7), {to_bits(name, of)})")
    writer.line("for byte in record.bytes:")
    writer.line("    total = rotate_left(total, 5) ^ byte")
    writer.line("return total")
    return "\n".join([*head, *writer.lines])


def module(seed: int, functions: int) -> str:
    """Writes a module with functions `random_0` and so on."""
    source = random.Random(seed)
    bodies = [f"\n\n{function(source, number)}\n" for number in range(functions)]
    return "".join([HEAD, *bodies, MAIN])


def cases(seed: int) -> list[tuple[int, ...]]:
    """Returns the arguments that every function is called with."""
    source = random.Random(seed)
    small = tuple(source.randrange(100) for _ in ARGUMENTS)
    large = tuple(source.randrange(1 << 64) for _ in ARGUMENTS)
    mixed = tuple(source.choice((0, 1, 255, (1 << 63) - 1, 1 << 63)) for _ in ARGUMENTS)
    return [small, large, mixed]
