"""What the system tells of itself: records of SYS_SYSINFO and SYS_PROCSTAT, log, Linux's `sysinfo`.

SwiftOS's records grow at the end. The caller states the size that it knows; the kernel writes that
many bytes of each, zero-filled when the caller knows more.
"""

from bare import Array, array, i32, i64, struct, u8, u16, u32, u64

LINUX_REBOOT_MAGIC1: u32 = 0xFEE1_DEAD
LINUX_REBOOT_MAGIC2: u32 = 672_274_793
LINUX_REBOOT_CMD_RESTART: u32 = 0x0123_4567
LINUX_REBOOT_CMD_HALT: u32 = 0xCDEF_0123
LINUX_REBOOT_CMD_POWER_OFF: u32 = 0x4321_FEDC

GRND_NONBLOCK: u32 = 1
GRND_RANDOM: u32 = 2

PROCESS_READY: u32 = 1
PROCESS_RUNNING: u32 = 2
PROCESS_BLOCKED: u32 = 3
PROCESS_ZOMBIE: u32 = 4
PROCESS_STOPPED: u32 = 5

PATH_SIZE = 64
COMMAND_SIZE = 128


@struct(size=128)
class SystemInfo:
    """What `sysinfo` (1024) writes; times in nanoseconds, sizes in bytes."""

    uptime_ns: u64 = 0
    """Since the kernel's first instruction."""
    idle_ns: u64 = 0
    """Summed over CPUs: time in which a CPU stood still. Uptime less this is the busy time."""
    memory_total: u64 = 0
    """All RAM that the device tree names."""
    memory_free: u64 = 0
    kernel_image: u64 = 0
    """Text, constants, data and zeroed data of the kernel."""
    kernel_heap: u64 = 0
    """Bytes handed out by the kernel's heap."""
    page_cache: u64 = 0
    """Bytes of file pages held in memory."""
    page_tables: u64 = 0
    context_switches: u64 = 0
    interrupts: u64 = 0
    system_calls: u64 = 0
    page_faults: u64 = 0
    processes_made: u64 = 0
    """Since boot."""
    processes: u32 = 0
    processes_running: u32 = 0
    """Running or ready."""
    cpus: u32 = 0
    cpus_online: u32 = 0
    allocations: u64 = 0
    """Of kernel memory, since boot."""


@struct(size=64)
class CpuInfo:
    """One CPU in the answer of `sysinfo`."""

    online_ns: u64 = 0
    """Time since this CPU came up; busy time is this less `idle_ns`."""
    idle_ns: u64 = 0
    context_switches: u64 = 0
    interrupts: u64 = 0
    ready_threads: u32 = 0
    is_online: u32 = 0
    reserved: Array[u64] = array(3)


@struct(size=336)
class ProcessInfo:
    """One process in the answer of `procstat`; times in nanoseconds, sizes in bytes."""

    pid: i32 = 0
    parent: i32 = 0
    group: i32 = 0
    session: i32 = 0
    state: u32 = 0
    """PROCESS_READY and so on: of the main thread."""
    principal: u32 = 0
    login_session: u32 = 0
    cell: u32 = 0
    capabilities: u64 = 0
    user_ns: u64 = 0
    system_ns: u64 = 0
    start_ns: u64 = 0
    """Since the kernel's first instruction."""
    resident: u64 = 0
    virtual: u64 = 0
    voluntary_switches: u64 = 0
    involuntary_switches: u64 = 0
    page_faults: u64 = 0
    threads: u32 = 0
    descriptors: u32 = 0
    exit_status: i32 = 0
    """As `wait4` will tell it, of a zombie."""
    terminal: u32 = 0
    """1 when the session has the console as its terminal, else 0."""
    is_foreground: u32 = 0
    reserved: Array[u32] = array(5)
    path: Array[u8] = array(PATH_SIZE)
    """The path it was started by, NUL-terminated, cut when longer."""
    command: Array[u8] = array(COMMAND_SIZE)
    """Arguments joined by spaces, NUL-terminated, cut when longer."""


@struct(size=64)
class SecurityInfo:
    """What `security_info` writes."""

    principal: u32 = 0
    login_session: u32 = 0
    capabilities: u64 = 0
    cell: u32 = 0
    reserved: Array[u32] = array(11)


@struct(size=32, packed=True)
class LogRecord:
    """The head of one record from `log_read`; `length` bytes of text follow, padded to 8."""

    sequence: u64 = 0
    time_ns: u64 = 0
    level: u32 = 0
    length: u32 = 0
    """Bytes of text, without padding."""
    reserved: u64 = 0


@struct(size=32)
class LogStats:
    """What `log_stats` writes."""

    capacity: u64 = 0
    available: u64 = 0
    written: u64 = 0
    overwritten: u64 = 0


@struct(size=112)
class LinuxSysInfo:
    """Linux's `struct sysinfo`."""

    uptime_seconds: i64 = 0
    loads: Array[u64] = array(3)
    total_ram: u64 = 0
    free_ram: u64 = 0
    shared_ram: u64 = 0
    buffer_ram: u64 = 0
    total_swap: u64 = 0
    free_swap: u64 = 0
    processes: u16 = 0
    padding: u16 = 0
    padding_2: u32 = 0
    total_high: u64 = 0
    free_high: u64 = 0
    memory_unit: u32 = 0
    padding_3: u32 = 0
