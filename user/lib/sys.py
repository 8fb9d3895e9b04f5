"""The system calls, as a program makes them.

Each raises `OSError` with the kernel's error number. Paths are bytes without a NUL. An
empty span stands for a null pointer where the call allows one. Written by
`swiftos/generate.py` from `abi/syscalls.py`; do not edit.
"""

from typing import NoReturn

from abi.epoll import EpollEvent
from abi.eventfd import TimerSpec
from abi.file import IoVec, PipeEnds, Stat, StatFs
from abi.limits import PATH_MAX
from abi.poll import PollFd
from abi.process import ResourceLimit, ResourceUsage, UnameInfo
from abi.signal import SigAction, SigInfo, SigSet, SigStack
from abi.socket import MessageHeader, MessageVector, SocketInfo
from abi.system import CpuInfo, LinuxSysInfo, LogStats, ProcessInfo, SecurityInfo, SystemInfo
from abi.time import FileTimes, ProcessTimes, TimeSpec, TimeVal, TimeZone
from bare import (
    Array,
    Bytes,
    Span,
    array,
    i32,
    i64,
    raises,
    size_of,
    u8,
    u32,
    u64,
    unreachable,
    wrap_i32,
    wrap_i64,
    wrap_u32,
    wrap_u64,
)
from bare.unsafe import address_of
from user.lib.svc import checked, svc, terminate

# SAFETY: each address given to the kernel is that of an argument, alive in the call.


@raises()
def openat(directory: i32, path: Bytes, flags: u32, mode: u32) -> i32:
    """Opens `path`, relative to `directory`, and returns the lowest free descriptor."""
    path_text: Array[u8] = array(PATH_MAX)
    return wrap_i32(checked(svc(56, wrap_u64(directory), terminate(path, path_text), flags, mode)))


@raises()
def close(fd: i32) -> None:
    """Closes a descriptor."""
    checked(svc(57, wrap_u64(fd)))


@raises()
def read(fd: i32, buffer: Span[u8]) -> u64:
    """Reads at most `count` bytes; 0 means end of file."""
    return checked(svc(63, wrap_u64(fd), address_of(buffer), len(buffer)))


@raises()
def write(fd: i32, buffer: Bytes) -> u64:
    """Writes at most `count` bytes and returns how many it took."""
    return checked(svc(64, wrap_u64(fd), address_of(buffer), len(buffer)))


@raises()
def readv(fd: i32, buffers: Span[IoVec]) -> u64:
    """Reads into several buffers in turn."""
    return checked(svc(65, wrap_u64(fd), address_of(buffers), len(buffers)))


@raises()
def writev(fd: i32, buffers: Span[IoVec]) -> u64:
    """Writes several buffers in turn."""
    return checked(svc(66, wrap_u64(fd), address_of(buffers), len(buffers)))


@raises()
def pread64(fd: i32, buffer: Span[u8], offset: i64) -> u64:
    """Reads at `offset` and leaves the file's own offset alone."""
    return checked(svc(67, wrap_u64(fd), address_of(buffer), len(buffer), wrap_u64(offset)))


@raises()
def pwrite64(fd: i32, buffer: Bytes, offset: i64) -> u64:
    """Writes at `offset` and leaves the file's own offset alone."""
    return checked(svc(68, wrap_u64(fd), address_of(buffer), len(buffer), wrap_u64(offset)))


@raises()
def lseek(fd: i32, offset: i64, whence: i32) -> i64:
    """Moves the file's offset and returns it."""
    return wrap_i64(checked(svc(62, wrap_u64(fd), wrap_u64(offset), wrap_u64(whence))))


@raises()
def fstat(fd: i32, stat: Stat) -> None:
    """Describes an open file."""
    checked(svc(80, wrap_u64(fd), address_of(stat)))


@raises()
def ftruncate(fd: i32, size_bytes: i64) -> None:
    """Sets the size of an open file; what is added reads as zero."""
    checked(svc(46, wrap_u64(fd), wrap_u64(size_bytes)))


@raises()
def dup(fd: i32) -> i32:
    """Returns the lowest free descriptor, for the same open file."""
    return wrap_i32(checked(svc(23, wrap_u64(fd))))


@raises()
def dup3(fd: i32, target: i32, flags: u32) -> i32:
    """Makes `target` a descriptor of the same open file, closing what it was."""
    return wrap_i32(checked(svc(24, wrap_u64(fd), wrap_u64(target), flags)))


@raises()
def fcntl(fd: i32, command: i32, argument: u64) -> i32:
    """Duplicates a descriptor or changes its flags: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL."""
    return wrap_i32(checked(svc(25, wrap_u64(fd), wrap_u64(command), argument)))


@raises()
def ioctl(fd: i32, command: u32, argument: u64) -> i32:
    """Asks a device. Terminals answer TCGETS, TCSETS and the like, TIOC[GS]WINSZ, TIOC[GS]PGRP.

    Sockets answer FIONREAD, FIONBIO and the requests of `abi/network.py`.
    """
    return wrap_i32(checked(svc(29, wrap_u64(fd), command, argument)))


@raises()
def pipe2(ends: PipeEnds, flags: u32) -> None:
    """Makes a pipe; `flags` are O_CLOEXEC and O_NONBLOCK."""
    checked(svc(59, address_of(ends), flags))


@raises()
def fsync(fd: i32) -> None:
    """Waits until the file's data is stored."""
    checked(svc(82, wrap_u64(fd)))


def sync() -> None:
    """Waits until all data is stored."""
    svc(81)


@raises()
def fstatfs(fd: i32, record: StatFs) -> None:
    """Describes the file system of an open file."""
    checked(svc(44, wrap_u64(fd), address_of(record)))


@raises()
def getdents64(fd: i32, buffer: Span[u8]) -> u64:
    """Fills `buffer` with directory entries; 0 means that there are no more."""
    return checked(svc(61, wrap_u64(fd), address_of(buffer), len(buffer)))


@raises()
def mkdirat(directory: i32, path: Bytes, mode: u32) -> None:
    """Makes a directory."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(34, wrap_u64(directory), terminate(path, path_text), mode))


@raises()
def unlinkat(directory: i32, path: Bytes, flags: u32) -> None:
    """Removes a name, or with AT_REMOVEDIR an empty directory."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(35, wrap_u64(directory), terminate(path, path_text), flags))


@raises()
def symlinkat(target: Bytes, directory: i32, path: Bytes) -> None:
    """Makes a symbolic link at `path` that says `target`."""
    target_text: Array[u8] = array(PATH_MAX)
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(
        36, terminate(target, target_text), wrap_u64(directory), terminate(path, path_text)
    ))


@raises()
def renameat2(
    old_directory: i32,
    old_path: Bytes,
    new_directory: i32,
    new_path: Bytes,
    flags: u32,
) -> None:
    """Renames, replacing what was there unless `flags` is RENAME_NOREPLACE."""
    old_path_text: Array[u8] = array(PATH_MAX)
    new_path_text: Array[u8] = array(PATH_MAX)
    checked(svc(
        276,
        wrap_u64(old_directory),
        terminate(old_path, old_path_text),
        wrap_u64(new_directory),
        terminate(new_path, new_path_text),
        flags,
    ))


@raises()
def faccessat(directory: i32, path: Bytes, mode: u32) -> None:
    """Asks whether the caller may use `path` as `mode` says."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(48, wrap_u64(directory), terminate(path, path_text), mode))


@raises()
def fchmodat(directory: i32, path: Bytes, mode: u32) -> None:
    """Sets the mode bits of a file."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(53, wrap_u64(directory), terminate(path, path_text), mode))


@raises()
def readlinkat(directory: i32, path: Bytes, buffer: Span[u8]) -> u64:
    """Reads where a symbolic link points, without an ending NUL, cut when longer."""
    path_text: Array[u8] = array(PATH_MAX)
    return checked(svc(
        78, wrap_u64(directory), terminate(path, path_text), address_of(buffer), len(buffer)
    ))


@raises()
def newfstatat(directory: i32, path: Bytes, stat: Stat, flags: u32) -> None:
    """Describes a file by name; `flags` are AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(79, wrap_u64(directory), terminate(path, path_text), address_of(stat), flags))


@raises()
def utimensat(directory: i32, path: Bytes, times: FileTimes | None, flags: u32) -> None:
    """Sets access and modification time to `times`, or to now where it is null."""
    path_text: Array[u8] = array(PATH_MAX)
    path_address: u64 = 0
    if len(path) > 0:
        path_address = terminate(path, path_text)
    times_address: u64 = 0
    if times is not None:
        times_address = address_of(times)
    checked(svc(88, wrap_u64(directory), path_address, times_address, flags))


@raises()
def getcwd(buffer: Span[u8]) -> u64:
    """Writes the working directory, NUL-terminated, and returns its length with the NUL."""
    return checked(svc(17, address_of(buffer), len(buffer)))


@raises()
def chdir(path: Bytes) -> None:
    """Sets the working directory."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(49, terminate(path, path_text)))


@raises()
def fchdir(fd: i32) -> None:
    """Sets the working directory to an open one."""
    checked(svc(50, wrap_u64(fd)))


@raises()
def statfs(path: Bytes, record: StatFs) -> None:
    """Describes the file system that holds `path`."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(43, terminate(path, path_text), address_of(record)))


@raises()
def ppoll(descriptors: Span[PollFd], timeout: TimeSpec | None, mask: SigSet | None) -> u64:
    """Waits for a descriptor, a signal or the end of the time; returns how many are ready."""
    timeout_address: u64 = 0
    if timeout is not None:
        timeout_address = address_of(timeout)
    mask_address: u64 = 0
    if mask is not None:
        mask_address = address_of(mask)
    return checked(svc(
        73, address_of(descriptors), len(descriptors), timeout_address, mask_address, 8
    ))


@raises()
def epoll_create1(flags: u32) -> i32:
    """Makes an epoll descriptor; `flags` is 0 or EPOLL_CLOEXEC."""
    return wrap_i32(checked(svc(20, flags)))


@raises()
def epoll_ctl(epoll: i32, operation: i32, fd: i32, event: EpollEvent | None) -> None:
    """Adds, changes or removes a descriptor.

    EPERM: regular files and directories cannot be waited for. ELOOP: an epoll descriptor in
    another one, which Linux allows.
    """
    event_address: u64 = 0
    if event is not None:
        event_address = address_of(event)
    checked(svc(21, wrap_u64(epoll), wrap_u64(operation), wrap_u64(fd), event_address))


@raises()
def epoll_pwait(epoll: i32, events: Span[EpollEvent], timeout_ms: i32, mask: SigSet | None) -> u64:
    """Waits for events, for ever where `timeout_ms` is negative; returns how many there are."""
    mask_address: u64 = 0
    if mask is not None:
        mask_address = address_of(mask)
    return checked(svc(
        22, wrap_u64(epoll), address_of(events), len(events), wrap_u64(timeout_ms), mask_address, 8
    ))


@raises()
def eventfd2(first: u32, flags: u32) -> i32:
    """Makes a counter, to which 8 bytes written add and of which 8 bytes read take; `flags` are
    EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE.
    """
    return wrap_i32(checked(svc(19, first, flags)))


@raises()
def timerfd_create(clock: i32, flags: u32) -> i32:
    """Makes a timer, which 8 bytes read from it say how often has expired; `flags` are
    TFD_CLOEXEC, TFD_NONBLOCK.
    """
    return wrap_i32(checked(svc(85, wrap_u64(clock), flags)))


@raises()
def timerfd_settime(fd: i32, flags: u32, wanted: TimerSpec, before: TimerSpec | None) -> None:
    """Sets a timer, or switches it off; a change of the wall clock does not move it."""
    before_address: u64 = 0
    if before is not None:
        before_address = address_of(before)
    checked(svc(86, wrap_u64(fd), flags, address_of(wanted), before_address))


@raises()
def timerfd_gettime(fd: i32, current: TimerSpec) -> None:
    """Tells when a timer expires next, and its interval."""
    checked(svc(87, wrap_u64(fd), address_of(current)))


@raises()
def socket(family: i32, kind: u32, protocol: i32) -> i32:
    """Makes a socket: AF_INET and SOCK_STREAM, SOCK_DGRAM, or SOCK_DGRAM with IPPROTO_ICMP.

    Needs CAP_NET: EACCES. IPv6 and Unix sockets are EAFNOSUPPORT.
    """
    return wrap_i32(checked(svc(198, wrap_u64(family), kind, wrap_u64(protocol))))


@raises()
def bind(fd: i32, address: Bytes) -> None:
    """Gives a socket its local address and port; port 0 chooses a free one."""
    checked(svc(200, wrap_u64(fd), address_of(address), len(address)))


@raises()
def listen(fd: i32, backlog: i32) -> None:
    """Makes a TCP socket take connections; `backlog` of them may wait."""
    checked(svc(201, wrap_u64(fd), wrap_u64(backlog)))


@raises()
def accept(fd: i32, address: Span[u8], address_size: Span[u32]) -> i32:
    """Takes the first connection that waits and returns its descriptor."""
    address_address: u64 = 0
    if len(address) > 0:
        address_address = address_of(address)
    address_size_address: u64 = 0
    if len(address_size) > 0:
        address_size_address = address_of(address_size)
    return wrap_i32(checked(svc(202, wrap_u64(fd), address_address, address_size_address)))


@raises()
def accept4(fd: i32, address: Span[u8], address_size: Span[u32], flags: u32) -> i32:
    """Same, with SOCK_CLOEXEC and SOCK_NONBLOCK in `flags`."""
    address_address: u64 = 0
    if len(address) > 0:
        address_address = address_of(address)
    address_size_address: u64 = 0
    if len(address_size) > 0:
        address_size_address = address_of(address_size)
    return wrap_i32(checked(svc(242, wrap_u64(fd), address_address, address_size_address, flags)))


@raises()
def connect(fd: i32, address: Bytes) -> None:
    """Opens a TCP connection, or sets where a datagram socket sends and what it receives.

    AF_UNSPEC takes back the latter.
    """
    checked(svc(203, wrap_u64(fd), address_of(address), len(address)))


@raises()
def getsockname(fd: i32, address: Span[u8], address_size: Span[u32]) -> None:
    """Tells the local address; `address_size` says the room, then the size."""
    assert len(address) > 0, "no room for the result"
    assert len(address_size) > 0, "no room for the result"
    checked(svc(204, wrap_u64(fd), address_of(address), address_of(address_size)))


@raises()
def getpeername(fd: i32, address: Span[u8], address_size: Span[u32]) -> None:
    """Tells the other end's address."""
    assert len(address) > 0, "no room for the result"
    assert len(address_size) > 0, "no room for the result"
    checked(svc(205, wrap_u64(fd), address_of(address), address_of(address_size)))


@raises()
def setsockopt(fd: i32, level: u32, name: u32, value: Bytes) -> None:
    """Sets an option."""
    checked(svc(208, wrap_u64(fd), level, name, address_of(value), len(value)))


@raises()
def getsockopt(fd: i32, level: u32, name: u32, value: Span[u8], value_size: Span[u32]) -> None:
    """Tells an option; `value_size` says the room, then the size."""
    assert len(value) > 0, "no room for the result"
    assert len(value_size) > 0, "no room for the result"
    checked(svc(209, wrap_u64(fd), level, name, address_of(value), address_of(value_size)))


@raises()
def shutdown(fd: i32, how: i32) -> None:
    """Ends receiving (SHUT_RD), sending (SHUT_WR), or both."""
    checked(svc(210, wrap_u64(fd), wrap_u64(how)))


@raises()
def sockstat(records: Span[SocketInfo]) -> u64:
    """Describes up to `capacity` sockets and connections; returns how many exist.

    Without CAP_PROCESS_INSPECT only those of the caller's own principal.
    """
    return checked(svc(1033, address_of(records), len(records), size_of(SocketInfo)))


@raises()
def sendto(fd: i32, buffer: Bytes, flags: u32, address: Bytes) -> u64:
    """Sends; a datagram whole, of a stream as much as there is room for.

    `flags`: MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE.
    """
    return checked(svc(
        206, wrap_u64(fd), address_of(buffer), len(buffer), flags, address_of(address), len(address)
    ))


@raises()
def recvfrom(
    fd: i32,
    buffer: Span[u8],
    flags: u32,
    address: Span[u8],
    address_size: Span[u32],
) -> u64:
    """Receives a datagram, or what a stream has; 0: the other end sends no more.

    `flags`: MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL.
    """
    address_address: u64 = 0
    if len(address) > 0:
        address_address = address_of(address)
    address_size_address: u64 = 0
    if len(address_size) > 0:
        address_size_address = address_of(address_size)
    return checked(svc(
        207,
        wrap_u64(fd),
        address_of(buffer),
        len(buffer),
        flags,
        address_address,
        address_size_address,
    ))


@raises()
def sendmsg(fd: i32, message: MessageHeader, flags: u32) -> u64:
    """Sends from several buffers, to the message's address."""
    return checked(svc(211, wrap_u64(fd), address_of(message), flags))


@raises()
def recvmsg(fd: i32, message: MessageHeader, flags: u32) -> u64:
    """Receives into several buffers, with address, flags and control data (IP_PKTINFO)."""
    return checked(svc(212, wrap_u64(fd), address_of(message), flags))


@raises()
def sendmmsg(fd: i32, messages: Span[MessageVector], flags: u32) -> u64:
    """Sends several messages; returns how many."""
    return checked(svc(269, wrap_u64(fd), address_of(messages), len(messages), flags))


@raises()
def recvmmsg(fd: i32, messages: Span[MessageVector], flags: u32, timeout: TimeSpec | None) -> u64:
    """Receives several messages; returns how many. `timeout` is looked at after each of them."""
    timeout_address: u64 = 0
    if timeout is not None:
        timeout_address = address_of(timeout)
    return checked(svc(
        243, wrap_u64(fd), address_of(messages), len(messages), flags, timeout_address
    ))


@raises()
def sendfile(target: i32, source: i32, offset: Span[i64], count: u64) -> u64:
    """Sends from a regular file; to a TCP socket without a copy of the data.

    With `offset` reads there and moves it, without at the file's own.
    """
    offset_address: u64 = 0
    if len(offset) > 0:
        offset_address = address_of(offset)
    return checked(svc(71, wrap_u64(target), wrap_u64(source), offset_address, count))


@raises()
def clone(flags: u64, stack: u64, parent_tid: u64, tls: u64, child_tid: u64) -> i32:
    """Makes a process that is a copy of the caller, copied on write. Returns 0 in the child.

    Threads (CLONE_VM without CLONE_VFORK) are not there yet and give EINVAL. With CLONE_VFORK the
    parent waits until the child ends or starts another program.
    """
    return wrap_i32(checked(svc(220, flags, stack, parent_tid, tls, child_tid)))


@raises()
def execve(path: Bytes, arguments: u64, environment: u64) -> None:
    """Starts the static AArch64 ELF program at `path` in place of the caller's."""
    path_text: Array[u8] = array(PATH_MAX)
    checked(svc(221, terminate(path, path_text), arguments, environment))


def exit(status: i32) -> NoReturn:
    """Ends the calling thread; the process too if it is the last."""
    svc(93, wrap_u64(status))
    unreachable()


def exit_group(status: i32) -> NoReturn:
    """Ends the calling process."""
    svc(94, wrap_u64(status))
    unreachable()


@raises()
def wait4(pid: i32, status: Span[i32], options: i32, usage: ResourceUsage | None) -> i32:
    """Waits for a child to end (or, as `options` say, to stop or go on) and returns its pid.

    `pid` is a child, -1 for any, 0 for the caller's group, -group for another group.
    """
    status_address: u64 = 0
    if len(status) > 0:
        status_address = address_of(status)
    usage_address: u64 = 0
    if usage is not None:
        usage_address = address_of(usage)
    return wrap_i32(checked(svc(
        260, wrap_u64(pid), status_address, wrap_u64(options), usage_address
    )))


def getpid() -> i32:
    """Returns the process number."""
    return wrap_i32(svc(172))


def getppid() -> i32:
    """Returns the parent's process number; 0 for PID 1."""
    return wrap_i32(svc(173))


def gettid() -> i32:
    """Returns the thread number."""
    return wrap_i32(svc(178))


@raises()
def getpgid(pid: i32) -> i32:
    """Returns the process group of `pid`, or of the caller where it is 0."""
    return wrap_i32(checked(svc(155, wrap_u64(pid))))


@raises()
def setpgid(pid: i32, group: i32) -> None:
    """Moves the caller or a child into a process group of its session; 0 means the own number."""
    checked(svc(154, wrap_u64(pid), wrap_u64(group)))


@raises()
def getsid(pid: i32) -> i32:
    """Returns the session of `pid`, or of the caller where it is 0."""
    return wrap_i32(checked(svc(156, wrap_u64(pid))))


@raises()
def setsid() -> i32:
    """Makes the caller leader of a new session and group without a terminal."""
    return wrap_i32(checked(svc(157)))


def set_tid_address(address: u64) -> i32:
    """Names the word that is zeroed when the thread ends; returns the thread number."""
    return wrap_i32(svc(96, address))


@raises()
def set_robust_list(head: u64, size: u64) -> None:
    """Accepted for programs that announce their list of robust locks; there is nothing to do."""
    checked(svc(99, head, size))


@raises()
def getrusage(who: i32, usage: ResourceUsage) -> None:
    """Tells what the caller, its thread or its waited-for children used."""
    checked(svc(165, wrap_u64(who), address_of(usage)))


@raises()
def prlimit64(
    pid: i32,
    resource: u32,
    new: ResourceLimit | None,
    old: ResourceLimit | None,
) -> None:
    """Gets the caller's limits. They are what memory allows; setting any other value is EPERM."""
    new_address: u64 = 0
    if new is not None:
        new_address = address_of(new)
    old_address: u64 = 0
    if old is not None:
        old_address = address_of(old)
    checked(svc(261, wrap_u64(pid), resource, new_address, old_address))


@raises()
def prctl(option: i32, argument: u64, argument_2: u64, argument_3: u64, argument_4: u64) -> i32:
    """Sets or gets the name of the thread: PR_SET_NAME, PR_GET_NAME."""
    return wrap_i32(checked(svc(
        167, wrap_u64(option), argument, argument_2, argument_3, argument_4
    )))


def umask(mask: u32) -> u32:
    """Sets the mode bits that new files do not get and returns those before."""
    return wrap_u32(svc(166, mask))


def sched_yield() -> None:
    """Lets other threads run."""
    svc(124)


@raises()
def kill(pid: i32, signal: i32) -> None:
    """Sends a signal to a process, to a group (0 or -group), or to all (-1); 0 only asks."""
    checked(svc(129, wrap_u64(pid), wrap_u64(signal)))


@raises()
def tkill(tid: i32, signal: i32) -> None:
    """Sends a signal to a thread."""
    checked(svc(130, wrap_u64(tid), wrap_u64(signal)))


@raises()
def tgkill(pid: i32, tid: i32, signal: i32) -> None:
    """Sends a signal to a thread of a process."""
    checked(svc(131, wrap_u64(pid), wrap_u64(tid), wrap_u64(signal)))


@raises()
def rt_sigaction(signal: i32, new: SigAction | None, old: SigAction | None) -> None:
    """Sets or gets what a signal does."""
    new_address: u64 = 0
    if new is not None:
        new_address = address_of(new)
    old_address: u64 = 0
    if old is not None:
        old_address = address_of(old)
    checked(svc(134, wrap_u64(signal), new_address, old_address, 8))


@raises()
def rt_sigprocmask(how: i32, new: SigSet | None, old: SigSet | None) -> None:
    """Changes or gets the set of blocked signals."""
    new_address: u64 = 0
    if new is not None:
        new_address = address_of(new)
    old_address: u64 = 0
    if old is not None:
        old_address = address_of(old)
    checked(svc(135, wrap_u64(how), new_address, old_address, 8))


@raises()
def rt_sigpending(pending: SigSet) -> None:
    """Gets the signals that wait because they are blocked."""
    checked(svc(136, address_of(pending), 8))


@raises()
def rt_sigsuspend(mask: SigSet) -> None:
    """Waits with another set of blocked signals until one was handled; always ends with EINTR."""
    checked(svc(133, address_of(mask), 8))


@raises()
def rt_sigtimedwait(signals: SigSet, info: SigInfo | None, timeout: TimeSpec | None) -> i32:
    """Takes one of the blocked `signals`, waiting for it, and returns its number."""
    info_address: u64 = 0
    if info is not None:
        info_address = address_of(info)
    timeout_address: u64 = 0
    if timeout is not None:
        timeout_address = address_of(timeout)
    return wrap_i32(checked(svc(137, address_of(signals), info_address, timeout_address, 8)))


def rt_sigreturn() -> u64:
    """Ends a signal handler: takes all registers from the frame at the stack pointer."""
    return svc(139)


@raises()
def sigaltstack(new: SigStack | None, old: SigStack | None) -> None:
    """Sets or gets the stack for handlers with SA_ONSTACK."""
    new_address: u64 = 0
    if new is not None:
        new_address = address_of(new)
    old_address: u64 = 0
    if old is not None:
        old_address = address_of(old)
    checked(svc(132, new_address, old_address))


@raises()
def trap_entry(entry: u64, stack_top: u64) -> None:
    """Registers where a trap of this program continues: `entry`, on the stack below `stack_top`.

    It starts with x0 the trap's kind (`abi/trap.py`), x1 the fault address, x2 pc, x3 frame
    pointer, x4 link register. A trap while it runs ends the process. Entry 0 takes the
    registration back; `execve` does too, `clone` hands it on.
    """
    checked(svc(1026, entry, stack_top))


@raises()
def trap_exit() -> NoReturn:
    """Ends a program in its trap entry by the signal of the trap. EINVAL outside of one."""
    checked(svc(1027))
    unreachable()


def brk(address: u64) -> u64:
    """Moves the end of the program's data and returns it; unmoved where that is not possible."""
    return svc(214, address)


@raises()
def mmap(address: u64, length_bytes: u64, protection: u32, flags: u32, fd: i32, offset: u64) -> u64:
    """Maps zeroed memory or a file. Memory is never writable and executable at once: EINVAL.

    Shared mappings of files are read-only; writing through them is EACCES.
    """
    return checked(svc(222, address, length_bytes, protection, flags, wrap_u64(fd), offset))


@raises()
def munmap(address: u64, length_bytes: u64) -> None:
    """Removes what is mapped in a range."""
    checked(svc(215, address, length_bytes))


@raises()
def mprotect(address: u64, length_bytes: u64, protection: u32) -> None:
    """Changes what may be done with mapped pages; all of the range or nothing."""
    checked(svc(226, address, length_bytes, protection))


@raises()
def madvise(address: u64, length_bytes: u64, advice: i32) -> None:
    """Takes advice on use; MADV_DONTNEED drops private pages."""
    checked(svc(233, address, length_bytes, wrap_u64(advice)))


@raises()
def clock_gettime(clock: i32, time: TimeSpec) -> None:
    """Reads a clock."""
    checked(svc(113, wrap_u64(clock), address_of(time)))


@raises()
def clock_getres(clock: i32, resolution: TimeSpec | None) -> None:
    """Tells a clock's resolution."""
    resolution_address: u64 = 0
    if resolution is not None:
        resolution_address = address_of(resolution)
    checked(svc(114, wrap_u64(clock), resolution_address))


@raises()
def clock_nanosleep(clock: i32, flags: u32, request: TimeSpec, remaining: TimeSpec | None) -> None:
    """Sleeps for a time, or with TIMER_ABSTIME until one."""
    remaining_address: u64 = 0
    if remaining is not None:
        remaining_address = address_of(remaining)
    checked(svc(115, wrap_u64(clock), flags, address_of(request), remaining_address))


@raises()
def nanosleep(request: TimeSpec, remaining: TimeSpec | None) -> None:
    """Sleeps; a signal ends it early with what was left in `remaining`."""
    remaining_address: u64 = 0
    if remaining is not None:
        remaining_address = address_of(remaining)
    checked(svc(101, address_of(request), remaining_address))


@raises()
def gettimeofday(time: TimeVal | None, zone: TimeZone | None) -> None:
    """Reads the wall clock."""
    time_address: u64 = 0
    if time is not None:
        time_address = address_of(time)
    zone_address: u64 = 0
    if zone is not None:
        zone_address = address_of(zone)
    checked(svc(169, time_address, zone_address))


@raises()
def times(record: ProcessTimes | None) -> i64:
    """Tells CPU times in ticks and returns the ticks since boot."""
    record_address: u64 = 0
    if record is not None:
        record_address = address_of(record)
    return wrap_i64(checked(svc(153, record_address)))


@raises()
def uname(record: UnameInfo) -> None:
    """Names the system."""
    checked(svc(160, address_of(record)))


@raises()
def linux_sysinfo(record: LinuxSysInfo) -> None:
    """Linux's `sysinfo`: uptime, memory, process count."""
    checked(svc(179, address_of(record)))


@raises()
def getrandom(buffer: Span[u8], flags: u32) -> u64:
    """Fills `buffer` with random bytes."""
    return checked(svc(278, address_of(buffer), len(buffer), flags))


@raises()
def reboot(magic: u32, magic_2: u32, command: u32, argument: u64) -> None:
    """Restarts the machine or powers it off."""
    checked(svc(142, magic, magic_2, command, argument))


@raises()
def getcpu(cpu: Span[u32], node: Span[u32], cache: u64) -> None:
    """Tells the CPU that the caller runs on."""
    cpu_address: u64 = 0
    if len(cpu) > 0:
        cpu_address = address_of(cpu)
    node_address: u64 = 0
    if len(node) > 0:
        node_address = address_of(node)
    checked(svc(168, cpu_address, node_address, cache))


@raises()
def fail_allocation(after: u64) -> u64:
    """Makes the allocation of kernel memory fail, once, that is `after`-th from now; 0: none.

    For tests of what happens when memory ends. Returns 1 if the failure asked for before has not
    struck yet, else 0.
    """
    return checked(svc(1032, after))


@raises()
def sysinfo(record: SystemInfo, cpus: Span[CpuInfo]) -> u64:
    """Describes the system and up to `capacity` of its CPUs; returns how many CPUs there are."""
    return checked(svc(
        1024, address_of(record), size_of(SystemInfo), address_of(cpus), len(cpus), size_of(CpuInfo)
    ))


@raises()
def procstat(records: Span[ProcessInfo]) -> u64:
    """Describes up to `capacity` processes in the order of their numbers; returns how many exist.

    Without CAP_PROCESS_INSPECT only those of the caller's own principal.
    """
    return checked(svc(1025, address_of(records), len(records), size_of(ProcessInfo)))


@raises()
def log_read(first: u64, buffer: Span[u8]) -> u64:
    """Copies whole log records from number `first` or the oldest kept; returns the bytes.

    Numbers rise, with gaps: the next call asks for the last record's number plus one.
    """
    return checked(svc(1028, first, address_of(buffer), len(buffer)))


@raises()
def log_stats(record: LogStats) -> None:
    """Tells how much of the log is kept and how much was overwritten."""
    checked(svc(1031, address_of(record)))


def getuid() -> u32:
    """Returns the Linux user number of the caller's principal: 0 for principal 1."""
    return wrap_u32(svc(174))


def geteuid() -> u32:
    """Same as `getuid`."""
    return wrap_u32(svc(175))


def getgid() -> u32:
    """Returns the Linux group number, the same as the user number."""
    return wrap_u32(svc(176))


def getegid() -> u32:
    """Same as `getgid`."""
    return wrap_u32(svc(177))


@raises()
def getgroups(capacity: i32, groups: Span[u32]) -> i32:
    """Returns 0: there are no further groups."""
    groups_address: u64 = 0
    if len(groups) > 0:
        groups_address = address_of(groups)
    return wrap_i32(checked(svc(158, wrap_u64(capacity), groups_address)))


@raises()
def security_info(pid: i32, record: SecurityInfo) -> None:
    """Tells who a process (0: the caller) is: principal, session, capabilities, cell.

    Without CAP_PROCESS_INSPECT processes of other principals do not exist: ESRCH.
    """
    checked(svc(1029, wrap_u64(pid), address_of(record), size_of(SecurityInfo)))


def security_restrict(keep: u64) -> u64:
    """Drops the caller's capabilities that are not in `keep`, for ever; returns what is left."""
    return svc(1030, keep)
