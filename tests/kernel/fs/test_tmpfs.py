"""tmpfs: its limits, and what holes, unlinked files and failing copies leave behind."""

from __future__ import annotations

from tests.kernel.bench import Bench
from tests.kernel.tree import O_APPEND, O_CREAT, O_RDWR, Tree, error_of


def make_tree(page_limit: int = 64) -> Tree:
    bench = Bench()
    bench.program.mount_tmpfs(bench.rig, page_limit)
    return Tree(bench)


def test_write_then_read() -> None:
    tree = make_tree()
    data = bytes(range(256)) * 50
    assert tree.write(b"/a", data) == len(data)
    assert tree.read(b"/a") == data


def test_append_goes_to_the_end() -> None:
    tree = make_tree()
    tree.write(b"/a", b"one")
    tree.write(b"/a", b"two", O_CREAT | O_APPEND)
    assert tree.read(b"/a") == b"onetwo"
