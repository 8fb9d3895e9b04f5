"""The alternate signal stack: only what lies in the user's half is taken over."""

from __future__ import annotations

import errno

import pytest

from bare import load

STACK = load("kernel/proc/signal_stack.py")
SigStack = STACK.module("abi.signal").SigStack
SS_ONSTACK, SS_DISABLE = 1, 2
USER_END = 1 << 47
BIG = 2**64 - 1


def error_of(current, wanted, stack_pointer=0):
    before = (current.base, current.size)
    try:
        STACK.set_stack(current, wanted, stack_pointer)
    except OSError as error:
        assert (current.base, current.size) == before
        return errno.errorcode[error.args[0]]
    return ""


def test_stack_is_set_and_described():
    current, told = SigStack(), SigStack()
    assert error_of(current, SigStack(0x10000, 0, 0, 8192)) == ""
    flags = {0x10000: 0, 0x10001: SS_ONSTACK, 0x12000: SS_ONSTACK, 0x12001: 0}
    for pointer, wanted in flags.items():
        STACK.store_stack(told, current, pointer)
        assert (told.base, told.size, told.flags) == (0x10000, 8192, wanted)
    assert error_of(current, SigStack(0, SS_DISABLE, 0, 0)) == ""
    assert STACK.stack_flags(current, 0x10001) == SS_DISABLE


@pytest.mark.parametrize(
    ("base", "size"),
    [(BIG, BIG), (0, BIG), (BIG, 8192), (1 << 63, 1 << 63), (0x10000, USER_END)],
)
def test_stack_outside_of_the_users_half_is_refused(base, size):
    assert error_of(SigStack(), SigStack(base, 0, 0, size)) == "EINVAL"


def test_small_stacks_unknown_flags_and_changes_while_in_use_are_refused():
    current = SigStack()
    assert error_of(current, SigStack(0x10000, 0, 0, 100)) == "ENOMEM"
    assert error_of(current, SigStack(0x10000, 4, 0, 8192)) == "EINVAL"
    assert error_of(current, SigStack(0x10000, 0, 0, 8192)) == ""
    assert error_of(current, SigStack(0x20000, 0, 0, 8192), 0x11000) == "EPERM"
