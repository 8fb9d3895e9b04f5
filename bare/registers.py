"""Registers and register blocks: memory-mapped I/O as a table of typed descriptors.

A `Register` is a value: an integer with named bit fields. A `MmioBlock` is an address with a table
of registers; `read()` and `write()` are exactly one load or store instruction each.

    class LineControl(Register, width=32):
        fifo_enable = bit(4)
        word_length = bits(6, 5, WordLength)

    class Pl011(MmioBlock, size=0x1000):
        data = rw(0x00, Data)
        flags = ro(0x18, Flags)

Declarations are checked when the class is made: fields may not overlap or leave the width,
registers may not overlap or leave the block. To the type checker a write to `ro`, a read of `wo`,
and an `int` where an enumeration is due are errors.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar, overload

from bare import traps

R = TypeVar("R")
Value = TypeVar("Value")
Member = TypeVar("Member", bound=IntEnum)


class Bit:
    """One bit of a register, a `bool`."""

    def __init__(self, position: int) -> None:
        self.low = position
        self.high = position

    @overload
    def __get__(self, register: None, owner: type[Register]) -> Self: ...
    @overload
    def __get__(self, register: Register, owner: type[Register]) -> bool: ...

    def __get__(self, register: Register | None, owner: type[Register]) -> Self | bool:
        if register is None:
            return self
        return bool(register.value >> self.low & 1)

    def __set__(self, register: Register, value: bool) -> None:
        register.value = register.value & ~(1 << self.low) | int(value) << self.low


class Bits(Generic[Value]):
    """Bits `high` to `low` of a register, an unsigned integer or an enumeration."""

    def __init__(self, high: int, low: int, value_type: type[IntEnum] | None) -> None:
        self.high = high
        self.low = low
        self.value_type = value_type

    @property
    def mask(self) -> int:
        """The field's bits at their place in the register."""
        return ((1 << (self.high - self.low + 1)) - 1) << self.low

    @overload
    def __get__(self, register: None, owner: type[Register]) -> Self: ...
    @overload
    def __get__(self, register: Register, owner: type[Register]) -> Value: ...

    def __get__(self, register: Register | None, owner: type[Register]) -> Self | Value:
        if register is None:
            return self
        number: Any = (register.value & self.mask) >> self.low
        value: Value = number if self.value_type is None else self._member(number)
        return value

    def _member(self, number: int) -> Any:
        if self.value_type is None or number not in set(self.value_type):
            raise traps.ValueError(f"bits {self.high}:{self.low} hold {number}, which is no member")
        return self.value_type(number)

    def __set__(self, register: Register, value: Value) -> None:
        number: Any = value
        shifted = int(number) << self.low
        if shifted & ~self.mask:
            raise traps.OverflowError(f"{value} does not fit bits {self.high}:{self.low}")
        register.value = register.value & ~self.mask | shifted


def bit(position: int) -> Bit:
    """Declares one bit."""
    return Bit(position)


@overload
def bits(high: int, low: int) -> Bits[int]: ...
@overload
def bits(high: int, low: int, value_type: type[Member]) -> Bits[Member]: ...


def bits(high: int, low: int, value_type: type[IntEnum] | None = None) -> Bits[Any]:
    """Declares the field from bit `high` down to bit `low`; a write of more traps
    (`OverflowError`).
    """
    return Bits(high, low, value_type)


class Register:
    """The value of a register: `width` bits with named fields. Compiled, assignment copies."""

    __slots__ = ("value",)

    __layout_bytes__ = 4
    width: ClassVar[int] = 32

    def __init__(self, value: int = 0) -> None:
        self.value = value

    def __init_subclass__(cls, width: int = 32) -> None:
        super().__init_subclass__()
        if width not in (8, 16, 32, 64):
            raise TypeError(f"{cls.__name__}: a register has 8, 16, 32 or 64 bits, not {width}")
        cls.width = width
        cls.__layout_bytes__ = width // 8
        taken = 0
        for name, field in vars(cls).items():
            if isinstance(field, Bit | Bits):
                taken = _claim(cls, name, field, taken)


def _claim(cls: type[Register], name: str, field: Bit | Bits[Any], taken: int) -> int:
    if not 0 <= field.low <= field.high < cls.width:
        raise TypeError(f"{cls.__name__}.{name}: bits {field.high}:{field.low} leave the register")
    mask = (1 << (field.high + 1)) - (1 << field.low)
    if taken & mask:
        raise TypeError(f"{cls.__name__}.{name}: bits {field.high}:{field.low} are already taken")
    return taken | mask


class ReadOnly(Generic[R]):
    """A register that can be read."""

    def read(self) -> R:
        """Loads the register: one load instruction of its width."""
        _no_device("read")


class WriteOnly(Generic[R]):
    """A register that can be written."""

    def write(self, value: R) -> None:
        """Stores the register: one store instruction of its width."""
        _no_device("write")


class ReadWrite(ReadOnly[R], WriteOnly[R]):
    """A register that can be read and written."""


def _no_device(name: str) -> NoReturn:
    raise TypeError(f"{name}() reaches a device in compiled code and under bare.load only")


Access = TypeVar("Access")


class Placed(Generic[Access]):
    """A register at an offset in a block, or `count` of them `stride` bytes apart."""

    def __init__(
        self,
        offset: int,
        register_type: type,
        access: type[Access],
        *,
        count: int | None = None,
        stride: int | None = None,
    ) -> None:
        self.offset = offset
        self.register_type = register_type
        self.access = access
        self.count = count
        self.stride = register_bytes(register_type) if stride is None else stride

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        last = 0 if self.count is None else (self.count - 1) * self.stride
        return self.offset + last + register_bytes(self.register_type)

    @overload
    def __get__(self, block: None, owner: type[MmioBlock]) -> Self: ...
    @overload
    def __get__(self, block: MmioBlock, owner: type[MmioBlock]) -> Access: ...

    def __get__(self, block: MmioBlock | None, owner: type[MmioBlock]) -> Self | Access:
        if block is None:
            return self
        return self.access()


class RegisterArray(Generic[Access]):
    """Equal registers at equal distances: `block.enable[i].read()`; a bad index traps."""

    def __getitem__(self, index: int) -> Access:
        _no_device("read")

    def __len__(self) -> int:
        raise TypeError("len() of registers exists in compiled code and under bare.load only")


def register_bytes(register_type: type) -> int:
    """Returns the size in bytes of a `Register` class or an unsigned scalar type."""
    if issubclass(register_type, Register):
        return register_type.width // 8
    size: int = getattr(register_type, "size", 0)
    if size == 0:
        raise TypeError(f"{register_type} is neither a Register nor a scalar type")
    return size


def ro(offset: int, register_type: type[R]) -> Placed[ReadOnly[R]]:
    """Places a register that is only read at byte `offset`."""
    return Placed(offset, register_type, ReadOnly[R])


def wo(offset: int, register_type: type[R]) -> Placed[WriteOnly[R]]:
    """Places a register that is only written at byte `offset`."""
    return Placed(offset, register_type, WriteOnly[R])


def rw(offset: int, register_type: type[R]) -> Placed[ReadWrite[R]]:
    """Places a register at byte `offset`."""
    return Placed(offset, register_type, ReadWrite[R])


def ro_array(
    offset: int, count: int, register_type: type[R], *, stride: int | None = None
) -> Placed[RegisterArray[ReadOnly[R]]]:
    """Places `count` registers that are only read, `stride` bytes apart (default: their size)."""
    return Placed(offset, register_type, RegisterArray[ReadOnly[R]], count=count, stride=stride)


def wo_array(
    offset: int, count: int, register_type: type[R], *, stride: int | None = None
) -> Placed[RegisterArray[WriteOnly[R]]]:
    """Places `count` registers that are only written, `stride` bytes apart (their size if not
    given).
    """
    return Placed(offset, register_type, RegisterArray[WriteOnly[R]], count=count, stride=stride)


def rw_array(
    offset: int, count: int, register_type: type[R], *, stride: int | None = None
) -> Placed[RegisterArray[ReadWrite[R]]]:
    """Places `count` registers, `stride` bytes apart (default: their size)."""
    return Placed(offset, register_type, RegisterArray[ReadWrite[R]], count=count, stride=stride)


class MmioBlock:
    """A block of registers at an address: `Pl011(address)`. A value of pointer size."""

    __slots__ = ("address",)

    __layout_bytes__ = 8
    size: ClassVar[int] = 0

    def __init__(self, address: int) -> None:
        self.address = address

    def __init_subclass__(cls, size: int) -> None:
        super().__init_subclass__()
        cls.size = size
        end = 0
        placed = [(name, item) for name, item in vars(cls).items() if isinstance(item, Placed)]
        for name, item in placed:
            if item.offset < end:
                raise TypeError(f"{cls.__name__}.{name}: overlaps, or is out of address order")
            if item.offset % register_bytes(item.register_type) or item.end > size:
                raise TypeError(f"{cls.__name__}.{name}: offset {item.offset:#x} is not valid")
            end = item.end
