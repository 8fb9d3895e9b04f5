"""The virtio block device. Virtio 1.2, 5.2.

Several requests may be in flight; each blocks its thread until the device interrupts. A device that
does not answer in time or breaks the rules of the queue is reset, after which it touches no memory
any more, and all its requests fail with EIO, now and later. Where even the reset fails, the memory
of the requests in flight is lost: the device may write to it at any time.

A request's header and status lie in one frame, in the slot of its first descriptor.
"""

from __future__ import annotations

from abi.errno import EINVAL, EIO, ENODEV
from bare import (
    Span,
    allocate,
    allocate_span,
    inline,
    raises,
    release,
    store_u32,
    store_u64,
    struct,
    u8,
    u32,
    u64,
)
from bare.unsafe import address_of
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr, physical_address
from kernel.device.block import SECTOR_SIZE, BlockDevice
from kernel.device.irq import IrqHandler
from kernel.device.machine import Machine
from kernel.device.registry import DeviceClass, Driver
from kernel.drivers.virtio.mmio import DeviceId, VirtioTransport
from kernel.drivers.virtio.queue import BROKEN, NOTHING, Chain, VirtQueue
from kernel.mm.frame_view import frame_bytes
from kernel.params import DISK_TIMEOUT_NS, VIRTIO_QUEUE_SIZE
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import ClockSource

FEATURE_SEGMENT_LIMIT: u64 = 1 << 2
FEATURE_READ_ONLY: u64 = 1 << 5
WANTED_FEATURES: u64 = FEATURE_SEGMENT_LIMIT | FEATURE_READ_ONLY
REQUEST_READ: u32 = 0
STATUS_OK: u8 = 0
STATUS_NEVER: u8 = 0xFF
"""What no device answers: set before a request."""
HEADER_SIZE: u32 = 16
STATUS_OFFSET: u64 = 16
SLOT_SIZE: u64 = 32
assert SLOT_SIZE * VIRTIO_QUEUE_SIZE <= PAGE_SIZE, "the requests must fit one frame"

FRAMING: u32 = 2
"""Descriptors of a request besides its data: header and status."""
SEGMENT_BYTES: u64 = 1 << 20
"""Largest single buffer of a request."""
LARGEST_CAPACITY: u64 = 1 << 40
"""Blocks beyond which a device is not believed; keeps positions far from overflow."""


@struct
class BlkRequest:
    """State of the request whose chain begins with one descriptor."""

    is_done: bool
    waiters: WaitQueue = inline()


@struct
class VirtioBlk(BlockDevice):
    """A disk behind a virtio transport."""

    machine: Machine
    clock: ClockSource
    transport: VirtioTransport = inline()
    segment_limit: u32
    lock: SpinLock = inline()
    # Guarded by lock.
    queue: VirtQueue = inline()
    requests: Span[BlkRequest]
    """By first descriptor."""
    memory: PhysAddr
    """The frame with headers and status bytes."""
    is_broken: bool
    room: WaitQueue = inline()
    """Threads that wait for free descriptors."""

    @raises()
    def read_blocks(self, first: u64, into: Span[u8]) -> None:
        size = u64(len(into))
        if size % SECTOR_SIZE != 0:
            raise OSError(EINVAL)
        self._check_extent(first, size // SECTOR_SIZE)
        done: u64 = 0
        # SAFETY: only the address is used; callers give memory of the linear map.
        start = physical_address(address_of(into))
        while done < size:
            step = min(SEGMENT_BYTES, size - done)
            with self.lock:
                self._wait_for_room(1 + FRAMING)
                chain = Chain()
                self._add_header(chain, first + done // SECTOR_SIZE)
                self.queue.add(chain, start + done, u32(step), True)
                self._run(chain)
            done += step

    @raises()
    def read_frames(self, first: u64, frames: Span[u64]) -> None:
        sectors = PAGE_SIZE // SECTOR_SIZE
        self._check_extent(first, len(frames) * sectors)
        done: u64 = 0
        while done < len(frames):
            count = min(u64(self.segment_limit), len(frames) - done)
            with self.lock:
                self._wait_for_room(u32(count) + FRAMING)
                chain = Chain()
                self._add_header(chain, first + done * sectors)
                for frame in frames[done : done + count]:
                    self.queue.add(chain, frame, PAGE_SIZE, True)
                try:
                    self._run(chain)
                except OSError:
                    self._keep_written(frames[done : done + count])
                    raise
            done += count

    def finish_requests(self) -> None:
        """Wakes the threads whose requests are done: the interrupt's work."""
        with self.lock:
            while not self.is_broken:
                head = self.queue.pop()
                if head == NOTHING:
                    return
                if head == BROKEN:
                    self._give_up("broke the rules of its queue")
                    return
                request = self.requests[head]
                request.is_done = True
                request.waiters.wake_all()

    @raises()
    def setup(self) -> None:
        """Makes the queue and starts the device. EINVAL, EIO, ENOMEM."""
        machine = self.machine
        self.lock.lock_class = LockClass.BLOCK_DEVICE
        self.transport.reset()
        features = self.transport.negotiate(WANTED_FEATURES)
        self._read_configuration(features)
        self.requests = allocate_span(machine.heap, BlkRequest, VIRTIO_QUEUE_SIZE)
        try:
            self.memory = machine.frames.alloc_zeroed()
            try:
                self._start_queue()
            except OSError:
                machine.frames.put(self.memory)
                raise
        except OSError:
            release(machine.heap, self.requests)
            raise

    def tear_down(self) -> None:
        """Resets the device and frees its queue. Requests fail from now on; the object stays."""
        machine = self.machine
        with self.lock:
            self.is_broken = True
        try:
            self.transport.reset()
        except OSError:
            # It might still write to the queue, which is lost.
            self.transport.fail()
            return
        self.queue.tear_down(machine.frames, machine.heap)
        machine.frames.put(self.memory)
        release(machine.heap, self.requests)

    @raises()
    def _start_queue(self) -> None:
        machine = self.machine
        self.queue.setup(machine.frames, machine.heap, VIRTIO_QUEUE_SIZE, 0)
        try:
            self.transport.set_queue(
                0,
                VIRTIO_QUEUE_SIZE,
                self.queue.descriptors_address(),
                self.queue.available_address(),
                self.queue.used_address(),
            )
        except OSError:
            self.queue.tear_down(machine.frames, machine.heap)
            raise
        self.transport.start()

    def _read_configuration(self, features: u64) -> None:
        """Reads capacity and limits. Virtio 1.2, 5.2.4."""
        registers = self.transport.registers()
        low = u64(registers.configuration_0.read())
        capacity = low | u64(registers.configuration_4.read()) << 32
        self.block_size = SECTOR_SIZE
        self.block_count = min(capacity, LARGEST_CAPACITY)
        self.is_read_only = features & FEATURE_READ_ONLY != 0
        self.segment_limit = VIRTIO_QUEUE_SIZE // 2
        if features & FEATURE_SEGMENT_LIMIT != 0:
            limit = registers.configuration_12.read()
            self.segment_limit = max(1, min(self.segment_limit, limit))

    @raises(EIO)
    def _check_extent(self, first: u64, count: u64) -> None:
        """Refuses blocks that the disk does not have."""
        if first > self.block_count or count > self.block_count - first:
            raise OSError(EIO)

    @raises(EIO)
    def _wait_for_room(self, count: u32) -> None:
        """Waits until `count` descriptors are free. Lock held."""
        while not self.is_broken and self.queue.free_count < count:
            self.room.wait(self.lock)
        if self.is_broken:
            raise OSError(EIO)

    def _add_header(self, chain: Chain, sector: u64) -> None:
        """Begins a chain with the header of a read. Lock held."""
        slots = frame_bytes(self.memory)
        slot = u64(self.queue.free_head) * SLOT_SIZE
        store_u32(slots, slot, REQUEST_READ)
        store_u32(slots, slot + 4, 0)
        store_u64(slots, slot + 8, sector)
        slots[slot + STATUS_OFFSET] = STATUS_NEVER
        self.queue.add(chain, self.memory + slot, HEADER_SIZE, False)

    @raises(EIO)
    def _run(self, chain: Chain) -> None:
        """Ends a chain with its status, gives it to the device and waits. Lock held."""
        status = u64(chain.head) * SLOT_SIZE + STATUS_OFFSET
        self.queue.add(chain, self.memory + status, 1, True)
        request = self.requests[chain.head]
        request.is_done = False
        self.queue.submit(chain)
        if self.queue.publish():
            self.transport.notify(0)
        deadline = self.clock.now_ns() + DISK_TIMEOUT_NS
        while not request.is_done and not self.is_broken:
            request.waiters.sleep(self.lock, False, deadline)
            if not request.is_done and self.clock.now_ns() >= deadline:
                self._give_up("did not answer")
        if self.is_broken:
            raise OSError(EIO)
        answer = frame_bytes(self.memory)[status]
        self.queue.free(chain.head)
        self.room.wake_all()
        if answer != STATUS_OK:
            self.machine.log.error(f"virtio-blk: a request failed with status {answer}")
            raise OSError(EIO)

    def _keep_written(self, frames: Span[u64]) -> None:
        """Keeps the frames of a failed request from being used again, if that may be written to."""
        if self.may_write:
            for frame in frames:
                self.machine.frames.get(frame)

    def _give_up(self, reason: str) -> None:
        """Resets a device that cannot be used and fails all its requests. Lock held."""
        self.is_broken = True
        self.machine.log.error(f"virtio-blk: the disk {reason}; it is not used any more")
        try:
            self.transport.reset()
        except OSError:
            self.may_write = True
            self.transport.fail()
        for request in self.requests:
            request.waiters.wake_all()
        self.room.wake_all()


@struct
class BlkInterrupt(IrqHandler):
    """The disk's interrupt."""

    disk: VirtioBlk

    def handle_irq(self) -> None:
        if self.disk.transport.acknowledge().used_buffer:
            self.disk.finish_requests()


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Starts the disk behind a transport. ENODEV: none there; EINVAL, EIO, ENOMEM."""
    transport = VirtioTransport(machine.map_registers(node, 0))
    irq = machine.tree.interrupt(node, 0)
    clock = machine.clock_source
    if transport.address == 0 or irq == 0 or clock is None:
        raise OSError(ENODEV)
    transport.open(machine, DeviceId.BLOCK)
    disk = allocate(machine.heap, VirtioBlk)
    disk.machine = machine
    disk.clock = clock
    disk.transport.address = transport.address
    try:
        disk.setup()
    except OSError:
        transport.fail()
        release(machine.heap, disk)
        raise
    connect(machine, disk, irq)
    machine.log.info(f"virtio-blk: {disk.capacity() // 1024} KiB, interrupt {irq}")


@raises()
def connect(machine: Machine, disk: VirtioBlk, irq: u32) -> None:
    """Lets a started disk interrupt and makes it known; resets it where that fails."""
    try:
        handler = allocate(machine.heap, BlkInterrupt)
        handler.disk = disk
        try:
            machine.add_block_device(disk)
            machine.irqs.connect(irq, handler)
        except OSError:
            release(machine.heap, handler)
            raise
    except OSError:
        disk.tear_down()
        raise


DRIVER = Driver(
    name="virtio-blk",
    provides=DeviceClass.TRANSPORT,
    compatible=("virtio,mmio",),
    probe=probe,
)
