"""Bare Python: the queues of a TCP connection in simulated RAM.

The byte with sequence number (or place in the stream) `n` is always `pattern(n)`, so what comes out
can be checked wherever it lies.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Array,
    Span,
    array,
    i64,
    inline,
    raises,
    size_of,
    struct,
    u8,
    u32,
    u64,
    usize,
    wrap_u32,
    wrapping_add,
)
from bare.unsafe import address_of, span_at, static_object
from kernel.arch.aarch64.cpu import CpuBase, install_cpu
from kernel.arch.aarch64.layout import PAGE_SIZE, physical_address
from kernel.device.net import TxFrame
from kernel.device.packet import PacketPool, PacketQueue
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.frame_view import frame_bytes
from kernel.mm.heap import KernelHeap
from kernel.net.socket.receive_queue import ReceiveQueue
from kernel.net.socket.send_queue import (
    ChunkList,
    SendChunk,
    SendQueue,
    free_chunk,
    make_chunk,
    make_page_chunk,
)
from kernel.net.wire.checksum import Checksum

PACKETS: u32 = 400
SPARE: u32 = 8


@struct
class Rig:
    """The parts."""

    cpu: CpuBase = inline()
    fault: AllocationFault = inline()
    frames: FrameAllocator = inline()
    heap: KernelHeap = inline()
    packets: PacketPool = inline()
    receiving: ReceiveQueue = inline()
    sending: SendQueue = inline()
    frame_cache: Array[FrameCache] = array(1)
    read_to: u32 = 0
    """Sequence number of the next byte to be read."""
    acknowledged: u32 = 0
    """Place in the stream of the first byte of the send queue."""
    filling: SendChunk | None = None
    header: Array[u8] = array(128)


def the_rig() -> Rig:
    """Returns the one rig."""
    # SAFETY: one thread runs the test.
    return static_object(Rig)


def pattern(number: u32) -> u8:
    """Returns the byte at a place."""
    return u8((u64(number) * 2_654_435_761 >> 11) % 256)


def start(base: u64, pages: u64, sequence: u64) -> None:
    """Builds memory in `pages` pages from kernel address `base` on, and empty queues."""
    rig = the_rig()
    install_cpu(address_of(rig.cpu))
    table_pages = (pages * size_of(FrameInfo) + PAGE_SIZE - 1) // PAGE_SIZE
    first = physical_address(base)
    # SAFETY: the test gave this RAM, and it is not handed to the allocator below.
    table = span_at(FrameInfo, base, pages)
    rig.frames.start(first, table, rig.frame_cache, rig.fault)
    rig.frames.add_range(first + table_pages * PAGE_SIZE, first + pages * PAGE_SIZE)
    rig.heap.start(rig.frames, rig.fault)
    rig.packets.start(rig.frames, rig.heap, PACKETS, SPARE)
    rig.receiving.start(u32(sequence))
    rig.read_to = u32(sequence)


@raises(ENOMEM)
def insert(sequence: u64, length: u64) -> None:
    """Has a segment arrive."""
    rig = the_rig()
    packet = rig.packets.take()
    packet.start = 100
    packet.end = 100 + u32(length)
    first = u32(sequence)
    for index in range(u32(length)):
        packet.memory[100 + index] = pattern(wrapping_add(first, index))
    rig.receiving.insert(packet, first)


def read(wanted: u64, kept: u64) -> i64:
    """Takes at least `wanted` bytes as a reader does, reads all but the last `kept` of them, and
    puts those back; returns how many it read, or -1 where a byte was wrong.
    """
    rig = the_rig()
    taken = PacketQueue()
    rig.receiving.take(wanted, taken)
    left: u64 = 0
    packet = taken.first
    while packet is not None:
        left += packet.length()
        packet = packet.next
    left -= min(kept, left)
    done: i64 = 0
    is_right = True
    while left > 0:
        packet = taken.first
        assert packet is not None, "fewer bytes than were counted"
        step = u32(min(left, packet.length()))
        for byte in packet.bytes()[:step]:
            is_right = is_right and byte == pattern(rig.read_to)
            rig.read_to = wrapping_add(rig.read_to, 1)
        packet.drop_front(step)
        left -= step
        done += step
        if packet.length() == 0:
            taken.take_first()
            packet.release()
    rig.receiving.put_back(taken)
    return done if is_right else -1


def received_to() -> u64:
    """Returns the sequence number behind what is ready."""
    return the_rig().receiving.end


def packets_in_use() -> u64:
    """Returns the packets that queues hold."""
    rig = the_rig()
    return rig.packets.count - rig.packets.free_count


def packets_counted() -> u64:
    """Returns what the queue says that it holds."""
    return the_rig().receiving.memory() // 2048


def clear_receiving() -> None:
    """Drops everything received."""
    the_rig().receiving.clear()


@raises(ENOMEM)
def queue(length: u64, is_page: u64) -> None:
    """Queues bytes in a chunk of their own, or as part of a page that somebody else has too."""
    rig = the_rig()
    place = wrapping_add(rig.acknowledged, rig.sending.length)
    chunks = ChunkList()
    if is_page != 0:
        frame = rig.frames.alloc(0)
        chunk = make_page_chunk(rig.heap, frame, 11, 11 + u32(length))
    else:
        chunk = make_chunk(rig.heap, rig.frames)
        chunk.end = u32(length)
    write_pattern(frame_bytes(chunk.frame)[chunk.start : chunk.end], place)
    chunks.append(chunk)
    rig.sending.append_all(chunks)


def write_pattern(into: Span[u8], place: u32) -> None:
    """Fills in what stands at a place of the stream."""
    for index in range(u32(len(into))):
        into[index] = pattern(wrapping_add(place, index))


def begin_filling() -> u64:
    """Begins to fill the last chunk; returns the room, 0: none."""
    rig = the_rig()
    rig.filling = rig.sending.begin_filling()
    chunk = rig.filling
    return 0 if chunk is None else len(chunk.room())


def end_filling(count: u64) -> u64:
    """Adds bytes to the chunk that is being filled; 0 where it was dropped meanwhile."""
    rig = the_rig()
    chunk = rig.filling
    assert chunk is not None, "nothing is being filled"
    place = wrapping_add(rig.acknowledged, rig.sending.length)
    write_pattern(chunk.room()[:count], place)
    if rig.sending.end_filling(chunk, u32(count)):
        return 1
    free_chunk(rig.heap, rig.frames, chunk)
    return 0


def acknowledge(count: u64) -> None:
    """The other end has bytes."""
    rig = the_rig()
    rig.sending.drop_front(u32(count), rig.heap, rig.frames)
    rig.acknowledged = wrapping_add(rig.acknowledged, wrap_u32(count))


def segment(offset: u64, length: u64) -> i64:
    """Makes a segment as for a device, and gives it back; returns its length, -1 where a byte is
    wrong, -2 where the checksum is.
    """
    rig = the_rig()
    frame = TxFrame(rig.header)
    sum = Checksum()
    count = rig.sending.add_fragments(frame, u32(offset), u32(length), rig.frames, sum)
    place = wrapping_add(rig.acknowledged, u32(offset))
    whole: Array[u8] = array(8192)
    done: usize = 0
    is_right = True
    for index in range(frame.fragment_count):
        fragment = frame.fragments[index]
        inside = fragment.address % PAGE_SIZE
        data = frame_bytes(fragment.address - inside)[inside : inside + fragment.length]
        for byte in data:
            is_right = is_right and byte == pattern(place)
            place = wrapping_add(place, 1)
        whole[done : done + len(data)].copy_from(data)
        done += len(data)
        rig.frames.put(fragment.frame)
    expected = Checksum()
    expected.add(whole[:done])
    if not is_right or done != count:
        return -1
    return i64(count) if expected.finish() == sum.finish() else -2


def send_length() -> u64:
    """Returns the bytes in the send queue."""
    return the_rig().sending.length


def send_frames() -> u64:
    """Returns the frames that it says it holds."""
    return the_rig().sending.frames_held


def clear_sending() -> None:
    """Drops everything to be sent."""
    rig = the_rig()
    rig.sending.clear(rig.heap, rig.frames)


def free_frames() -> u64:
    """Returns the frames of the machine that are free."""
    return the_rig().frames.free_frames()
