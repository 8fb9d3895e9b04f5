"""`TmpSymlink`: a symbolic link of a tmpfs."""

from __future__ import annotations

from bare import Bytes, Span, allocate, allocate_span, raises, release, struct, u8, u64, usize
from kernel.fs.inode import NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.fs.tmp.inode import TmpInode

LONG_TARGET: usize = 128
"""Bytes from which on a target counts as a page, as on Linux; a shorter one is part of the inode.
"""


@struct
class TmpSymlink(TmpInode):
    """A link; its target never changes."""

    target: Span[u8]

    def size(self) -> u64:
        return len(self.target)

    @raises()
    def read_link(self, into: Span[u8]) -> usize:
        length = min(len(into), len(self.target))
        into[:length].copy_from(self.target[:length])
        return length

    def forget(self) -> None:
        tmp = self.tmp
        if counts(len(self.target)):
            tmp.uncount_page()
        release(tmp.allocator, self.target)
        release(tmp.allocator, self)
        tmp.give_inode()


@raises()
def make_symlink(tmp: TmpFileSystem, target: Bytes, attributes: NewAttributes) -> TmpSymlink:
    """Makes a link without a name, with one reference. `target` is not empty. ENOMEM, ENOSPC."""
    number = tmp.take_inode()
    try:
        link = allocate_link(tmp, target)
    except OSError:
        tmp.give_inode()
        raise
    link.begin(tmp, number, InodeKind.SYMLINK, attributes)
    return link


@raises()
def allocate_link(tmp: TmpFileSystem, target: Bytes) -> TmpSymlink:
    """Makes the object and its target, which counts as a page if it is long. ENOMEM, ENOSPC."""
    if counts(len(target)):
        tmp.count_page()
    try:
        link = allocate(tmp.allocator, TmpSymlink)
        try:
            link.target = allocate_span(tmp.allocator, u8, len(target))
        except OSError:
            release(tmp.allocator, link)
            raise
    except OSError:
        if counts(len(target)):
            tmp.uncount_page()
        raise
    link.target.copy_from(target)
    return link


def counts(length: usize) -> bool:
    """Whether a target of that length counts as a page of data."""
    return length >= LONG_TARGET
