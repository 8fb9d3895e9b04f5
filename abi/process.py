"""Processes: clone, wait, resources, the initial stack.

Linux AArch64, include/uapi/linux/{sched,wait,resource,auxvec}.h.
"""

from abi.time import TimeVal
from bare import Array, array, i32, i64, inline, struct, u8, u32, u64

CLONE_SIGNAL_MASK: u64 = 0xFF
"""The low byte of clone's flags is the signal that tells the parent of the child's end."""
CLONE_VM: u64 = 0x0000_0100
CLONE_FS: u64 = 0x0000_0200
CLONE_FILES: u64 = 0x0000_0400
CLONE_SIGHAND: u64 = 0x0000_0800
CLONE_VFORK: u64 = 0x0000_4000
CLONE_PARENT: u64 = 0x0000_8000
CLONE_THREAD: u64 = 0x0001_0000
CLONE_SYSVSEM: u64 = 0x0004_0000
CLONE_SETTLS: u64 = 0x0008_0000
CLONE_PARENT_SETTID: u64 = 0x0010_0000
CLONE_CHILD_CLEARTID: u64 = 0x0020_0000
CLONE_DETACHED: u64 = 0x0040_0000
CLONE_CHILD_SETTID: u64 = 0x0100_0000

WNOHANG: i32 = 1
WUNTRACED: i32 = 2
WCONTINUED: i32 = 8
WAIT_OPTIONS_IGNORED: i32 = 0x6000_0000 | 0x2000_0000
"""__WALL, __WNOTHREAD and __WCLONE: accepted, without effect where every child is a process."""

RUSAGE_SELF: i32 = 0
RUSAGE_CHILDREN: i32 = -1
RUSAGE_THREAD: i32 = 1

RLIMIT_CPU: u32 = 0
RLIMIT_FSIZE: u32 = 1
RLIMIT_DATA: u32 = 2
RLIMIT_STACK: u32 = 3
RLIMIT_CORE: u32 = 4
RLIMIT_NPROC: u32 = 6
RLIMIT_NOFILE: u32 = 7
RLIMIT_AS: u32 = 9
RLIMIT_COUNT: u32 = 16
RLIM_INFINITY: u64 = 0xFFFF_FFFF_FFFF_FFFF

AT_NULL: u64 = 0
AT_PHDR: u64 = 3
AT_PHENT: u64 = 4
AT_PHNUM: u64 = 5
AT_PAGESZ: u64 = 6
AT_BASE: u64 = 7
AT_FLAGS: u64 = 8
AT_ENTRY: u64 = 9
AT_UID: u64 = 11
AT_EUID: u64 = 12
AT_GID: u64 = 13
AT_EGID: u64 = 14
AT_PLATFORM: u64 = 15
AT_HWCAP: u64 = 16
AT_CLKTCK: u64 = 17
AT_SECURE: u64 = 23
AT_RANDOM: u64 = 25
AT_HWCAP2: u64 = 26
AT_EXECFN: u64 = 31

HWCAP_FP: u64 = 1 << 0
HWCAP_ASIMD: u64 = 1 << 1
HWCAP_AES: u64 = 1 << 3
HWCAP_PMULL: u64 = 1 << 4
HWCAP_SHA1: u64 = 1 << 5
HWCAP_SHA2: u64 = 1 << 6
HWCAP_CRC32: u64 = 1 << 7
HWCAP_ATOMICS: u64 = 1 << 8
HWCAP_ASIMDDP: u64 = 1 << 20

PR_SET_NAME: i32 = 15
PR_GET_NAME: i32 = 16

UNAME_FIELD = 65


@struct(size=144)
class ResourceUsage:
    """`struct rusage`."""

    user_time: TimeVal = inline()
    system_time: TimeVal = inline()
    max_resident_kib: i64 = 0
    shared_size: i64 = 0
    data_size: i64 = 0
    stack_size: i64 = 0
    minor_faults: i64 = 0
    major_faults: i64 = 0
    swaps: i64 = 0
    blocks_in: i64 = 0
    blocks_out: i64 = 0
    messages_sent: i64 = 0
    messages_received: i64 = 0
    signals: i64 = 0
    voluntary_switches: i64 = 0
    involuntary_switches: i64 = 0


@struct(size=16)
class ResourceLimit:
    """`struct rlimit64`."""

    current: u64 = 0
    maximum: u64 = 0


@struct(size=390)
class UnameInfo:
    """`struct utsname`: six NUL-terminated texts."""

    system: Array[u8] = array(UNAME_FIELD)
    node: Array[u8] = array(UNAME_FIELD)
    release: Array[u8] = array(UNAME_FIELD)
    version: Array[u8] = array(UNAME_FIELD)
    machine: Array[u8] = array(UNAME_FIELD)
    domain: Array[u8] = array(UNAME_FIELD)
