"""mmap_check - what mapped memory holds, and what may not be done with it, one case a call.

usage: mmap_check CASE

`tests/guest/test_mmap.py` lists the cases. Each ends with `mmap_check: ok`.
"""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL
from abi.file import AT_FDCWD, O_RDONLY, PipeEnds
from abi.limits import PAGE_SIZE
from abi.memory import (
    MAP_ANONYMOUS,
    MAP_PRIVATE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
)
from bare import Array, Bytes, array, errno_of, i32, raises, text, u8, u32, usize
from bare.unsafe import span_at
from user.lib import sys
from user.lib.arguments import Arguments

PAGES: usize = 16
FILE = b"/etc/motd"
MARK: u8 = 0x5A


@raises()
def map_pages(pages: usize, protection: u32) -> usize:
    """Maps zeroed private memory."""
    return sys.mmap(0, pages * PAGE_SIZE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)


@raises()
def check_zeroed() -> bool:
    """Memory is zero when it is mapped, also where written pages were given back before."""
    for _ in range(2):
        start = map_pages(PAGES, PROT_READ | PROT_WRITE)
        # SAFETY: the pages that were just mapped.
        area = span_at(u8, start, PAGES * PAGE_SIZE)
        at: usize = 0
        while at < PAGES * PAGE_SIZE:
            if area[at] != 0:
                return False
            area[at] = MARK
            at += PAGE_SIZE
        sys.munmap(start, PAGES * PAGE_SIZE)
    return True


@raises()
def check_write_and_execute() -> bool:
    """No page is writable and executable, neither mapped so nor changed to it."""
    try:
        map_pages(1, PROT_READ | PROT_WRITE | PROT_EXEC)
        return False
    except OSError as error:
        if errno_of(error) != EINVAL:
            return False
    start = map_pages(1, PROT_READ | PROT_WRITE)
    try:
        sys.mprotect(start, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC)
        return False
    except OSError as error:
        return errno_of(error) == EINVAL


@raises()
def check_file() -> bool:
    """A mapped file has the bytes that a read gives, and zeros to the end of its page."""
    descriptor = sys.openat(AT_FDCWD, FILE, O_RDONLY, 0)
    content: Array[u8] = array(512)
    size = sys.read(descriptor, content[:])
    start = sys.mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, descriptor, 0)
    sys.close(descriptor)
    # SAFETY: the page that was just mapped.
    area = span_at(u8, start, PAGE_SIZE)
    return size > 0 and area[:size] == content[:size] and area[PAGE_SIZE - 1] == 0


@raises()
def check_unmapped() -> bool:
    """A page that was given back is gone: the kernel refuses to read from it."""
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    start = map_pages(1, PROT_READ | PROT_WRITE)
    # SAFETY: the page that was just mapped; behind the unmapping only the kernel is shown it.
    area = span_at(u8, start, PAGE_SIZE)
    area[0] = MARK
    if sys.write(ends.write_end, area[:1]) != 1:
        return False
    sys.munmap(start, PAGE_SIZE)
    try:
        sys.write(ends.write_end, area[:1])
        return False
    except OSError as error:
        return errno_of(error) == EFAULT


@raises()
def run(case: Bytes) -> bool:
    """Runs a case; whether all was as it must be."""
    if case == b"zeroed":
        return check_zeroed()
    if case == b"write-and-execute":
        return check_write_and_execute()
    if case == b"file":
        return check_file()
    if case == b"unmapped":
        return check_unmapped()
    print(f"mmap_check: no case {text(case)}")
    return False


def main(arguments: Arguments) -> i32:
    """Runs the case that is named."""
    if arguments.count != 2:
        print("usage: mmap_check CASE")
        return 2
    try:
        is_right = run(arguments.get(1))
    except OSError as error:
        print(f"mmap_check: error {errno_of(error)}")
        return 1
    print("mmap_check: ok" if is_right else "mmap_check: WRONG")
    return 0 if is_right else 1
