"""Arm PrimeCell UART PL011. DDI 0183G.

Transmission goes through a ring that the transmit interrupt drains, a handful of bytes at a time,
so a program that prints does not wait for the line. Received bytes go to the listener at once.
Before interrupts work, and in a panic, `put_now` sends by polling what is queued and then its own
bytes.
"""

from __future__ import annotations

from abi.errno import ENODEV
from bare import Bytes, allocate, allocate_span, inline, raises, struct, u8, u32, usize
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, wo
from kernel.device.char import CharListener, CharSink
from kernel.device.irq import IrqHandler
from kernel.device.machine import Machine
from kernel.device.registry import DeviceClass, Driver
from kernel.lib.byte_ring import ByteRing
from kernel.params import CONSOLE_BUFFER_BYTES, UART_BURST_BYTES
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock


class Data(Register, width=32):
    """UARTDR. 3.3.1."""

    data = bits(7, 0)


class Flags(Register, width=32):
    """UARTFR. 3.3.3."""

    receive_empty = bit(4)
    transmit_full = bit(5)


class LineControl(Register, width=32):
    """UARTLCR_H. 3.3.7."""

    fifo_enable = bit(4)
    word_length = bits(6, 5)
    """3: eight bits."""


class Control(Register, width=32):
    """UARTCR. 3.3.8."""

    enable = bit(0)
    transmit_enable = bit(8)
    receive_enable = bit(9)


class Interrupts(Register, width=32):
    """UARTIMSC, UARTMIS, UARTICR. 3.3.10 to 3.3.13."""

    receive = bit(4)
    transmit = bit(5)
    receive_timeout = bit(6)


class Pl011(MmioBlock, size=0x1000):
    """The registers that we use. 3.2."""

    data = rw(0x00, Data)
    flags = ro(0x18, Flags)
    line_control = rw(0x2C, LineControl)
    control = rw(0x30, Control)
    interrupt_mask = rw(0x38, Interrupts)
    masked_interrupts = ro(0x40, Interrupts)
    interrupt_clear = wo(0x44, Interrupts)


@struct
class Pl011Uart(CharSink):
    """A serial line."""

    registers: Pl011
    lock: SpinLock = inline()
    # Guarded by lock.
    ring: ByteRing = inline()
    is_transmitting: bool = False
    """Whether the transmit interrupt is on."""
    listener: CharListener | None = None
    # Orders waiting against waking; taken before `lock`, which is later than any wait queue.
    room_lock: SpinLock = inline()
    room: WaitQueue = inline()
    """Threads that wait for the ring."""

    def put(self, data: Bytes) -> None:
        """Queues all of `data`; waits while the ring is full.

        The line always goes on, so the wait is short; a caller that a signal interrupted in the
        middle could not tell its program how much was sent.
        """
        done: usize = 0
        while done < len(data):
            with self.room_lock:
                count = self.put_some(data[done:])
                if count == 0:
                    self.room.wait(self.room_lock)
            done += count

    def put_some(self, data: Bytes) -> usize:
        """Queues what fits and returns how much."""
        with self.lock:
            count = self.ring.put(data)
            self.begin_transmission()
            return count

    def put_now(self, data: Bytes) -> None:
        """Sends by polling, behind what is queued. No lock: for early boot and panic."""
        while self.ring.count() > 0:
            self.send(self.ring.take_byte())
        for byte in data:
            self.send(byte)

    def listen(self, listener: CharListener) -> None:
        """Hands received bytes to `listener` from now on."""
        with self.lock:
            self.listener = listener
            mask = self.registers.interrupt_mask.read()
            mask.receive = True
            mask.receive_timeout = True
            self.registers.interrupt_mask.write(mask)

    def send(self, byte: u8) -> None:
        """Sends a byte as soon as the transmitter takes it."""
        while self.registers.flags.read().transmit_full:
            pass
        data = Data()
        data.data = byte
        self.registers.data.write(data)

    def begin_transmission(self) -> None:
        """Turns the transmit interrupt on if there is something to send. Lock held."""
        if self.is_transmitting or self.ring.count() == 0:
            return
        self.is_transmitting = True
        # The interrupt tells of room that appears, so a first byte has to make it appear.
        self.transmit_burst()
        mask = self.registers.interrupt_mask.read()
        mask.transmit = True
        self.registers.interrupt_mask.write(mask)

    def transmit_burst(self) -> None:
        """Moves some bytes from the ring to the transmitter. Lock held."""
        for _ in range(UART_BURST_BYTES):
            if self.ring.count() == 0 or self.registers.flags.read().transmit_full:
                return
            data = Data()
            data.data = self.ring.take_byte()
            self.registers.data.write(data)

    def transmit_ready(self) -> None:
        """Goes on sending: the transmit interrupt's work."""
        with self.lock:
            self.transmit_burst()
            if self.ring.count() == 0:
                self.is_transmitting = False
                mask = self.registers.interrupt_mask.read()
                mask.transmit = False
                self.registers.interrupt_mask.write(mask)
        with self.room_lock:
            self.room.wake_all()

    def receive_ready(self) -> None:
        """Hands on what was received: the receive interrupt's work."""
        while not self.registers.flags.read().receive_empty:
            byte = u8(self.registers.data.read().data)
            listener = self.listener
            if listener is not None:
                listener.received(byte)

    def start(self) -> None:
        """Turns the line on: eight bits, FIFOs on, no interrupts. The rate is the firmware's."""
        self.registers.interrupt_mask.write(Interrupts())
        line = LineControl()
        line.fifo_enable = True
        line.word_length = 3
        self.registers.line_control.write(line)
        control = Control()
        control.enable = True
        control.transmit_enable = True
        control.receive_enable = True
        self.registers.control.write(control)


@struct
class Pl011Interrupt(IrqHandler):
    """The UART's interrupt."""

    uart: Pl011Uart

    def handle_irq(self) -> None:
        """Serves reception and transmission."""
        registers = self.uart.registers
        pending = registers.masked_interrupts.read()
        registers.interrupt_clear.write(pending)
        if pending.receive or pending.receive_timeout:
            self.uart.receive_ready()
        if pending.transmit:
            self.uart.transmit_ready()


@raises()
def probe(machine: Machine, node: u32) -> None:
    """Starts the first UART, the console. Its interrupt is connected; nothing enables it yet."""
    if machine.console is not None:
        raise OSError(ENODEV)
    address = machine.map_registers(node, 0)
    irq = machine.tree.interrupt(node, 0)
    if address == 0 or irq == 0:
        raise OSError(ENODEV)
    uart = allocate(machine.heap, Pl011Uart)
    uart.registers = Pl011(address)
    uart.lock.lock_class = LockClass.UART
    uart.room_lock.lock_class = LockClass.PIPE
    uart.ring.start(allocate_span(machine.heap, u8, CONSOLE_BUFFER_BYTES))
    uart.start()
    handler = allocate(machine.heap, Pl011Interrupt)
    handler.uart = uart
    machine.irqs.connect(irq, handler)
    machine.console = uart


DRIVER = Driver(
    name="pl011",
    provides=DeviceClass.CONSOLE,
    compatible=("arm,pl011",),
    probe=probe,
)
