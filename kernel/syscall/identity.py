"""Bodies of the calls that ask who somebody is, and give up authority."""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL, ESRCH
from abi.system import SecurityInfo
from bare import i32, raises, size_of, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import object_bytes
from kernel.syscall.call import Call
from kernel.syscall.statistics import copy_record, may_see


def getuid(call: Call) -> u32:
    """Returns the Linux user number."""
    return call.process.credentials.user_number()


def geteuid(call: Call) -> u32:
    """Returns the Linux user number."""
    return call.process.credentials.user_number()


def getgid(call: Call) -> u32:
    """Returns the Linux group number."""
    return call.process.credentials.user_number()


def getegid(call: Call) -> u32:
    """Returns the Linux group number."""
    return call.process.credentials.user_number()


@raises(EINVAL)
def getgroups(call: Call, capacity: i32, groups: UserAddr) -> i32:
    """Tells that there are no further groups."""
    if capacity < 0:
        raise OSError(EINVAL)
    return 0


@raises(EFAULT, EINVAL, ESRCH)
def security_info(call: Call, pid: i32, record: UserAddr, record_size: usize) -> None:
    """Describes the identity of a process."""
    info = SecurityInfo()
    table = call.services.processes
    with table.lock:
        process = call.process if pid == 0 else table.find(pid)
        if process is None or not may_see(call.process.credentials, process.credentials):
            raise OSError(ESRCH)
        info.principal = process.credentials.principal
        info.login_session = process.credentials.login_session
        info.capabilities = process.credentials.capabilities
        info.cell = process.credentials.cell
    copy_record(record, object_bytes(info, size_of(SecurityInfo)), record_size)


def security_restrict(call: Call, keep: u64) -> u64:
    """Drops capabilities for ever."""
    return call.process.credentials.restrict(keep)
