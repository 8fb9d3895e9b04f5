"""Path walk: links, dots, slashes and limits, against a reference walk in Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abi.capability import CAP_ALL, CAP_TMP_WRITE
from tests.kernel.bench import Bench
from tests.kernel.tree import Tree, error_of


def make_tree() -> Tree:
    bench = Bench()
    bench.program.mount_tmpfs(bench.rig, 64)
    tree = Tree(bench)
    for path in (b"/d", b"/d/e"):
        tree.mkdir(path)
    for path in (b"/f", b"/d/g"):
        tree.write(path, path)
    return tree


def test_dots_slashes_and_links() -> None:
    tree = make_tree()
    tree.symlink(b"/l", b"d/e")
    tree.symlink(b"/d/e/up", b"../../f")
    tree.symlink(b"/abs", b"/d/g")
    assert tree.read(b"//d/./e/..//../f") == b"/f"
    assert tree.read(b"/l/up") == b"/f"
    assert tree.read(b"/abs") == b"/d/g"
    assert tree.path_of(b"/l/") == b"/d/e"
    assert tree.path_of(b"/../..") == b"/"
    assert tree.stat(b"/l", follow=False).mode & 0o170000 == 0o120000
    assert tree.stat(b"/l/", follow=False).mode & 0o170000 == 0o040000


def test_errors() -> None:
    tree = make_tree()
    tree.symlink(b"/loop", b"loop")
    tree.symlink(b"/a", b"b")
    tree.symlink(b"/b", b"a")
    tree.symlink(b"/dangling", b"none")
    tree.symlink(b"/slash", b"f/")
    assert error_of(tree.read, b"") == "ENOENT"
    assert error_of(tree.read, b"/none") == "ENOENT"
    assert error_of(tree.read, b"/dangling") == "ENOENT"
    assert error_of(tree.read, b"/f/x") == "ENOTDIR"
    assert error_of(tree.read, b"/f/") == "ENOTDIR"
    assert error_of(tree.read, b"/f/..") == "ENOTDIR"
    assert error_of(tree.read, b"/slash") == "ENOTDIR"
    assert error_of(tree.read, b"/loop") == "ELOOP"
    assert error_of(tree.read, b"/a/x") == "ELOOP"
    assert error_of(tree.read, b"/" + b"n" * 256) == "ENAMETOOLONG"
    assert error_of(tree.read, b"/" + b"n" * 255) == "ENOENT"
    assert error_of(tree.read, b"/x" * 2048) == "ENAMETOOLONG"
    assert error_of(tree.mkdir, b"/d/") == "EEXIST"
    assert error_of(tree.mkdir, b"/.") == "EEXIST"
    assert error_of(tree.rmdir, b"/d/e/.") == "EINVAL"
    assert error_of(tree.rmdir, b"/d/e/..") == "ENOTEMPTY"
    assert error_of(tree.rmdir, b"/") == "EBUSY"
    assert error_of(tree.unlink, b"/f/") == "ENOTDIR"
    assert error_of(tree.rename, b"/d/.", b"/x") == "EBUSY"


def test_forty_links_are_followed_and_no_more() -> None:
    tree = make_tree()
    tree.symlink(b"/l1", b"f")
    for index in range(2, 42):
        tree.symlink(f"/l{index}".encode(), f"l{index - 1}".encode())
    assert tree.read(b"/l40") == b"/f"
    assert error_of(tree.read, b"/l41") == "ELOOP"


def test_links_that_grow_beyond_a_path_are_refused() -> None:
    tree = make_tree()
    tree.symlink(b"/long", b"./" * 1500 + b"d")
    assert tree.path_of(b"/long") == b"/d"
    assert error_of(tree.read, b"/long/" + b"../" * 500 + b"f") == "ENAMETOOLONG"


def test_mounts_cover_directories_and_dot_dot_leaves_them() -> None:
    bench = Bench()
    bench.program.mount_tmpfs(bench.rig, 64)
    tree = Tree(bench)
    tree.mkdir(b"/m")
    tree.write(b"/m/below", b"hidden")
    tree.mkdir(b"/m/dir")
    bench.program.mount_second(bench.rig, b"/m")
    assert error_of(tree.read, b"/m/below") == "ENOENT"
    tree.mkdir(b"/m/in")
    assert tree.path_of(b"/m/in/..") == b"/m"
    assert tree.path_of(b"/m/in/../..") == b"/"
    assert tree.stat(b"/m").device != tree.stat(b"/").device
    assert error_of(tree.rmdir, b"/m") == "EBUSY"
    assert error_of(tree.rename, b"/m/in", b"/in") == "EXDEV"
    assert error_of(bench.program.mount_second, bench.rig, b"/m") == ""
    assert error_of(tree.read, b"/m/in") == "ENOENT"


def test_search_permission_is_asked_of_every_directory() -> None:
    tree = make_tree()
    rig = tree.bench.rig
    place = tree.walk(b"/d")
    start = tree.root()
    place.resolve(start, tree._follow)
    place.location.inode.set_permissions(0o600)
    place.finish()
    start.clear()
    assert tree.read(b"/d/g") == b"/d/g"
    rig.credentials.principal = 5
    assert error_of(tree.read, b"/d/g") == "EACCES"
    assert tree.read(b"/f") == b"/f"
    assert error_of(tree.write, b"/f", b"x") == "EACCES"
    assert error_of(tree.mkdir, b"/new") == "EACCES"
    rig.credentials.capabilities = 0
    assert error_of(tree.read, b"/f") == "EACCES"


def test_attributes_are_changed_by_the_owner_with_the_capability_to_write() -> None:
    tree = make_tree()
    credentials = tree.bench.rig.credentials
    may_change = tree.bench.get("kernel.fs.permission:may_change_attributes")
    place = tree.walk(b"/f")
    start = tree.root()
    place.resolve(start, tree._follow)
    inode = place.location.inode
    assert may_change(inode, credentials)
    credentials.principal = 5
    assert not may_change(inode, credentials)
    inode.owner = 5
    assert may_change(inode, credentials)
    for principal in (1, 5):
        credentials.principal = principal
        credentials.capabilities = CAP_ALL ^ CAP_TMP_WRITE
        assert not may_change(inode, credentials)
        assert credentials.denied == CAP_TMP_WRITE
    place.finish()
    start.clear()


NAMES = (b"a", b"b", b"l", b"m")
TARGETS = st.lists(st.sampled_from([*NAMES, b"..", b".", b""]), min_size=1, max_size=3).map(
    lambda parts: b"/".join(parts) or b"/"
)
TREES = st.dictionaries(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda parts: b"/".join(parts)),
    st.one_of(st.none(), st.binary(max_size=3), TARGETS.map(lambda target: (target,))),
    max_size=6,
)
WALKS = st.lists(st.sampled_from([*NAMES, b"..", b".", b""]), max_size=4).map(
    lambda parts: b"/" + b"/".join(parts)
)


class Reference:
    """A walk over a dict of absolute paths: None a directory, bytes a file, a tuple a link."""

    def __init__(self, nodes: dict[bytes, Any]) -> None:
        self.nodes = nodes
        self.links = 0

    def walk(self, path: bytes, here: bytes = b"/") -> str | bytes:
        """Returns where a path leads, or the name of the error."""
        if path.startswith(b"/"):
            here = b"/"
        parts = [part for part in path.split(b"/") if part]
        for index, part in enumerate(parts):
            if self.nodes[here] is not None:
                return "ENOTDIR"
            if part == b".":
                continue
            if part == b"..":
                here = here.rsplit(b"/", 1)[0] or b"/"
                continue
            child = here.rstrip(b"/") + b"/" + part
            if child not in self.nodes:
                return "ENOENT"
            node = self.nodes[child]
            if isinstance(node, tuple):
                self.links += 1
                if self.links > 40:
                    return "ELOOP"
                rest = b"/".join(parts[index + 1 :])
                tail = b"/" + rest if rest or path.endswith(b"/") else b""
                return self.walk(node[0] + tail, here)
            here = child
        if path.endswith(b"/") and self.nodes[here] is not None:
            return "ENOTDIR"
        return here


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(TREES, st.lists(WALKS, min_size=1, max_size=5))
def test_walk_agrees_with_a_reference(wanted: dict[bytes, Any], walks: list[bytes]) -> None:
    bench = Bench()
    bench.program.mount_tmpfs(bench.rig, 64)
    tree = Tree(bench)
    nodes: dict[bytes, Any] = {b"/": None}
    for name in sorted(wanted, key=len):
        path = b"/" + name
        if nodes.get(path.rsplit(b"/", 1)[0] or b"/", b"") is not None:
            continue
        nodes[path] = wanted[name]
        if wanted[name] is None:
            tree.mkdir(path)
        elif isinstance(wanted[name], bytes):
            tree.write(path, wanted[name])
        else:
            tree.symlink(path, wanted[name][0])
    numbers = {path: tree.stat(path, follow=False).inode for path in nodes}
    for path in walks:
        expected = Reference(nodes).walk(path)
        if isinstance(expected, str):
            assert error_of(tree.stat, path) == expected, path
        else:
            assert tree.stat(path).inode == numbers[expected], path
