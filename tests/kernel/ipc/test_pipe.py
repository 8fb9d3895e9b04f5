"""Pipes against a bytearray, and at their edges."""

from __future__ import annotations

import errno
import random

import pytest

from tests.kernel.thread_bench import ThreadBench

CAPACITY = 65536
PIPE_BUF = 4096
O_NONBLOCK = 0x800
POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16


class Pipe:
    """A pipe and what threads do with it."""

    def __init__(self, flags: int = 0, seed: int = 0) -> None:
        self.bench = ThreadBench(seed)
        self.before = self.bench.free_frames()
        self.bench.program.open_pipe(self.bench.rig, flags)

    def write(self, data: bytes) -> int:
        return self.bench.program.write_pipe(self.bench.rig, bytearray(data))

    def read(self, size: int) -> bytes:
        into = bytearray(size)
        count = self.bench.program.read_pipe(self.bench.rig, into)
        return bytes(into[:count])

    def close_reader(self) -> None:
        self.bench.program.reader_of(self.bench.rig).put()

    def close_writer(self) -> None:
        self.bench.program.writer_of(self.bench.rig).put()

    def do(self, work):
        results = []
        self.bench.spawn(lambda: results.append(work()))
        self.bench.run()
        return results[0] if results else None


@pytest.fixture
def pipe():
    return Pipe()


@pytest.fixture
def impatient():
    return Pipe(O_NONBLOCK)


def test_bytes_come_out_in_order(pipe):
    assert pipe.do(lambda: pipe.write(b"hello")) == 5
    assert pipe.do(lambda: pipe.read(3)) == b"hel"
    assert pipe.do(lambda: pipe.read(10)) == b"lo"


def test_empty_pipe_without_a_writer_is_at_its_end(pipe):
    pipe.do(lambda: (pipe.write(b"x"), pipe.close_writer()))
    assert pipe.do(lambda: pipe.read(9)) == b"x"
    assert pipe.do(lambda: pipe.read(9)) == b""


def test_write_without_a_reader_is_refused(pipe):
    def work():
        pipe.close_reader()
        with pytest.raises(OSError) as caught:
            pipe.write(b"x")
        return caught.value.errno

    assert pipe.do(work) == errno.EPIPE


def test_nonblocking_read_of_nothing(impatient):
    def work():
        with pytest.raises(OSError) as caught:
            impatient.read(1)
        return caught.value.errno

    assert impatient.do(work) == errno.EAGAIN


def test_nonblocking_write_takes_what_fits(impatient):
    def work():
        assert impatient.write(bytes(CAPACITY - 10)) == CAPACITY - 10
        with pytest.raises(OSError) as caught:
            impatient.write(bytes(PIPE_BUF))
        return caught.value.errno, impatient.write(bytes(PIPE_BUF + 1))

    assert impatient.do(work) == (errno.EAGAIN, 10)


def test_blocked_reader_gets_what_is_written_later(pipe):
    results = []
    pipe.bench.spawn(lambda: results.append(pipe.read(5)))
    pipe.bench.spawn(lambda: pipe.write(b"later"))
    pipe.bench.run()
    assert results == [b"later"]


def test_blocked_writer_goes_on_when_something_is_read(pipe):
    results = []
    pipe.bench.spawn(lambda: results.append(pipe.write(bytes(CAPACITY + 1))))
    pipe.bench.spawn(lambda: results.append(len(pipe.read(PIPE_BUF))))
    pipe.bench.run()
    assert results == [PIPE_BUF, CAPACITY + 1]


def test_blocked_writer_ends_when_the_reader_goes(pipe):
    results = []

    def writer():
        results.append(pipe.write(bytes(CAPACITY + 1)))

    pipe.bench.spawn(writer)
    pipe.bench.spawn(pipe.close_reader)
    pipe.bench.run()
    assert results == [CAPACITY]


def test_signal_ends_a_blocked_read(pipe):
    results = []

    def reader():
        with pytest.raises(OSError) as caught:
            pipe.read(1)
        results.append(caught.value.errno)

    thread = pipe.bench.spawn(reader)
    pipe.bench.spawn(thread.interrupt)
    pipe.bench.run()
    assert results == [errno.EINTR]


def test_poll_tells_what_is_possible(pipe):
    program, rig = pipe.bench.program, pipe.bench.rig
    reader, writer = program.reader_of(rig), program.writer_of(rig)
    assert reader.poll(None) & 0x1F == 0
    assert writer.poll(None) & 0x1F == POLLOUT
    pipe.do(lambda: pipe.write(bytes(CAPACITY - PIPE_BUF + 1)))
    assert reader.poll(None) & 0x1F == POLLIN
    assert writer.poll(None) & 0x1F == 0
    pipe.do(pipe.close_writer)
    assert reader.poll(None) & 0x1F == POLLIN | POLLHUP


def test_frames_go_back(pipe):
    def use():
        pipe.write(bytes(CAPACITY))
        pipe.read(CAPACITY // 2)
        pipe.close_reader()
        pipe.close_writer()

    pipe.do(use)
    before = pipe.bench.free_frames()
    for _ in range(3):
        pipe.bench.program.open_pipe(pipe.bench.rig, 0)
        pipe.do(use)
    assert pipe.bench.free_frames() == before


def test_waiting_pipe_holds_one_frame_at_most(pipe):
    before = pipe.bench.free_frames()
    for _ in range(40):
        pipe.do(lambda: (pipe.write(bytes(5000)), pipe.read(5000)))
    assert before - pipe.bench.free_frames() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_matches_a_bytearray(seed):
    pipe = Pipe(O_NONBLOCK, seed)
    source = random.Random(seed)
    model = bytearray()

    def work():
        for _ in range(60):
            size = source.choice((1, 100, 4095, 4096, 4097, 9000, 30000))
            if source.random() < 0.55:
                data = source.randbytes(size)
                fits = CAPACITY - len(model)
                if (size <= PIPE_BUF and fits < size) or fits == 0:
                    with pytest.raises(OSError, match=str(errno.EAGAIN)):
                        pipe.write(data)
                else:
                    taken = pipe.write(data)
                    assert taken == min(size, fits)
                    model.extend(data[:taken])
            elif model:
                got = pipe.read(size)
                assert got == bytes(model[: len(got)])
                assert len(got) == min(size, len(model))
                del model[: len(got)]

    pipe.do(work)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_small_writes_are_never_mixed(seed):
    pipe = Pipe(0, seed)
    source = random.Random(seed)
    writers, received = 3, bytearray()
    left = writers

    def writer(mark):
        nonlocal left
        for _ in range(12):
            size = source.choice((1, 500, 3000, PIPE_BUF - 3))
            pipe.write(bytes([mark]) + size.to_bytes(2, "little") + bytes([mark]) * size)
        left -= 1
        if left == 0:
            pipe.close_writer()

    def reader():
        while chunk := pipe.read(source.choice((700, 5000, 20000))):
            received.extend(chunk)
            pipe.bench.rig.scheduler.yield_now()

    for index in range(writers):
        pipe.bench.spawn(lambda index=index: writer(65 + index))
    pipe.bench.spawn(reader)
    pipe.bench.run()
    assert pipe.bench.unfinished == 0
    place = records = 0
    while place < len(received):
        mark, size = received[place], int.from_bytes(received[place + 1 : place + 3], "little")
        assert received[place + 3 : place + 3 + size] == bytes([mark]) * size
        place += 3 + size
        records += 1
    assert records == 12 * writers
