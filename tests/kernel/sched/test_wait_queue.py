"""Waiting: no wake-up is lost, deadlines and signals end waits, mutexes exclude."""

from __future__ import annotations

import errno

import pytest

from tests.kernel.thread_bench import ThreadBench


@pytest.fixture
def bench():
    return ThreadBench()


def test_waiter_is_woken(bench):
    trace = []

    def consumer():
        bench.rig.tokens.take()
        trace.append("taken")

    def producer():
        trace.append("given")
        bench.rig.tokens.give()

    bench.spawn(consumer)
    bench.spawn(producer)
    bench.run()
    assert trace == ["given", "taken"]
    assert bench.unfinished == 0


def test_wait_for_nothing_stays(bench):
    bench.spawn(bench.rig.tokens.take)
    bench.run()
    assert bench.unfinished == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_no_wake_up_from_an_interrupt_is_lost(seed):
    bench = ThreadBench(seed)
    wanted, taken = 40, []
    given = 0

    def interrupt():
        nonlocal given
        if given < wanted:
            given += 1
            bench.rig.tokens.give()
        else:
            bench.interrupt = None

    def consumer(name):
        for _ in range(wanted // 4):
            bench.rig.tokens.take()
            taken.append(name)

    bench.interrupt = interrupt
    for name in range(4):
        bench.spawn(lambda name=name: consumer(name))
    bench.run()
    assert (len(taken), bench.unfinished, bench.rig.tokens.count) == (wanted, 0, 0)


def test_deadline_ends_a_wait(bench):
    results = []

    def waiter():
        deadline = bench.now_ns + 5_000_000
        results.append(bench.rig.tokens.take_until(deadline))
        results.append(bench.now_ns >= deadline)

    bench.spawn(waiter)
    bench.run()
    assert results == [False, True]
    assert bench.alarm_ns is None


def test_wake_up_before_the_deadline_cancels_it(bench):
    results = []
    bench.spawn(lambda: results.append(bench.rig.tokens.take_until(bench.now_ns + 10**9)))
    bench.spawn(bench.rig.tokens.give)
    bench.run()
    assert results == [True]
    assert bench.alarm_ns is None


def test_signal_ends_a_wait(bench):
    results = []

    def waiter():
        with pytest.raises(OSError) as caught:
            bench.rig.tokens.take()
        results.append(caught.value.errno)

    thread = bench.spawn(waiter)
    bench.spawn(thread.interrupt)
    bench.run()
    assert results == [errno.EINTR]
    assert bench.rig.tokens.waiters.first is None


def test_signal_before_the_wait_ends_it(bench):
    results = []

    def waiter():
        with pytest.raises(OSError) as caught:
            bench.rig.tokens.take()
        results.append(caught.value.errno)

    thread = bench.spawn(waiter)
    thread.interrupt()
    bench.run()
    assert results == [errno.EINTR]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_signals_and_wake_ups_together_lose_nothing(seed):
    bench = ThreadBench(seed)
    given, taken, interrupted = 0, 0, 0
    threads = []

    def interrupt():
        nonlocal given
        if given == 30:
            bench.interrupt = None
        elif bench.random.random() < 0.4:
            bench.random.choice(threads).interrupt()
        else:
            given += 1
            bench.rig.tokens.give()

    def consumer(index):
        nonlocal taken, interrupted
        while taken < 30:
            try:
                bench.rig.tokens.take()
                taken += 1
            except OSError:
                interrupted += 1
                threads[index].must_interrupt = False

    threads += [bench.spawn(lambda index=index: consumer(index)) for index in range(3)]
    bench.interrupt = interrupt
    bench.run()
    assert taken == given == 30
    assert bench.rig.tokens.count == 0


def test_sleepers_wake_in_the_order_of_their_deadlines(bench):
    order = []
    start = bench.now_ns

    def sleeper(milliseconds):
        bench.rig.scheduler.sleep_until(start + milliseconds * 1_000_000)
        order.append(milliseconds)
        assert bench.now_ns >= start + milliseconds * 1_000_000

    for milliseconds in (30, 10, 20, 5):
        bench.spawn(lambda milliseconds=milliseconds: sleeper(milliseconds))
    bench.run()
    assert order == [5, 10, 20, 30]


def test_mutex_excludes(bench):
    inside, worst = 0, 0

    def work():
        nonlocal inside, worst
        for _ in range(5):
            bench.rig.mutex.__enter__()
            inside += 1
            worst = max(worst, inside)
            bench.rig.scheduler.yield_now()
            inside -= 1
            bench.rig.mutex.__exit__()

    for _ in range(4):
        bench.spawn(work)
    bench.run()
    assert (worst, bench.unfinished) == (1, 0)
