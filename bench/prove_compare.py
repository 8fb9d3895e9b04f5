"""Proves that measuring and comparing find what is there, and nothing else.

usage: python -m bench.prove_compare [--boots N] [--comparisons N] [CLAIM...]

Claims, all unless named:
  exact      the busy time of a request over loopback is the same in 30 of 30 boots, under load
  identical  a build from nothing, in another folder, compares IDENTICAL
  slower     3 % put into the send path is REGRESSED in busy time, over loopback and from outside,
             while another process loads the host
  flush      a TLB flush in every system call is REGRESSED in host time; guest time does not see it
  memory     the same figure with -m 512M is INCOMPARABLE, names the memory, and exits with 3
  same       comparisons of a build with itself, interleaved, raise no alarm

The tree is built first. Changed builds are made in copies of it under build/prove; records go to
build/prove/evidence.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from swiftos import building, paths, sabotage
from swiftos.errors import ExitCode, HarnessError, ToolError
from swiftos.evidence.compare import Comparison, Mode, Verdict, compare_records
from swiftos.evidence.figures import percent
from swiftos.evidence.record import Record, Sample
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from swiftos.measure import calls, campaign, http
from swiftos.measure.campaign import Settings
from swiftos.measure.machine import Variant
from swiftos.measure.plan import Measurement, Part

FOLDER = paths.BUILD / "prove"
EXACT_BOOTS = 30
BOOTS = 12
COMPARISONS = 20
BOOTS_OF_SAME = 8
CHANGED = (Verdict.REGRESSED, Verdict.IMPROVED)
OWN = Variant("A", paths.BUILD)
BUSY = "http.busy-per-request"
OUTSIDE_BUSY = "http.outside-busy-per-request"


@dataclass(frozen=True)
class Edit:
    """A change of one place in one file."""

    file: str
    old: str
    new: str


TURNS_INSIDE = 130
TURNS_OUTSIDE = 180
"""Turns of an empty loop for each segment sent that make a request 3 % slower: over loopback two
segments are sent for it, to the outside one, in a request that costs less."""
BOOTS_OUTSIDE = 30
"""Frames from outside come when they come: the noise is larger than over loopback."""


def slower_send(turns: int) -> tuple["Edit", ...]:
    """Returns the edits that put a loop behind each segment that is sent."""
    file = "kernel/net/socket/tcp_output.py"
    imports = "from bare import never_inline, struct, u64, wrap_u32\n"
    sent = "        commit_segment(connection.tcp, now_ms, outgoing)\n"
    loop = f'        for _ in range({turns}):\n            dmb("ish")\n'
    return (
        Edit(file, imports, imports + "from bare.unsafe import dmb\n"),
        Edit(file, sent, sent + loop),
    )


FLUSH_IN_EVERY_CALL = (
    Edit(
        "kernel/arch/aarch64/dispatch.py",
        "        served.handle_syscall(frame)\n",
        "        flush_all()\n        served.handle_syscall(frame)\n",
    ),
    Edit(
        "kernel/arch/aarch64/dispatch.py",
        "from kernel.arch.aarch64.interrupts import",
        "from kernel.arch.aarch64.tlb import flush_all\nfrom kernel.arch.aarch64.interrupts import",
    ),
)


class Prover:
    """Runs claims one by one and says what became of each."""

    def __init__(self, boots: int, comparisons: int) -> None:
        self.boots = boots
        self.comparisons = comparisons
        self.store = Store(FOLDER / "evidence")
        self.failed: list[str] = []

    def claims(self) -> dict[str, Callable[[], None]]:
        """Returns the claims by name, in the order of the help text."""
        return {
            "exact": self.exact,
            "identical": self.identical,
            "slower": self.slower,
            "flush": self.flush,
            "memory": self.memory,
            "same": self.same,
        }

    def exact(self) -> None:
        """30 boots, one value, beside a process that computes."""
        with loaded_host():
            (record,) = self.measured([http.INSIDE], (OWN,), EXACT_BOOTS)
        values = {sample.value for sample in find(record, BUSY)}
        number = len(find(record, BUSY))
        self.check(
            f"{number} boots under load give {sorted(values)} ns a request",
            number == EXACT_BOOTS and len(values) == 1,
        )

    def identical(self) -> None:
        """A copy without any build folder is built and compared."""
        other = build("same", (), is_from_nothing=True)
        first, second = self.measured([http.INSIDE], (OWN, other), 2)
        verdicts = {found.verdict for found in compare_records(first, second)}
        self.check(
            f"a build from nothing compares {shown(verdicts)}", verdicts == {Verdict.IDENTICAL}
        )

    def slower(self) -> None:
        """Slower builds are measured in turn with this one, under load."""
        for part, name, turns, boots in (
            (http.INSIDE, BUSY, TURNS_INSIDE, self.boots),
            (http.OUTSIDE_COUNTED, OUTSIDE_BUSY, TURNS_OUTSIDE, max(self.boots, BOOTS_OUTSIDE)),
        ):
            other = build("slower", slower_send(turns))
            with loaded_host():
                first, second = self.measured([part], (OWN, other), boots)
            found = self.compared(first, second, name)
            assert found.change is not None
            ends = f"{percent(found.change.low)} to {percent(found.change.high)}"
            self.check(
                f"3 % in the send path, {name}: {found.verdict.value} by "
                f"{percent(found.change.value)} ({ends})",
                found.verdict is Verdict.REGRESSED and 0.015 < found.change.value < 0.06,
            )

    def flush(self) -> None:
        """The build that flushes is measured in turn with this one, in both domains."""
        other = build("flush", FLUSH_IN_EVERY_CALL)
        parts = [http.INSIDE, http.OUTSIDE, calls.TIMED]
        records = self.measured(parts, (OWN, other), self.boots)
        guest = self.compared(records[0], records[1], BUSY)
        assert guest.change is not None
        for place, name in ((2, "http.cpu-per-request"), (4, "call.getpid-wall")):
            host = self.compared(records[place], records[place + 1], name)
            change = "unknown" if host.change is None else percent(host.change.value)
            self.check(
                f"a flush in every call, {name}: {host.verdict.value}, {change}",
                host.verdict is Verdict.REGRESSED,
            )
        self.check(
            f"the same in guest time: {percent(guest.change.value)}: the instructions of the flush",
            abs(guest.change.value) < 0.005,
        )
        says = any("TLB flushes" in line for line in records[0].boundaries)
        self.check("the record in guest time says that TLB flushes cost nothing in it", says)

    def memory(self) -> None:
        """The same build with another memory, through the command line."""
        (small,) = self.measured([http.INSIDE], (OWN,), 2)
        (large,) = self.measured([http.INSIDE], (OWN,), 2, "512M")
        names = [self.store.add(record) for record in (small, large)]
        command = [sys.executable, str(paths.REPOSITORY / "swos"), "compare", *names]
        environment = {**os.environ, FOLDER_VARIABLE: str(self.store.folder)}
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        print(result.stdout)
        is_named = "memory: 256M against 512M" in result.stdout
        is_refused = result.returncode == ExitCode.REFUSED and "INCOMPARABLE" in result.stdout
        self.check(
            f"-m 512M: exit code {result.returncode}, memory named: {is_named}",
            is_named and is_refused,
        )

    def same(self) -> None:
        """This build against itself, over and over, in all three domains of time."""
        alarms = []
        found: list[Comparison] = []
        parts = [http.INSIDE, http.OUTSIDE_COUNTED, http.OUTSIDE]
        for number in range(self.comparisons):
            own = (OWN, Variant("B", paths.BUILD))
            records = self.measured(parts, own, BOOTS_OF_SAME, seed=number)
            for first, second in zip(records[0::2], records[1::2], strict=True):
                found += compare_records(first, second, mode=Mode.CONTROL)
            print(f"A/A comparison {number + 1} of {self.comparisons}", file=sys.stderr)
        alarms = [one.metric.name for one in found if one.verdict in CHANGED]
        counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
        spread = ", ".join(f"{count} {one.value}" for one, count in counts.items() if count)
        self.check(
            f"{self.comparisons} A/A comparisons of {len(found)} figures: {spread}; "
            f"{len(alarms)} false alarms {alarms or ''}",
            not alarms,
        )

    def measured(
        self,
        parts: list[Part],
        variants: tuple[Variant, ...],
        boots: int,
        memory: str = "256M",
        seed: int = campaign.DEFAULT_SEED,
    ) -> list[Record]:
        """Measures parts and stores the records; raises what ended them early."""
        measurement = Measurement("prove", "a proof", tuple(parts), http.MEASUREMENT.boundaries)
        settings = Settings("python -m bench.prove_compare", variants, boots, seed, memory)
        result = campaign.measure(measurement, settings)
        if result.problem is not None:
            raise result.problem
        for record, raw in result.records:
            self.store.add(record, raw)
        return [record for record, _ in result.records]

    def compared(self, first: Record, second: Record, name: str) -> Comparison:
        """Compares one metric."""
        (found,) = compare_records(first, second, [name])
        return found

    def check(self, what: str, is_true: bool) -> None:
        """Prints a claim with what became of it."""
        print(f"{'PROVED' if is_true else 'FAILED'}  {what}", flush=True)
        if not is_true:
            self.failed.append(what)


def find(record: Record, name: str) -> list[Sample]:
    """Returns the samples of a metric, none where it is not there."""
    return [sample for one in record.metrics if one.name == name for sample in one.samples]


def shown(verdicts: set[Verdict]) -> str:
    """Returns verdicts as text."""
    return ", ".join(sorted(verdict.value for verdict in verdicts))


def build(name: str, edits: tuple[Edit, ...], is_from_nothing: bool = False) -> Variant:
    """Builds a changed copy of the tree; raises HarnessError where an edit does not fit."""
    copy = FOLDER / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    sabotage.make_copy(paths.REPOSITORY, copy)
    if is_from_nothing:
        shutil.rmtree(copy / "build")
    for edit in edits:
        path = copy / edit.file
        text = path.read_text()
        if text.count(edit.old) != 1:
            raise HarnessError(f"{edit.file} has no single {edit.old!r}", "correct the edit")
        path.write_text(text.replace(edit.old, edit.new))
    command = [sys.executable, str(copy / "swos"), "build"]
    result = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if result.returncode:
        raise HarnessError(f"the copy does not build:\n{result.stderr[-2000:]}", "correct the edit")
    return replace(OWN, label="B", folder=copy / "build")


@contextlib.contextmanager
def loaded_host() -> Iterator[None]:
    """Has another process compute meanwhile."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            yield
        finally:
            busy.kill()


def main(arguments: list[str]) -> int:
    """Proves what is asked for; returns 1 where anything failed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.prove_compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--boots", type=int, default=BOOTS)
    parser.add_argument("--comparisons", type=int, default=COMPARISONS)
    parser.add_argument("claims", nargs="*", metavar="CLAIM")
    options = parser.parse_args(arguments)
    for line in building.build(building.Plan()):
        print(line, file=sys.stderr)
    prover = Prover(options.boots, options.comparisons)
    claims = prover.claims()
    unknown = set(options.claims) - set(claims)
    if unknown:
        parser.error(f"there is no claim {', '.join(sorted(unknown))}")
    for name in options.claims or claims:
        try:
            claims[name]()
        except ToolError as error:
            prover.check(f"{name}: {error.message} (cure: {error.cure})", False)
    print(f"{len(prover.failed)} claims failed")
    return 1 if prover.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
