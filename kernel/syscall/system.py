"""Bodies of the calls that describe, stop and feed the system."""

from __future__ import annotations

from abi.errno import EFAULT, EINTR, EINVAL, EPERM
from abi.limits import MAX_TRANSFER
from abi.process import UnameInfo
from abi.system import (
    GRND_NONBLOCK,
    GRND_RANDOM,
    LINUX_REBOOT_CMD_HALT,
    LINUX_REBOOT_CMD_POWER_OFF,
    LINUX_REBOOT_CMD_RESTART,
    LINUX_REBOOT_MAGIC1,
    LINUX_REBOOT_MAGIC2,
    LinuxSysInfo,
)
from abi.time import NS_PER_SECOND
from bare import (
    Array,
    Bytes,
    Span,
    array,
    i64,
    invert,
    raises,
    size_of,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from kernel.arch.aarch64.layout import PAGE_SIZE, UserAddr
from kernel.mm.user_copy import copy_out, object_bytes, write_user_u32
from kernel.sched.cpu import current_cpu
from kernel.sched.switch import breathe
from kernel.syscall.call import Call

RANDOM_STEP: usize = 256


@raises(EFAULT)
def uname(call: Call, record: UserAddr) -> None:
    """Names the system."""
    names = UnameInfo()
    set_text(names.system, b"SwiftOS")
    set_text(names.node, b"swiftos")
    set_text(names.release, b"0.1.0")
    set_text(names.version, call.services.system.build_id)
    set_text(names.machine, b"aarch64")
    set_text(names.domain, b"(none)")
    copy_out(record, object_bytes(names, size_of(UnameInfo)))


def set_text(field: Span[u8], value: Bytes) -> None:
    """Fills a zeroed field with text, cut so that a zero byte remains."""
    length = min(len(value), len(field) - 1)
    field[:length].copy_from(value[:length])


@raises(EFAULT)
def linux_sysinfo(call: Call, record: UserAddr) -> None:
    """Describes uptime and memory as Linux does."""
    services = call.services
    answer = LinuxSysInfo()
    answer.uptime_seconds = i64(services.clock.now_ns() // NS_PER_SECOND)
    answer.total_ram = services.system.memory_total
    answer.free_ram = services.memory.frames.free_frames() * PAGE_SIZE
    answer.processes = u16(min(services.processes.count, 0xFFFF))
    answer.memory_unit = 1
    copy_out(record, object_bytes(answer, size_of(LinuxSysInfo)))


@raises(EFAULT, EINTR, EINVAL)
def getrandom(call: Call, buffer: UserAddr, count: usize, flags: u32) -> usize:
    """Writes random bytes."""
    if flags & invert(GRND_NONBLOCK | GRND_RANDOM) != 0:
        raise OSError(EINVAL)
    piece: Array[u8] = array(RANDOM_STEP)
    total = min(count, MAX_TRANSFER)
    done: usize = 0
    while done < total:
        step = min(total - done, RANDOM_STEP)
        call.services.random.fill(piece[:step])
        try:
            copy_out(buffer + done, piece[:step])
        except OSError:
            if done == 0:
                raise
            break
        done += step
        if breathe():
            break
    return done


@raises(EINVAL, EPERM)
def reboot(call: Call, magic: u32, magic_2: u32, command: u32, argument: UserAddr) -> None:
    """Stops or restarts the machine."""
    if magic != LINUX_REBOOT_MAGIC1 or magic_2 != LINUX_REBOOT_MAGIC2:
        raise OSError(EINVAL)
    if command in (LINUX_REBOOT_CMD_POWER_OFF, LINUX_REBOOT_CMD_HALT):
        call.services.system.power.power_off()
    elif command == LINUX_REBOOT_CMD_RESTART:
        call.services.system.power.restart()
    else:
        raise OSError(EINVAL)


@raises(EFAULT)
def getcpu(call: Call, cpu: UserAddr, node: UserAddr, cache: UserAddr) -> None:
    """Tells where the caller runs."""
    if cpu != 0:
        write_user_u32(cpu, current_cpu().number)
    if node != 0:
        write_user_u32(node, 0)


def fail_allocation(call: Call, after: u64) -> u64:
    """Arms or disarms the failure of one allocation."""
    fault = call.services.memory.heap.fault
    waits = fault.fail_at > fault.count
    if after == 0:
        fault.arm(0)
    else:
        fault.fail_after(after)
    return 1 if waits else 0
