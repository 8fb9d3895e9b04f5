"""Waiting for any of several objects: no lost wake-up, deadlines, and nothing left behind."""

from __future__ import annotations

from typing import Any

from tests.kernel.bench import Bench
from tests.kernel.tree import error_of

SOON_NS = 5_000_000


class Watch:
    """A poller that watches two queues."""

    def __init__(self) -> None:
        self.bench = Bench(256)
        self.queues = [self.bench.get("kernel.sched.poll_queue:PollQueue")() for _ in range(2)]
        self.poller = self.make()

    def make(self) -> Any:
        """Returns a poller that watches both queues."""
        poller = self.bench.get("kernel.sched.poll_queue:Poller")(self.bench.rig.heap)
        for queue in self.queues:
            poller.watch(queue)
        return poller

    def deadline(self) -> int:
        """Returns a time that is not far away."""
        return self.bench.now_ns + SOON_NS


def test_notification_before_the_wait_is_not_lost() -> None:
    watch = Watch()
    watch.queues[1].notify()
    before = watch.bench.now_ns
    assert watch.poller.wait_until(watch.deadline())
    assert watch.bench.now_ns - before < SOON_NS
    assert not watch.poller.wait_until(watch.deadline())


def test_notification_during_the_wait_wakes() -> None:
    watch = Watch()
    done: list[bool] = []

    def device() -> bool:
        if done:
            return False
        done.append(True)
        watch.queues[0].notify()
        return True

    watch.bench.devices.append(device)
    before = watch.bench.now_ns
    assert watch.poller.wait_until(watch.deadline())
    assert done and watch.bench.now_ns - before < SOON_NS


def test_deadline_ends_the_wait() -> None:
    watch = Watch()
    before = watch.bench.now_ns
    assert not watch.poller.wait_until(before + SOON_NS)
    assert watch.bench.now_ns >= before + SOON_NS


def test_signal_ends_the_wait() -> None:
    watch = Watch()
    watch.bench.rig.thread.must_interrupt = True
    assert error_of(watch.poller.wait_until, watch.deadline()) == "EINTR"


def test_several_pollers_are_woken_and_those_that_left_are_not() -> None:
    watch = Watch()
    second, third = watch.make(), watch.make()
    second.finish()
    watch.queues[0].notify()
    assert watch.poller.is_notified and third.is_notified
    assert not second.is_notified
    watch.poller.finish()
    third.finish()
    assert watch.queues[0].first is None and watch.queues[1].first is None
    assert watch.bench.rig.heap.bytes_used == 0


def test_watch_without_memory_is_an_error() -> None:
    watch = Watch()
    watch.bench.rig.fault.fail_after(1)
    assert error_of(watch.poller.watch, watch.queues[0]) == "ENOMEM"
    watch.poller.finish()
    assert watch.bench.rig.heap.bytes_used == 0
