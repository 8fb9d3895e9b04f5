"""Random expressions of a given type: the lower half of `random_programs`."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

UNSIGNED = ("u8", "u16", "u32", "u64")
SIGNED = ("i8", "i16", "i32", "i64")
INTEGERS = UNSIGNED + SIGNED
FLOATS = ("f32", "f64")
SCALARS = (*INTEGERS, *FLOATS, "bool")
CONSTANT = re.compile(r"True|False|\w+\([-+.\de]*\)")

FIELDS = {
    "p": "u8",
    "q": "i32",
    "r": "u64",
    "s": "f64",
    "t": "f32",
    "inner.x": "u16",
    "inner.y": "i64",
}
ARRAYS = {"bytes": ("u8", 12), "words": ("i32", 5)}


def width(of: str) -> int:
    """Returns the bits of a scalar type."""
    return int(of[1:])


@dataclass
class Expressions:
    """Writes expressions over the locals of one function and its `record`."""

    random: random.Random
    locals: dict[str, str] = field(default_factory=dict)

    # --- expressions

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def constant(self, of: str) -> str:
        if of == "bool":
            return self.pick("True", "False")
        if of in FLOATS:
            number = self.random.choice((0.0, 0.5, 1.0, 3.25, 1e6, self.random.uniform(-9, 9)))
            return f"{of}({number!r})"
        bits_ = width(of)
        low, high = (-(1 << (bits_ - 1)), (1 << (bits_ - 1)) - 1)
        if of in UNSIGNED:
            low, high = 0, (1 << bits_) - 1
        edge = self.random.choice((low, high, high - 1, 0, 1, self.random.randint(low, high)))
        value = self.random.choice((edge, self.random.randint(max(low, -9), 9)))
        return f"{of}({value})"

    def place(self, of: str) -> str | None:
        """A variable, field or element of a type, if there is one."""
        places = [name for name, kind in self.locals.items() if kind == of]
        places += [f"record.{name}" for name, kind in FIELDS.items() if kind == of]
        for name, (kind, length) in ARRAYS.items():
            if kind == of:
                places.append(f"record.{name}[{self.index(length)}]")
        return self.random.choice(places) if places else None

    def index(self, length: int) -> str:
        if self.random.random() < 0.1:
            return self.varying("u8", 1)
        if self.random.random() < 0.5:
            return str(self.random.randrange(length))
        return f"{self.varying('u64', 1)} % {length}"

    def expr(self, of: str, depth: int) -> str:
        """Writes an expression of a type."""
        if depth <= 0 or self.random.random() < 0.15:
            found = self.place(of)
            return found if found and self.random.random() < 0.75 else self.constant(of)
        if of == "bool":
            return self.truth(depth)
        if self.random.random() < 0.08:
            test = self.truth(depth - 1)
            return f"({self.expr(of, depth - 1)} if {test} else {self.expr(of, depth - 1)})"
        return self.real(of, depth) if of in FLOATS else self.integer(of, depth)

    def varying(self, of: str, depth: int) -> str:
        """Writes an expression that the compiler does not compute by itself."""
        written = self.expr(of, depth)
        if not CONSTANT.fullmatch(written):
            return written
        found = self.place(of)
        if found is not None:
            return found
        return f"wrap_{of}(total)" if of in INTEGERS else f"{of}(wrap_i16(total))"

    def truth(self, depth: int) -> str:
        choice = self.random.random()
        if choice < 0.15:
            return f"(not {self.expr('bool', depth - 1)})"
        if choice < 0.35:
            operator = self.pick("and", "or")
            return f"({self.expr('bool', depth - 1)} {operator} {self.expr('bool', depth - 1)})"
        if choice < 0.45:
            return f"(record.kind {self.pick('==', '!=')} Kind.{self.pick('FIRST', 'THIRD')})"
        of = self.random.choice(INTEGERS + FLOATS)
        operator = self.pick("==", "!=", "<", "<=", ">", ">=")
        left, right = self.expr(of, depth - 1), self.expr(of, depth - 1)
        if choice < 0.55:
            return f"({left} {operator} {right} <= {self.expr(of, 0)})"
        return f"({left} {operator} {right})"

    def integer(self, of: str, depth: int) -> str:
        left = self.varying(of, depth - 1)
        choice = self.random.random()
        if choice < 0.22:
            return f"({left} {self.pick('+', '-', '*', '//', '%')} {self.expr(of, depth - 1)})"
        if choice < 0.42:
            return f"({left} {self.pick('&', '|', '^')} {self.expr(of, depth - 1)})"
        if choice < 0.60:
            name = self.pick(
                "wrapping_add", "wrapping_sub", "wrapping_mul", "saturating_add",
                "saturating_sub", "min", "max",
            )  # fmt: skip
            return f"{name}({left}, {self.expr(of, depth - 1)})"
        if choice < 0.72:
            return self.shifted(of, left, depth)
        if choice < 0.80:
            return self.from_other(of, depth)
        if choice < 0.88:
            return self.of_one(of, left, depth)
        return self.from_memory(of, depth)

    def shifted(self, of: str, left: str, depth: int) -> str:
        if self.random.random() < 0.8:
            count = str(self.random.randrange(width(of) + 3))
        else:
            count = self.varying(self.random.choice(INTEGERS), depth - 1)
        if of in UNSIGNED and self.random.random() < 0.3:
            return f"{self.pick('rotate_left', 'rotate_right')}({left}, {count})"
        if self.random.random() < 0.5:
            return f"({left} >> {count})"
        if self.random.random() < 0.7:
            return f"wrapping_shl({left}, {count})"
        return f"({left} << {count})"

    def from_other(self, of: str, depth: int) -> str:
        if self.random.random() < 0.6:
            return f"wrap_{of}({self.varying(self.random.choice(INTEGERS), depth - 1)})"
        source = self.random.choice(SCALARS)
        return f"{of}({self.varying(source, depth - 1)})"

    def of_one(self, of: str, operand: str, depth: int) -> str:
        if of == "u32" and self.random.random() < 0.6:
            name = self.pick("count_ones", "leading_zeros", "trailing_zeros")
            return f"{name}({self.varying(self.random.choice(UNSIGNED), depth - 1)})"
        if of in UNSIGNED:
            name = (
                self.pick("invert", "wrapping_neg")
                if of == "u8"
                else self.pick("invert", "wrapping_neg", "byte_swap")
            )
            return f"{name}({operand})"
        return self.pick(f"(-{operand})", f"(~{operand})", f"abs({operand})")

    def from_memory(self, of: str, depth: int) -> str:
        at = self.expr("u8", 0) if self.random.random() < 0.1 else str(self.random.randrange(5))
        if of == "u16":
            return f"load_u16(record.bytes, {at})"
        if of == "u32":
            return f"load_u32_be(record.bytes, {at})"
        if of == "u64":
            return self.pick(
                f"load_u64(record.bytes[{self.random.randrange(4)}:], 0)",
                "f64_bits(record.s)",
                f"helper({self.expr('u64', depth - 1)}, {self.expr('i32', depth - 1)})",
            )
        return self.from_other(of, depth)

    def real(self, of: str, depth: int) -> str:
        choice = self.random.random()
        left = self.varying(of, depth - 1)
        if choice < 0.6:
            return f"({left} {self.pick('+', '-', '*', '/')} {self.expr(of, depth - 1)})"
        if choice < 0.75:
            return f"{self.pick('sqrt', 'floor', 'abs', '-')}({left})"
        if choice < 0.85:
            return f"{self.pick('min', 'max')}({left}, {self.expr(of, depth - 1)})"
        if choice < 0.95:
            return f"{of}({self.varying(self.random.choice(INTEGERS + FLOATS), depth - 1)})"
        bits_ = "u32" if of == "f32" else "u64"
        return f"{of}_from_bits({self.expr(bits_, depth - 1)})"
