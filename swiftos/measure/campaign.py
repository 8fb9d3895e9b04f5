"""Runs a measurement: boots in order, progress, and a record for each part and build.

What was measured is never lost: after ^C, a guest that hangs or a QEMU that dies the records are
made of what there is, and say that they are not whole.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import click

from swiftos import paths
from swiftos.errors import ExitCode, HarnessError, ProductError, ToolError
from swiftos.evidence import gather, metrics
from swiftos.evidence.record import Completion, Kind, Metric, Record, Sample, Status
from swiftos.measure import schedule
from swiftos.measure.machine import Variant
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part
from swiftos.measure.schedule import Turn
from swiftos.qemu import BootPath, Profile

DEFAULT_BOOTS = 12
DEFAULT_SEED = 1


@dataclass(frozen=True)
class Settings:
    """How a measurement is run, beside what it measures; `command` is as the user typed it."""

    command: str
    variants: tuple[Variant, ...]
    boots: int = DEFAULT_BOOTS
    seed: int = DEFAULT_SEED
    memory: str = "256M"
    boot_path: BootPath = BootPath.ELF
    has_proof: bool = False

    def profile(self, variant: Variant) -> Profile:
        """Returns the guest that a build is measured in."""
        return variant.profile(self.boot_path, self.memory)


@dataclass
class Arm:
    """What the boots of one build gave, in order."""

    turns: list[Turn] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)

    def metrics(self, part: Part) -> list[Metric]:
        """Returns the metrics of all values that boots added, and those that the part derives."""
        samples: dict[str, list[Sample]] = {}
        for turn, observation in zip(self.turns, self.observations, strict=True):
            for name, values in observation.values.items():
                kept = samples.setdefault(name, [])
                kept += [Sample(value, turn.boot, turn.arm, turn.position) for value in values]
        found = [metrics.metric(name, kept, equality(kept)) for name, kept in samples.items()]
        return [*found, *part.derive(self.observations)]


@dataclass
class Result:
    """The records of a measurement with their raw files; `problem` is what ended it early."""

    records: list[tuple[Record, dict[str, bytes]]] = field(default_factory=list)
    completion: Completion = Completion.WHOLE
    problem: ToolError | None = None

    @property
    def status(self) -> Status:
        """How the measurement ended: FAIL blames the product, MISS the harness."""
        if self.problem is None:
            return Status.DONE
        is_product = self.problem.exit_code is ExitCode.PRODUCT
        return Status.FAIL if is_product else Status.MISS


def measure(measurement: Measurement, settings: Settings) -> Result:
    """Runs all parts, until one fails or the user ends it, which is noted in the result.

    Raises MissingToolError where something is not built.
    """
    result = Result()
    name = f"{measurement.name}-{time.time_ns():x}"
    with _ends_noted(result):
        proofs = prove(measurement.proofs) if settings.has_proof else []
    for part in measurement.parts:
        if result.completion is Completion.WHOLE:
            _measure_part(measurement, part, settings, result, name, proofs)
    return result


def _measure_part(
    measurement: Measurement,
    part: Part,
    settings: Settings,
    result: Result,
    campaign: str,
    proofs: list[str],
) -> None:
    """Takes the turns of a part and adds a record for each build."""
    beginning = gather.begin()
    profiles = {variant.label: settings.profile(variant) for variant in settings.variants}
    boots = min(settings.boots, part.most_boots or settings.boots)
    order = schedule.turns(list(profiles), boots, settings.seed)
    arms = take_turns(part, order, profiles, result)
    for variant in settings.variants:
        arm = arms[variant.label]
        last = arm.observations[-1] if arm.observations else Observation()
        record = gather.make_record(
            beginning=beginning,
            kind=Kind.OBSERVATION,
            status=result.status,
            command=settings.command,
            profile=part.describe(settings.profile(variant)),
            workload=part.workload,
            metrics=arm.metrics(part),
            result=result_line(part, arm, result),
            markers=[*last.markers, *proofs],
            snapshots=last.snapshots,
            notes=notes(arm, settings, result),
            boundaries=measurement.boundaries,
            completion=result.completion,
            campaign=campaign,
            build=variant.folder,
        )
        result.records.append((record, last.raw))


def take_turns(
    part: Part, order: list[Turn], profiles: dict[str, Profile], result: Result
) -> dict[str, Arm]:
    """Boots in order, showing progress; notes in `result` what ended it early."""
    arms = {name: Arm() for name in profiles}
    with _ends_noted(result), progress(part.title, order) as steps:
        for turn in steps:
            observation = Observation()
            arms[turn.arm].turns.append(turn)
            arms[turn.arm].observations.append(observation)
            part.observe(profiles[turn.arm], observation)
    return arms


@contextlib.contextmanager
def _ends_noted(result: Result) -> Iterator[None]:
    """Turns ^C and expected failures into the state of the result."""
    try:
        yield
    except KeyboardInterrupt:
        result.completion = Completion.INTERRUPTED
    except ToolError as error:
        result.completion = Completion.FAILED
        result.problem = error
    except OSError as error:
        result.completion = Completion.FAILED
        cure = "see the newest folder in build/runs: did QEMU end, is the disk full?"
        result.problem = HarnessError(f"the guest or a file was lost: {error}", cure)


@contextlib.contextmanager
def progress(title: str, order: list[Turn]) -> Iterator[Iterator[Turn]]:
    """Shows how far the boots are and the time left; where there is no terminal, the title only."""
    label = f"{title}, {len(order)} boots"
    with click.progressbar(order, label=label, file=sys.stderr, show_pos=True) as bar:
        yield iter(bar)


def equality(samples: list[Sample]) -> str:
    """Says whether all samples are the same."""
    different = len({sample.value for sample in samples})
    if len(samples) < 2:
        return ""
    return "all equal" if different == 1 else f"{different} different values"


def notes(arm: Arm, settings: Settings, result: Result) -> list[str]:
    """Returns the seed, what the boots noted, and what ended them early."""
    noted = dict.fromkeys(note for one in arm.observations for note in one.notes)
    lines = [f"order of boots from seed {settings.seed}", *noted]
    if result.problem is not None:
        lines.append("ended early: " + result.problem.message.splitlines()[0])
    return lines


def result_line(part: Part, arm: Arm, result: Result) -> str:
    """Says what was measured, and how many boots it was where it ended early."""
    if result.completion is Completion.WHOLE:
        return f"{part.title}, {len(arm.observations)} fresh boots"
    whole = max(0, len(arm.observations) - 1)
    return f"{part.title}, {result.completion.value} behind {whole} whole boots"


def prove(commands: Iterable[str]) -> list[str]:
    """Runs focused proofs; returns a line for each. Raises ProductError for one that fails."""
    lines = []
    for command in commands:
        click.echo(f"proof: {command}", err=True)
        outcome = subprocess.run(
            command.split(), cwd=paths.REPOSITORY, capture_output=True, text=True, check=False
        )
        if outcome.returncode:
            tail = (outcome.stdout + outcome.stderr).strip()[-2000:]
            raise ProductError(f"the proof {command} failed:\n{tail}", f"run {command}")
        lines.append(f"proof PASS: {command}")
    return lines
