"""`Kernel`: the one object that holds all parts of the kernel, in the order in which they start."""

from __future__ import annotations

from bare import Array, array, inline, struct, u8, u64
from kernel.boot_arguments import BootArguments
from kernel.build_id import BuildId
from kernel.device.alarm import AlarmHandler
from kernel.device.fdt import DeviceTree
from kernel.device.irq import IrqTable
from kernel.device.log import Log
from kernel.device.machine import Machine
from kernel.device.power import PowerSwitch
from kernel.drivers.uart.pl011 import Pl011Uart
from kernel.ending import InitEnd, SystemPower
from kernel.fs.mounts import Mounts
from kernel.fs.page_cache import PageCache
from kernel.ipc.epoll import EpollRegistry
from kernel.mm.address_space import Memory
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.bootstrap import MemoryRegion
from kernel.mm.frame import FrameAllocator
from kernel.mm.heap import KernelHeap
from kernel.mm.kernel_space import KernelSpace
from kernel.net.socket.layer import SocketLayer
from kernel.net.stack import NetStack
from kernel.net.thread import NetThread
from kernel.panic import KernelPanic
from kernel.params import LOG_BYTES
from kernel.proc.exec import ProgramLoader
from kernel.proc.fork import ProcessFactory
from kernel.proc.job_control import ProcessJobs
from kernel.proc.launch import Launch
from kernel.proc.signal_deliver import SignalDelivery
from kernel.proc.signal_trampoline import TrampolinePage
from kernel.proc.table import ProcessTable
from kernel.sched.cpu import Cpu
from kernel.sched.scheduler import IdleThread, Scheduler
from kernel.security.random import RandomGenerator
from kernel.syscall.call import Services
from kernel.syscall.entry import KernelEntry
from kernel.syscall.system_state import SystemState
from kernel.time.clock import Clock
from kernel.time.timer_queue import TimerQueue
from kernel.tty.terminal import Terminal
from kernel.tty.terminal_file import TerminalDevice

MEMORY_REGIONS = 8
"""Separate ranges of RAM that are used; `virt` has one."""


@struct
class Kernel:
    """All parts of the kernel. One, in zeroed memory; never freed."""

    entered: u64 = 0
    """The counter when the kernel was entered."""
    cpu: Cpu = inline()
    build: BuildId = inline()
    tree: DeviceTree = inline()
    arguments: BootArguments = inline()
    log: Log = inline()
    log_buffer: Array[u8] = array(LOG_BYTES)
    early_console: Pl011Uart = inline()
    switch: PowerSwitch = inline()
    panic: KernelPanic = inline()
    regions: Array[MemoryRegion] = array(MEMORY_REGIONS)
    fault: AllocationFault = inline()
    frames: FrameAllocator = inline()
    heap: KernelHeap = inline()
    space: KernelSpace = inline()
    memory: Memory = inline()
    irqs: IrqTable = inline()
    machine: Machine = inline()
    clock: Clock = inline()
    timers: TimerQueue = inline()
    alarm: AlarmHandler = inline()
    random: RandomGenerator = inline()
    scheduler: Scheduler = inline()
    idle: IdleThread = inline()
    mounts: Mounts = inline()
    cache: PageCache = inline()
    terminal: Terminal = inline()
    console_device: TerminalDevice = inline()
    jobs: ProcessJobs = inline()
    processes: ProcessTable = inline()
    factory: ProcessFactory = inline()
    loader: ProgramLoader = inline()
    trampoline: TrampolinePage = inline()
    delivery: SignalDelivery = inline()
    init_end: InitEnd = inline()
    launch: Launch = inline()
    power: SystemPower = inline()
    system: SystemState = inline()
    net: NetStack = inline()
    net_thread: NetThread = inline()
    sockets: SocketLayer = inline()
    epolls: EpollRegistry = inline()
    services: Services = inline()
    entry: KernelEntry = inline()
