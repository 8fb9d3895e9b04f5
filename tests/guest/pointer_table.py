"""Calls that take addresses: number, and the kind of each argument, a byte each.

Written by `swiftos/generate.py` from `abi/syscalls.py`; do not edit.
"""

from bare import u64

OTHER = 0
FD = 1
DIRECTORY = 2
LENGTH = 3
PATH = 4
IN = 5
OUT = 6
SET_SIZE = 7
SIZE_OF = 8
ADDRESS = 9
NULLABLE = 0x10

ROWS = (
    (56, 0x402),  # openat
    (63, 0x30601),  # read
    (64, 0x30501),  # write
    (65, 0x30501),  # readv
    (66, 0x30501),  # writev
    (67, 0x30601),  # pread64
    (68, 0x30501),  # pwrite64
    (80, 0x601),  # fstat
    (29, 0x90001),  # ioctl
    (59, 0x6),  # pipe2
    (44, 0x601),  # fstatfs
    (61, 0x30601),  # getdents64
    (34, 0x402),  # mkdirat
    (35, 0x402),  # unlinkat
    (36, 0x40204),  # symlinkat
    (276, 0x4020402),  # renameat2
    (48, 0x402),  # faccessat
    (53, 0x402),  # fchmodat
    (78, 0x3060402),  # readlinkat
    (79, 0x60402),  # newfstatat
    (88, 0x151402),  # utimensat
    (17, 0x306),  # getcwd
    (49, 0x4),  # chdir
    (43, 0x604),  # statfs
    (73, 0x715150306),  # ppoll
    (21, 0x15010001),  # epoll_ctl
    (22, 0x71500030601),  # epoll_pwait
    (86, 0x16050001),  # timerfd_settime
    (87, 0x601),  # timerfd_gettime
    (200, 0x30501),  # bind
    (202, 0x161601),  # accept
    (242, 0x161601),  # accept4
    (203, 0x30501),  # connect
    (204, 0x60601),  # getsockname
    (205, 0x60601),  # getpeername
    (208, 0x305000001),  # setsockopt
    (209, 0x606000001),  # getsockopt
    (1033, 0x80316),  # sockstat
    (206, 0x31500030501),  # sendto
    (207, 0x161600030601),  # recvfrom
    (211, 0x501),  # sendmsg
    (212, 0x601),  # recvmsg
    (269, 0x30601),  # sendmmsg
    (243, 0x1500030601),  # recvmmsg
    (71, 0x160101),  # sendfile
    (220, 0x909090900),  # clone
    (221, 0x90904),  # execve
    (260, 0x16001600),  # wait4
    (165, 0x600),  # getrusage
    (261, 0x16150000),  # prlimit64
    (167, 0x900),  # prctl
    (134, 0x7161500),  # rt_sigaction
    (135, 0x7161500),  # rt_sigprocmask
    (136, 0x706),  # rt_sigpending
    (133, 0x705),  # rt_sigsuspend
    (137, 0x7151605),  # rt_sigtimedwait
    (132, 0x1615),  # sigaltstack
    (113, 0x600),  # clock_gettime
    (114, 0x1600),  # clock_getres
    (115, 0x16050000),  # clock_nanosleep
    (101, 0x1605),  # nanosleep
    (169, 0x1616),  # gettimeofday
    (153, 0x16),  # times
    (160, 0x6),  # uname
    (179, 0x6),  # linux_sysinfo
    (278, 0x306),  # getrandom
    (168, 0x91616),  # getcpu
    (1024, 0x803160806),  # sysinfo
    (1025, 0x80316),  # procstat
    (1028, 0x30600),  # log_read
    (1031, 0x6),  # log_stats
    (158, 0x1600),  # getgroups
    (1029, 0x80600),  # security_info
)
NUMBERS: tuple[u64, ...] = tuple(number for number, _ in ROWS)
ARGUMENTS: tuple[u64, ...] = tuple(kinds for _, kinds in ROWS)
