"""Every allocation of every operation fails once: a clean error, no leak, and then it works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.kernel.bench import Bench
from tests.kernel.fs.disk import make_disk
from tests.kernel.fs.test_packed import use_host_hashes
from tests.kernel.tree import O_CREAT, O_RDWR, Tree, error_of
from tests.support import images

MOST_ALLOCATIONS = 200
EXPECTED = ("ENOMEM", "ENOSPC")


def prepare(tree: Tree) -> None:
    tree.mkdir(b"/d")
    tree.write(b"/d/f", b"content")
    tree.symlink(b"/d/l", b"f")


def grow_file(tree: Tree) -> None:
    file = tree.open(b"/d/f", O_RDWR)
    try:
        for page in (0, 1, 70, 5000):
            file.seek(page * 4096, 0)
            if tree.write_file(file, b"x" * 10) != 10:
                raise OSError(12, "short")
    finally:
        file.put()


def fill_directory(tree: Tree) -> None:
    for index in range(20):
        tree.write(f"/d/n{index}".encode(), b"", O_CREAT)


OPERATIONS: dict[str, Callable[[Tree], Any]] = {
    "open": lambda tree: tree.read(b"/d/f"),
    "follow a link": lambda tree: tree.read(b"/d/l"),
    "create": lambda tree: tree.write(b"/d/new", b"data"),
    "make a directory": lambda tree: tree.mkdir(b"/d/e"),
    "make a link": lambda tree: tree.symlink(b"/d/m", b"target"),
    "rename": lambda tree: tree.rename(b"/d/f", b"/d/g"),
    "unlink": lambda tree: tree.unlink(b"/d/f"),
    "grow a file": grow_file,
    "fill a directory": fill_directory,
    "list": lambda tree: tree.names(b"/d"),
}


def clean_up(tree: Tree) -> None:
    for name in tree.names(b"/d"):
        path = b"/d/" + name
        is_directory = tree.stat(path, follow=False).mode & 0o170000 == 0o040000
        (tree.rmdir if is_directory else tree.unlink)(path)
    tree.rmdir(b"/d")


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_allocation_of_an_operation_may_fail(name: str) -> None:
    bench = Bench()
    tmp = bench.program.mount_tmpfs(bench.rig, 64)
    tree = Tree(bench)
    prepare(tree)
    clean_up(tree)
    used = bench.rig.heap.bytes_used
    failures = 0
    for number in range(1, MOST_ALLOCATIONS):
        prepare(tree)
        bench.rig.fault.fail_after(number)
        error = error_of(OPERATIONS[name], tree)
        has_struck = bench.rig.fault.count >= bench.rig.fault.fail_at
        bench.rig.fault.fail_at = 0
        assert error in ("", *EXPECTED)
        failures += error != ""
        clean_up(tree)
        assert bench.rig.heap.bytes_used == used, f"allocation {number}"
        assert bench.program.tmpfs_use(tmp) == (0, 1)
        if not has_struck:
            assert error == ""
            assert failures > 0
            return
    pytest.fail("the operation never ran to its end")


def test_each_allocation_of_a_mount_may_fail() -> None:
    bench = Bench()
    use_host_hashes(bench)
    disk = make_disk(bench, images.sample()).disk
    for number in range(1, MOST_ALLOCATIONS):
        used = bench.rig.heap.bytes_used
        attempt = bench.program.ImageMount()
        bench.rig.fault.fail_after(number)
        error = error_of(attempt.mount, bench.rig, disk)
        bench.rig.fault.fail_at = 0
        if error == "":
            assert number > 5
            return
        assert error == "ENOMEM"
        assert bench.rig.heap.bytes_used == used
    pytest.fail("the mount never ran to its end")


def test_each_allocation_of_a_read_may_fail() -> None:
    bench = Bench()
    use_host_hashes(bench)
    bench.program.mount_image(bench.rig, make_disk(bench, images.sample()).disk)
    tree = Tree(bench)
    expected = tree.read(b"/bin/sh")
    for number in range(1, MOST_ALLOCATIONS):
        bench.rig.cache.reclaim(1000)
        bench.rig.cache.reclaim(1000)
        assert bench.program.cached_pages(bench.rig) == 0
        used = bench.rig.heap.bytes_used
        bench.rig.fault.fail_after(number)
        content = b""
        error = error_of(lambda: bytes(tree.read(b"/bin/sh")))
        has_struck = bench.rig.fault.count >= bench.rig.fault.fail_at
        bench.rig.fault.fail_at = 0
        assert error in ("", "ENOMEM")
        assert bench.rig.heap.bytes_used == used
        content = tree.read(b"/bin/sh")
        assert content == expected
        if not has_struck:
            return
    pytest.fail("the read never ran to its end")
