"""The page with the code to which handlers return that have no restorer of their own.

Linux keeps it in the vdso. It is one frame, made at boot, mapped read-only and executable at a
fixed address above every stack.
"""

from __future__ import annotations

from abi.errno import EINVAL, EIO, ENOMEM
from bare import raises, store_u32, struct, u32, u64
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr, UserAddr
from kernel.mm.address_space import AddressSpace
from kernel.mm.area import map_area
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes
from kernel.mm.page_source import PageSource
from kernel.mm.protection import EXECUTE, READ

TRAMPOLINE: UserAddr = 0x7FFF_FFFF_8000
MOVE_NUMBER: u32 = 0xD280_1168
"""MOV X8, #139: `rt_sigreturn`."""
SUPERVISOR_CALL: u32 = 0xD400_0001
"""SVC #0."""


@struct
class TrampolinePage(PageSource):
    """The page as something that can be mapped. It is never freed."""

    frames: FrameAllocator | None = None
    frame: PhysAddr = 0

    @raises(ENOMEM)
    def start(self, frames: FrameAllocator) -> None:
        """Makes the page."""
        self.frames = frames
        self.frame = frames.alloc_zeroed()
        code = frame_bytes(self.frame)
        store_u32(code, 0, MOVE_NUMBER)
        store_u32(code, 4, SUPERVISOR_CALL)

    @raises(EIO, ENOMEM)
    def get_page(self, index: u64) -> PhysAddr:
        return self.cached_page(index)

    def cached_page(self, index: u64) -> PhysAddr:
        frames = self.frames
        assert frames is not None and index == 0, "the trampoline is one page"
        frames.get(self.frame)
        return self.frame

    def length(self) -> u64:
        return PAGE_SIZE

    def get(self) -> None:
        """Nothing to count: it stays."""

    def put(self) -> None:
        """Nothing to count: it stays."""


@raises(EINVAL, ENOMEM)
def map_trampoline(space: AddressSpace, page: TrampolinePage) -> None:
    """Maps the page into a new address space."""
    map_area(space, TRAMPOLINE, TRAMPOLINE + PAGE_SIZE, READ | EXECUTE, 0, page, 0)
