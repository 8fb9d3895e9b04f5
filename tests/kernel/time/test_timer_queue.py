"""The timer queue against a sorted list; the alarm is always that of the first timer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bare import load
from bare.checked.memory import Memory
from tests.kernel.memory_bench import LINEAR_BASE, PAGE_SIZE, RAM_BASE, Cpu

TIMERS = 12
NEVER = (1 << 64) - 1


class Bench:
    """A queue of timers that note when they fire, on a clock that the test moves."""

    def __init__(self) -> None:
        memory = Memory()
        memory.add_ram(LINEAR_BASE + RAM_BASE, PAGE_SIZE)
        self.program = load("tests/kernel/timer_rig.py", memory=memory, machine=Cpu())
        self.now = 0
        self.alarm: int | None = None
        self.fired: list[int] = []
        bench = self

        class Source(self.program.module("kernel.time.clock").ClockSource):  # type: ignore[misc]
            def now_ns(self) -> int:
                return bench.now

            def set_alarm(self, deadline_ns: int) -> None:
                bench.alarm = deadline_ns

            def clear_alarm(self) -> None:
                bench.alarm = None

        class Noting(self.program.module("kernel.time.timer_queue").Timer):  # type: ignore[misc]
            number = 0

            def fire(self) -> None:
                bench.fired.append(self.number)

        self.queue: Any = self.program.make_queue(Source())
        self.timers: list[Any] = []
        for number in range(TIMERS):
            timer = Noting()
            timer.number = number
            self.timers.append(timer)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, TIMERS - 1), st.integers(0, 1000)),
        st.tuples(st.just("cancel"), st.integers(0, TIMERS - 1), st.just(0)),
        st.tuples(st.just("run"), st.just(0), st.integers(0, 300)),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_timers_fire_once_in_order_and_the_alarm_is_the_first(
    steps: list[tuple[str, int, int]],
) -> None:
    bench = Bench()
    waiting: dict[int, int] = {}
    for action, number, value in steps:
        timer = bench.timers[number]
        if action == "add":
            waiting[number] = bench.now + value
            bench.queue.add(timer, bench.now + value)
        elif action == "cancel":
            assert bench.queue.cancel(timer) == (number in waiting)
            waiting.pop(number, None)
        else:
            bench.now += value
            bench.fired.clear()
            bench.queue.run_expired()
            due = {name: when for name, when in waiting.items() if when <= bench.now}
            assert sorted(bench.fired) == sorted(due)
            assert [due[name] for name in bench.fired] == sorted(due.values())
            for name in due:
                del waiting[name]
        assert bench.alarm == (min(waiting.values()) if waiting else None)


def test_a_timer_that_adds_itself_again_fires_again() -> None:
    bench = Bench()
    count = 0

    class Repeating(bench.program.module("kernel.time.timer_queue").Timer):  # type: ignore[misc]
        def fire(self) -> None:
            nonlocal count
            count += 1
            if count < 3:
                bench.queue.add(self, bench.now + 10)

    timer = Repeating()
    bench.queue.add(timer, 5)
    for _ in range(4):
        bench.now += 10
        bench.queue.run_expired()
    assert count == 3
    assert bench.alarm is None
