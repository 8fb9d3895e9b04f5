"""The alternate stack of signal handlers, as `sigaltstack` and a handler's frame set it."""

from __future__ import annotations

from abi.errno import EINVAL, ENOMEM, EPERM
from abi.signal import MINSIGSTKSZ, SS_DISABLE, SS_ONSTACK, SigStack
from bare import i32, raises
from kernel.arch.aarch64.layout import USER_END, UserAddr


def store_stack(into: SigStack, alternate: SigStack, stack_pointer: UserAddr) -> None:
    """Describes the alternate stack as `sigaltstack` does."""
    into.base = alternate.base
    into.size = alternate.size
    into.flags = stack_flags(alternate, stack_pointer)


def stack_flags(alternate: SigStack, stack_pointer: UserAddr) -> i32:
    """Returns SS_DISABLE without an alternate stack, SS_ONSTACK while on it, else 0."""
    if alternate.size == 0:
        return SS_DISABLE
    return SS_ONSTACK if is_on_stack(alternate, stack_pointer) else 0


def is_on_stack(alternate: SigStack, stack_pointer: UserAddr) -> bool:
    """Whether a stack pointer lies in the alternate stack."""
    return alternate.base < stack_pointer <= alternate.base + alternate.size


@raises(EINVAL, ENOMEM, EPERM)
def set_stack(current: SigStack, wanted: SigStack, stack_pointer: UserAddr) -> None:
    """Takes over an alternate stack that a program asks for, if it lies in the user's half.

    EPERM: the program runs on the current one; ENOMEM: too small.
    """
    if current.size != 0 and is_on_stack(current, stack_pointer):
        raise OSError(EPERM)
    if wanted.flags == SS_DISABLE:
        current.base = 0
        current.size = 0
        return
    if wanted.flags not in (0, SS_ONSTACK):
        raise OSError(EINVAL)
    if wanted.size < MINSIGSTKSZ:
        raise OSError(ENOMEM)
    if wanted.base > USER_END or wanted.size > USER_END - wanted.base:
        raise OSError(EINVAL)
    current.base = wanted.base
    current.size = wanted.size
