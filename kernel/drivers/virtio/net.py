"""The virtio network device. Virtio 1.2, 5.1.

Received frames go to the stack in the packets that the device wrote, sent ones are gathered by the
device from where they lie; `net_receive.py` and `net_send.py` have the two queues. No offload is
asked for. A device that breaks the rules is reset, after which it touches no memory any more, and
its interface is down for good; where the reset fails, what it might still write to is lost.
"""

from __future__ import annotations

from abi.errno import EINVAL, ENODEV, ENOMEM
from bare import allocate, inline, raises, release, struct, u8, u32, u64
from kernel.device.irq import IrqHandler
from kernel.device.machine import Machine
from kernel.device.net import MAX_FRAGMENTS, FrameListener, NetDevice, TxFrame
from kernel.device.packet import PacketPool
from kernel.device.registry import DeviceClass, Driver
from kernel.drivers.virtio.mmio import DeviceId, VirtioTransport
from kernel.drivers.virtio.net_receive import NetReceiver
from kernel.drivers.virtio.net_send import NetSender
from kernel.drivers.virtio.queue import FEATURE_EVENT_INDEX, VirtQueue, fitting_size
from kernel.params import (
    NET_MEMORY_STEP,
    NET_RECEIVE_LEAST,
    NET_RECEIVE_MOST,
    NET_SEND_DESCRIPTORS,
    NET_SEND_LEAST,
    NET_SEND_MOST,
)

FEATURE_MTU: u64 = 1 << 3
FEATURE_ADDRESS: u64 = 1 << 5
FEATURE_MERGING: u64 = 1 << 15
FEATURE_STATUS: u64 = 1 << 16
WANTED_FEATURES: u64 = (
    FEATURE_MTU | FEATURE_ADDRESS | FEATURE_MERGING | FEATURE_STATUS | FEATURE_EVENT_INDEX
)
RECEIVE_QUEUE: u32 = 0
SEND_QUEUE: u32 = 1
SMALLEST_QUEUE: u32 = 8
"""Descriptors with which the largest frame can be sent."""
assert SMALLEST_QUEUE >= 1 + MAX_FRAGMENTS
LINK_UP: u32 = 1
ETHERNET_MTU: u32 = 1500
SMALLEST_MTU: u32 = 576
"""What every host must take: RFC 791, 3.1. A device that claims less is not believed."""
REPORT_FRAMES: u64 = 16
"""Frames each way before the use of references is reported."""


@struct
class VirtioNet(NetDevice):
    """A network interface behind a virtio transport."""

    machine: Machine
    transport: VirtioTransport = inline()
    features: u64
    receiver: NetReceiver = inline()
    sender: NetSender = inline()
    is_broken: bool
    has_link_news: bool
    """The device has changed its configuration. Set by the interrupt."""
    is_reported: bool
    """The use of references was reported."""

    @raises(ENOMEM)
    def start(self, packets: PacketPool, listener: FrameListener) -> None:
        if self.is_broken:
            return
        self.receiver.fill(packets, listener)
        self.listener = listener
        self.transport.start()
        self.transport.notify(RECEIVE_QUEUE)
        self._read_link()
        mac = self.address
        self.machine.log.info(
            f"net-a: virtio-net up, MAC {mac[0]:02x}:{mac[1]:02x}:{mac[2]:02x}:"
            f"{mac[3]:02x}:{mac[4]:02x}:{mac[5]:02x}"
        )

    def service(self, budget: u32) -> bool:
        listener = self.listener
        sender = None if self.is_stalled else self.sender
        self.is_stalled = False
        if listener is None or self.is_broken:
            return False
        is_back = self._learn_link()
        try:
            self.sender.reclaim()
            count = self.receiver.receive(budget, sender)
            has_room_again = self.sender.end_wait()
        except OSError:
            self._give_up()
            return False
        if has_room_again or is_back:
            listener.sent(self)
        self._publish()
        if not self.is_reported:
            self._report()
        if count == budget:
            self.receiver.queue.suppress_interrupts()
            return True
        return self._wait_for_more()

    def _wait_for_more(self) -> bool:
        """Asks for an interrupt when a frame arrives, or first when answers can be sent again.
        Returns whether there is something to do at once.
        """
        try:
            if not self.sender.await_room():
                self.receiver.queue.suppress_interrupts()
                self.is_stalled = True
                return False
        except OSError:
            self._give_up()
            return False
        return self.receiver.queue.request_interrupt(1)

    def begin_frame(self) -> TxFrame | None:
        if not self.is_up:
            return None
        try:
            return self.sender.begin()
        except OSError:
            self._give_up()
            return None

    def begin_bulk_frame(self) -> TxFrame | None:
        if not self.is_up:
            return None
        try:
            return self.sender.begin_bulk()
        except OSError:
            self._give_up()
            return None

    def submit(self, frame: TxFrame) -> None:
        if self.is_broken:
            self.sender.abandon(frame)
        else:
            self.sender.submit(frame)

    def abandon(self, frame: TxFrame) -> None:
        self.sender.abandon(frame)

    def flush(self) -> None:
        if self.is_broken:
            return
        self._publish()
        try:
            self.sender.reclaim()
        except OSError:
            self._give_up()

    @raises()
    def setup(self) -> None:
        """Negotiates and makes the queues; the device is not running yet. EINVAL, EIO, ENOMEM."""
        machine = self.machine
        self.transport.reset()
        self.features = self.transport.negotiate(WANTED_FEATURES)
        self._read_configuration()
        steps = u32(min(machine.frames.ram_bytes // NET_MEMORY_STEP, NET_RECEIVE_MOST))
        buffers = max(NET_RECEIVE_LEAST, steps)
        slots = max(NET_SEND_LEAST, min(steps, NET_SEND_MOST))
        self._start_queue(self.receiver.queue, RECEIVE_QUEUE, buffers)
        try:
            self._start_queue(self.sender.queue, SEND_QUEUE, slots * NET_SEND_DESCRIPTORS)
            try:
                self._setup_sides(slots)
            except OSError:
                self._drop_queue(self.sender.queue)
                raise
        except OSError:
            self._drop_queue(self.receiver.queue)
            raise

    def tear_down(self) -> None:
        """Frees the memory of a device that was set up and never started."""
        self.sender.tear_down(self.machine.heap)
        self.receiver.tear_down(self.machine.heap)
        self._drop_queue(self.sender.queue)
        self._drop_queue(self.receiver.queue)

    @raises(ENOMEM)
    def _setup_sides(self, slots: u32) -> None:
        heap = self.machine.heap
        self.receiver.device = self
        self.receiver.has_merging = self.features & FEATURE_MERGING != 0
        self.receiver.setup(heap)
        self.sender.frames = self.machine.frames
        self.sender.counters = self.counters
        try:
            self.sender.setup(heap, slots)
        except OSError:
            self.receiver.tear_down(heap)
            raise

    @raises(EINVAL, ENOMEM)
    def _start_queue(self, queue: VirtQueue, index: u32, wanted: u32) -> None:
        """Makes a queue of at most `wanted` descriptors and tells the device where it is."""
        size = fitting_size(wanted, self.transport.queue_limit(index))
        if size < SMALLEST_QUEUE:
            raise OSError(EINVAL)
        queue.setup(self.machine.frames, self.machine.heap, size, self.features)
        try:
            self.transport.set_queue(
                index,
                size,
                queue.descriptors_address(),
                queue.available_address(),
                queue.used_address(),
            )
        except OSError:
            self._drop_queue(queue)
            raise

    def _drop_queue(self, queue: VirtQueue) -> None:
        """Frees a queue that the device has never used."""
        queue.tear_down(self.machine.frames, self.machine.heap)

    @raises(EINVAL)
    def _read_configuration(self) -> None:
        """Reads address and MTU. Virtio 1.2, 5.1.4. EINVAL: the device has no address."""
        if self.features & FEATURE_ADDRESS == 0:
            raise OSError(EINVAL)
        registers = self.transport.registers()
        low = registers.configuration_0.read()
        high = registers.configuration_4.read()
        for index in range(4):
            self.address[index] = u8(low >> (8 * index) & 0xFF)
        for index in range(2):
            self.address[4 + index] = u8(high >> (8 * index) & 0xFF)
        self.mtu = ETHERNET_MTU
        if self.features & FEATURE_MTU != 0:
            mtu = registers.configuration_8.read() >> 16
            self.mtu = max(SMALLEST_MTU, min(mtu, ETHERNET_MTU))

    def _read_link(self) -> None:
        """Finds out whether there is a carrier. Virtio 1.2, 5.1.4.2."""
        self.is_up = True
        if self.features & FEATURE_STATUS != 0:
            registers = self.transport.registers()
            self.is_up = registers.configuration_4.read() >> 16 & LINK_UP != 0

    def _learn_link(self) -> bool:
        """Looks at the link if the device has news, and says in the log what it is. Returns whether
        it came up: then those go on who found no room.
        """
        if not self.has_link_news:
            return False
        self.has_link_news = False
        self._read_link()
        if self.is_up:
            self.machine.log.info("net-a: link up")
        else:
            self._tell("net-a: link down,")
        return self.is_up

    def _publish(self) -> None:
        """Shows the device posted and submitted buffers: at most one exit for each queue."""
        if self.receiver.queue.publish():
            self.transport.notify(RECEIVE_QUEUE)
        if self.sender.queue.publish():
            self.transport.notify(SEND_QUEUE)

    def _give_up(self) -> None:
        """Resets a device that broke the rules. It is not used any more."""
        self.is_broken = True
        self.is_up = False
        self.machine.log.error("virtio-net: the device broke the rules of its queues; it is down")
        try:
            self.transport.reset()
        except OSError:
            self.transport.fail()
            self.machine.log.error("virtio-net: it does not stop; the memory it has is lost")
            return
        self.receiver.release_all()
        self.sender.release_all()

    def _report(self) -> None:
        """Says once what the counters are, when references have been used both ways."""
        counters = self.counters
        batch = max(counters.largest_receive_batch, counters.largest_reclaim_batch)
        if counters.by_reference_received < REPORT_FRAMES or batch < 2:
            return
        if counters.sent_frames < REPORT_FRAMES:
            return
        self.is_reported = True
        self._tell("net-zc OK:")

    def _tell(self, title: str) -> None:
        """Logs the counters."""
        counters = self.counters
        self.machine.log.info(
            f"{title} rx_batch={counters.largest_receive_batch} "
            f"tx_batch={counters.largest_reclaim_batch} "
            f"rx_refs={counters.by_reference_received} rx_held={counters.held_packets} "
            f"tx_submitted={counters.sent_frames} tx_completed={counters.sent_completed} "
            f"tx_ref_bytes={counters.by_reference_bytes} copied_bytes={counters.copied_bytes}"
        )


@struct
class NetInterrupt(IrqHandler):
    """The interface's interrupt."""

    device: VirtioNet

    def handle_irq(self) -> None:
        device = self.device
        reasons = device.transport.acknowledge()
        if reasons.configuration:
            device.has_link_news = True
        listener = device.listener
        if listener is not None:
            listener.interrupted(device)


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Makes the interface behind a transport. ENODEV: none there; EINVAL, EIO, ENOMEM."""
    transport = VirtioTransport(machine.map_registers(node, 0))
    irq = machine.tree.interrupt(node, 0)
    if transport.address == 0 or irq == 0:
        raise OSError(ENODEV)
    transport.open(machine, DeviceId.NETWORK)
    device = allocate(machine.heap, VirtioNet)
    device.machine = machine
    device.transport.address = transport.address
    try:
        device.setup()
        try:
            connect(machine, device, irq)
        except OSError:
            device.tear_down()
            raise
    except OSError:
        transport.fail()
        release(machine.heap, device)
        raise


@raises(ENOMEM)
def connect(machine: Machine, device: VirtioNet, irq: u32) -> None:
    """Makes an interface known and lets it interrupt; without an interrupt it stays down."""
    handler = allocate(machine.heap, NetInterrupt)
    handler.device = device
    try:
        machine.add_net_device(device)
    except OSError:
        release(machine.heap, handler)
        raise
    try:
        machine.irqs.connect(irq, handler)
    except OSError:
        device.is_broken = True
        machine.log.error(f"virtio-net: interrupt {irq} cannot be used; the interface stays down")


DRIVER = Driver(
    name="virtio-net",
    provides=DeviceClass.TRANSPORT,
    compatible=("virtio,mmio",),
    probe=probe,
)
