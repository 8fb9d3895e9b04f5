"""Puts measurements together into evidence records: the boot, the language model, and both."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swiftos import artifacts, qemu
from swiftos.evidence import gather
from swiftos.evidence.record import Kind, Metric, Record, Status, Workload
from swiftos.measure import boot, bootlog, buildtime, llm, memory, serving, session, sizes
from swiftos.measure.serving import Answers
from swiftos.measure.session import Session
from swiftos.qemu import BootPath, Profile

VIRTUAL_BOOTS = 3


Progress = Callable[[str], None]


def silent(step: str) -> None:
    """Reports no progress."""


@dataclass(frozen=True)
class Plan:
    """How much is measured. One round is four boots, A B B A. `progress` is told each step."""

    rounds: int
    stories: int
    has_smallest_machine: bool
    progress: Progress = silent


def measure_boot(profile: Profile, plan: Plan, command: str) -> Record:
    """Measures the boot in all domains, memory at the prompt and the smallest machine."""
    require_artifacts(profile)
    beginning = gather.begin()
    metrics, counted_text = _boot_metrics(profile, plan)
    with_top = _top_at_prompt(profile)
    metrics.insert(3, memory.used_at_prompt(profile.memory, with_top))
    return gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=profile,
        workload=Workload("boot", 2, {}),
        metrics=metrics,
        markers=bootlog.markers(counted_text),
        snapshots={"top at the prompt": with_top},
        notes=[],
        result="boot to the prompt measured",
    )


def measure_llm(profile: Profile, plan: Plan, command: str) -> tuple[Record, Session]:
    """Measures tokens per second over fresh boots; returns the record and the last session."""
    require_artifacts(profile)
    beginning = gather.begin()
    plan.progress(f"{plan.stories} boots with a story each")
    sessions = [session.tell_a_story(profile) for _ in range(plan.stories)]
    last = sessions[-1]
    record = gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=profile,
        workload=Workload("llm", 1, {"prompt": llm.PROMPT_TEXT}),
        metrics=[_rate(sessions)],
        markers=[*bootlog.markers(last.serial_text), last.story.report],
        snapshots={"top before": last.top_before, "top after": last.top_after},
        notes=[],
        result=f"{len(sessions)} stories told",
    )
    return record, last


def measure_demo(
    profile: Profile, plan: Plan, told: Session, answers: Answers, command: str
) -> Record:
    """Measures all that the demonstration reports, around the story that was just told."""
    beginning = gather.begin()
    metrics, counted_text = _boot_metrics(profile, plan)
    metrics.insert(3, memory.used_at_prompt(profile.memory, told.top_before))
    return gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=profile,
        workload=Workload("demo", 2, {"prompt": llm.PROMPT_TEXT}),
        metrics=[*metrics, _rate([told]), *serving.serving_metrics(answers)],
        markers=[*bootlog.markers(counted_text), told.story.report, *answers.markers],
        snapshots={"top before": told.top_before, "top after": told.top_after},
        notes=["stage times in the markers are from the boot with the counted clock"],
        result="told a story, served a page and a completion, powered off with exit code 0",
    )


def measure_build(command: str) -> Record:
    """Measures how long builds take on this host."""
    beginning = gather.begin()
    return gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=default_profile(),
        workload=Workload("build", 1, {}),
        metrics=buildtime.measure(),
        notes=["no guest was run"],
        result="builds timed in a copy of the tree",
    )


def default_profile(boot_path: BootPath = BootPath.ELF) -> Profile:
    """Returns the profile that measurements use unless told otherwise."""
    return qemu.default_profile(boot_path)


def require_artifacts(profile: Profile) -> None:
    """Raises MissingToolError unless the profile's files are built."""
    needed: list[Path] = [profile.kernel]
    if profile.base_image is not None:
        needed.append(profile.base_image)
    artifacts.require(*needed)


def _boot_metrics(profile: Profile, plan: Plan) -> tuple[list[Metric], str]:
    """Returns sizes and boot metrics, and the serial text of a boot with a counted clock."""
    plan.progress(f"{VIRTUAL_BOOTS} boots with a counted clock")
    virtual, text = boot.measure_virtual(profile, VIRTUAL_BOOTS)
    plan.progress(f"{len(boot.ORDER) * plan.rounds} timed boots, interleaved with a bare ELF")
    metrics = [*sizes.measure(), *virtual, *boot.measure_host_time(profile, plan.rounds)]
    if plan.has_smallest_machine:
        plan.progress("the smallest machine that reaches the prompt, by bisection")
        metrics.append(memory.smallest_machine(profile))
    return metrics, text


def _top_at_prompt(profile: Profile) -> str:
    """Boots and returns the first frame of `top`."""
    with session.booted(profile, "measure-memory") as guest:
        return session.top(guest)


def _rate(sessions: list[Session]) -> Metric:
    return llm.rate_metric([told.story for told in sessions])
