"""The boot, top to bottom, and the one object that holds all parts of the kernel.

`kernel_main` is entered by `arch/aarch64/start.py` at the linked address, on the boot stack, with
interrupts masked. It becomes the idle thread; the rest of the boot, which must wait for the disk,
is a thread of its own. Each stage logs `boot: NAME at US us`, microseconds since the kernel was
entered.
"""

from __future__ import annotations

from typing import NoReturn

from abi.errno import ENOMEM
from abi.error_text import strerror
from bare import (
    Array,
    allocate,
    allocate_span,
    array,
    errno_of,
    export,
    i64,
    raises,
    release,
    store_u64,
    struct,
    text,
    u8,
    u64,
)
from bare.unsafe import address_of, linker_symbol, span_at, static_object
from kernel.arch.aarch64.counter import microseconds_since
from kernel.arch.aarch64.cpu import install_cpu
from kernel.arch.aarch64.layout import PAGE_SIZE, linear_address, physical_address
from kernel.arch.aarch64.start import image_header
from kernel.arch.aarch64.tlb import flush_all
from kernel.arch.aarch64.translation import asid_limit, write_user_table
from kernel.board import DRIVERS
from kernel.boot_tree import count_cpus, find_conduit, find_memory
from kernel.device.fdt import HEADER_SIZE, DeviceTree, find_compatible, open_tree, tree_size
from kernel.device.log import LogLevel
from kernel.device.registry import DeviceClass, probe_drivers
from kernel.drivers.uart.pl011 import Pl011
from kernel.fs.start import FirstMounts
from kernel.kernel import Kernel
from kernel.mm.bootstrap import MemoryBootstrap
from kernel.params import MINIMUM_MEMORY
from kernel.proc.launch import launch_init
from kernel.sched.thread import Thread
from kernel.sync.lock_class import LockClass
from kernel.syscall.system_state import CpuSlot
from kernel.time.clock import NANOSECONDS

ENTRY = image_header
"""Where the loader begins, and from there `kernel_main`."""
VIRT_UART = 0x0900_0000
"""Where QEMU's `virt` has its UART: for the message that there is no device tree."""
EARLY_DEVICES_END = 1 << 30
"""Registers below can be mapped before there are frames for tables."""


@export("kernel_main")
def kernel_main(tree_address: u64, entered: u64) -> NoReturn:
    """Boots. `tree_address` is physical, 0 where there is no device tree."""
    # SAFETY: called once; the object is in zeroed memory of the image.
    kernel = static_object(Kernel)
    kernel.entered = entered
    start_cpu(kernel)
    start_console(kernel, tree_address)
    stage(kernel, "console")
    try:
        start_memory(kernel, tree_address)
        stage(kernel, "memory")
        start_devices(kernel)
        stage(kernel, "devices")
        start_threads(kernel)
        start_processes(kernel)
        stage(kernel, "kernel")
    except OSError as error:
        kernel.panic.fail_boot(f"cannot boot: {strerror(errno_of(error))}")
    kernel.scheduler.run_idle()


def stage(kernel: Kernel, name: str) -> None:
    """Logs that a stage of the boot is done."""
    kernel.log.info(f"boot: {name} at {microseconds_since(kernel.entered)} us")


def start_cpu(kernel: Kernel) -> None:
    """Makes the boot CPU known and traps reportable."""
    kernel.cpu.emergency_stack = linker_symbol("emergency_stack_top")
    kernel.cpu.panic_handler = kernel.panic
    # SAFETY: the boot CPU's object is part of the kernel's, which lives for ever.
    install_cpu(address_of(kernel.cpu))
    kernel.panic.log = kernel.log
    kernel.panic.power = kernel.switch
    kernel.space.start(
        physical_address(linker_symbol("boot_tables")) + 2 * PAGE_SIZE, kernel.frames
    )
    kernel.log.start(kernel.log_buffer)


def start_console(kernel: Kernel, tree_address: u64) -> None:
    """Opens the device tree, finds the UART, and prints the banner."""
    has_tree = tree_address != 0 and open_at(kernel.tree, tree_address)
    uart: u64 = VIRT_UART
    if has_tree:
        address, size = kernel.tree.region(find_compatible(kernel.tree, "arm,pl011"), 0)
        if size != 0 and address < EARLY_DEVICES_END:
            uart = address
        read_arguments(kernel)
        kernel.switch.conduit = find_conduit(kernel.tree)
        kernel.switch.has_semihosting = kernel.arguments.has_semihosting
    try:
        kernel.early_console.registers = Pl011(kernel.space.map_device(uart, PAGE_SIZE))
    except OSError:
        kernel.switch.fail()
    kernel.early_console.start()
    kernel.log.console.sink = kernel.early_console
    kernel.panic.output.sink = kernel.early_console
    kernel.log.console.is_polled = True
    if kernel.arguments.is_quiet:
        kernel.log.console_level = LogLevel.WARNING
    kernel.build.read()
    kernel.log.info(f"SwiftOS {text(kernel.build.text())}")
    if not has_tree:
        kernel.switch.guess()
        kernel.panic.fail_boot("no device tree: neither x0 nor the start of RAM leads to one")


def read_arguments(kernel: Kernel) -> None:
    """Reads the boot arguments, which stay where the device tree is."""
    chosen = kernel.tree.find_child(kernel.tree.root(), "chosen")
    kernel.arguments.parse(kernel.tree.string(chosen, "bootargs"))


def open_at(tree: DeviceTree, address: u64) -> bool:
    """Opens the device tree at a physical address that the boot tables map."""
    # SAFETY: the boot tables map 2 MiB from the tree on.
    size = tree_size(span_at(u8, linear_address(address), HEADER_SIZE))
    return size != 0 and open_tree(tree, span_at(u8, linear_address(address), size))


@raises(ENOMEM)
def start_memory(kernel: Kernel, tree_address: u64) -> None:
    """Makes all RAM usable, moves the device tree, and leaves the boot's one-to-one mapping."""
    regions = kernel.regions[: find_memory(kernel.tree, kernel.regions)]
    total: u64 = 0
    for region in regions:
        total += region.end - region.start
    if total < MINIMUM_MEMORY:
        kernel.panic.fail_boot(
            f"too little memory: {total >> 20} MiB, at least {MINIMUM_MEMORY >> 20} MiB are needed"
        )
    bootstrap = MemoryBootstrap(
        kernel.frames,
        kernel.space,
        kernel.fault,
        regions,
        kernel.tree.data,
        tree_address,
        physical_address(linker_symbol("image_end")),
        count_cpus(kernel.tree),
    )
    bootstrap.map_first_gigabyte()
    open_tree(kernel.tree, bootstrap.copy_tree())
    read_arguments(kernel)
    bootstrap.start_frames()
    kernel.heap.start(kernel.frames, kernel.fault)
    kernel.fault.arm(kernel.arguments.fail_allocation)
    bootstrap.add_high_memory()
    start_user_memory(kernel)
    kernel.log.info(f"memory: {total >> 20} MiB, {kernel.frames.free_frames()} frames free")


@raises(ENOMEM)
def start_user_memory(kernel: Kernel) -> None:
    """Prepares address spaces; the boot's tables of the user's half become the empty one."""
    memory = kernel.memory
    memory.frames = kernel.frames
    memory.heap = kernel.heap
    memory.empty_table = physical_address(linker_symbol("boot_tables"))
    # SAFETY: nothing runs at physical addresses any more.
    span_at(u64, linear_address(memory.empty_table), PAGE_SIZE // 8).fill(0)
    write_user_table(memory.empty_table)
    flush_all()
    words = asid_limit() // 64
    memory.asids.start(
        allocate_span(kernel.heap, u64, words), allocate_span(kernel.heap, u64, words)
    )


@raises()
def start_devices(kernel: Kernel) -> None:
    """Starts the drivers: interrupts first, then time, console and disks."""
    machine = kernel.machine
    machine.tree = kernel.tree
    machine.log = kernel.log
    machine.heap = kernel.heap
    machine.frames = kernel.frames
    machine.space = kernel.space
    machine.irqs = kernel.irqs
    machine.entry_counter = kernel.entered
    probe_drivers(machine, DRIVERS, DeviceClass.IRQ_CONTROLLER)
    controller = machine.controller
    if controller is None:
        kernel.panic.fail_boot("no interrupt controller")
    kernel.irqs.start(controller, kernel.heap)
    start_clock(kernel)
    probe_drivers(machine, DRIVERS, DeviceClass.CONSOLE)
    if machine.console is None:
        kernel.panic.fail_boot("no console")
    probe_drivers(machine, DRIVERS, DeviceClass.WALL_CLOCK)
    wall_clock = machine.wall_clock
    if wall_clock is not None:
        kernel.clock.set_wall_ns(i64(wall_clock.read_seconds() * NANOSECONDS))
    probe_drivers(machine, DRIVERS, DeviceClass.TRANSPORT)


@raises()
def start_clock(kernel: Kernel) -> None:
    """Starts the clock and the timers behind it."""
    probe_drivers(kernel.machine, DRIVERS, DeviceClass.CLOCK)
    source = kernel.machine.clock_source
    if source is None:
        kernel.panic.fail_boot("no clock")
    kernel.clock.source = source
    kernel.log.clock = kernel.clock
    kernel.timers.clock = kernel.clock
    kernel.timers.lock.lock_class = LockClass.TIMER
    kernel.alarm.timers = kernel.timers
    kernel.irqs.connect(source.irq, kernel.alarm)


@raises(ENOMEM)
def start_threads(kernel: Kernel) -> None:
    """Makes the running code the idle thread, and interrupts and the console's queue work."""
    kernel.scheduler.clock = kernel.clock
    kernel.scheduler.timers = kernel.timers
    kernel.scheduler.start_cpu(kernel.cpu, kernel.idle)
    kernel.entry.irqs = kernel.irqs
    kernel.cpu.handlers = kernel.entry
    console = kernel.machine.console
    assert console is not None
    kernel.log.console.sink = console
    kernel.log.console.is_polled = False
    kernel.panic.output.sink = console


@raises()
def start_processes(kernel: Kernel) -> None:
    """Connects what system calls use, and starts the thread that goes on with the boot."""
    seed_random(kernel)
    kernel.mounts.allocator = kernel.heap
    kernel.mounts.setup()
    kernel.cache.setup(kernel.heap, kernel.frames)
    kernel.frames.reclaimer = kernel.cache
    kernel.init_end.panic = kernel.panic
    kernel.processes.start(kernel.heap, kernel.log, kernel.init_end)
    kernel.factory.table = kernel.processes
    kernel.factory.scheduler = kernel.scheduler
    kernel.factory.stacks = kernel.space
    kernel.factory.clock = kernel.clock
    kernel.trampoline.start(kernel.frames)
    kernel.loader.table = kernel.processes
    kernel.loader.memory = kernel.memory
    kernel.loader.mounts = kernel.mounts
    kernel.loader.random = kernel.random
    kernel.loader.trampoline = kernel.trampoline
    kernel.delivery.table = kernel.processes
    kernel.delivery.scheduler = kernel.scheduler
    start_terminal(kernel)
    start_network(kernel)
    start_services(kernel)
    thread = allocate(kernel.heap, BootThread)
    thread.kernel = kernel
    thread.stack_top = kernel.space.alloc_stack()
    kernel.scheduler.spawn(thread)


def seed_random(kernel: Kernel) -> None:
    """Mixes in what the boot loader gave and the time that the boot took."""
    chosen = kernel.tree.find_child(kernel.tree.root(), "chosen")
    kernel.random.mix(kernel.tree.value(chosen, "rng-seed"))
    time: Array[u8] = array(8)
    store_u64(time, 0, kernel.clock.now_ns())
    kernel.random.mix(time)
    if not kernel.random.is_seeded:
        kernel.log.warning("random: no seed from the boot loader, random bytes can be guessed")


@raises()
def start_terminal(kernel: Kernel) -> None:
    """Puts the terminal on the console."""
    console = kernel.machine.console
    assert console is not None
    kernel.jobs.table = kernel.processes
    kernel.terminal.start(console, kernel.jobs, kernel.clock, kernel.heap)
    kernel.console_device.terminal = kernel.terminal


@raises()
def start_network(kernel: Kernel) -> None:
    """Makes interfaces of what drivers found, and starts the stack's thread."""
    net = kernel.net
    net.allocator = kernel.heap
    net.clock = kernel.clock
    net.timers = kernel.timers
    net.log = kernel.log
    net.random = kernel.random
    net.start(kernel.frames)
    kernel.sockets.start(net, kernel.frames)
    if kernel.machine.nets is None:
        kernel.log.info("net: no virtio-net device attached")
    entry = kernel.machine.nets
    while entry is not None:
        try:
            net.attach_ethernet(entry.device)
        except OSError as error:
            kernel.log.error(f"net: an interface stays off: {strerror(errno_of(error))}")
        entry = entry.following
    thread = kernel.net_thread
    thread.stack = net
    thread.scheduler = kernel.scheduler
    thread.stack_top = kernel.space.alloc_stack()
    kernel.scheduler.spawn(thread)


@raises(ENOMEM)
def start_services(kernel: Kernel) -> None:
    """Collects what system calls use."""
    kernel.power.switch = kernel.switch
    kernel.power.machine = kernel.machine
    system = kernel.system
    system.power = kernel.power
    system.page_cache = kernel.cache
    system.build_id = kernel.build.text()
    system.cpus = allocate_span(kernel.heap, CpuSlot, count_cpus(kernel.tree))
    system.cpus[0].cpu = kernel.cpu
    system.memory_total = kernel.frames.ram_bytes
    system.kernel_image = linker_symbol("image_end") - linker_symbol("image_start")
    services = kernel.services
    services.scheduler = kernel.scheduler
    services.processes = kernel.processes
    services.factory = kernel.factory
    services.loader = kernel.loader
    services.memory = kernel.memory
    services.mounts = kernel.mounts
    services.clock = kernel.clock
    services.log = kernel.log
    services.random = kernel.random
    services.system = kernel.system
    services.sockets = kernel.sockets
    services.epolls = kernel.epolls
    kernel.entry.services = kernel.services
    kernel.entry.delivery = kernel.delivery


@struct
class BootThread(Thread):
    """The part of the boot that waits for devices."""

    kernel: Kernel | None = None

    def run(self) -> None:
        """Mounts the file systems and starts init."""
        kernel = self.kernel
        assert kernel is not None, "boot thread without the kernel"
        mount_file_systems(kernel)
        start_init(kernel)
        kernel.scheduler.exit_current()

    def released(self) -> None:
        """Gives stack and thread back."""
        kernel = self.kernel
        if kernel is not None:
            kernel.space.free_stack_at(self.stack_top)
            release(kernel.heap, self)


def mount_file_systems(kernel: Kernel) -> None:
    """Mounts the base image and the file systems of the kernel itself."""
    mounts = FirstMounts(
        kernel.machine,
        kernel.mounts,
        kernel.cache,
        kernel.clock,
        kernel.console_device,
        kernel.random,
    )
    try:
        mounts.mount_all()
    except OSError as error:
        kernel.panic.fail_boot(f"no base image can be mounted: {strerror(errno_of(error))}")
    stage(kernel, "mounts")


def start_init(kernel: Kernel) -> None:
    """Starts PID 1."""
    launch = kernel.launch
    launch.loader = kernel.loader
    launch.factory = kernel.factory
    launch.log = kernel.log
    launch.clock = kernel.clock
    launch.path = kernel.arguments.init
    try:
        launch_init(launch)
    except OSError as error:
        kernel.panic.fail_boot(f"init cannot be started: {strerror(errno_of(error))}")
