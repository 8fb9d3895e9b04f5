"""The packed base image: contents as packed, and every kind of damage told, never a trap."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from abi import baseimage as layout
from swiftos.baseimage import BaseImage, ImageError
from swiftos.crc32c import crc32c
from tests.kernel.bench import Bench
from tests.kernel.fs.disk import make_disk
from tests.kernel.tree import O_CREAT, Tree, error_of
from tests.support import images

MUTATIONS = 2000
MOUNTS_PER_BENCH = 100
SECTORS_PER_PAGE = 8
SPARE_SLABS = 8
"""Frames that the heap keeps for its size classes."""


def mounted(image: bytes) -> tuple[Tree, Any]:
    bench = Bench()
    handle = make_disk(bench, image)
    bench.program.mount_image(bench.rig, handle.disk)
    return Tree(bench), handle


def test_every_file_reads_as_packed() -> None:
    tree, _ = mounted(images.sample())
    host = BaseImage(images.sample())
    for path, node in host.walk():
        name = path.encode()
        record = tree.stat(name, follow=False)
        assert (record.mode, record.links) == (node.mode, node.nlink)
        if node.kind == layout.MODE_REGULAR:
            assert tree.read(name) == host.read(node)
            assert record.size_bytes == node.size
        if node.kind == layout.MODE_DIRECTORY:
            assert tree.names(name) == [host.name(child) for child in host.children(node)]
    assert tree.read(b"/bin/ash") == tree.read(b"/bin/sh")
    assert tree.path_of(b"/deep/er/still/../still/.") == b"/deep/er/still"


def test_image_is_read_only() -> None:
    tree, _ = mounted(images.sample())
    assert error_of(tree.write, b"/etc/motd", b"x") == "EROFS"
    assert error_of(tree.write, b"/new", b"x", O_CREAT) == "EROFS"
    assert error_of(tree.mkdir, b"/new") == "EROFS"
    assert error_of(tree.mkdir, b"/etc") == "EEXIST"
    assert error_of(tree.unlink, b"/etc/motd") == "EROFS"
    assert error_of(tree.rmdir, b"/tmp") == "EROFS"
    assert error_of(tree.rename, b"/etc/motd", b"/etc/x") == "EROFS"


def test_damaged_page_fails_the_read_that_needs_it() -> None:
    image = bytearray(images.sample())
    node = BaseImage(bytes(image)).find("/bin/sh")
    assert node is not None
    image[node.data_offset + layout.PAGE_SIZE + 5] ^= 1
    tree, _ = mounted(bytes(image))
    file = tree.open(b"/bin/sh")
    assert len(tree.read_file(file, layout.PAGE_SIZE)) == layout.PAGE_SIZE
    assert error_of(tree.read_file, file, 1) == "EIO"
    assert "wrong checksum of page 1 of sh" in tree.bench.log_text()
    file.put()


def test_unreadable_block_fails_and_a_later_try_succeeds() -> None:
    tree, handle = mounted(images.sample())
    node = BaseImage(images.sample()).find("/etc/motd")
    assert node is not None
    handle.failing.add(node.data_offset // layout.PAGE_SIZE * SECTORS_PER_PAGE)
    assert error_of(tree.read, b"/etc/motd") == "EIO"
    free = tree.bench.free_frames()
    assert error_of(tree.read, b"/etc/motd") == "EIO"
    assert tree.bench.free_frames() == free
    handle.failing.clear()
    assert tree.read(b"/etc/motd") == b"hello\n"


def test_pages_are_read_once_and_ahead() -> None:
    tree, handle = mounted(images.sample())
    handle.requests.clear()
    first = tree.read(b"/bin/sh")
    assert tree.read(b"/bin/sh") == first
    assert len(handle.requests) == 1


def test_unused_pages_are_given_back_under_pressure() -> None:
    tree, handle = mounted(images.sample())
    tree.read(b"/bin/sh")
    cache = tree.bench.rig.cache
    assert tree.bench.program.cached_pages(tree.bench.rig) == 3
    before = tree.bench.free_frames()
    assert cache.reclaim(100) == 3
    assert tree.bench.free_frames() == before + 3
    handle.requests.clear()
    assert tree.read(b"/bin/sh") == BaseImage(images.sample()).read(find("/bin/sh"))
    assert len(handle.requests) == 1


def find(path: str) -> Any:
    return BaseImage(images.sample()).find(path)


def use_host_hashes(bench: Bench) -> None:
    """Lets the program compute SHA-256 and CRC-32C by the host, where thousands are needed.

    tests/bare/test_hashes.py proves that the kernel's own compute the same.
    """

    def sha256(data: Any, digest: Any) -> None:
        for index, byte in enumerate(hashlib.sha256(bytes(data)).digest()):
            digest[index] = byte

    namespace = bench.program.program.namespace
    namespace["bare.lib.sha256.sha256"] = sha256
    namespace["bare.lib.crc32c.crc32c"] = lambda data: crc32c(bytes(data))
    namespace["bare.lib.crc32c.update_words"] = lambda crc, words: (
        crc32c(bytes(words)) ^ 0xFFFF_FFFF
    )


class Mounter:
    """Mounts image after image; a bench is used for some of them."""

    def __init__(self) -> None:
        self.count = 0

    def mount(self, image: bytes) -> str:
        """Returns "" for an image that can be mounted and read whole, else what is wrong."""
        if self.count % MOUNTS_PER_BENCH == 0:
            self.bench = Bench(2048)
            use_host_hashes(self.bench)
        self.count += 1
        rig = self.bench.rig
        free, used = self.bench.free_frames(), rig.heap.bytes_used
        disk = make_disk(self.bench, image).disk
        attempt = self.bench.program.ImageMount()
        try:
            attempt.mount(rig, disk)
        except OSError as error:
            assert rig.heap.bytes_used == used
            assert self.bench.free_frames() >= free - SPARE_SLABS
            return attempt.problem.text or str(error)
        return self._read_all(attempt.root)

    def _read_all(self, directory: Any) -> str:
        for name, _ in self._entries(directory):
            child = directory.lookup(name)
            kind = int(child.kind)
            try:
                if kind == 4:
                    problem = self._read_all(child)
                    if problem:
                        return problem
                else:
                    self._read(child)
            except OSError as error:
                return str(error)
        return ""

    def _entries(self, directory: Any) -> list[tuple[bytes, int]]:
        found: list[tuple[bytes, int]] = []

        class Sink(self.bench.get("kernel.fs.directory_sink:DirectorySink")):  # type: ignore[misc]
            def add(self, name: bytes, number: int, kind: Any, next_cursor: int) -> bool:
                found.append((bytes(name), number))
                return True

        directory.read_directory(0, Sink())
        return [entry for entry in found if entry[0] not in (b".", b"..")]

    def _read(self, inode: Any) -> None:
        """Reads until the end, or until an error: a read stops short before a damaged page."""
        size = int(inode.size())
        offset = 0
        while offset < size:
            buffer = self.bench.get("kernel.mm.user_copy:KernelBuffer")(
                remaining=size - offset, place=bytearray(size - offset)
            )
            moved = inode.read_at(offset, buffer)
            assert moved > 0
            offset += moved


def host_accepts(image: bytes) -> bool:
    """Says whether the packer's own reader accepts an image on a disk of whole sectors."""
    padded = image + bytes(-len(image) % 512)
    if len(padded) >= layout.PAGE_SIZE:
        pages = int.from_bytes(padded[layout.SB_TOTAL_PAGES : layout.SB_TOTAL_PAGES + 8], "little")
        if 0 < pages <= len(padded) // layout.PAGE_SIZE:
            padded = padded[: pages * layout.PAGE_SIZE]
    try:
        BaseImage(padded).verify()
    except ImageError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("change", [images.damage, images.reseal])
def test_mutations_are_told_and_leak_nothing(change: Any) -> None:
    image = images.sample()
    mounter = Mounter()
    accepted = 0
    for seed in range(MUTATIONS // 2):
        changed = change(image, seed)
        problem = mounter.mount(changed)
        if not problem:
            accepted += 1
        if host_accepts(changed):
            assert problem == "", f"seed {seed}: {problem}"
    assert accepted < MUTATIONS // 4


@pytest.mark.parametrize("size", [0, 1, 511, 4095, 4096, 8192])
def test_truncated_image_is_told(size: int) -> None:
    problem = Mounter().mount(images.sample()[:size])
    assert problem in (
        "the disk has no first page",
        "bad magic",
        "wrong checksum of the superblock",
        "the image is truncated",
    )


def test_boot_mounts_all_or_says_what_is_missing() -> None:
    bench = Bench()
    handle = make_disk(bench, images.sample())
    bench.rig.machine.add_block_device(handle.disk)
    assert error_of(bench.program.mount_all, bench.rig) == "ENOENT"
    assert "cannot mount /dev: No such file or directory" in bench.log_text()
    tree = Tree(bench)
    tree.write(b"/tmp/x", b"in memory")
    assert tree.read(b"/tmp/x") == b"in memory"


def test_boot_without_a_disk_says_so() -> None:
    bench = Bench()
    assert error_of(bench.program.mount_all, bench.rig) == "ENODEV"
    assert "no disk: attach the base image" in bench.log_text()


def test_boot_takes_the_first_disk_with_an_image() -> None:
    bench = Bench()
    for content in (b"", b"not an image" * 1000, images.sample()):
        bench.rig.machine.add_block_device(make_disk(bench, content).disk)
    error_of(bench.program.mount_all, bench.rig)
    assert "the disk has no first page at offset 0x0" in bench.log_text()
    assert "bad magic at offset 0x0" in bench.log_text()
    assert Tree(bench).read(b"/etc/motd") == b"hello\n"
