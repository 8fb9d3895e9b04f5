"""Descriptors: the lowest free number, growth, flags, copies; every file is closed exactly once."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.bench import Bench
from tests.kernel.tree import error_of

LIMIT = 40


class Table:
    """A table of a bench, and files that count how often they were closed."""

    def __init__(self) -> None:
        self.bench = Bench(512)
        self.closed: list[int] = []
        self.table = self.bench.program.make_fd_table(self.bench.rig, LIMIT)
        self.made = 0
        table = self

        class File(self.bench.get("kernel.fs.file:File")):  # type: ignore[misc]
            def close(self) -> None:
                table.closed.append(self.flags)

        self._type = File

    def file(self) -> Any:
        """Returns a new file with one reference; `flags` is its number."""
        file = self._type(allocator=self.bench.rig.heap, flags=0)
        file.start(self.bench.rig.heap, self.made)
        self.made += 1
        return file


def test_lowest_number_is_given_and_the_table_grows() -> None:
    table = Table()
    assert [table.table.add(table.file(), 0, False) for _ in range(20)] == list(range(20))
    table.table.close(3)
    table.table.close(11)
    assert table.table.add(table.file(), 5, False) == 11
    assert table.table.add(table.file(), 0, False) == 3
    assert table.closed == [3, 11]


def test_limit_and_failures_close_what_was_given() -> None:
    table = Table()
    for _ in range(LIMIT):
        table.table.add(table.file(), 0, False)
    assert error_of(table.table.add, table.file(), 0, False) == "EMFILE"
    assert error_of(table.table.replace, LIMIT, table.file(), False) == "EBADF"
    assert error_of(table.table.replace, -1, table.file(), False) == "EBADF"
    assert table.closed == [LIMIT, LIMIT + 1, LIMIT + 2]
    for fd in (-1, LIMIT, 1 << 30):
        assert error_of(table.table.get, fd) == "EBADF"
        assert error_of(table.table.close, fd) == "EBADF"


def test_file_in_use_closes_when_its_user_is_done() -> None:
    table = Table()
    table.table.add(table.file(), 0, False)
    file = table.table.get(0)
    table.table.close(0)
    assert table.closed == []
    file.put()
    assert table.closed == [0]


def test_memory_failure_leaves_the_table_as_it_was() -> None:
    table = Table()
    for _ in range(8):
        table.table.add(table.file(), 0, False)
    table.bench.rig.fault.fail_after(1)
    assert error_of(table.table.add, table.file(), 0, False) == "ENOMEM"
    assert table.closed == [8]
    other = table.bench.program.make_fd_table(table.bench.rig, LIMIT)
    table.table.add(table.file(), 0, False)
    table.bench.rig.fault.fail_after(1)
    assert error_of(table.table.copy_to, other) == "ENOMEM"
    assert other.open_files() == 0
    table.table.copy_to(other)
    assert other.open_files() == 9


def test_exec_closes_marked_descriptors_only() -> None:
    table = Table()
    table.table.add(table.file(), 0, False)
    table.table.add(table.file(), 0, True)
    table.table.set_close_on_exec(0, True)
    table.table.set_close_on_exec(1, False)
    table.table.close_for_exec()
    assert table.closed == [0]
    assert not table.table.close_on_exec(1)


OPERATIONS = st.one_of(
    st.tuples(st.just("add"), st.integers(0, LIMIT)),
    st.tuples(st.just("replace"), st.integers(-1, LIMIT)),
    st.tuples(st.just("close"), st.integers(-1, LIMIT)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(OPERATIONS, max_size=60))
def test_table_agrees_with_a_dict(operations: list[tuple[str, int]]) -> None:
    table = Table()
    model: dict[int, int] = {}
    closed: list[int] = []
    for name, number in operations:
        if name == "add":
            made = table.made
            free = next((fd for fd in range(number, LIMIT) if fd not in model), None)
            if free is None:
                assert error_of(table.table.add, table.file(), number, False) == "EMFILE"
                closed.append(made)
            else:
                assert table.table.add(table.file(), number, False) == free
                model[free] = made
        elif name == "replace":
            made = table.made
            error = error_of(table.table.replace, number, table.file(), False)
            assert error == ("" if 0 <= number < LIMIT else "EBADF")
            if error:
                closed.append(made)
            else:
                closed += [model[number]] if number in model else []
                model[number] = made
        else:
            error = error_of(table.table.close, number)
            assert error == ("" if number in model else "EBADF")
            if not error:
                closed.append(model.pop(number))
    assert table.closed == closed
    table.table.put()
    assert sorted(table.closed) == list(range(table.made))
    assert table.bench.rig.heap.bytes_used == 0
