"""Times of files as `utimensat` sets them."""

from __future__ import annotations

from abi.errno import EACCES, EINVAL, EPERM, EROFS
from abi.file import W_OK
from abi.time import NS_PER_SECOND, UTIME_NOW, UTIME_OMIT, FileTimes, TimeSpec
from bare import i64, raises, size_of, u64
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.inode import LATEST_TIME_S, Inode
from kernel.fs.permission import may_access, may_change_attributes
from kernel.mm.user_copy import copy_in, object_bytes
from kernel.syscall.call import Call


@raises()
def set_times(call: Call, inode: Inode, times: UserAddr) -> None:
    """Sets the time of modification from a `FileTimes` of the program, or to now where it is null.

    EFAULT, EINVAL, EROFS, EACCES (now, by who may not write), EPERM (another time, by who is not
    the owner).
    """
    wanted = FileTimes()
    if times == 0:
        wanted.modified.nanoseconds = UTIME_NOW
        wanted.accessed.nanoseconds = UTIME_NOW
    else:
        copy_in(object_bytes(wanted, size_of(FileTimes)), times)
    check_time(wanted.accessed)
    check_time(wanted.modified)
    if wanted.modified.nanoseconds == UTIME_OMIT:
        return
    is_now = wanted.modified.nanoseconds == UTIME_NOW
    check_permission(call, inode, is_now)
    now = call.services.clock.wall_ns()
    inode.set_modified(u64(max(now, 0)) if is_now else nanoseconds_of(wanted.modified))


@raises()
def check_permission(call: Call, inode: Inode, is_now: bool) -> None:
    """Checks that the caller may set the time."""
    if inode.file_system.is_read_only:
        raise OSError(EROFS)
    credentials = call.process.credentials
    if may_change_attributes(inode, credentials):
        return
    if not is_now:
        raise OSError(EPERM)
    if not may_access(inode, credentials, W_OK):
        raise OSError(EACCES)


@raises(EINVAL)
def check_time(time: TimeSpec) -> None:
    """Refuses nanoseconds that are neither below a second nor one of the two special values."""
    if time.nanoseconds in (UTIME_NOW, UTIME_OMIT):
        return
    if not 0 <= time.nanoseconds < i64(NS_PER_SECOND):
        raise OSError(EINVAL)


def nanoseconds_of(time: TimeSpec) -> u64:
    """Returns nanoseconds since 1970; what lies outside of what we can hold is cut."""
    seconds = min(u64(max(time.seconds, 0)), LATEST_TIME_S)
    return seconds * NS_PER_SECOND + u64(time.nanoseconds)
