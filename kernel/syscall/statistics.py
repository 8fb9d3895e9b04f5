"""The records of SYS_SYSINFO and SYS_PROCSTAT: what `top`, `ps` and `free` show."""

from __future__ import annotations

from abi.capability import CAP_PROCESS_INSPECT
from abi.errno import EFAULT, EINVAL
from abi.system import (
    PROCESS_BLOCKED,
    PROCESS_READY,
    PROCESS_RUNNING,
    PROCESS_STOPPED,
    PROCESS_ZOMBIE,
    CpuInfo,
    ProcessInfo,
    SystemInfo,
)
from bare import Array, Span, array, i32, raises, size_of, u8, u32, usize
from kernel.arch.aarch64.layout import PAGE_SIZE, UserAddr
from kernel.mm.user_copy import copy_out, object_bytes
from kernel.proc.family import parent_pid
from kernel.proc.process import Process, ProcessState
from kernel.proc.usage import CpuTimes, own_times
from kernel.sched.cpu import Cpu
from kernel.sched.thread import ThreadState
from kernel.security.credentials import Credentials
from kernel.syscall.call import Call, Services

LARGEST_RECORD: usize = 4096
"""Programs that know records larger than this are asked to think again."""
ZERO_STEP: usize = 64


@raises(EFAULT, EINVAL)
def sysinfo(
    call: Call,
    record: UserAddr,
    record_size: usize,
    cpus: UserAddr,
    capacity: usize,
    cpu_size: usize,
) -> usize:
    """Describes the system and its CPUs."""
    services = call.services
    info = SystemInfo()
    describe_system(services, info)
    copy_record(record, object_bytes(info, size_of(SystemInfo)), record_size)
    found = len(services.system.cpus)
    for index in range(min(found, capacity)):
        cpu_info = CpuInfo()
        cpu = services.system.cpus[index].cpu
        if cpu is not None:
            describe_cpu(services, cpu, cpu_info)
        place = cpus + index * cpu_size
        copy_record(place, object_bytes(cpu_info, size_of(CpuInfo)), cpu_size)
    return found


@raises(EFAULT, EINVAL)
def procstat(call: Call, records: UserAddr, capacity: usize, record_size: usize) -> usize:
    """Describes the processes that the caller may see."""
    table = call.services.processes
    found: usize = 0
    pid: i32 = 1
    while True:
        info = ProcessInfo()
        with table.lock:
            process = next_visible(call, pid)
            if process is None:
                return found
            pid = process.pid + 1
            if found < capacity:
                describe_process(process, info)
        if found < capacity:
            place = records + found * record_size
            copy_record(place, object_bytes(info, size_of(ProcessInfo)), record_size)
        found += 1


def next_visible(call: Call, pid: i32) -> Process | None:
    """Returns the first process from a number on that the caller may see. Table lock held."""
    credentials = call.process.credentials
    process = call.services.processes.first_from(pid)
    while process is not None and not may_see(credentials, process.credentials):
        process = process.next_process
    return process


def may_see(viewer: Credentials, other: Credentials) -> bool:
    """Whether one may inspect the processes of another principal."""
    return viewer.has(CAP_PROCESS_INSPECT) or viewer.principal == other.principal


@raises(EFAULT, EINVAL)
def copy_record(place: UserAddr, known: Span[u8], wanted: usize) -> None:
    """Writes the first `wanted` bytes of a record; what the program knows more of is zero."""
    if wanted == 0 or wanted > LARGEST_RECORD:
        raise OSError(EINVAL)
    length = min(wanted, len(known))
    copy_out(place, known[:length])
    zeros: Array[u8] = array(ZERO_STEP)
    while length < wanted:
        step = min(wanted - length, ZERO_STEP)
        copy_out(place + length, zeros[:step])
        length += step


def describe_system(services: Services, info: SystemInfo) -> None:
    """Fills in everything but the CPUs."""
    info.uptime_ns = services.clock.now_ns()
    info.memory_total = services.system.memory_total
    info.memory_free = services.memory.frames.free_frames() * PAGE_SIZE
    info.kernel_image = services.system.kernel_image
    info.kernel_heap = services.memory.heap.bytes_used
    info.allocations = services.memory.heap.fault.count
    info.page_cache = services.system.page_cache_bytes()
    info.cpus = u32(len(services.system.cpus))
    info.cpus_online = services.system.online_cpus()
    for slot in services.system.cpus:
        cpu = slot.cpu
        if cpu is not None:
            add_cpu(services, cpu, info)
    with services.processes.lock:
        info.processes = services.processes.count
        info.processes_made = services.processes.made
        count_processes(services, info)


def add_cpu(services: Services, cpu: Cpu, info: SystemInfo) -> None:
    """Adds the counters of one CPU."""
    info.idle_ns += cpu.queue.idle_ns
    info.context_switches += cpu.queue.switches
    info.interrupts += cpu.interrupts
    info.system_calls += cpu.system_calls
    info.page_faults += cpu.page_faults


def count_processes(services: Services, info: SystemInfo) -> None:
    """Counts what runs or could, and the tables of all address spaces. Table lock held."""
    process = services.processes.first
    while process is not None:
        if state_of(process) in (PROCESS_READY, PROCESS_RUNNING):
            info.processes_running += 1
        space = process.space
        if space is not None and not process.is_zombie():
            info.page_tables += space.tables.table_pages * PAGE_SIZE
        process = process.next_process


def describe_cpu(services: Services, cpu: Cpu, info: CpuInfo) -> None:
    """Fills in one CPU."""
    info.online_ns = services.clock.now_ns() - cpu.online_since_ns
    info.idle_ns = cpu.queue.idle_ns
    info.context_switches = cpu.queue.switches
    info.interrupts = cpu.interrupts
    info.ready_threads = cpu.queue.ready_count
    info.is_online = 1


def describe_process(process: Process, info: ProcessInfo) -> None:
    """Fills in one process. Table lock held."""
    credentials = process.credentials
    info.pid = process.pid
    info.parent = parent_pid(process)
    info.group = process.group
    info.session = process.session
    info.state = state_of(process)
    info.principal = credentials.principal
    info.login_session = credentials.login_session
    info.cell = credentials.cell
    info.capabilities = credentials.capabilities
    times = CpuTimes()
    own_times(process, times)
    info.user_ns = times.user_ns
    info.system_ns = times.system_ns
    info.start_ns = process.start_ns
    info.page_faults = process.page_faults
    info.terminal = 1 if process.has_terminal else 0
    if process.is_zombie():
        info.exit_status = process.status
    else:
        describe_living(process, info)
    info.path.copy_from(process.path)
    info.command.copy_from(process.command)


def describe_living(process: Process, info: ProcessInfo) -> None:
    """Fills in what a zombie has no more."""
    thread = process.thread
    if thread is not None:
        info.threads = 1
        info.voluntary_switches = thread.voluntary_switches
        info.involuntary_switches = thread.involuntary_switches
    if not process.is_ending:
        info.descriptors = process.files.open_files()
    space = process.space
    if space is not None:
        info.resident = space.resident_pages * PAGE_SIZE
        info.virtual = space.mapped_pages * PAGE_SIZE


def state_of(process: Process) -> u32:
    """Returns the state that process lists show. Table lock held."""
    if process.state == ProcessState.ZOMBIE:
        return PROCESS_ZOMBIE
    if process.state == ProcessState.STOPPED:
        return PROCESS_STOPPED
    thread = process.thread
    if thread is None or thread.state == ThreadState.BLOCKED:
        return PROCESS_BLOCKED
    return PROCESS_RUNNING if thread.state == ThreadState.RUNNING else PROCESS_READY
