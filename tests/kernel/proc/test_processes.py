"""The process table and the tree against a dict, waiting, and signals sent to processes."""

from __future__ import annotations

import errno
import random

import pytest

from tests.kernel.thread_bench import ThreadBench

ANY = -1
SA_NOCLDSTOP = 1
HANGUP_AND_CONTINUE = 1 << (1 - 1) | 1 << (18 - 1)
CLD_EXITED, CLD_KILLED, CLD_CONTINUED = 1, 2, 6
WNOHANG, WUNTRACED, WCONTINUED = 1, 2, 8
SIGUSR1, SIGKILL, SIGCHLD, SIGCONT, SIGSTOP, SIGTERM, SIGTSTP = 10, 9, 17, 18, 19, 15, 20


class World:
    """A process table and its processes."""

    def __init__(self, pages: int = 2048) -> None:
        self.bench = ThreadBench(rig="tests/kernel/proc_rig.py", pages=pages)
        self.program = self.bench.program
        self.made = self.program.make_processes(self.bench.rig)
        self.table = self.made.table

    def process(self, parent=None):
        return self.program.make_process(self.bench.rig, self.made, parent)

    def wait(self, process, selector=ANY, options=WNOHANG):
        return self.program.wait_child(self.made, process, selector, options)

    def end(self, process, status=0):
        self.program.end_process(self.made, process, status)

    def is_orphaned(self, group):
        return self.program.is_group_orphaned(self.made, group)

    def listed(self):
        pids, process = [], self.table.first
        while process is not None:
            pids.append(process.pid)
            process = process.next_process
        return pids


@pytest.fixture
def world():
    return World()


def test_numbers_rise(world):
    assert [world.process().pid for _ in range(5)] == [1, 2, 3, 4, 5]
    assert world.table.count == 5


def test_numbers_start_again_behind_the_largest(world):
    first, second = world.process(), world.process()
    world.table.last_pid = 0x3FFF_FFFE
    assert world.process().pid == 0x3FFF_FFFF
    assert world.process().pid == 3
    assert (first.pid, second.pid) == (1, 2)
    assert world.listed() == [1, 2, 3, 0x3FFF_FFFF]


@pytest.mark.slow
def test_table_matches_a_dict(world):
    source = random.Random(5)
    model = {}
    for _ in range(400):
        if not model or source.random() < 0.6:
            process = world.process()
            model[process.pid] = process
        else:
            pid = source.choice(list(model))
            world.program.remove_process(world.bench.rig, world.made, model.pop(pid))
        probe = source.randrange(-3, 300)
        assert world.table.find(probe) is model.get(probe)
        following = world.table.first_from(probe)
        later = sorted(pid for pid in model if pid >= probe)
        assert (following.pid if following else None) == (later[0] if later else None)
    assert world.listed() == sorted(model)


def test_wait_returns_and_frees_a_zombie(world):
    parent = world.process()
    child = world.process(parent)
    assert world.wait(parent) == (0, 0)
    world.end(child, 7 << 8)
    assert world.wait(parent) == (2, 7 << 8)
    with pytest.raises(OSError) as caught:
        world.wait(parent)
    assert caught.value.errno == errno.ECHILD


def test_wait_selects_by_number_and_group(world):
    parent = world.process()
    children = [world.process(parent) for _ in range(3)]
    first, second, third = (child.pid for child in children)
    children[2].group = third
    for child in children:
        world.end(child)
    assert world.wait(parent, second)[0] == second
    assert world.wait(parent, -third)[0] == third
    assert world.wait(parent, 0)[0] == first


def test_wait_tells_of_a_stop_once_and_only_if_asked(world):
    parent = world.process()
    child = world.process(parent)
    world.program.stop_process(world.made, child, SIGSTOP)
    assert world.wait(parent) == (0, 0)
    assert world.wait(parent, ANY, WNOHANG | WUNTRACED) == (2, SIGSTOP << 8 | 0x7F)
    assert world.wait(parent, ANY, WNOHANG | WUNTRACED) == (0, 0)
    world.program.post(world.made, child, SIGCONT)
    assert world.wait(parent, ANY, WNOHANG | WCONTINUED) == (2, 0xFFFF)


def test_blocked_wait_ends_when_a_child_does(world):
    parent = world.process()
    child = world.process(parent)
    results = []
    world.bench.spawn(lambda: results.append(world.wait(parent, ANY, 0)))
    world.bench.spawn(lambda: world.end(child, 15))
    world.bench.run()
    assert results == [(2, 15)]


def vfork_wait(world, parent, child, signal):
    """Waits as `vfork` does while the parent is sent a signal; whether that ended the wait."""
    child.holds_parent = True
    world.bench.spawn(lambda: world.program.wait_for_release(world.made, parent, child.pid))
    world.bench.spawn(lambda: world.program.post(world.made, parent, signal))
    world.bench.run()
    return world.bench.unfinished == 0


@pytest.mark.parametrize("signal", [SIGKILL, SIGTERM])
def test_vfork_parent_can_be_killed(world, signal):
    world.process()
    parent = world.process()
    child = world.process(parent)
    assert vfork_wait(world, parent, child, signal)
    assert not child.holds_parent


@pytest.mark.parametrize("case", ["caught", "blocked", "stops", "continues"])
def test_vfork_parent_waits_through_signals_that_do_not_end_it(world, case):
    world.process()
    parent = world.process()
    child = world.process(parent)
    signal = {"stops": SIGTSTP, "continues": SIGCONT}.get(case, SIGTERM)
    if case == "caught":
        parent.signals.actions[SIGTERM - 1].handler = 0x1000
    elif case == "blocked":
        parent.signals.blocked = 1 << (SIGTERM - 1)
    assert not vfork_wait(world, parent, child, signal)
    assert child.holds_parent


def test_orphans_go_to_the_first_process(world):
    init = world.process()
    parent = world.process(init)
    grandchildren = [world.process(parent) for _ in range(2)]
    world.end(grandchildren[0], 3)
    world.end(parent)
    assert all(child.parent is init for child in grandchildren)
    assert {world.wait(init)[0], world.wait(init)[0]} == {2, 3}
    assert world.wait(init) == (0, 0)


def test_orphan_tells_the_first_process_of_its_end_by_sigchld(world):
    world.process()
    parent = world.process()
    child = world.process(parent)
    child.exit_signal = SIGUSR1
    world.end(parent)
    assert child.exit_signal == SIGCHLD


def catch_child_signal(process, flags=0):
    process.signals.actions[SIGCHLD - 1].handler = 0x1000
    process.signals.actions[SIGCHLD - 1].flags = flags


def child_detail(process):
    assert process.signals.pending == 1 << (SIGCHLD - 1)
    detail = process.signals.details[SIGCHLD]
    return detail.code, detail.pid, detail.status


@pytest.mark.parametrize(
    ("code", "signal", "detail"),
    [(7, 0, (CLD_EXITED, 3, 7)), (0, SIGTERM, (CLD_KILLED, 3, SIGTERM))],
)
def test_parent_is_told_how_a_child_ended(world, code, signal, detail):
    world.process()
    parent = world.process()
    child = world.process(parent)
    child.exit_signal = SIGCHLD
    catch_child_signal(parent, SA_NOCLDSTOP)
    world.program.end_loudly(world.made, child, code, signal)
    assert child_detail(parent) == detail


def test_parent_is_told_that_a_child_goes_on(world):
    world.process()
    parent = world.process()
    child = world.process(parent)
    catch_child_signal(parent)
    world.program.stop_process(world.made, child, SIGSTOP)
    world.program.post(world.made, child, SIGCONT)
    assert child_detail(parent) == (CLD_CONTINUED, 3, SIGCONT)


def test_parent_that_does_not_want_to_know_of_stops_can_still_wait(world):
    world.process()
    parent = world.process()
    child = world.process(parent)
    catch_child_signal(parent, SA_NOCLDSTOP)
    world.program.stop_process(world.made, child, SIGSTOP)
    world.program.post(world.made, child, SIGCONT)
    assert parent.signals.pending == 0
    assert world.wait(parent, ANY, WNOHANG | WCONTINUED) == (3, 0xFFFF)


def test_group_is_orphaned_without_a_parent_in_its_session(world):
    world.process()
    shell = world.process()
    job = world.process(shell)
    job.group = job.pid
    member = world.process(job)
    assert world.is_orphaned(shell.group)
    assert not world.is_orphaned(job.group)
    shell.session = 77
    assert world.is_orphaned(job.group)
    shell.session = job.session
    world.end(job)
    assert world.is_orphaned(member.group)


def test_children_of_the_first_process_are_orphans(world):
    init = world.process()
    child = world.process(init)
    child.group = child.pid
    assert world.is_orphaned(child.group)


def test_stopped_job_whose_shell_ends_is_hung_up_and_goes_on(world):
    world.process()
    shell = world.process()
    job, other = world.process(shell), world.process(shell)
    for process in (job, other):
        process.group = process.pid
    helper = world.process(job)
    world.program.stop_process(world.made, helper, SIGTSTP)
    world.end(shell)
    assert helper.state == world.table.first.state
    assert helper.signals.pending == job.signals.pending == HANGUP_AND_CONTINUE
    assert other.signals.pending == 0


def test_stopped_job_whose_last_link_to_the_shell_ends_is_hung_up(world):
    world.process()
    shell = world.process()
    job = world.process(shell)
    job.group = job.pid
    helper = world.process(job)
    world.program.stop_process(world.made, helper, SIGTSTP)
    world.end(job)
    assert helper.signals.pending == HANGUP_AND_CONTINUE


def test_stopped_job_stays_while_its_shell_lives(world):
    world.process()
    shell = world.process()
    job, sibling = world.process(shell), world.process(shell)
    job.group = sibling.group = job.pid
    world.program.stop_process(world.made, sibling, SIGTSTP)
    world.end(job)
    assert sibling.signals.pending == 0
    assert sibling.state != world.table.first.state


def test_signal_to_the_first_process_needs_a_handler(world):
    init = world.process()
    world.program.post(world.made, init, SIGTERM)
    assert init.signals.pending == 0
    init.signals.actions[SIGTERM - 1].handler = 0x1000
    world.program.post(world.made, init, SIGTERM)
    assert init.signals.pending == 1 << (SIGTERM - 1)


def test_ignored_signals_leave_no_trace(world):
    world.process()
    process = world.process()
    world.program.post(world.made, process, SIGCHLD)
    assert process.signals.pending == 0
    process.signals.actions[SIGTERM - 1].handler = 1
    world.program.post(world.made, process, SIGTERM)
    assert process.signals.pending == 0


def test_ignored_signal_waits_while_it_is_blocked(world):
    world.process()
    process = world.process()
    process.signals.blocked = 1 << (SIGCHLD - 1)
    world.program.post(world.made, process, SIGCHLD)
    assert process.signals.pending == 1 << (SIGCHLD - 1)


def test_stop_and_continue_cancel_each_other(world):
    world.process()
    process = world.process()
    process.signals.blocked = 1 << (SIGCONT - 1) | 1 << (SIGTSTP - 1)
    world.program.post(world.made, process, SIGTSTP)
    process.signals.actions[SIGCONT - 1].handler = 0x1000
    world.program.post(world.made, process, SIGCONT)
    assert process.signals.pending == 1 << (SIGCONT - 1)
    world.program.post(world.made, process, SIGTSTP)
    assert process.signals.pending == 1 << (SIGTSTP - 1)


def test_kill_is_delivered_before_all_others(world):
    world.process()
    process = world.process()
    for signal in (SIGTERM, SIGKILL, 1):
        world.program.post(world.made, process, signal)
    assert process.signals.first_deliverable() == SIGKILL


@pytest.mark.parametrize("signal", [SIGKILL, SIGSTOP])
def test_some_signals_cannot_be_blocked(world, signal):
    process = world.process()
    process.signals.set_blocked(2**64 - 1)
    assert process.signals.blocked & 1 << (signal - 1) == 0


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([b"ls"], b"ls"),
        ([b"ls", b"-l", b"/"], b"ls -l /"),
        ([b"x" * 300], b"x" * 127),
        ([b""], b""),
    ],
)
def test_command_is_the_arguments_joined(world, words, command):
    into = bytearray(128)
    block = bytearray(b"".join(word + b"\0" for word in words))
    used = world.program.join_words(world.bench.rig, block, into)
    assert bytes(into).rstrip(b"\0") == command
    assert used == len(block) + len(b"/bin/x\0")


def test_arguments_have_a_limit(world):
    block = bytearray(b"a" * 300_000 + b"\0")
    with pytest.raises(OSError) as caught:
        world.program.join_words(world.bench.rig, block, bytearray(128))
    assert caught.value.errno == errno.E2BIG
