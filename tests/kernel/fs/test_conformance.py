"""What holds in every file system: the same questions to tmpfs, the packed image and devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from swiftos import packer
from tests.kernel.bench import Bench
from tests.kernel.fs.disk import make_disk
from tests.kernel.tree import O_RDWR, O_WRONLY, Tree, error_of

DIRECTORY = 0o040000
TYPE = 0o170000
CONTENT = {b"/a": b"alpha", b"/empty": b"", b"/d/b": bytes(range(256)) * 33}


def tmpfs() -> Tree:
    bench = Bench()
    bench.program.mount_tmpfs(bench.rig, 64)
    tree = Tree(bench)
    tree.mkdir(b"/d")
    tree.mkdir(b"/d/e")
    for path, data in CONTENT.items():
        tree.write(path, data)
    tree.symlink(b"/l", b"d/b")
    return tree


def packed() -> Tree:
    entries = [packer.regular(path[1:].decode(), data) for path, data in CONTENT.items()]
    entries += [packer.directory("d/e"), packer.symlink("l", "d/b")]
    bench = Bench()
    bench.program.mount_image(bench.rig, make_disk(bench, packer.pack(entries, 1)).disk)
    return Tree(bench)


def devices() -> Tree:
    bench = Bench()
    bench.program.mount_devices(bench.rig)
    return Tree(bench)


FILE_SYSTEMS = [tmpfs, packed]
ALL = [tmpfs, packed, devices]


@pytest.fixture(params=ALL, ids=lambda make: make.__name__)
def tree(request: pytest.FixtureRequest) -> Tree:
    made: Callable[[], Tree] = request.param
    return made()


@pytest.fixture(params=FILE_SYSTEMS, ids=lambda make: make.__name__)
def files(request: pytest.FixtureRequest) -> Tree:
    made: Callable[[], Tree] = request.param
    return made()


def directories(tree: Tree, path: bytes = b"/") -> list[bytes]:
    found = [path]
    for name in tree.names(path):
        child = path.rstrip(b"/") + b"/" + name
        if tree.stat(child, follow=False).mode & TYPE == DIRECTORY:
            found += directories(tree, child)
    return found


def test_every_entry_can_be_looked_up_and_has_a_number_of_its_own(tree: Tree) -> None:
    numbers = set()
    for directory in directories(tree):
        names = tree.names(directory)
        assert len(names) == len(set(names))
        for name in names:
            record = tree.stat(directory.rstrip(b"/") + b"/" + name, follow=False)
            assert record.inode not in numbers
            numbers.add(record.inode)
            assert record.links >= 1


def test_reading_entry_by_entry_gives_the_same_names(tree: Tree) -> None:
    for directory in directories(tree):
        file = tree.open(directory)
        one_by_one: list[bytes] = []
        while taken := tree.list_some(file, 1):
            one_by_one += taken
        assert tree.list_some(file, 1) == []
        file.seek(0, 0)
        again = tree.list_some(file, 1000)
        file.put()
        assert one_by_one == again
        assert one_by_one[:2] == [b".", b".."]
        assert one_by_one[2:] == tree.names(directory)


def test_parents_lead_back_and_paths_are_right(tree: Tree) -> None:
    root = tree.stat(b"/").inode
    for directory in directories(tree):
        assert tree.path_of(directory) == directory
        assert tree.stat(directory + b"/.").inode == tree.stat(directory).inode
        depth = directory.count(b"/") if directory != b"/" else 0
        assert tree.stat(directory + b"/.." * depth).inode == root


def test_links_of_a_directory_count_its_directories(files: Tree) -> None:
    for directory in directories(files):
        below = [
            name
            for name in files.names(directory)
            if files.stat(directory.rstrip(b"/") + b"/" + name, follow=False).mode & TYPE
            == DIRECTORY
        ]
        assert files.stat(directory).links == 2 + len(below)


def test_missing_names_and_wrong_kinds(tree: Tree) -> None:
    name = tree.names(b"/")[0]
    assert error_of(tree.stat, b"/no-such-name") == "ENOENT"
    assert error_of(tree.stat, b"/no-such-name/x") == "ENOENT"
    assert error_of(tree.open, b"/", O_WRONLY) == "EISDIR"
    assert error_of(tree.open, b"/", O_RDWR) == "EISDIR"
    if tree.stat(b"/" + name).mode & TYPE != DIRECTORY:
        assert error_of(tree.stat, b"/" + name + b"/x") == "ENOTDIR"
    directory = tree.open(b"/")
    assert error_of(tree.read_file, directory, 10) == "EISDIR"
    directory.put()


def test_positions(files: Tree) -> None:
    file = files.open(b"/d/b")
    data = CONTENT[b"/d/b"]
    assert files.read_file(file, 10) == data[:10]
    assert file.seek(-5, 1) == 5
    assert files.read_file(file, 10) == data[5:15]
    assert file.seek(-3, 2) == len(data) - 3
    assert files.read_file(file, 10) == data[-3:]
    assert files.read_file(file, 10) == b""
    assert file.seek(100_000, 0) == 100_000
    assert files.read_file(file, 10) == b""
    assert error_of(file.seek, -1, 0) == "EINVAL"
    assert error_of(file.seek, 0, 9) == "EINVAL"
    assert file.seek(0, 1) == 100_000
    assert file.seek((1 << 63) - 1, 0) == (1 << 63) - 1
    assert error_of(file.seek, 1, 1) == "EOVERFLOW"
    assert files.read_file(file, 1) == b""
    file.put()


def test_pages_for_mappings_hold_the_file_and_zeros_behind_it(files: Tree) -> None:
    bench = files.bench
    for path, data in CONTENT.items():
        file = files.open(path)
        source = file.page_source()
        assert source.length() == len(data)
        for index in range((len(data) + 4095) // 4096):
            frame = source.get_page(index)
            again = source.cached_page(index)
            assert again == frame
            assert page(bench, frame) == data[index * 4096 : (index + 1) * 4096].ljust(4096, b"\0")
            bench.rig.frames.put(frame)
            bench.rig.frames.put(again)
        file.put()


def page(bench: Bench, frame: int) -> bytes:
    from_ram: Any = bench.memory.bytes_at(0xFFFF_8000_0000_0000 + frame, 4096)
    return bytes(from_ram)


def test_devices() -> None:
    tree = devices()
    file = tree.open(b"/null", O_RDWR)
    assert tree.read_file(file, 10) == b""
    assert tree.write_file(file, b"gone") == 4
    file.put()
    file = tree.open(b"/zero", O_RDWR)
    assert tree.read_file(file, 1500) == bytes(1500)
    file.put()
    file = tree.open(b"/full", O_RDWR)
    assert error_of(tree.write_file, file, b"x") == "ENOSPC"
    assert tree.write_file(file, b"") == 0
    file.put()
    assert error_of(tree.write, b"/new", b"x") == "EACCES"
    assert tree.stat(b"/null").special_device == 0x103


def test_random_bytes_differ_and_follow_from_the_seed() -> None:
    first, second = devices(), devices()
    for tree in (first, second):
        tree.bench.rig.random.mix(b"seed" * 8)
        assert tree.bench.rig.random.is_seeded
    samples = []
    for tree in (first, second):
        file = tree.open(b"/random", O_RDWR)
        samples.append((tree.read_file(file, 600), tree.read_file(file, 600)))
        file.put()
    assert samples[0] == samples[1]
    assert samples[0][0] != samples[0][1]
    ones = sum(byte.bit_count() for byte in samples[0][0])
    assert 0.45 < ones / 4800 < 0.55


def test_only_a_fatal_signal_cuts_a_read_short(files: Tree) -> None:
    thread = files.bench.rig.thread
    is_fatal = False

    class Slow(files.bench.get("kernel.mm.user_copy:KernelBuffer")):  # type: ignore[misc]
        def push(self, data: bytes) -> None:
            super().push(data)
            thread.must_interrupt = True
            thread.must_end = is_fatal

    def read() -> int:
        file = files.open(b"/d/b")
        try:
            return int(file.read(Slow(remaining=9000, place=bytearray(9000))))
        finally:
            thread.must_end = False
            thread.must_interrupt = False
            file.put()

    assert read() == 33 * 256
    is_fatal = True
    assert read() == 4096
