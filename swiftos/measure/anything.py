"""Measures a command of the guest: whatever can be typed at the prompt.

Where instructions are counted it runs twice: the first time with everything new to the page cache,
the second with all in place. By the host's clock it runs once, between two frames of `top`.
"""

from swiftos.evidence.record import Workload
from swiftos.guest import Guest
from swiftos.measure import machine, session
from swiftos.measure.observation import Observation, one_spent_line, run
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.qemu import Profile

KEPT_OUTPUT = 4000
COUNTS = {
    "system_calls": "command.calls",
    "page_faults": "command.page-faults",
    "allocations": "command.allocations",
    "processes_made": "command.processes",
}


def measurement(command: str, budget_s: float) -> Measurement:
    """Returns the measurement of a command that ends by itself within the budget."""
    workload = {"command": command}
    return Measurement(
        name="command",
        claim=f"what `{command}` costs",
        parts=(
            Part(
                title="the command, instructions counted",
                workload=Workload("command", 1, workload),
                describe=machine.counted,
                observe=lambda profile, seen: observe_counted(profile, seen, command, budget_s),
            ),
            Part(
                title="the command between two frames of top",
                workload=Workload("command-timed", 1, workload),
                describe=as_described,
                observe=lambda profile, seen: observe_timed(profile, seen, command, budget_s),
            ),
        ),
        boundaries=("does not prove: what the command costs on hardware, or with other input",),
    )


def observe_counted(profile: Profile, seen: Observation, command: str, budget_s: float) -> None:
    """Adds busy time and counts of the first and of the second run."""
    with session.booted(machine.counted(profile), "measure-command-counted") as guest:
        first = _spend(guest, command, budget_s)
        second = _spend(guest, command, budget_s)
        seen.keep_console(guest, "serial-counted.log")
    seen.add("command.first-busy", first["busy_ns"])
    seen.add("command.busy", second["busy_ns"])
    for field, name in COUNTS.items():
        seen.add(name, second[field])
    seen.add("command.memory-kept", (second["used_after"] - second["used_before"]) / 1024)


def _spend(guest: Guest, command: str, budget_s: float) -> dict[str, int]:
    text = run(guest, f"spent sh -c {quoted(command)}", budget_s).text
    return one_spent_line(guest, text)


def observe_timed(profile: Profile, seen: Observation, command: str, budget_s: float) -> None:
    """Adds the time by the host's clock, from Enter to the next prompt, and QEMU's CPU time."""
    with session.booted(profile, "measure-command") as guest:
        seen.snapshots["top before"] = session.top(guest)
        before = machine.host_time(guest)
        output = run(guest, command, budget_s)
        after = machine.host_time(guest)
        seen.snapshots["top after"] = session.top(guest)
        seen.keep_console(guest, "serial.log")
    seen.snapshots["output"] = output.text[-KEPT_OUTPUT:]
    seen.add("command.wall", after.wall_s - before.wall_s)
    if before.cpu_s is not None and after.cpu_s is not None:
        seen.add("command.cpu", after.cpu_s - before.cpu_s)


def quoted(command: str) -> str:
    """Returns a command as one word of the guest's shell."""
    return "'" + command.replace("'", "'\\''") + "'"
