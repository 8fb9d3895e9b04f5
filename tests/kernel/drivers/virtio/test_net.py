"""The virtio network interface against an honest device and against lying ones."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.kernel.bench import Bench
from tests.kernel.drivers.virtio.net_device import (
    FEATURE_MERGING,
    FEATURE_MTU,
    FEATURE_STATUS,
    MAC,
    RECEIVE,
    SEND,
    FakeNet,
)
from tests.kernel.drivers.virtio.transport import (
    ADDRESS,
    DRIVER_OK,
    FEATURE_EVENT_INDEX,
    USED,
)
from tests.kernel.tree import error_of

BUFFERS = 8
SLOTS = 16
PACKETS = 64


def frame_of(length: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(length)


class Interface:
    """A started interface, its device, and what its listener was told."""

    def __init__(self, without: int = 0, packets: int = PACKETS, **settings: Any) -> None:
        self.bench = Bench()
        self.device = FakeNet(self.bench, without)
        for name, value in settings.items():
            setattr(self.device, name, value)
        self.program = self.bench.program
        self.net = self.program.make_net(self.bench.rig, ADDRESS, packets)
        self.received: list[bytes] = []
        self.kept: list[Any] = []
        self.is_keeping = False
        self.room_again = 0
        self.budget = 64
        self.more = False
        self.listener = self._make_listener()
        self.program.start_net(self.bench.rig, self.net, self.listener)
        self.device.on_interrupt = lambda: self.program.interrupt_net(self.net)

    def _make_listener(self) -> Any:
        interface = self

        class Listener(self.bench.get("kernel.device.net:FrameListener")):  # type: ignore[misc]
            def interrupted(self, device: Any) -> None:
                interface.more = device.service(interface.budget)

            def received(self, device: Any, packet: Any) -> None:
                data = packet.bytes()
                interface.received.append(bytes(data[i] for i in range(len(data))))
                if interface.is_keeping:
                    interface.kept.append(packet)
                else:
                    packet.release()

            def sent(self, device: Any) -> None:
                interface.room_again += 1

        return Listener()

    def send(self, header: bytes, payload: bytes = b"", is_flushed: bool = True) -> bool:
        """Sends a frame whose payload lies in a packet."""
        frame = self.net.begin_frame()
        if frame is None:
            return False
        for index, byte in enumerate(header):
            frame.header[index] = byte
        frame.header_length = len(header)
        if payload:
            self.program.add_payload(self.bench.rig, frame, payload)
        self.net.submit(frame)
        if is_flushed:
            self.net.flush()
        return True

    def packets_in_use(self) -> int:
        packets = self.bench.rig.packets
        return int(packets.count - packets.free_count)


def test_start_tells_the_address_and_posts_all_buffers() -> None:
    interface = Interface()
    assert bytes(interface.net.address[i] for i in range(6)) == MAC
    assert interface.net.mtu == 1500
    assert interface.net.is_up
    assert "net-a: virtio-net up, MAC 52:54:00:12:34:56" in interface.bench.log_text()
    assert interface.device.available(RECEIVE) == BUFFERS
    assert interface.device.status() & DRIVER_OK
    assert interface.device.notified == 1


@pytest.mark.parametrize("without", [0, FEATURE_EVENT_INDEX, FEATURE_MERGING | FEATURE_STATUS])
def test_frames_arrive_as_they_were_sent_for_as_long_as_one_likes(without: int) -> None:
    interface = Interface(without)
    frames = [frame_of(14 + (37 * index) % 1501, index) for index in range(200)]
    for start in range(0, len(frames), 5):
        interface.device.deliver(*frames[start : start + 5])
    assert interface.received == frames
    counters = interface.net.counters
    assert counters.received_frames == counters.by_reference_received == 200
    assert counters.received_bytes == sum(map(len, frames))
    assert counters.largest_receive_batch == 5
    assert counters.copied_bytes == 0
    assert interface.device.available(RECEIVE) == BUFFERS
    assert interface.packets_in_use() == BUFFERS


def test_received_bytes_are_where_the_device_wrote_them() -> None:
    interface = Interface()
    interface.is_keeping = True
    places = []
    original = interface.device.memory

    def memory(descriptor: tuple[int, int, int]) -> Any:
        places.append(descriptor[0])
        return original(descriptor)

    interface.device.memory = memory  # type: ignore[method-assign]
    interface.device.deliver(frame_of(60))
    (packet,) = interface.kept
    assert packet.address + packet.start == places[0] + 12
    assert (packet.address + packet.start + 14) % 4 == 0


def test_a_frame_in_several_buffers_is_gathered() -> None:
    interface = Interface()
    frame = frame_of(1514)
    interface.device.deliver(frame, pieces=(700, 700))
    interface.device.deliver(frame_of(60))
    assert interface.received == [frame, frame_of(60)]
    assert interface.net.counters.copied_bytes == 814
    assert interface.net.counters.by_reference_received == 1
    assert interface.packets_in_use() == BUFFERS


def test_a_gathered_frame_may_arrive_in_two_interrupts() -> None:
    interface = Interface()
    frame = frame_of(1000)
    device = interface.device
    device.fill(bytes(10) + b"\2\0" + frame[:500], 512)
    device.interrupt()
    assert interface.received == []
    device.fill(frame[500:], 500)
    device.interrupt()
    assert interface.received == [frame]


def test_a_frame_that_fits_no_packet_is_refused_and_the_next_one_arrives() -> None:
    interface = Interface()
    interface.device.deliver(frame_of(5000), pieces=(2000, 2000))
    interface.device.deliver(frame_of(60))
    assert interface.received == [frame_of(60)]
    assert interface.net.counters.received_errors == 1
    assert interface.packets_in_use() == BUFFERS


def test_runts_are_counted_and_dropped() -> None:
    interface = Interface()
    for length in range(14):
        interface.device.deliver(frame_of(length))
    assert interface.received == []
    assert interface.net.counters.received_errors == 14
    assert interface.net.is_up


def test_without_packets_frames_are_dropped_and_the_ring_stays_full() -> None:
    interface = Interface(packets=BUFFERS + 2)
    interface.is_keeping = True
    for _ in range(10):
        interface.device.deliver(frame_of(100))
    assert len(interface.received) == 2
    assert interface.net.counters.received_dropped == 8
    assert interface.device.available(RECEIVE) == BUFFERS
    for packet in interface.kept:
        packet.release()
    interface.is_keeping = False
    interface.device.deliver(frame_of(100))
    assert len(interface.received) == 3


@pytest.mark.parametrize("without", [0, FEATURE_EVENT_INDEX])
def test_beyond_the_budget_interrupts_stay_off_until_nothing_waits(without: int) -> None:
    interface = Interface(without)
    interface.budget = 3
    interface.device.deliver(*[frame_of(60)] * 3)
    assert interface.more and len(interface.received) == 3
    count = interface.device.interrupt_count
    interface.device.deliver(frame_of(60))
    interface.device.deliver(frame_of(60))
    assert interface.device.interrupt_count == count
    assert not interface.net.service(3)
    assert len(interface.received) == 5
    interface.device.deliver(frame_of(60))
    assert interface.device.interrupt_count == count + 1
    assert len(interface.received) == 6


def test_header_and_payload_are_gathered_by_the_device() -> None:
    interface = Interface()
    assert interface.send(b"header of 17 byte", b"payload")
    interface.device.collect()
    assert interface.device.sent == [b"header of 17 bytepayload"]
    counters = interface.net.counters
    assert (counters.sent_frames, counters.sent_bytes) == (1, 24)
    assert (counters.by_reference_bytes, counters.copied_bytes) == (7, 0)


def test_empty_fragments_do_not_reach_the_device() -> None:
    interface = Interface()
    frame = interface.net.begin_frame()
    frame.header_length = 14
    frame.add_fragment(0x4000_0000, 0, 0)
    interface.net.submit(frame)
    interface.net.flush()
    interface.device.collect()
    assert [len(data) for data in interface.device.sent] == [14]


def test_a_batch_costs_one_notification_and_no_interrupt() -> None:
    interface = Interface()
    interface.device.ask_for_notification(SEND)
    before = interface.device.notified
    for _ in range(5):
        interface.send(bytes(60), is_flushed=False)
    interface.net.flush()
    assert interface.device.notified == before + 1
    interface.device.collect()
    assert interface.device.interrupt_count == 0
    assert interface.net.counters.sent_completed == 0
    interface.net.flush()
    assert interface.net.counters.sent_completed == 5
    assert interface.net.counters.largest_reclaim_batch == 5


def test_device_that_is_at_work_is_not_notified() -> None:
    interface = Interface()
    interface.device.ask_for_notification(SEND)
    interface.send(bytes(60))
    before = interface.device.notified
    interface.send(bytes(60))
    assert interface.device.notified == before
    interface.device.collect()
    assert len(interface.device.sent) == 2


@pytest.mark.parametrize("without", [0, FEATURE_EVENT_INDEX])
def test_when_all_slots_are_used_the_sender_is_told_of_room(without: int) -> None:
    interface = Interface(without)
    count = 0
    while interface.send(bytes(60), b"x"):
        count += 1
    assert count == SLOTS
    assert not interface.send(bytes(60))
    assert interface.room_again == 0
    interface.device.collect()
    assert interface.room_again == 1
    assert interface.send(bytes(60))
    assert interface.packets_in_use() == BUFFERS


def test_references_are_kept_until_the_device_is_done() -> None:
    interface = Interface()
    frames = interface.bench.rig.frames
    held = frames.alloc(0)
    free = interface.bench.free_frames()
    frame = interface.net.begin_frame()
    frame.header_length = 14
    frame.add_fragment(held, 100, held)
    interface.net.submit(frame)
    interface.net.flush()
    assert interface.bench.free_frames() == free
    interface.device.collect()
    interface.net.flush()
    assert interface.bench.free_frames() == free + 1


def test_bulk_leaves_room_for_answers() -> None:
    interface = Interface()
    bulk = 0
    while (frame := interface.net.begin_bulk_frame()) is not None:
        interface.net.submit(frame)
        bulk += 1
    answers = 0
    while interface.send(b"answer"):
        answers += 1
    assert bulk + answers == SLOTS
    assert answers == SLOTS // 4
    interface.device.collect()
    interface.net.flush()
    assert interface.net.begin_bulk_frame() is not None


def test_an_abandoned_frame_gives_back_what_it_holds() -> None:
    interface = Interface()
    free = interface.bench.free_frames()
    for _ in range(3 * SLOTS):
        frame = interface.net.begin_frame()
        held = interface.bench.rig.frames.alloc(0)
        frame.add_fragment(held, 100, held)
        interface.net.abandon(frame)
    assert interface.bench.free_frames() == free
    interface.net.flush()
    assert interface.device.available(SEND) == 0


def test_link_that_goes_down_and_comes_back() -> None:
    interface = Interface()
    interface.device.link = 0
    interface.device.interrupt(2)
    assert not interface.net.is_up
    assert interface.net.begin_frame() is None
    assert interface.room_again == 0
    interface.device.link = 1
    interface.device.interrupt(2)
    assert interface.net.is_up
    assert interface.room_again == 1
    assert interface.send(bytes(60))
    assert "net-a: link down" in interface.bench.log_text()


@pytest.mark.parametrize(("offered", "used"), [(1400, 1400), (9000, 1500), (0, 576)])
def test_mtu_is_believed_within_reason(offered: int, used: int) -> None:
    bench = Bench()
    device = FakeNet(bench)
    device.mtu = offered
    assert bench.program.make_net(bench.rig, ADDRESS, PACKETS).mtu == used
    device = FakeNet(bench, FEATURE_MTU)
    assert bench.program.make_net(bench.rig, ADDRESS, PACKETS).mtu == 1500


def test_use_of_references_is_reported_once() -> None:
    interface = Interface()
    for _ in range(20):
        interface.send(bytes(54), b"seven b")
        interface.device.collect()
        interface.device.deliver(frame_of(60), frame_of(60))
    lines = [line for line in interface.bench.log_text().splitlines() if "net-zc OK:" in line]
    assert len(lines) == 1
    assert lines[0].endswith(
        "net-zc OK: rx_batch=2 tx_batch=1 rx_refs=32 rx_held=0 tx_submitted=16 tx_completed=16 "
        "tx_ref_bytes=112 copied_bytes=0"
    )


LIES = {
    "identity beyond the queue": lambda device, place, used: device.store(place, 4, 5000),
    "identity of a free descriptor": lambda device, place, used: device.store(place, 4, 100),
    "identity of another frame": lambda device, place, used: device.store(place, 4, 1 << 31),
    "index far ahead": lambda device, place, used: device.store(used + 2, 2, 5000),
    "index back": lambda device, place, used: device.store(used + 2, 2, 0xFFF0),
    "length beyond the buffer": lambda device, place, used: device.store(place + 4, 4, 2047),
    "length without a header": lambda device, place, used: device.store(place + 4, 4, 11),
    "length of four gigabytes": lambda device, place, used: device.store(place + 4, 4, 0xFFFFFFFF),
}


@pytest.mark.parametrize("name", LIES)
def test_device_that_lies_about_what_it_received_is_reset_and_down(name: str) -> None:
    interface = Interface()
    device = interface.device
    device.deliver(frame_of(60))
    used = device.ring(USED, RECEIVE)
    place = used + 4 + 8 * (device.word(used + 2, 2) % device.size(RECEIVE))

    def spoil() -> None:
        LIES[name](device, place, used)

    device.before_interrupt = spoil
    device.deliver(frame_of(60))
    assert len(interface.received) == 1
    assert_given_up(interface)


@pytest.mark.parametrize(
    "lies", [{"buffers": 0}, {"buffers": 300}, {"gso": 1}, {"buffers": 3, "pieces": (20, 0, 10)}]
)
def test_device_that_lies_in_a_header_is_reset_and_down(lies: dict[str, Any]) -> None:
    interface = Interface()
    interface.device.deliver(frame_of(60), **lies)
    assert interface.received == []
    assert_given_up(interface)


def test_device_that_reports_a_sent_frame_twice_is_reset_and_down() -> None:
    interface = Interface()
    interface.send(bytes(60), b"x")
    interface.send(bytes(60), b"x")
    device = interface.device
    head = device.take_head(SEND)
    device.use(head, 0, SEND)
    device.use(head, 0, SEND)
    interface.net.flush()
    assert_given_up(interface)


def assert_given_up(interface: Interface) -> None:
    assert interface.device.status() == 0
    assert not interface.net.is_up
    assert "broke the rules" in interface.bench.log_text()
    assert interface.packets_in_use() == 0
    assert interface.net.begin_frame() is None
    interface.net.flush()
    interface.program.interrupt_net(interface.net)
    assert not interface.net.service(5)


def test_a_frame_begun_before_the_device_broke_is_taken_back() -> None:
    interface = Interface()
    frame = interface.net.begin_frame()
    interface.program.add_payload(interface.bench.rig, frame, b"x")
    interface.device.deliver(frame_of(60), buffers=0)
    interface.net.submit(frame)
    assert interface.packets_in_use() == 0


def test_memory_of_a_device_that_does_not_stop_is_lost_and_not_freed() -> None:
    interface = Interface()
    interface.send(bytes(60), b"x")
    interface.device.can_reset = False
    free = interface.bench.free_frames()
    interface.device.deliver(frame_of(60), buffers=0)
    assert "does not stop" in interface.bench.log_text()
    # One of the buffers had come back.
    assert interface.packets_in_use() == BUFFERS
    assert interface.bench.free_frames() == free


def test_random_garbage_in_the_rings_never_traps() -> None:
    for seed in range(40):
        interface = Interface()
        device = interface.device
        chance = random.Random(seed)

        def spoil(device: FakeNet = device, chance: Any = chance) -> None:
            ring = device.ring(USED, chance.choice((RECEIVE, SEND)))
            for _ in range(chance.randint(1, 4)):
                device.store(ring + chance.randrange(0, 4 + 8 * 4), 1, chance.randrange(256))

        device.before_interrupt = spoil
        for _ in range(4):
            if not device.status() & DRIVER_OK:
                break
            interface.send(bytes(60), b"x")
            interface.net.flush()
            if device.status() & DRIVER_OK and device.available(RECEIVE):
                device.deliver(frame_of(chance.randint(14, 1500)))


@pytest.mark.parametrize(
    "settings", [{"features": 1 << 32}, {"queue_limit": 0}, {"queue_limit": 4}]
)
def test_device_without_what_the_driver_needs_is_refused_and_nothing_is_lost(
    settings: dict[str, int],
) -> None:
    bench = Bench()
    device = FakeNet(bench)
    for name, value in settings.items():
        setattr(device, name, value)
    free = bench.free_frames()
    assert error_of(bench.program.make_net, bench.rig, ADDRESS, PACKETS) == "EINVAL"
    assert bench.free_frames() >= free - 1


def test_every_allocation_may_fail_at_the_start() -> None:
    bench = Bench()
    FakeNet(bench)
    for number in range(1, 200):
        bench.rig.fault.fail_after(number)
        error = error_of(bench.program.make_net, bench.rig, ADDRESS, PACKETS)
        if error == "":
            break
        assert error == "ENOMEM"
    assert 5 < number < 50
    bench.rig.fault.arm(0)
    free = bench.free_frames()
    device = bench.program.make_net(bench.rig, ADDRESS, PACKETS)
    device.tear_down()
    assert bench.free_frames() == free
