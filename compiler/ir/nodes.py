"""Expressions and statements of the IR: structured, typed, desugared.

Every expression has a `type` and a `span`; operands are evaluated once, left to right in field
order, before the operation, unless the node says otherwise. Implicit conversions are explicit
`Convert` nodes, so operand types always match exactly what a node demands (`ir/verifier.py` says
what that is).

Errors: a node that is fallible (`Call*` with `fallible`, `Allocate`, `Raise`) may end with an
error number. It goes to the innermost enclosing `Try` *in whose `body`* the node stands and that
has a handler; on the way it runs the `final` of each `Try` it leaves; where there is none it is
the function's error result.

Traps end the program: they run nothing on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compiler.ir.spans import Span
from compiler.ir.types import Type

Mode = Literal["checked", "wrapping", "saturating"]
BinaryOperator = Literal[
    "add", "sub", "mul", "floordiv", "mod", "div", "shl", "shr", "and", "or", "xor", "min", "max"
]
UnaryOperator = Literal["neg", "invert", "not", "abs", "sqrt", "floor"]
Comparison = Literal["eq", "ne", "lt", "le", "gt", "ge", "is", "is_not"]
Conversion = Literal[
    "widen",
    "checked",
    "wrap",
    "round",
    "reinterpret",
    "truth",
    "from_bool",
    "from_enum",
    "to_enum",
    "from_register",
    "to_register",
    "upcast",
    "downcast",
    "to_nullable",
    "unwrap",
    "array_to_span",
    "to_bytes",
    "bytes_to_str",
    "str_to_bytes",
    "str_to_format",
    "callable",
    "mmio",
]
TrapKind = Literal[
    "OverflowError",
    "IndexError",
    "ZeroDivisionError",
    "AttributeError",
    "AssertionError",
    "ValueError",
    "ReferenceError",
    "RecursionError",
    "PanicError",
    "UnreachableError",
]


# --- expressions
# -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Expr:
    """Base of expressions."""

    type: Type
    span: Span


@dataclass(slots=True)
class Const(Expr):
    """A scalar constant of int, float, bool, enum (its number), register (its number) or pointer
    type.

    `value` None means None of a `NullableType`. Floats are already rounded to their type.
    """

    value: int | float | bool | None


@dataclass(slots=True)
class Text(Expr):
    """A literal: `value` as UTF-8 or bytes, of type `StrType` or `BytesType`. Static, read-only."""

    value: bytes


@dataclass(slots=True)
class DataRef(Expr):
    """`Program.data[symbol]`, read-only. Struct type: a reference; table type: {pointer,
    length}.
    """

    symbol: str


@dataclass(slots=True)
class FunctionRef(Expr):
    """The function `symbol` as a value of `CallableType`."""

    symbol: str


@dataclass(slots=True)
class Local(Expr):
    """Reads the parameter or local `name` (key of `Function.locals`). It was assigned before."""

    name: str


@dataclass(slots=True)
class Bind(Expr):
    """Evaluates `value`, stores it in local `name`, and is that value (Python's `:=`)."""

    name: str
    value: Expr


@dataclass(slots=True)
class Binary(Expr):
    """Arithmetic on two operands of `type`.

    Integers: `add sub mul` by `mode` (checked traps OverflowError); `floordiv`, `mod` with floor
    semantics, trapping ZeroDivisionError, and OverflowError for minimum // -1; `and or xor min
    max`. `shl`, `shr`: `right` may have any integer type. Checked `shl` traps OverflowError on a
    negative count and on a result that does not fit; wrapping `shl` takes the low bits of the
    unbounded result (a count >= width gives 0) and traps on a negative count; `shr` floors for
    any count and traps OverflowError on a negative one. Floats: `add sub mul div min max`; `div`
    traps ZeroDivisionError on a zero divisor. NaN results are canonical. `min`/`max` give `left`
    unless `right` compares smaller/larger, as Python's.
    """

    operator: BinaryOperator
    mode: Mode
    left: Expr
    right: Expr


@dataclass(slots=True)
class Unary(Expr):
    """`neg` and `abs` by mode (checked traps OverflowError), `invert` (complement), `not`;
    floats: `neg abs sqrt floor`.

    `sqrt` of a negative is NaN. The operand has the node's type.
    """

    operator: UnaryOperator
    mode: Mode
    operand: Expr


@dataclass(slots=True)
class Compare(Expr):
    """Bool result; operands of one type.

    Scalars: IEEE for floats, numeric for integers and enums. `eq ne` on bytes and str compare
    contents. `is is_not` on references, callables, nullables (against a Const None) compare
    identity.
    """

    operator: Comparison
    left: Expr
    right: Expr


@dataclass(slots=True)
class Logical(Expr):
    """`and` / `or` of bools; `right` is evaluated only where `left` does not decide."""

    operator: Literal["and", "or"]
    left: Expr
    right: Expr


@dataclass(slots=True)
class Conditional(Expr):
    """`then if condition else otherwise`: only the chosen one is evaluated."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(slots=True)
class Convert(Expr):
    """`operand` as `type`.

    widen: no value changes (int to wider int, f32 to f64). checked: int to int, trapping
    OverflowError; float to int, truncating, trapping OverflowError on NaN and what does not fit.
    wrap: low bits, int to int. round: int to float, f64 to f32, nearest even. reinterpret: float
    to same-width unsigned and back. truth: int != 0. from_bool: 0 or 1. from_enum,
    from_register, to_register: no operation. to_enum: traps ValueError when no member has the
    value. upcast: derived to base reference. downcast: proven by a preceding test, no check.
    to_nullable: T to T | None. unwrap: T | None to T, proven not None, no check. array_to_span:
    array to span of all. to_bytes: span or array of u8 to Bytes. bytes_to_str, str_to_bytes: no
    operation. str_to_format: text as a FormatStr. callable: infallible function value as a
    fallible one. mmio: u64 to MmioType and back, no operation.
    """

    kind: Conversion
    operand: Expr


@dataclass(slots=True)
class GetField(Expr):
    """Reads a field of `object` (a struct reference, never null).

    A plain field is loaded, in its stored form (bits, big-endian). An embedded struct or array
    gives a reference to itself. With `check_unset` the loaded null pointer traps AttributeError.
    """

    object: Expr
    struct: str
    field: str
    check_unset: bool
    embedded: bool = False


@dataclass(slots=True)
class Index(Expr):
    """Element `index` (any integer type) of an array, span, table, Bytes, or unchecked of a
    `PointerType`.

    With `checked` traps IndexError unless 0 <= index < length. Elements of struct type of
    arrays, spans and pointers are references to the embedded element; those of arrays of arrays
    likewise.
    """

    object: Expr
    index: Expr
    checked: bool


@dataclass(slots=True)
class Slice(Expr):
    """`object[start:stop]` of a span, Bytes, table or array (which gives a span); None means 0 /
    length.

    Traps IndexError unless 0 <= start <= stop <= length. Bounds have any integer type.
    """

    object: Expr
    start: Expr | None
    stop: Expr | None


@dataclass(slots=True)
class Length(Expr):
    """Number of elements (u64) of an array, span, table or Bytes."""

    object: Expr


@dataclass(slots=True)
class Call(Expr):
    """Calls function `symbol`; arguments complete and in parameter order (receiver first)."""

    symbol: str
    arguments: list[Expr]
    fallible: bool


@dataclass(slots=True)
class CallVirtual(Expr):
    """Calls vtable slot `slot` (index into `Struct.vtable` of `struct`) of `arguments[0]`, a
    reference to `struct`.
    """

    struct: str
    method: str
    slot: int
    arguments: list[Expr]
    fallible: bool


@dataclass(slots=True)
class CallIndirect(Expr):
    """Calls the value `callee` of `CallableType`; fallible as its type says."""

    callee: Expr
    arguments: list[Expr]
    fallible: bool


@dataclass(slots=True)
class Construct(Expr):
    """Makes an object of exactly `struct` and is a reference to it.

    The field values are evaluated in order; then the place is zeroed, defaults and vtable
    pointers (also of embedded structs and array elements) are set, then the fields. If
    `initializer`, that function (`__init__`) is then called with the reference and `arguments`,
    evaluated first too. Place: the frame slot `slot` of this function, or where `slot` is None
    the address (u64) that `address` gives (evaluated first).
    """

    struct: str
    slot: int | None
    address: Expr | None
    fields: list[tuple[str, Expr]]
    initializer: str | None
    arguments: list[Expr]
    fallible: bool


@dataclass(slots=True)
class ConstructArray(Expr):
    """Makes zeroed elements (structs defaulted): an `ArrayType` in frame slot `slot`, or a
    `SpanType`.

    For a span `slot` is None, `address` (u64) and `length` (u64) are evaluated in this order.
    """

    slot: int | None
    address: Expr | None
    length: Expr | None


@dataclass(slots=True)
class Allocate(Expr):
    """`allocate(allocator, T)`: `request` calls `allocate_bytes(size, align)`, giving an
    address; then constructs there.

    The result is `construct`, a `Construct` or `ConstructArray` whose `address` is
    `Local(address)` and whose length, if it has one, is `Local(length)`: both are bound by this
    node (length first) to the values of `request` and `count`. The request's byte size has been
    computed with checked arithmetic from `Local(length)`. Checked execution may ignore the address.
    """

    request: Expr
    address: str
    count: Expr | None
    length: str | None
    construct: Construct | ConstructArray


@dataclass(slots=True)
class MakeTuple(Expr):
    """A tuple value of `TupleType`."""

    items: list[Expr]


@dataclass(slots=True)
class TupleItem(Expr):
    """Item `index` of a tuple value."""

    tuple: Expr
    index: int


@dataclass(slots=True)
class FormatSpec:
    """How a field is written. `kind`: d x X o b c (integers), s (str, bool, enum, FormatStr), f
    (floats).

    `align` is '<', '>' or '^' ('' default: right for numbers, left else); `zero` pads with zeros
    after the sign; `alternate` is '#'; `comma` groups thousands; `precision` is for f.
    """

    kind: str
    width: int
    align: str
    zero: bool
    alternate: bool
    comma: bool
    precision: int


@dataclass(slots=True)
class FormatField:
    """One `{value:spec}`. Value: int, bool, str, enum (its member's name is written), float,
    FormatStr.
    """

    value: Expr
    spec: FormatSpec


@dataclass(slots=True)
class MakeFormat(Expr):
    """An f-string: literal bytes and fields in order. Evaluates the fields now, formats when it
    is written.

    The environment lives in this function's frame, in a slot of its own.
    """

    parts: list[bytes | FormatField]


@dataclass(slots=True)
class IsInstance(Expr):
    """Whether the object is of class `struct` or derived from it; both have vtables. Not null."""

    object: Expr
    struct: str


@dataclass(slots=True)
class Intrinsic(Expr):
    """A named operation of the vocabulary: `ir/intrinsics.py` lists each with operands and
    semantics.
    """

    name: str
    arguments: list[Expr]
    parameters: tuple[object, ...] = ()


# --- statements
# --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stmt:
    """Base of statements."""

    span: Span


@dataclass(slots=True)
class Evaluate(Stmt):
    """Evaluates `value` for its effects."""

    value: Expr


@dataclass(slots=True)
class Assign(Stmt):
    """Stores `value` in local `name`."""

    name: str
    value: Expr


@dataclass(slots=True)
class SetField(Stmt):
    """Stores into a plain field, in its stored form. A value too wide for `bits(n)` traps
    OverflowError.
    """

    object: Expr
    struct: str
    field: str
    value: Expr


@dataclass(slots=True)
class SetIndex(Stmt):
    """Stores element `index` of an array, span, or unchecked of a `PointerType`.

    Order: object, index, value, then the check.
    """

    object: Expr
    index: Expr
    value: Expr
    checked: bool


@dataclass(slots=True)
class If(Stmt):
    """`then` or `otherwise`."""

    condition: Expr
    then: list[Stmt]
    otherwise: list[Stmt]


@dataclass(slots=True)
class Loop(Stmt):
    """`while condition: body; step`. `continue` goes to `step`, then the condition.

    `otherwise` runs when the condition is false (not on break).
    """

    condition: Expr
    body: list[Stmt]
    step: list[Stmt]
    otherwise: list[Stmt]


@dataclass(slots=True)
class ForRange(Stmt):
    """`for name in range(start, stop, step)`; bounds of `type`, evaluated once; step a non-zero
    constant.

    At each turn the local is set; assignments to it in the body do not change the count; after
    the loop it holds the last turn's value. Never overflows.
    """

    name: str
    type: Type
    start: Expr
    stop: Expr
    step: int
    body: list[Stmt]
    otherwise: list[Stmt]


@dataclass(slots=True)
class SwitchCase:
    """One arm: constants of the subject's type."""

    values: list[int]
    body: list[Stmt]


@dataclass(slots=True)
class Switch(Stmt):
    """Runs the arm with the integer or enum `subject`, else `default`; no default: traps
    ValueError.
    """

    subject: Expr
    cases: list[SwitchCase]
    default: list[Stmt] | None


@dataclass(slots=True)
class Break(Stmt):
    """Leaves the innermost loop, running each `final` on the way."""


@dataclass(slots=True)
class Continue(Stmt):
    """Next turn of the innermost loop, running each `final` on the way."""


@dataclass(slots=True)
class Return(Stmt):
    """Evaluates the value, runs each enclosing `final`, returns."""

    value: Expr | None


@dataclass(slots=True)
class Raise(Stmt):
    """Raises the error number (i32, positive) `code`."""

    code: Expr


@dataclass(slots=True)
class Try(Stmt):
    """`body`; on an error in `body`, `handler` (None: no except clause) with local `error` (i32)
    set to its number.

    `otherwise` runs after `body` fell through; its errors are not caught here. `final` runs
    last, on every way out of body, handler and otherwise: fall-through, return, break, continue,
    error.
    """

    body: list[Stmt]
    error: str | None
    handler: list[Stmt] | None
    otherwise: list[Stmt]
    final: list[Stmt]


@dataclass(slots=True)
class Trap(Stmt):
    """Traps with `kind` and, for assertions and panics, `message` (str or FormatStr)."""

    kind: TrapKind
    message: Expr | None
