"""Devices without hardware: what they give and take, and when they stop early."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.bench import Bench
from tests.kernel.tree import O_RDWR, Tree, error_of

ENDLESS = [b"/zero", b"/full", b"/random", b"/urandom"]
SIZE = 10_000
EFAULT = 14


@pytest.fixture
def tree() -> Tree:
    bench = Bench()
    bench.program.mount_devices(bench.rig)
    return Tree(bench)


def buffer_of(tree: Tree, good: int = SIZE, signal_at: int = SIZE + 1) -> Any:
    """A buffer of which the first `good` bytes can be reached; a signal comes at one of them."""

    class Buffer(tree.bench.get("kernel.mm.user_copy:KernelBuffer")):  # type: ignore[misc]
        def push(self, data: bytes) -> None:
            self.move(len(data))
            super().push(data)

        def pull(self, into: Any) -> int:
            self.move(min(len(into), self.remaining))
            return int(super().pull(into))

        def move(self, count: int) -> None:
            if self.position + count > good:
                raise OSError(EFAULT, "fault")
            if self.position + count >= signal_at:
                tree.bench.rig.thread.must_interrupt = True

    return Buffer(remaining=SIZE, place=bytearray(SIZE))


@pytest.mark.parametrize("name", ENDLESS)
def test_buffer_is_filled(tree: Tree, name: bytes) -> None:
    buffer = buffer_of(tree)
    assert tree.open(name).read(buffer) == SIZE
    assert (set(buffer.place) == {0}) == (name in (b"/zero", b"/full"))


@pytest.mark.parametrize("name", ENDLESS)
def test_signal_ends_a_long_read(tree: Tree, name: bytes) -> None:
    assert 2000 <= tree.open(name).read(buffer_of(tree, signal_at=2000)) < 3000


@pytest.mark.parametrize("name", ENDLESS)
def test_bad_address_behind_good_ones_ends_a_read(tree: Tree, name: bytes) -> None:
    assert 1500 <= tree.open(name).read(buffer_of(tree, good=2000)) <= 2000
    assert error_of(tree.open(name).read, buffer_of(tree, good=0)) == "EFAULT"


def test_writes_are_swallowed_and_full_is_full(tree: Tree) -> None:
    for name in (b"/null", b"/zero", b"/random", b"/urandom"):
        assert tree.open(name, O_RDWR).write(buffer_of(tree)) == SIZE
    assert error_of(tree.open(b"/full", O_RDWR).write, buffer_of(tree)) == "ENOSPC"
    assert tree.open(b"/null").read(buffer_of(tree)) == 0


def test_signal_or_bad_address_ends_a_long_write_of_seed(tree: Tree) -> None:
    file = tree.open(b"/random", O_RDWR)
    assert 2000 <= file.write(buffer_of(tree, signal_at=2000)) < 3000
    tree.bench.rig.thread.must_interrupt = False
    assert 1500 <= file.write(buffer_of(tree, good=2000)) <= 2000
    assert error_of(file.write, buffer_of(tree, good=0)) == "EFAULT"
