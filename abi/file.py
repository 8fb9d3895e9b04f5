"""Files as they cross the border: stat, directory entries, flags.

Linux AArch64: include/uapi/asm-generic/{stat,fcntl}.h, include/uapi/linux/{stat,fcntl}.h.
"""

from abi.time import TimeSpec
from bare import Array, array, i32, i64, inline, struct, u8, u16, u32, u64, usize

O_RDONLY: u32 = 0
O_WRONLY: u32 = 1
O_RDWR: u32 = 2
O_ACCMODE: u32 = 3
O_CREAT: u32 = 0x40
O_EXCL: u32 = 0x80
O_NOCTTY: u32 = 0x100
O_TRUNC: u32 = 0x200
O_APPEND: u32 = 0x400
O_NONBLOCK: u32 = 0x800
O_DIRECTORY: u32 = 0x4000
O_NOFOLLOW: u32 = 0x8000
O_LARGEFILE: u32 = 0x2_0000
O_CLOEXEC: u32 = 0x8_0000

SEEK_SET: i32 = 0
SEEK_CUR: i32 = 1
SEEK_END: i32 = 2

AT_FDCWD: i32 = -100
AT_SYMLINK_NOFOLLOW: u32 = 0x100
AT_REMOVEDIR: u32 = 0x200
AT_EACCESS: u32 = 0x200
AT_SYMLINK_FOLLOW: u32 = 0x400
AT_EMPTY_PATH: u32 = 0x1000

RENAME_NOREPLACE: u32 = 1

F_OK: u32 = 0
X_OK: u32 = 1
W_OK: u32 = 2
R_OK: u32 = 4

F_DUPFD: i32 = 0
F_GETFD: i32 = 1
F_SETFD: i32 = 2
F_GETFL: i32 = 3
F_SETFL: i32 = 4
F_DUPFD_CLOEXEC: i32 = 1030
FD_CLOEXEC: u32 = 1

S_IFMT: u32 = 0o170000
S_IFSOCK: u32 = 0o140000
S_IFLNK: u32 = 0o120000
S_IFREG: u32 = 0o100000
S_IFBLK: u32 = 0o060000
S_IFDIR: u32 = 0o040000
S_IFCHR: u32 = 0o020000
S_IFIFO: u32 = 0o010000

DT_UNKNOWN: u8 = 0
DT_FIFO: u8 = 1
DT_CHR: u8 = 2
DT_DIR: u8 = 4
DT_BLK: u8 = 6
DT_REG: u8 = 8
DT_LNK: u8 = 10
DT_SOCK: u8 = 12


@struct(size=128)
class Stat:
    """`struct stat`."""

    device: u64 = 0
    inode: u64 = 0
    mode: u32 = 0
    links: u32 = 0
    uid: u32 = 0
    gid: u32 = 0
    special_device: u64 = 0
    padding: u64 = 0
    size_bytes: i64 = 0
    block_size: i32 = 0
    padding_2: i32 = 0
    blocks: i64 = 0
    """In units of 512 bytes."""
    accessed: TimeSpec = inline()
    modified: TimeSpec = inline()
    changed: TimeSpec = inline()
    unused: Array[u32] = array(2)


@struct(size=19, packed=True)
class DirectoryEntry:
    """The head of `struct linux_dirent64`; a NUL-terminated name follows, padded to 8 bytes."""

    inode: u64 = 0
    next_offset: i64 = 0
    record_length: u16 = 0
    kind: u8 = 0


@struct(size=16)
class IoVec:
    """`struct iovec`: one buffer of `readv` and `writev`."""

    base: u64 = 0
    length: usize = 0


@struct(size=120)
class StatFs:
    """`struct statfs`."""

    kind: i64 = 0
    block_size: i64 = 0
    blocks: u64 = 0
    blocks_free: u64 = 0
    blocks_available: u64 = 0
    files: u64 = 0
    files_free: u64 = 0
    identity: u64 = 0
    name_length: i64 = 0
    fragment_size: i64 = 0
    flags: i64 = 0
    spare: Array[u64] = array(4)


@struct(size=8)
class PipeEnds:
    """The two descriptors that `pipe2` makes."""

    read_end: i32 = 0
    write_end: i32 = 0
