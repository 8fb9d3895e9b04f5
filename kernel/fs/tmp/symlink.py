"""`TmpSymlink`: a symbolic link of a tmpfs."""

from __future__ import annotations

from bare import Bytes, Span, allocate, allocate_span, raises, release, struct, u8, u64, usize
from kernel.fs.inode import NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.fs.tmp.inode import TmpInode


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
        release(tmp.allocator, self.target)
        release(tmp.allocator, self)
        tmp.give_inode()


@raises()
def make_symlink(tmp: TmpFileSystem, target: Bytes, attributes: NewAttributes) -> TmpSymlink:
    """Makes a link without a name, with one reference. `target` is not empty. ENOMEM, ENOSPC."""
    number = tmp.take_inode()
    try:
        copy = allocate_span(tmp.allocator, u8, len(target))
        try:
            link = allocate(tmp.allocator, TmpSymlink)
        except OSError:
            release(tmp.allocator, copy)
            raise
    except OSError:
        tmp.give_inode()
        raise
    copy.copy_from(target)
    link.begin(tmp, number, InodeKind.SYMLINK, attributes)
    link.target = copy
    return link
