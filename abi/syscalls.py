"""Every system call, declared once. The form is explained in `abi/declaration.py`.

One file although it is long: it is the one list. `swiftos/generate.py` writes dispatch, user stubs
and the reference from it. Where a call does less than Linux's, its docstring says what is missing.
"""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

from typing import NoReturn

from abi.capability import (
    CAP_CONSOLE,
    CAP_LOG_EXPORT,
    CAP_SPAWN,
    RIGHT_GET_ATTRIBUTES,
    RIGHT_READ,
    RIGHT_WRITE,
)
from abi.declaration import (
    Family,
    Fd,
    Length,
    Path,
    SetSize,
    SizeOf,
    UserAddress,
    UserIn,
    UserInOut,
    UserOut,
    syscall,
)
from abi.epoll import EpollEvent
from abi.errno import (
    E2BIG,
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    EALREADY,
    EBADF,
    EBUSY,
    ECHILD,
    ECONNABORTED,
    ECONNREFUSED,
    ECONNRESET,
    EDESTADDRREQ,
    EEXIST,
    EFAULT,
    EHOSTUNREACH,
    EINPROGRESS,
    EINTR,
    EINVAL,
    EIO,
    EISCONN,
    EISDIR,
    ELOOP,
    EMFILE,
    EMSGSIZE,
    ENAMETOOLONG,
    ENETUNREACH,
    ENOBUFS,
    ENOENT,
    ENOEXEC,
    ENOMEM,
    ENOPROTOOPT,
    ENOSPC,
    ENOTCONN,
    ENOTDIR,
    ENOTEMPTY,
    ENOTSOCK,
    ENOTTY,
    EOPNOTSUPP,
    EPERM,
    EPIPE,
    EPROTONOSUPPORT,
    ERANGE,
    EROFS,
    ESOCKTNOSUPPORT,
    ESPIPE,
    ESRCH,
    ETIMEDOUT,
    EXDEV,
)
from abi.eventfd import TimerSpec
from abi.file import IoVec, PipeEnds, Stat, StatFs
from abi.poll import PollFd
from abi.process import ResourceLimit, ResourceUsage, UnameInfo
from abi.signal import SigAction, SigInfo, SigSet, SigStack
from abi.socket import (
    MessageHeader,
    MessageVector,
    SocketInfo,
)
from abi.system import (
    CpuInfo,
    LinuxSysInfo,
    LogStats,
    ProcessInfo,
    SecurityInfo,
    SystemInfo,
)
from abi.time import FileTimes, ProcessTimes, TimeSpec, TimeVal, TimeZone
from bare import i32, i64, u8, u32, u64, usize

FILE = Family("file", "Files and descriptors")
DIRECTORY = Family("directory", "Directories and names")
POLL = Family("poll", "Waiting for descriptors")
EPOLL = Family("epoll", "Waiting for many descriptors")
EVENT_FILES = Family("event_files", "Counters and timers as descriptors")
SOCKET = Family("socket", "Sockets")
MESSAGE = Family("message", "What sockets send and receive")
SENDFILE = Family("sendfile", "From file to descriptor")
PROCESS = Family("process", "Processes")
SIGNAL = Family("signal", "Signals and traps")
MEMORY = Family("memory", "Memory")
TIME = Family("time", "Time")
SYSTEM = Family("system", "The system")
STATISTICS = Family("statistics", "Statistics")
LOG = Family("log", "The kernel's log")
IDENTITY = Family("identity", "Identity and security")

PATH_ERRORS = (EACCES, EFAULT, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EIO)


# Files and descriptors.


@syscall(56, FILE, errors=(*PATH_ERRORS, EBADF, EEXIST, EINVAL, EISDIR, EMFILE, ENOSPC, EROFS))
def openat(directory: Fd, path: Path, flags: u32, mode: u32) -> Fd:
    """Opens `path`, relative to `directory`, and returns the lowest free descriptor."""


@syscall(57, FILE, errors=(EBADF,))
def close(fd: Fd) -> None:
    """Closes a descriptor."""


@syscall(63, FILE, errors=(EBADF, EFAULT, EINTR, EAGAIN, EIO, EISDIR), rights=RIGHT_READ)
def read(fd: Fd, buffer: UserOut[u8], count: Length) -> usize:
    """Reads at most `count` bytes; 0 means end of file."""


@syscall(64, FILE, errors=(EBADF, EFAULT, EINTR, EAGAIN, EIO, ENOSPC, EPIPE), rights=RIGHT_WRITE)
def write(fd: Fd, buffer: UserIn[u8], count: Length) -> usize:
    """Writes at most `count` bytes and returns how many it took."""


@syscall(65, FILE, errors=(EBADF, EFAULT, EINTR, EAGAIN, EINVAL, EIO, EISDIR), rights=RIGHT_READ)
def readv(fd: Fd, buffers: UserIn[IoVec], count: Length) -> usize:
    """Reads into several buffers in turn."""


@syscall(
    66, FILE, errors=(EBADF, EFAULT, EINTR, EAGAIN, EINVAL, EIO, ENOSPC, EPIPE), rights=RIGHT_WRITE
)
def writev(fd: Fd, buffers: UserIn[IoVec], count: Length) -> usize:
    """Writes several buffers in turn."""


@syscall(67, FILE, errors=(EBADF, EFAULT, EINVAL, EIO, EISDIR, ESPIPE), rights=RIGHT_READ)
def pread64(fd: Fd, buffer: UserOut[u8], count: Length, offset: i64) -> usize:
    """Reads at `offset` and leaves the file's own offset alone."""


@syscall(68, FILE, errors=(EBADF, EFAULT, EINVAL, EIO, ENOSPC, ESPIPE), rights=RIGHT_WRITE)
def pwrite64(fd: Fd, buffer: UserIn[u8], count: Length, offset: i64) -> usize:
    """Writes at `offset` and leaves the file's own offset alone."""


@syscall(62, FILE, errors=(EBADF, EINVAL, ESPIPE))
def lseek(fd: Fd, offset: i64, whence: i32) -> i64:
    """Moves the file's offset and returns it."""


@syscall(80, FILE, errors=(EBADF, EFAULT), rights=RIGHT_GET_ATTRIBUTES)
def fstat(fd: Fd, stat: UserOut[Stat]) -> None:
    """Describes an open file."""


@syscall(46, FILE, errors=(EBADF, EINVAL, EIO, ENOSPC), rights=RIGHT_WRITE)
def ftruncate(fd: Fd, size_bytes: i64) -> None:
    """Sets the size of an open file; what is added reads as zero."""


@syscall(23, FILE, errors=(EBADF, EMFILE, ENOMEM))
def dup(fd: Fd) -> Fd:
    """Returns the lowest free descriptor, for the same open file."""


@syscall(24, FILE, errors=(EBADF, EINVAL, EMFILE, ENOMEM))
def dup3(fd: Fd, target: Fd, flags: u32) -> Fd:
    """Makes `target` a descriptor of the same open file, closing what it was."""


@syscall(25, FILE, errors=(EBADF, EINVAL, EMFILE, ENOMEM))
def fcntl(fd: Fd, command: i32, argument: u64) -> i32:
    """Duplicates a descriptor or changes its flags: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL."""


@syscall(29, FILE, errors=(EBADF, EFAULT, EINTR, EINVAL, ENOTTY, EPERM))
def ioctl(fd: Fd, command: u32, argument: UserAddress) -> i32:
    """Asks a device. Terminals answer TCGETS, TCSETS and the like, TIOC[GS]WINSZ, TIOC[GS]PGRP.

    Sockets answer FIONREAD, FIONBIO and the requests of `abi/network.py`.
    """


@syscall(59, FILE, errors=(EFAULT, EINVAL, EMFILE, ENOMEM))
def pipe2(ends: UserOut[PipeEnds], flags: u32) -> None:
    """Makes a pipe; `flags` are O_CLOEXEC and O_NONBLOCK."""


@syscall(82, FILE, errors=(EBADF, EIO))
def fsync(fd: Fd) -> None:
    """Waits until the file's data is stored."""


@syscall(81, FILE)
def sync() -> None:
    """Waits until all data is stored."""


@syscall(44, FILE, errors=(EBADF, EFAULT))
def fstatfs(fd: Fd, record: UserOut[StatFs]) -> None:
    """Describes the file system of an open file."""


# Directories and names.


@syscall(61, DIRECTORY, errors=(EBADF, EFAULT, EINVAL, EIO, ENOTDIR), rights=RIGHT_READ)
def getdents64(fd: Fd, buffer: UserOut[u8], count: Length) -> usize:
    """Fills `buffer` with directory entries; 0 means that there are no more."""


@syscall(34, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EEXIST, ENOSPC, EROFS))
def mkdirat(directory: Fd, path: Path, mode: u32) -> None:
    """Makes a directory."""


@syscall(
    35, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EBUSY, EINVAL, EISDIR, ENOTEMPTY, EPERM, EROFS)
)
def unlinkat(directory: Fd, path: Path, flags: u32) -> None:
    """Removes a name, or with AT_REMOVEDIR an empty directory."""


@syscall(36, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EEXIST, EPERM, ENOSPC, EROFS))
def symlinkat(target: Path, directory: Fd, path: Path) -> None:
    """Makes a symbolic link at `path` that says `target`."""


@syscall(
    276,
    DIRECTORY,
    errors=(*PATH_ERRORS, EBADF, EBUSY, EEXIST, EINVAL, EISDIR, ENOTEMPTY, EXDEV, EROFS, ENOSPC),
)
def renameat2(
    old_directory: Fd, old_path: Path, new_directory: Fd, new_path: Path, flags: u32
) -> None:
    """Renames, replacing what was there unless `flags` is RENAME_NOREPLACE."""


@syscall(48, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EINVAL, EROFS))
def faccessat(directory: Fd, path: Path, mode: u32) -> None:
    """Asks whether the caller may use `path` as `mode` says."""


@syscall(53, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EPERM, EROFS))
def fchmodat(directory: Fd, path: Path, mode: u32) -> None:
    """Sets the mode bits of a file."""


@syscall(78, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EINVAL))
def readlinkat(directory: Fd, path: Path, buffer: UserOut[u8], count: Length) -> usize:
    """Reads where a symbolic link points, without an ending NUL, cut when longer."""


@syscall(79, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EINVAL))
def newfstatat(directory: Fd, path: Path, stat: UserOut[Stat], flags: u32) -> None:
    """Describes a file by name; `flags` are AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH."""


@syscall(88, DIRECTORY, errors=(*PATH_ERRORS, EBADF, EINVAL, EPERM, EROFS))
def utimensat(
    directory: Fd, path: Path | None, times: UserIn[FileTimes] | None, flags: u32
) -> None:
    """Sets access and modification time to `times`, or to now where it is null."""


@syscall(17, DIRECTORY, errors=(EFAULT, EINVAL, ERANGE))
def getcwd(buffer: UserOut[u8], size: Length) -> usize:
    """Writes the working directory, NUL-terminated, and returns its length with the NUL."""


@syscall(49, DIRECTORY, errors=PATH_ERRORS)
def chdir(path: Path) -> None:
    """Sets the working directory."""


@syscall(50, DIRECTORY, errors=(EACCES, EBADF, ENOTDIR))
def fchdir(fd: Fd) -> None:
    """Sets the working directory to an open one."""


@syscall(43, DIRECTORY, errors=PATH_ERRORS)
def statfs(path: Path, record: UserOut[StatFs]) -> None:
    """Describes the file system that holds `path`."""


# Waiting for descriptors.


@syscall(73, POLL, errors=(EFAULT, EINTR, EINVAL, ENOMEM))
def ppoll(
    descriptors: UserInOut[PollFd],
    count: Length,
    timeout: UserIn[TimeSpec] | None,
    mask: UserIn[SigSet] | None,
    mask_size: SetSize,
) -> usize:
    """Waits for a descriptor, a signal or the end of the time; returns how many are ready."""


# Waiting for many descriptors.


@syscall(20, EPOLL, errors=(EINVAL, EMFILE, ENOMEM))
def epoll_create1(flags: u32) -> Fd:
    """Makes an epoll descriptor; `flags` is 0 or EPOLL_CLOEXEC."""


@syscall(21, EPOLL, errors=(EBADF, EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, ENOMEM, EPERM))
def epoll_ctl(epoll: Fd, operation: i32, fd: Fd, event: UserIn[EpollEvent] | None) -> None:
    """Adds, changes or removes a descriptor.

    EPERM: regular files and directories cannot be waited for. ELOOP: an epoll descriptor in
    another one, which Linux allows.
    """


@syscall(22, EPOLL, errors=(EBADF, EFAULT, EINTR, EINVAL))
def epoll_pwait(
    epoll: Fd,
    events: UserOut[EpollEvent],
    capacity: Length,
    timeout_ms: i32,
    mask: UserIn[SigSet] | None,
    mask_size: SetSize,
) -> usize:
    """Waits for events, for ever where `timeout_ms` is negative; returns how many there are."""


# Counters and timers as descriptors.


@syscall(19, EVENT_FILES, errors=(EINVAL, EMFILE, ENOMEM))
def eventfd2(first: u32, flags: u32) -> Fd:
    """Makes a counter, to which 8 bytes written add and of which 8 bytes read take; `flags` are
    EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE.
    """


@syscall(85, EVENT_FILES, errors=(EINVAL, EMFILE, ENOMEM))
def timerfd_create(clock: i32, flags: u32) -> Fd:
    """Makes a timer, which 8 bytes read from it say how often has expired; `flags` are
    TFD_CLOEXEC, TFD_NONBLOCK.
    """


@syscall(86, EVENT_FILES, errors=(EBADF, EFAULT, EINVAL))
def timerfd_settime(
    fd: Fd, flags: u32, wanted: UserIn[TimerSpec], before: UserOut[TimerSpec] | None
) -> None:
    """Sets a timer, or switches it off; a change of the wall clock does not move it."""


@syscall(87, EVENT_FILES, errors=(EBADF, EFAULT, EINVAL))
def timerfd_gettime(fd: Fd, current: UserOut[TimerSpec]) -> None:
    """Tells when a timer expires next, and its interval."""


# Sockets.


@syscall(
    198,
    SOCKET,
    errors=(EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENOMEM, EPROTONOSUPPORT, ESOCKTNOSUPPORT),
)
def socket(family: i32, kind: u32, protocol: i32) -> Fd:
    """Makes a socket: AF_INET and SOCK_STREAM, SOCK_DGRAM, or SOCK_DGRAM with IPPROTO_ICMP.

    Needs CAP_NET: EACCES. IPv6 and Unix sockets are EAFNOSUPPORT.
    """


@syscall(
    200, SOCKET, errors=(EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EBADF, EFAULT, EINVAL, ENOTSOCK)
)
def bind(fd: Fd, address: UserIn[u8], address_size: Length) -> None:
    """Gives a socket its local address and port; port 0 chooses a free one."""


@syscall(201, SOCKET, errors=(EADDRINUSE, EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP))
def listen(fd: Fd, backlog: i32) -> None:
    """Makes a TCP socket take connections; `backlog` of them may wait."""


@syscall(
    202,
    SOCKET,
    errors=(EAGAIN, EBADF, ECONNABORTED, EFAULT, EINTR, EINVAL, EMFILE, ENOMEM, ENOTSOCK),
)
def accept(fd: Fd, address: UserOut[u8] | None, address_size: UserInOut[u32] | None) -> Fd:
    """Takes the first connection that waits and returns its descriptor."""


@syscall(
    242,
    SOCKET,
    errors=(EAGAIN, EBADF, ECONNABORTED, EFAULT, EINTR, EINVAL, EMFILE, ENOMEM, ENOTSOCK),
)
def accept4(
    fd: Fd, address: UserOut[u8] | None, address_size: UserInOut[u32] | None, flags: u32
) -> Fd:
    """Same, with SOCK_CLOEXEC and SOCK_NONBLOCK in `flags`."""


@syscall(
    203,
    SOCKET,
    errors=(
        EACCES,
        EADDRINUSE,
        EADDRNOTAVAIL,
        EAFNOSUPPORT,
        EAGAIN,
        EALREADY,
        EBADF,
        ECONNREFUSED,
        ECONNRESET,
        EFAULT,
        EHOSTUNREACH,
        EINPROGRESS,
        EINTR,
        EINVAL,
        EISCONN,
        ENETUNREACH,
        ENOTSOCK,
        ETIMEDOUT,
    ),
)
def connect(fd: Fd, address: UserIn[u8], address_size: Length) -> None:
    """Opens a TCP connection, or sets where a datagram socket sends and what it receives.

    AF_UNSPEC takes back the latter.
    """


@syscall(204, SOCKET, errors=(EBADF, EFAULT, EINVAL, ENOTSOCK))
def getsockname(fd: Fd, address: UserOut[u8], address_size: UserInOut[u32]) -> None:
    """Tells the local address; `address_size` says the room, then the size."""


@syscall(205, SOCKET, errors=(EBADF, EFAULT, EINVAL, ENOTCONN, ENOTSOCK))
def getpeername(fd: Fd, address: UserOut[u8], address_size: UserInOut[u32]) -> None:
    """Tells the other end's address."""


@syscall(208, SOCKET, errors=(EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK))
def setsockopt(fd: Fd, level: u32, name: u32, value: UserIn[u8], value_size: Length) -> None:
    """Sets an option."""


@syscall(209, SOCKET, errors=(EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK))
def getsockopt(
    fd: Fd, level: u32, name: u32, value: UserOut[u8], value_size: UserInOut[u32]
) -> None:
    """Tells an option; `value_size` says the room, then the size."""


@syscall(210, SOCKET, errors=(EBADF, EINVAL, ENOTCONN, ENOTSOCK))
def shutdown(fd: Fd, how: i32) -> None:
    """Ends receiving (SHUT_RD), sending (SHUT_WR), or both."""


@syscall(1033, SOCKET, errors=(EFAULT, EINVAL))
def sockstat(records: UserOut[SocketInfo] | None, capacity: Length, record_size: SizeOf) -> usize:
    """Describes up to `capacity` sockets and connections; returns how many exist.

    Without CAP_PROCESS_INSPECT only those of the caller's own principal.
    """


# What sockets send and receive.


@syscall(
    206,
    MESSAGE,
    errors=(
        EACCES,
        EAFNOSUPPORT,
        EAGAIN,
        EBADF,
        ECONNREFUSED,
        ECONNRESET,
        EDESTADDRREQ,
        EFAULT,
        EHOSTUNREACH,
        EINTR,
        EINVAL,
        EISCONN,
        EMSGSIZE,
        ENETUNREACH,
        ENOBUFS,
        ENOMEM,
        ENOTCONN,
        ENOTSOCK,
        EOPNOTSUPP,
        EPIPE,
        ETIMEDOUT,
    ),
)
def sendto(
    fd: Fd,
    buffer: UserIn[u8],
    count: Length,
    flags: u32,
    address: UserIn[u8] | None,
    address_size: Length,
) -> usize:
    """Sends; a datagram whole, of a stream as much as there is room for.

    `flags`: MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE.
    """


@syscall(
    207,
    MESSAGE,
    errors=(
        EAGAIN,
        EBADF,
        ECONNREFUSED,
        ECONNRESET,
        EFAULT,
        EINTR,
        EINVAL,
        ENOTCONN,
        ENOTSOCK,
        EOPNOTSUPP,
        ETIMEDOUT,
    ),
)
def recvfrom(
    fd: Fd,
    buffer: UserOut[u8],
    count: Length,
    flags: u32,
    address: UserOut[u8] | None,
    address_size: UserInOut[u32] | None,
) -> usize:
    """Receives a datagram, or what a stream has; 0: the other end sends no more.

    `flags`: MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL.
    """


@syscall(
    211,
    MESSAGE,
    errors=(EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EMSGSIZE, ENOMEM, ENOTCONN, ENOTSOCK, EPIPE),
)
def sendmsg(fd: Fd, message: UserIn[MessageHeader], flags: u32) -> usize:
    """Sends from several buffers, to the message's address."""


@syscall(212, MESSAGE, errors=(EAGAIN, EBADF, EFAULT, EINTR, EINVAL, ENOTCONN, ENOTSOCK))
def recvmsg(fd: Fd, message: UserInOut[MessageHeader], flags: u32) -> usize:
    """Receives into several buffers, with address, flags and control data (IP_PKTINFO)."""


@syscall(269, MESSAGE, errors=(EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EMSGSIZE, ENOTSOCK, EPIPE))
def sendmmsg(fd: Fd, messages: UserInOut[MessageVector], count: Length, flags: u32) -> usize:
    """Sends several messages; returns how many."""


@syscall(243, MESSAGE, errors=(EAGAIN, EBADF, EFAULT, EINTR, EINVAL, ENOTCONN, ENOTSOCK))
def recvmmsg(
    fd: Fd,
    messages: UserInOut[MessageVector],
    count: Length,
    flags: u32,
    timeout: UserIn[TimeSpec] | None,
) -> usize:
    """Receives several messages; returns how many. `timeout` is looked at after each of them."""


# From file to descriptor.


@syscall(
    71,
    SENDFILE,
    errors=(EAGAIN, EBADF, ECONNRESET, EFAULT, EINTR, EINVAL, EIO, ENOMEM, ENOTCONN, EPIPE),
)
def sendfile(target: Fd, source: Fd, offset: UserInOut[i64] | None, count: usize) -> usize:
    """Sends from a regular file; to a TCP socket without a copy of the data.

    With `offset` reads there and moves it, without at the file's own.
    """


# Processes.


@syscall(220, PROCESS, errors=(EAGAIN, EFAULT, EINVAL, ENOMEM), capability=CAP_SPAWN)
def clone(
    flags: u64,
    stack: UserAddress,
    parent_tid: UserAddress,
    tls: UserAddress,
    child_tid: UserAddress,
) -> i32:
    """Makes a process that is a copy of the caller, copied on write. Returns 0 in the child.

    Threads (CLONE_VM without CLONE_VFORK) are not there yet and give EINVAL. With CLONE_VFORK the
    parent waits until the child ends or starts another program.
    """


@syscall(221, PROCESS, errors=(*PATH_ERRORS, E2BIG, EINVAL, EISDIR, ENOEXEC))
def execve(path: Path, arguments: UserAddress, environment: UserAddress) -> None:
    """Starts the static AArch64 ELF program at `path` in place of the caller's."""


@syscall(93, PROCESS)
def exit(status: i32) -> NoReturn:
    """Ends the calling thread; the process too if it is the last."""


@syscall(94, PROCESS)
def exit_group(status: i32) -> NoReturn:
    """Ends the calling process."""


@syscall(260, PROCESS, errors=(ECHILD, EFAULT, EINTR, EINVAL))
def wait4(
    pid: i32, status: UserOut[i32] | None, options: i32, usage: UserOut[ResourceUsage] | None
) -> i32:
    """Waits for a child to end (or, as `options` say, to stop or go on) and returns its pid.

    `pid` is a child, -1 for any, 0 for the caller's group, -group for another group.
    """


@syscall(172, PROCESS)
def getpid() -> i32:
    """Returns the process number."""


@syscall(173, PROCESS)
def getppid() -> i32:
    """Returns the parent's process number; 0 for PID 1."""


@syscall(178, PROCESS)
def gettid() -> i32:
    """Returns the thread number."""


@syscall(155, PROCESS, errors=(ESRCH,))
def getpgid(pid: i32) -> i32:
    """Returns the process group of `pid`, or of the caller where it is 0."""


@syscall(154, PROCESS, errors=(EACCES, EINVAL, EPERM, ESRCH))
def setpgid(pid: i32, group: i32) -> None:
    """Moves the caller or a child into a process group of its session; 0 means the own number."""


@syscall(156, PROCESS, errors=(ESRCH,))
def getsid(pid: i32) -> i32:
    """Returns the session of `pid`, or of the caller where it is 0."""


@syscall(157, PROCESS, errors=(EPERM,))
def setsid() -> i32:
    """Makes the caller leader of a new session and group without a terminal."""


@syscall(96, PROCESS)
def set_tid_address(address: UserAddress) -> i32:
    """Names the word that is zeroed when the thread ends; returns the thread number."""


@syscall(99, PROCESS, errors=(EINVAL,))
def set_robust_list(head: UserAddress, size: usize) -> None:
    """Accepted for programs that announce their list of robust locks; there is nothing to do."""


@syscall(165, PROCESS, errors=(EFAULT, EINVAL))
def getrusage(who: i32, usage: UserOut[ResourceUsage]) -> None:
    """Tells what the caller, its thread or its waited-for children used."""


@syscall(261, PROCESS, errors=(EFAULT, EINVAL, EPERM, ESRCH))
def prlimit64(
    pid: i32,
    resource: u32,
    new: UserIn[ResourceLimit] | None,
    old: UserOut[ResourceLimit] | None,
) -> None:
    """Gets the caller's limits. They are what memory allows; setting any other value is EPERM."""


@syscall(167, PROCESS, errors=(EFAULT, EINVAL))
def prctl(
    option: i32,
    argument: UserAddress,
    argument_2: u64,
    argument_3: u64,
    argument_4: u64,
) -> i32:
    """Sets or gets the name of the thread: PR_SET_NAME, PR_GET_NAME."""


@syscall(166, PROCESS)
def umask(mask: u32) -> u32:
    """Sets the mode bits that new files do not get and returns those before."""


@syscall(124, PROCESS)
def sched_yield() -> None:
    """Lets other threads run."""


# Signals and traps.


@syscall(129, SIGNAL, errors=(EINVAL, EPERM, ESRCH))
def kill(pid: i32, signal: i32) -> None:
    """Sends a signal to a process, to a group (0 or -group), or to all (-1); 0 only asks."""


@syscall(130, SIGNAL, errors=(EINVAL, EPERM, ESRCH))
def tkill(tid: i32, signal: i32) -> None:
    """Sends a signal to a thread."""


@syscall(131, SIGNAL, errors=(EINVAL, EPERM, ESRCH))
def tgkill(pid: i32, tid: i32, signal: i32) -> None:
    """Sends a signal to a thread of a process."""


@syscall(134, SIGNAL, errors=(EFAULT, EINVAL))
def rt_sigaction(
    signal: i32,
    new: UserIn[SigAction] | None,
    old: UserOut[SigAction] | None,
    set_size: SetSize,
) -> None:
    """Sets or gets what a signal does."""


@syscall(135, SIGNAL, errors=(EFAULT, EINVAL))
def rt_sigprocmask(
    how: i32, new: UserIn[SigSet] | None, old: UserOut[SigSet] | None, set_size: SetSize
) -> None:
    """Changes or gets the set of blocked signals."""


@syscall(136, SIGNAL, errors=(EFAULT, EINVAL))
def rt_sigpending(pending: UserOut[SigSet], set_size: SetSize) -> None:
    """Gets the signals that wait because they are blocked."""


@syscall(133, SIGNAL, errors=(EFAULT, EINTR, EINVAL))
def rt_sigsuspend(mask: UserIn[SigSet], set_size: SetSize) -> None:
    """Waits with another set of blocked signals until one was handled; always ends with EINTR."""


@syscall(137, SIGNAL, errors=(EAGAIN, EFAULT, EINTR, EINVAL))
def rt_sigtimedwait(
    signals: UserIn[SigSet],
    info: UserOut[SigInfo] | None,
    timeout: UserIn[TimeSpec] | None,
    set_size: SetSize,
) -> i32:
    """Takes one of the blocked `signals`, waiting for it, and returns its number."""


@syscall(139, SIGNAL)
def rt_sigreturn() -> u64:
    """Ends a signal handler: takes all registers from the frame at the stack pointer."""


@syscall(132, SIGNAL, errors=(EFAULT, EINVAL, ENOMEM, EPERM))
def sigaltstack(new: UserIn[SigStack] | None, old: UserOut[SigStack] | None) -> None:
    """Sets or gets the stack for handlers with SA_ONSTACK."""


@syscall(1026, SIGNAL, errors=(EINVAL,))
def trap_entry(entry: UserAddress, stack_top: UserAddress) -> None:
    """Registers where a trap of this program continues: `entry`, on the stack below `stack_top`.

    It starts with x0 the trap's kind (`abi/trap.py`), x1 the fault address, x2 pc, x3 frame
    pointer, x4 link register. A trap while it runs ends the process. Entry 0 takes the
    registration back; `execve` does too, `clone` hands it on.
    """


@syscall(1027, SIGNAL, errors=(EINVAL,))
def trap_exit() -> NoReturn:
    """Ends a program in its trap entry by the signal of the trap. EINVAL outside of one."""


# Memory.


@syscall(214, MEMORY)
def brk(address: UserAddress) -> usize:
    """Moves the end of the program's data and returns it; unmoved where that is not possible."""


@syscall(222, MEMORY, errors=(EACCES, EBADF, EEXIST, EINVAL, ENOMEM))
def mmap(
    address: UserAddress, length_bytes: usize, protection: u32, flags: u32, fd: Fd, offset: u64
) -> usize:
    """Maps zeroed memory or a file. Memory is never writable and executable at once: EINVAL.

    Shared mappings of files are read-only; writing through them is EACCES.
    """


@syscall(215, MEMORY, errors=(EINVAL, ENOMEM))
def munmap(address: UserAddress, length_bytes: usize) -> None:
    """Removes what is mapped in a range."""


@syscall(226, MEMORY, errors=(EACCES, EINVAL, ENOMEM))
def mprotect(address: UserAddress, length_bytes: usize, protection: u32) -> None:
    """Changes what may be done with mapped pages; all of the range or nothing."""


@syscall(233, MEMORY, errors=(EINVAL, ENOMEM))
def madvise(address: UserAddress, length_bytes: usize, advice: i32) -> None:
    """Takes advice on use; MADV_DONTNEED drops private pages."""


# Time.


@syscall(113, TIME, errors=(EFAULT, EINVAL))
def clock_gettime(clock: i32, time: UserOut[TimeSpec]) -> None:
    """Reads a clock."""


@syscall(114, TIME, errors=(EFAULT, EINVAL))
def clock_getres(clock: i32, resolution: UserOut[TimeSpec] | None) -> None:
    """Tells a clock's resolution."""


@syscall(115, TIME, errors=(EFAULT, EINTR, EINVAL))
def clock_nanosleep(
    clock: i32, flags: u32, request: UserIn[TimeSpec], remaining: UserOut[TimeSpec] | None
) -> None:
    """Sleeps for a time, or with TIMER_ABSTIME until one."""


@syscall(101, TIME, errors=(EFAULT, EINTR, EINVAL))
def nanosleep(request: UserIn[TimeSpec], remaining: UserOut[TimeSpec] | None) -> None:
    """Sleeps; a signal ends it early with what was left in `remaining`."""


@syscall(169, TIME, errors=(EFAULT,))
def gettimeofday(time: UserOut[TimeVal] | None, zone: UserOut[TimeZone] | None) -> None:
    """Reads the wall clock."""


@syscall(153, TIME, errors=(EFAULT,))
def times(record: UserOut[ProcessTimes] | None) -> i64:
    """Tells CPU times in ticks and returns the ticks since boot."""


# The system.


@syscall(160, SYSTEM, errors=(EFAULT,))
def uname(record: UserOut[UnameInfo]) -> None:
    """Names the system."""


@syscall(179, SYSTEM, errors=(EFAULT,))
def linux_sysinfo(record: UserOut[LinuxSysInfo]) -> None:
    """Linux's `sysinfo`: uptime, memory, process count."""


@syscall(278, SYSTEM, errors=(EFAULT, EINTR, EINVAL))
def getrandom(buffer: UserOut[u8], count: Length, flags: u32) -> usize:
    """Fills `buffer` with random bytes."""


@syscall(142, SYSTEM, errors=(EINVAL, EPERM), capability=CAP_CONSOLE)
def reboot(magic: u32, magic_2: u32, command: u32, argument: UserAddress) -> None:
    """Restarts the machine or powers it off."""


@syscall(168, SYSTEM, errors=(EFAULT,))
def getcpu(cpu: UserOut[u32] | None, node: UserOut[u32] | None, cache: UserAddress) -> None:
    """Tells the CPU that the caller runs on."""


@syscall(1032, SYSTEM, capability=CAP_CONSOLE)
def fail_allocation(after: u64) -> u64:
    """Makes the allocation of kernel memory fail, once, that is `after`-th from now; 0: none.

    For tests of what happens when memory ends. Returns 1 if the failure asked for before has not
    struck yet, else 0.
    """


@syscall(1024, STATISTICS, errors=(EFAULT, EINVAL))
def sysinfo(
    record: UserOut[SystemInfo],
    record_size: SizeOf,
    cpus: UserOut[CpuInfo] | None,
    capacity: Length,
    cpu_size: SizeOf,
) -> usize:
    """Describes the system and up to `capacity` of its CPUs; returns how many CPUs there are."""


@syscall(1025, STATISTICS, errors=(EFAULT, EINVAL))
def procstat(records: UserOut[ProcessInfo] | None, capacity: Length, record_size: SizeOf) -> usize:
    """Describes up to `capacity` processes in the order of their numbers; returns how many exist.

    Without CAP_PROCESS_INSPECT only those of the caller's own principal.
    """


@syscall(1028, LOG, errors=(EFAULT,), capability=CAP_LOG_EXPORT)
def log_read(first: u64, buffer: UserOut[u8], count: Length) -> usize:
    """Copies whole log records from number `first` or the oldest kept; returns the bytes.

    Numbers rise, with gaps: the next call asks for the last record's number plus one.
    """


@syscall(1031, LOG, errors=(EFAULT,), capability=CAP_LOG_EXPORT)
def log_stats(record: UserOut[LogStats]) -> None:
    """Tells how much of the log is kept and how much was overwritten."""


# Identity and security.


@syscall(174, IDENTITY)
def getuid() -> u32:
    """Returns the Linux user number of the caller's principal: 0 for principal 1."""


@syscall(175, IDENTITY)
def geteuid() -> u32:
    """Same as `getuid`."""


@syscall(176, IDENTITY)
def getgid() -> u32:
    """Returns the Linux group number, the same as the user number."""


@syscall(177, IDENTITY)
def getegid() -> u32:
    """Same as `getgid`."""


@syscall(158, IDENTITY, errors=(EFAULT, EINVAL))
def getgroups(capacity: i32, groups: UserOut[u32] | None) -> i32:
    """Returns 0: there are no further groups."""


@syscall(1029, IDENTITY, errors=(EFAULT, EINVAL, ESRCH))
def security_info(pid: i32, record: UserOut[SecurityInfo], record_size: SizeOf) -> None:
    """Tells who a process (0: the caller) is: principal, session, capabilities, cell.

    Without CAP_PROCESS_INSPECT processes of other principals do not exist: ESRCH.
    """


@syscall(1030, IDENTITY)
def security_restrict(keep: u64) -> u64:
    """Drops the caller's capabilities that are not in `keep`, for ever; returns what is left."""
