"""`TmpFileSystem`: what all inodes of one tmpfs share, and its limits."""

from __future__ import annotations

from abi.errno import ENOSPC
from abi.file import StatFs
from abi.limits import NAME_MAX, PAGE_SIZE
from bare import i64, inline, raises, struct, u64
from bare.atomic import AtomicU64
from bare.lib.allocator import Allocator
from kernel.arch.aarch64.layout import PhysAddr
from kernel.fs.file_system import FileSystem
from kernel.mm.frame import FrameAllocator
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock

TMPFS_MAGIC: i64 = 0x0102_1994


@struct
class TmpFileSystem(FileSystem):
    """One tmpfs. Made by `allocate`, then `setup`.

    `page_limit` bounds pages of data, long targets of links included, `inode_limit` files,
    directories and links; both give ENOSPC.
    """

    allocator: Allocator
    frames: FrameAllocator
    clock: Clock
    page_limit: u64
    inode_limit: u64
    pages_used: AtomicU64 = inline()
    inodes_used: AtomicU64 = inline()
    next_number: AtomicU64 = inline()
    tree_lock: SpinLock = inline()
    """Guards all directories: their entries, parents and link counts."""

    def setup(
        self, allocator: Allocator, frames: FrameAllocator, clock: Clock, page_limit: u64
    ) -> None:
        """Makes the object usable; there is no inode yet."""
        self.allocator = allocator
        self.frames = frames
        self.clock = clock
        self.page_limit = page_limit
        self.inode_limit = page_limit
        self.next_number.store(1)
        self.tree_lock.lock_class = LockClass.INODE

    @raises()
    def take_page(self) -> PhysAddr:
        """Returns a zeroed frame for data; ENOSPC, ENOMEM."""
        self.count_page()
        try:
            return self.frames.alloc_zeroed()
        except OSError:
            self.uncount_page()
            raise

    def give_page(self, frame: PhysAddr) -> None:
        """Takes back what `take_page` gave; mappings may keep the frame a little longer."""
        self.frames.put(frame)
        self.uncount_page()

    @raises(ENOSPC)
    def count_page(self) -> None:
        """Counts a page of data, or as much memory of the heap. ENOSPC."""
        if self.pages_used.fetch_add(1) >= self.page_limit:
            self.pages_used.fetch_sub(1)
            raise OSError(ENOSPC)

    def uncount_page(self) -> None:
        """Counts a page that is gone."""
        self.pages_used.fetch_sub(1)

    @raises(ENOSPC)
    def take_inode(self) -> u64:
        """Counts a new inode; returns its number. ENOSPC."""
        if self.inodes_used.fetch_add(1) >= self.inode_limit:
            self.inodes_used.fetch_sub(1)
            raise OSError(ENOSPC)
        return self.next_number.fetch_add(1)

    def give_inode(self) -> None:
        """Counts an inode that is gone."""
        self.inodes_used.fetch_sub(1)

    @raises()
    def statfs(self, into: StatFs) -> None:
        used = min(self.pages_used.load(), self.page_limit)
        inodes = min(self.inodes_used.load(), self.inode_limit)
        into.kind = TMPFS_MAGIC
        into.block_size = i64(PAGE_SIZE)
        into.fragment_size = i64(PAGE_SIZE)
        into.blocks = self.page_limit
        into.blocks_free = self.page_limit - used
        into.blocks_available = into.blocks_free
        into.files = self.inode_limit
        into.files_free = self.inode_limit - inodes
        into.name_length = i64(NAME_MAX)
        into.identity = self.device_number
