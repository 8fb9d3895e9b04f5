"""Raw memory and the machine. Importing this module is the unsafe block; each use says `# SAFETY:`.

Addresses are `usize`. Nothing here is checked in compiled code. Under `bare.load` memory is a
simulated `Memory` and access outside it traps; instructions have no meaning there, except the ones
that a test supplies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeVar, overload

from bare import Array, Span

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., object])


def _machine_only(name: str) -> NoReturn:
    raise TypeError(f"{name} exists in compiled code and under bare.load")


class Pointer(Generic[T]):
    """The raw address of a scalar: `Pointer[u64](address)`. A value of pointer size."""

    __slots__ = ("address",)
    __layout_bytes__ = 8

    def __init__(self, address: int) -> None:
        self.address = address

    def load(self) -> T:
        """Reads the scalar at the address, which is aligned."""
        _machine_only("Pointer.load")

    def store(self, value: T) -> None:
        """Writes the scalar at the address, which is aligned."""
        _machine_only("Pointer.store")

    def load_volatile(self) -> T:
        """Reads exactly once, in program order among volatile accesses."""
        _machine_only("Pointer.load_volatile")

    def store_volatile(self, value: T) -> None:
        """Writes exactly once, in program order among volatile accesses."""
        _machine_only("Pointer.store_volatile")

    def offset(self, count: int) -> Pointer[T]:
        """Returns the pointer `count` elements further, which may be negative."""
        _machine_only("Pointer.offset")


def address_of(value: object) -> int:
    """Returns the address of a struct, an array, or the first element of a span or `Bytes`."""
    _machine_only("address_of")


def object_at(object_type: type[T], address: int) -> T:
    """Views the memory at `address` as a struct."""
    _machine_only("object_at")


def span_at(element_type: type[T], address: int, length: int) -> Span[T]:
    """Views the memory at `address` as `length` elements."""
    _machine_only("span_at")


def static_object(object_type: type[T], *, align: int = 0) -> T:
    """Returns an object in the image's data, with its defaults: one for each place in the source.

    `align` raises the alignment (bytes, a power of two). `__init__` is not called.
    """
    _machine_only("static_object")


def static_array(element_type: type[T], length: int, *, align: int = 0) -> Array[T]:
    """Returns an array in the image's zeroed data: one for each place in the source."""
    _machine_only("static_array")


def linker_symbol(name: str) -> int:
    """Returns the address of a symbol that the linker script defines or `@export` names."""
    _machine_only("linker_symbol")


def function_address(function: Callable[..., object]) -> int:
    """Returns the address of a function's code."""
    _machine_only("function_address")


def function_at(address: int) -> Any:
    """Views code at `address` as a function; the annotation gives its type, a `Callable`."""
    _machine_only("function_at")


def call_at(address: int, *arguments: int) -> int:
    """Calls code at `address` with up to eight integers in x0… and returns x0."""
    _machine_only("call_at")


def naked(function: Function) -> Function:
    """Emits no prologue or epilogue: the body is one `asm` call that never falls through."""
    function.__dict__["__naked__"] = True
    return function


def section(name: str) -> Callable[[Function], Function]:
    """Places a function into a section of the image, such as `.text.boot`."""

    def place(function: Function) -> Function:
        function.__dict__["__section__"] = name
        return function

    return place


@overload
def asm(
    template: str,
    *inputs: int,
    clobbers: tuple[str, ...] = (),
    **registers: int,
) -> None: ...
@overload
def asm(
    template: str,
    *inputs: int,
    out: type[T],
    out_register: str = "",
    clobbers: tuple[str, ...] = (),
    **registers: int,
) -> T: ...


def asm(template: str, *inputs: int, **options: Any) -> Any:
    """Emits instructions. `template` is a constant; lines are separated by newlines.

    `{0}`, `{1}`, … are operands: the output first, where `out=T` asks for one, then the inputs in
    order; `{0:w}` is the 32-bit name of the register. `x8=value` puts an input into a fixed
    register, and `out_register="x0"` takes the output from one. `clobbers` names further registers
    that change; memory and flags are always taken as changed. Braces that belong to the assembler
    are doubled.
    """
    _machine_only("asm")


def read_system_register(name: str) -> int:
    """Reads a system register (`MRS`) by the manual's name, such as "TCR_EL1"."""
    _machine_only("read_system_register")


def write_system_register(name: str, value: int) -> None:
    """Writes a system register (`MSR`); the caller adds the barrier that the register needs."""
    _machine_only("write_system_register")


def dmb(domain: str = "ish") -> None:
    """Data memory barrier; `domain` is an option of the manual, such as "ish", "ishst", "sy"."""
    _machine_only("dmb")


def dsb(domain: str = "ish") -> None:
    """Data synchronisation barrier; `domain` as for `dmb`."""
    _machine_only("dsb")


def isb() -> None:
    """Instruction synchronisation barrier."""
    _machine_only("isb")


def wfi() -> None:
    """Waits for an interrupt."""
    _machine_only("wfi")


def wfe() -> None:
    """Waits for an event."""
    _machine_only("wfe")


def sev() -> None:
    """Signals an event to all CPUs."""
    _machine_only("sev")


def spin_hint() -> None:
    """Tells the CPU that this is a waiting loop (`YIELD`)."""
    _machine_only("spin_hint")
