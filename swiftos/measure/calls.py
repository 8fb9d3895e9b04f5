"""Measures a system call that does next to nothing: the way into the kernel and back."""

from swiftos.evidence.record import Workload
from swiftos.measure import machine, session
from swiftos.measure.observation import Observation, one_spent_line, run
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.qemu import Profile

CALLS = 20_000
BUDGET_S = 60


def observe_counted(profile: Profile, seen: Observation) -> None:
    """Adds the busy time of a call where instructions are counted."""
    seen.add("call.getpid", load(machine.counted(profile), seen)["busy_ns"] / CALLS)


def observe_timed(profile: Profile, seen: Observation) -> None:
    """Adds the time of a call by the host's clock: the guest's own follows it."""
    seen.add("call.getpid-wall", load(profile, seen)["busy_ns"] / CALLS)


def load(profile: Profile, seen: Observation) -> dict[str, int]:
    """Makes the calls; returns what the system spent meanwhile."""
    with session.booted(profile, "measure-call") as guest:
        run(guest, "callload -n 100", BUDGET_S)
        text = run(guest, f"callload -n {CALLS}", BUDGET_S).text
        seen.keep_console(guest, "serial.log")
        spent = one_spent_line(guest, text)
    seen.markers.append(f"callload: {CALLS} calls")
    return spent


COUNTED = Part(
    title="a getpid call, instructions counted",
    workload=Workload("call", 1, {"call": "getpid", "calls": str(CALLS)}),
    describe=machine.counted,
    observe=observe_counted,
)
TIMED = Part(
    title="a getpid call by the host's clock",
    workload=Workload("call-timed", 1, {"call": "getpid", "calls": str(CALLS)}),
    describe=as_described,
    observe=observe_timed,
)
MEASUREMENT = Measurement(
    name="call",
    claim="a system call costs what it did",
    parts=(COUNTED, TIMED),
    boundaries=("does not prove: what any other call costs",),
)
