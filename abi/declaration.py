"""The form in which `abi/syscalls.py` declares system calls. Read by tools; nothing compiles it.

A declaration is a function without body under `@syscall`. Its parameters say how an argument
register is decoded and what the user-side stub takes for it:

- `Fd`, `i32`, `u32`: the low 32 bits of the register; `i64`, `u64`, `usize`: all of it;
- `Path`: the address of NUL-terminated text; the stub takes `Bytes`;
- `UserIn[T]`, `UserOut[T]`, `UserInOut[T]`: the address of a `T` that the kernel reads, writes, or
  both. The stub takes the struct, or a `Span` where a `Length` follows or `T` is a scalar. With
  `| None` it may be null, and an empty span stands for that;
- `Length`: the number of elements (bytes, for `u8`) of the buffer before it; the stub fills it in;
- `SizeOf`: the size in bytes of the `T` before it, or of one element; the stub fills it in;
- `SetSize`: the size of a signal set, 8; the stub fills it in;
- `UserAddress`: an address that the stub takes as a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., object])


class Fd(int):
    """A file descriptor; AT_FDCWD where a call allows it."""


class Path:
    """NUL-terminated text in user memory."""


class UserIn(Generic[T]):
    """User memory that the kernel reads."""


class UserOut(Generic[T]):
    """User memory that the kernel writes."""


class UserInOut(Generic[T]):
    """User memory that the kernel reads and writes."""


class Length(int):
    """Elements in the buffer before it."""


class SizeOf(int):
    """Bytes in one element of the buffer before it."""


class SetSize(int):
    """Bytes in a signal set; anything but 8 is EINVAL."""


class UserAddress(int):
    """An address in user memory that the kernel checks when it uses it."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One system call: what the decorator says of a function."""

    number: int
    family: str
    errors: tuple[int, ...]
    rights: int
    capability: int
    function: Callable[..., object]


@dataclass(frozen=True, slots=True)
class Family:
    """The file in `kernel/syscall/` with the bodies, and its heading in the reference."""

    name: str
    title: str


DECLARATIONS: dict[int, Declaration] = {}
"""Every declared call by number, in the order of declaration."""


def syscall(
    number: int,
    family: Family,
    *,
    errors: tuple[int, ...] = (),
    rights: int = 0,
    capability: int = 0,
) -> Callable[[Function], Function]:
    """Declares a system call.

    `errors` are those that the body raises. `rights` must be held by the first descriptor, which
    the body looks up with them. A caller without `capability` is refused with EPERM before the
    body runs, and the denial is logged. Numbers are Linux's for AArch64, or 1024 and above for
    SwiftOS's own.
    """

    def declare(function: Function) -> Function:
        if number in DECLARATIONS:
            raise ValueError(f"system call {number} is declared twice: {function.__name__}")
        DECLARATIONS[number] = Declaration(
            number, family.name, errors, rights, capability, function
        )
        return function

    return declare
