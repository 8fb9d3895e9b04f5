"""tmpfs: its limits, what holes, unlinked files and failing copies leave behind, and a model."""

from __future__ import annotations

import posixpath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.bench import PAGE_SIZE, Bench
from tests.kernel.tree import O_APPEND, O_CREAT, O_EXCL, O_RDWR, Tree, error_of

EXISTING = 1
"""RENAME_NOREPLACE."""


def make_tree(page_limit: int = 64) -> Tree:
    bench = Bench()
    bench.tmp = bench.program.mount_tmpfs(bench.rig, page_limit)
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


def test_hole_reads_as_zeros_and_takes_no_page() -> None:
    tree = make_tree()
    file = tree.open(b"/a", O_CREAT | O_RDWR)
    file.seek(100 * PAGE_SIZE, 0)
    tree.write_file(file, b"end")
    file.put()
    assert tree.stat(b"/a").blocks == 8
    assert tree.read(b"/a") == bytes(100 * PAGE_SIZE) + b"end"
    assert tree.stat(b"/a").blocks == 8


def test_far_offset_takes_little_memory_and_too_far_is_an_error() -> None:
    tree = make_tree()
    file = tree.open(b"/a", O_CREAT | O_RDWR)
    file.seek((1 << 33) - 4, 0)
    assert tree.write_file(file, b"12345678") == 4
    assert error_of(tree.write_file, file, b"x") == "EFBIG"
    assert tree.bench.rig.heap.bytes_used < 20_000
    file.put()
    tree.unlink(b"/a")


def test_shrunk_and_grown_again_reads_as_zeros() -> None:
    tree = make_tree()
    file = tree.open(b"/a", O_CREAT | O_RDWR)
    tree.write_file(file, b"x" * 10_000)
    file.truncate(5)
    file.truncate(9_000)
    file.put()
    assert tree.read(b"/a") == b"xxxxx" + bytes(8_995)


def test_limit_gives_enospc_and_what_fits_stays() -> None:
    tree = make_tree(page_limit=8)
    data = b"d" * (20 * PAGE_SIZE)
    assert tree.write(b"/a", data) == 8 * PAGE_SIZE
    assert error_of(tree.write, b"/b", b"x") == "ENOSPC"
    tree.unlink(b"/a")
    assert tree.write(b"/b", b"x") == 1


def test_inode_limit_gives_enospc() -> None:
    tree = make_tree(page_limit=3)
    tree.mkdir(b"/a")
    tree.mkdir(b"/b")
    assert error_of(tree.mkdir, b"/c") == "ENOSPC"
    tree.rmdir(b"/a")
    tree.mkdir(b"/c")


def test_long_link_targets_take_pages() -> None:
    tree = make_tree(page_limit=8)
    for index in range(3):
        tree.symlink(b"/long%d" % index, b"t" * 4000)
    tree.symlink(b"/short", b"t" * 127)
    assert tree.bench.program.tmpfs_use(tree.bench.tmp)[0] == 3
    assert tree.write(b"/a", bytes(20 * PAGE_SIZE)) == 5 * PAGE_SIZE
    assert error_of(tree.symlink, b"/more", b"t" * 128) == "ENOSPC"
    tree.symlink(b"/other", b"t" * 127)
    tree.unlink(b"/long0")
    tree.symlink(b"/more", b"t" * 128)


@pytest.mark.parametrize("kept", [0, 1, 2, 64, 65, 4096, 4097, 12_289])
def test_shortened_file_gives_back_the_tables_behind_its_end(kept: int) -> None:
    tree = make_tree()
    places = [0, 1, 63, 64, 130, 4095, 4096, 8191, 12_288, 20_000, 2_097_151]
    file = tree.open(b"/a", O_CREAT | O_RDWR)

    def write(wanted: list[int]) -> None:
        for place in wanted:
            file.seek(place * PAGE_SIZE, 0)
            assert tree.write_file(file, b"%08d" % place) == 8

    left = [place for place in places if place < kept]
    write(left)
    needed = tree.bench.rig.heap.bytes_used
    write(places)
    assert tree.bench.rig.heap.bytes_used > needed
    file.truncate(kept * PAGE_SIZE)
    assert tree.bench.rig.heap.bytes_used == needed
    for place in left:
        file.seek(place * PAGE_SIZE, 0)
        assert tree.read_file(file, 8) == b"%08d" % place
    write(places)
    file.put()


def test_fatal_signal_cuts_a_write_short() -> None:
    tree = make_tree()
    thread = tree.bench.rig.thread

    class Slow(tree.bench.get("kernel.mm.user_copy:KernelBuffer")):  # type: ignore[misc]
        def pull(self, into: Any) -> int:
            thread.must_interrupt = True
            thread.must_end = self.remaining <= 4 * PAGE_SIZE
            return int(super().pull(into))

    file = tree.open(b"/a", O_CREAT | O_RDWR)
    size = 6 * PAGE_SIZE
    assert file.write(Slow(remaining=size, place=bytearray(size))) == 3 * PAGE_SIZE
    thread.must_end = False
    thread.must_interrupt = False
    file.put()
    assert tree.read(b"/a") == bytes(3 * PAGE_SIZE)


def test_unlinked_file_lives_until_it_is_closed() -> None:
    tree = make_tree()
    file = tree.open(b"/a", O_CREAT | O_RDWR)
    tree.write_file(file, b"alive")
    tree.unlink(b"/a")
    free = tree.bench.free_frames()
    file.seek(0, 0)
    assert tree.read_file(file, 10) == b"alive"
    file.put()
    assert tree.bench.free_frames() == free + 1
    assert error_of(tree.read, b"/a") == "ENOENT"


def test_failing_copy_leaves_no_bytes_behind_the_end() -> None:
    tree = make_tree()
    bench = tree.bench

    class Failing(bench.get("kernel.mm.user_copy:IoBuffer")):  # type: ignore[misc]
        def pull(self, into: Any) -> int:
            into[0] = 0x55
            raise OSError(14, "fault")

    file = tree.open(b"/a", O_CREAT | O_RDWR)
    assert error_of(file.write, Failing(remaining=100)) == "EFAULT"
    file.truncate(50)
    assert tree.read_file(file, 60) == bytes(50)
    file.put()


def test_rename_replaces_and_moves_directories() -> None:
    tree = make_tree()
    tree.write(b"/a", b"new")
    tree.write(b"/b", b"old")
    tree.rename(b"/a", b"/b")
    assert tree.read(b"/b") == b"new"
    tree.mkdir(b"/d")
    tree.mkdir(b"/d/e")
    tree.mkdir(b"/x")
    tree.rename(b"/d", b"/x/d")
    assert tree.path_of(b"/x/d/e/..") == b"/x/d"
    assert tree.stat(b"/x").links == 3
    assert error_of(tree.rename, b"/x", b"/x/d/e/f") == "EINVAL"
    assert error_of(tree.rename, b"/b", b"/x") == "EISDIR"
    assert error_of(tree.rename, b"/x", b"/b") == "ENOTDIR"
    tree.mkdir(b"/y")
    assert error_of(tree.rename, b"/y", b"/x") == "ENOTEMPTY"
    assert error_of(tree.rename, b"/y", b"/b", EXISTING) == "EEXIST"


def test_removed_directory_takes_no_new_names_and_has_no_path() -> None:
    tree = make_tree()
    tree.mkdir(b"/d")
    place = tree.root()
    walk = tree.walk(b"/d")
    walk.resolve(place, tree._follow)
    tree.rmdir(b"/d")
    create = walk.location.inode.create
    attributes = tree.bench.get("kernel.fs.inode:NewAttributes")(0o644, 0, 0)
    kind = tree.bench.get("kernel.fs.inode_kind:InodeKind").REGULAR
    assert error_of(create, b"f", kind, attributes) == "ENOENT"
    assert error_of(tree.bench.rig.mounts.path_of, walk.location, bytearray(100)) == "ENOENT"
    walk.finish()
    place.clear()


def test_reading_in_pieces_skips_and_repeats_nothing_that_stays() -> None:
    tree = make_tree()
    for index in range(40):
        tree.write(f"/f{index}".encode(), b"")
    file = tree.open(b"/")
    seen: list[bytes] = []
    while taken := tree.list_some(file, 3):
        seen += taken
        if len(seen) == 12:
            tree.unlink(b"/f5")
            tree.unlink(b"/f30")
            tree.write(b"/late", b"")
    file.put()
    stays = {f"f{index}".encode() for index in range(40)} - {b"f5", b"f30"}
    assert stays <= set(seen)
    assert len(seen) == len(set(seen))


NAMES = st.sampled_from([b"a", b"b", b"c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: b"/" + b"/".join(parts))
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), PATHS, st.binary(max_size=20)),
    st.tuples(st.just("mkdir"), PATHS),
    st.tuples(st.just("unlink"), PATHS),
    st.tuples(st.just("rmdir"), PATHS),
    st.tuples(st.just("rename"), PATHS, PATHS),
)


class Model:
    """A file system as a dict: bytes for a file, None for a directory."""

    def __init__(self) -> None:
        self.nodes: dict[bytes, bytes | None] = {b"/": None}

    def parent_error(self, path: bytes) -> str:
        step = b""
        for part in path.split(b"/")[1:-1]:
            step += b"/" + part
            if step not in self.nodes:
                return "ENOENT"
            if self.nodes[step] is not None:
                return "ENOTDIR"
        return ""

    def children(self, path: bytes) -> list[bytes]:
        prefix = path.rstrip(b"/") + b"/"
        return [node for node in self.nodes if node.startswith(prefix) and node != b"/"]

    def write(self, path: bytes, data: bytes) -> str:
        if error := self.parent_error(path):
            return error
        if path in self.nodes and self.nodes[path] is None:
            return "EISDIR"
        self.nodes[path] = data
        return ""

    def mkdir(self, path: bytes) -> str:
        if error := self.parent_error(path):
            return error
        if path in self.nodes:
            return "EEXIST"
        self.nodes[path] = None
        return ""

    def unlink(self, path: bytes) -> str:
        if error := self.parent_error(path):
            return error
        if path not in self.nodes:
            return "ENOENT"
        if self.nodes[path] is None:
            return "EISDIR"
        del self.nodes[path]
        return ""

    def rmdir(self, path: bytes) -> str:
        if error := self.parent_error(path):
            return error
        if path not in self.nodes:
            return "ENOENT"
        if self.nodes[path] is not None:
            return "ENOTDIR"
        if self.children(path):
            return "ENOTEMPTY"
        del self.nodes[path]
        return ""

    def rename(self, old: bytes, new: bytes) -> str:
        if error := self.parent_error(old) or self.parent_error(new):
            return error
        if old not in self.nodes:
            return "ENOENT"
        if old == new:
            return ""
        if error := self.replacement_error(old, new):
            return error
        self.nodes.pop(new, None)
        for node in [old, *self.children(old)]:
            self.nodes[new + node[len(old) :]] = self.nodes.pop(node)
        return ""

    def replacement_error(self, old: bytes, new: bytes) -> str:
        is_directory = self.nodes[old] is None
        if is_directory and new.startswith(old + b"/"):
            return "EINVAL"
        if new not in self.nodes:
            return ""
        if is_directory:
            if self.nodes[new] is not None:
                return "ENOTDIR"
            return "ENOTEMPTY" if self.children(new) else ""
        return "EISDIR" if self.nodes[new] is None else ""


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(OPERATIONS, max_size=30))
def test_tmpfs_agrees_with_a_dict(operations: list[tuple[Any, ...]]) -> None:
    tree = make_tree()
    model = Model()
    for name, *arguments in operations:
        expected = getattr(model, name)(*arguments)
        assert error_of(getattr(tree, name), *arguments) == expected, (name, arguments)
    for path, content in model.nodes.items():
        if content is None:
            names = sorted(
                posixpath.basename(node)
                for node in model.nodes
                if node != b"/" and posixpath.dirname(node) == path
            )
            assert sorted(tree.names(path)) == names
        else:
            assert tree.read(path) == content
    for path in sorted(model.nodes, key=len, reverse=True):
        if path != b"/":
            (tree.rmdir if model.nodes[path] is None else tree.unlink)(path)
    assert tree.bench.program.tmpfs_use(tree.bench.tmp) == (0, 1)


def test_exclusive_creation_fails_on_any_name() -> None:
    tree = make_tree()
    tree.symlink(b"/dangling", b"nowhere")
    assert error_of(tree.open, b"/dangling", O_CREAT | O_EXCL) == "EEXIST"
    tree.write(b"/dangling", b"through the link")
    assert tree.read(b"/nowhere") == b"through the link"
