"""The types of the IR: immutable, hashable, compared by value; `str(type)` is its canonical
spelling.

A type says what a *value* is. Struct types are references (never null); storage (embedded,
big-endian, bits) belongs to `ir.program.Field`. Representation, for the back end:

=====================  ==========================================================================
type                   value
=====================  ==========================================================================
IntType, FloatType     the scalar
BoolType               i1 (a byte in memory)
EnumType               its base integer; always a member's value
RegisterType           its unsigned integer of `width` bits
MmioType               u64, the block's address
StructType             non-null pointer to the object
ArrayType              non-null pointer to the first element; the length is in the type
SpanType, Bytes, Str   {pointer, i64 length}; of zero length the pointer may be anything
CallableType           code pointer; if `fallible`, its function returns {value, i32 errno}
FormatType             {pointer to function, pointer to environment in the maker's frame}
PointerType            raw pointer, may be null
NullableType           of a reference or callable (`is_pointer`): the pointer, None is zero;
                       of anything else: {value, i8 present}, all zero is None
TupleType              aggregate of its items
SimdType               vector of `lanes` elements
NoneType, NeverType    no value; NeverType: control does not come back
=====================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """Base of all types."""


@dataclass(frozen=True, slots=True)
class IntType(Type):
    """A sized integer. `usize` is the same type as `u64`."""

    bits: int
    signed: bool

    def __str__(self) -> str:
        return f"{'i' if self.signed else 'u'}{self.bits}"

    @property
    def minimum(self) -> int:
        """The smallest value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """The largest value."""
        return (1 << (self.bits - self.signed)) - 1

    def holds(self, value: int) -> bool:
        """Whether `value` is a value of this type."""
        return self.minimum <= value <= self.maximum


@dataclass(frozen=True, slots=True)
class FloatType(Type):
    """IEEE 754 binary32 or binary64, NaN canonical."""

    bits: int

    def __str__(self) -> str:
        return f"f{self.bits}"


@dataclass(frozen=True, slots=True)
class BoolType(Type):
    """True or False."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class NoneType(Type):
    """The result of a function that returns nothing."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class NeverType(Type):
    """The type of an expression that does not come back."""

    def __str__(self) -> str:
        return "Never"


@dataclass(frozen=True, slots=True)
class EnumType(Type):
    """A class deriving `Enum8`, `Enum16` or `Enum32`; its members are in `Program.enums[name]`."""

    name: str
    base: IntType

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RegisterType(Type):
    """A class deriving `Register`: a value of `base`'s width. Field access is lowered to shifts."""

    name: str
    base: IntType

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class MmioType(Type):
    """A class deriving `MmioBlock`: its value is the block's address."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StructType(Type):
    """A reference, never null, to an object of `Program.structs[name]` or of a class derived
    from it.
    """

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ArrayType(Type):
    """A reference to `length` elements in a row. Elements of struct type are embedded."""

    element: Type
    length: int

    def __str__(self) -> str:
        return f"Array[{self.element}, {self.length}]"


@dataclass(frozen=True, slots=True)
class SpanType(Type):
    """Pointer and length over writable elements. Elements of struct type are embedded."""

    element: Type

    def __str__(self) -> str:
        return f"Span[{self.element}]"


@dataclass(frozen=True, slots=True)
class TableType(Type):
    """A constant tuple `tuple[T, ...]`: pointer and length like a span, read-only.

    Elements of struct type are *references* here, as the constant tuple holds references.
    """

    element: Type

    def __str__(self) -> str:
        return f"tuple[{self.element}, ...]"


@dataclass(frozen=True, slots=True)
class BytesType(Type):
    """Read-only view of bytes."""

    def __str__(self) -> str:
        return "Bytes"


@dataclass(frozen=True, slots=True)
class StrType(Type):
    """Read-only text, UTF-8."""

    def __str__(self) -> str:
        return "str"


@dataclass(frozen=True, slots=True)
class FormatType(Type):
    """`FormatStr`: a message whose fields were evaluated and are not yet formatted."""

    def __str__(self) -> str:
        return "FormatStr"


@dataclass(frozen=True, slots=True)
class PointerType(Type):
    """`bare.unsafe.Pointer[T]`: a raw address of a T, unchecked."""

    element: Type

    def __str__(self) -> str:
        return f"Pointer[{self.element}]"


@dataclass(frozen=True, slots=True)
class CallableType(Type):
    """A function of module level or a static method."""

    parameters: tuple[Type, ...]
    result: Type
    fallible: bool = False

    def __str__(self) -> str:
        text = f"Callable[[{', '.join(map(str, self.parameters))}], {self.result}]"
        return f"Fallible[{text}]" if self.fallible else text


@dataclass(frozen=True, slots=True)
class NullableType(Type):
    """`T | None`."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner} | None"

    @property
    def is_pointer(self) -> bool:
        """Whether None is the null pointer (else the value carries a presence byte)."""
        return isinstance(self.inner, StructType | ArrayType | CallableType)


@dataclass(frozen=True, slots=True)
class TupleType(Type):
    """Two to four values, as a function's result."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class SimdType(Type):
    """A vector: `i8x16`, `u8x16`, `i16x8`, `i32x4`, `f32x4` and their like."""

    element: IntType | FloatType
    lanes: int

    def __str__(self) -> str:
        return f"{self.element}x{self.lanes}"


U8 = IntType(8, signed=False)
U16 = IntType(16, signed=False)
U32 = IntType(32, signed=False)
U64 = IntType(64, signed=False)
I8 = IntType(8, signed=True)
I16 = IntType(16, signed=True)
I32 = IntType(32, signed=True)
I64 = IntType(64, signed=True)
USIZE = U64
F32 = FloatType(32)
F64 = FloatType(64)
BOOL = BoolType()
NONE = NoneType()
NEVER = NeverType()
BYTES = BytesType()
STR = StrType()
FORMAT = FormatType()

INTEGERS: dict[str, IntType] = {
    "u8": U8, "u16": U16, "u32": U32, "u64": U64, "usize": USIZE,
    "i8": I8, "i16": I16, "i32": I32, "i64": I64,
}  # fmt: skip
FLOATS: dict[str, FloatType] = {"f32": F32, "f64": F64}
