"""Choosing: slices, fairness, and how fast a thread that waited gets the CPU."""

from __future__ import annotations

import pytest

from tests.kernel.thread_bench import ThreadBench

SLICE_NS = 6_000_000


@pytest.fixture
def bench():
    return ThreadBench()


@pytest.mark.slow
def test_computing_threads_share_the_cpu(bench):
    done = []

    def work(name):
        for _ in range(10):
            bench.compute(SLICE_NS)
            done.append(name)

    for name in "abc":
        bench.spawn(lambda name=name: work(name))
    bench.run()
    assert len(done) == 30
    for count in range(3, 28, 3):
        counts = [done[:count].count(name) for name in "abc"]
        assert max(counts) - min(counts) <= 2


def test_thread_alone_is_not_disturbed(bench):
    bench.spawn(lambda: bench.compute(50 * SLICE_NS))
    bench.run()
    assert bench.rig.cpu.queue.switches <= 3


@pytest.mark.slow
def test_thread_that_slept_goes_before_computing_ones(bench):
    delays = []

    def interactive():
        for _ in range(20):
            due = bench.now_ns + 1_000_000
            bench.rig.scheduler.sleep_until(due)
            delays.append(bench.now_ns - due)

    for _ in range(3):
        bench.spawn(lambda: bench.compute(20 * SLICE_NS))
    bench.spawn(interactive)
    bench.run()
    assert sorted(delays)[len(delays) // 2] < 300_000
    assert max(delays) <= 4 * SLICE_NS


@pytest.mark.slow
def test_threads_that_wait_much_do_not_starve_a_computing_one(bench):
    finished = []
    stop = False

    def chatter():
        while not stop:
            bench.compute(200_000)
            bench.rig.scheduler.sleep_until(bench.now_ns + 10_000)

    def worker():
        nonlocal stop
        bench.compute(5 * SLICE_NS)
        finished.append(bench.now_ns)
        stop = True

    for _ in range(4):
        bench.spawn(chatter)
    bench.spawn(worker)
    start = bench.now_ns
    bench.run()
    assert finished[0] - start < 12 * 5 * SLICE_NS


def test_time_is_charged_to_who_used_it(bench):
    threads = [bench.spawn(lambda n=n: bench.compute(n * 1_000_000)) for n in (3, 9)]
    bench.run()
    for thread, milliseconds in zip(threads, (3, 9), strict=True):
        used = thread.system_ns + thread.user_ns
        assert abs(used - milliseconds * 1_000_000) < 200_000


def test_idle_time_is_charged_to_the_idle_thread(bench):
    bench.spawn(lambda: bench.rig.scheduler.sleep_until(bench.now_ns + 50_000_000))
    bench.run()
    assert bench.rig.idle.system_ns >= 49_000_000


def test_yield_lets_all_others_run(bench):
    order = []

    def work(name):
        for _ in range(2):
            order.append(name)
            bench.rig.scheduler.yield_now()

    for name in "abc":
        bench.spawn(lambda name=name: work(name))
    bench.run()
    assert "".join(order) == "abcabc"


def test_long_call_lets_others_run_where_it_breathes(bench):
    trace = []

    def call():
        for _ in range(40):
            bench.compute_in_kernel(SLICE_NS // 4)
            assert bench.program.breathe_in_call() == (False, False)
        trace.append("call done")

    def program():
        for _ in range(4):
            bench.compute(SLICE_NS)
        trace.append("program done")

    bench.spawn(call)
    bench.spawn(program)
    bench.run()
    assert trace == ["program done", "call done"]


def test_breathing_tells_of_signals(bench):
    seen = []

    def call():
        thread = bench.rig.cpu.queue.running
        for thread.must_interrupt, thread.must_end in ((False, False), (True, False), (True, True)):
            seen.append(bench.program.breathe_in_call())

    bench.spawn(call)
    bench.run()
    assert seen == [(False, False), (True, False), (True, True)]


def test_settled_thread_can_be_interrupted_before_it_starts(bench):
    done = []
    worker = bench.make(lambda: done.append(bench.rig.cpu.queue.running.must_interrupt))
    bench.rig.scheduler.settle(worker)
    worker.interrupt()
    bench.rig.scheduler.spawn(worker)
    bench.run()
    assert done == [True]


def test_pause_is_not_cut_short_by_a_signal(bench):
    slept = []

    def pause():
        start = bench.now_ns
        bench.rig.scheduler.pause(5 * SLICE_NS)
        slept.append(bench.now_ns - start)

    worker = bench.spawn(pause)
    bench.spawn(lambda: worker.interrupt())
    bench.run()
    assert 5 * SLICE_NS <= slept[0] < 6 * SLICE_NS
