"""The records that are no measurement of their own: the demonstration's, and the build's."""

from swiftos import qemu
from swiftos.evidence import gather
from swiftos.evidence.record import Completion, Kind, Metric, Record, Status, Workload
from swiftos.measure import (
    boot,
    bootlog,
    buildtime,
    campaign,
    llm,
    memory,
    schedule,
    serving,
    sizes,
)
from swiftos.measure.campaign import Arm, Result
from swiftos.measure.plan import Part
from swiftos.measure.serving import Answers
from swiftos.measure.session import Session
from swiftos.qemu import Profile

COUNTED_BOOTS = 3
ARM = "A"


def measure_demo(
    profile: Profile, boots: int, told: Session, answers: Answers, command: str
) -> Record:
    """Measures all that the demonstration reports, around the story that was just told.

    Raises what ended a boot early.
    """
    beginning = gather.begin()
    counted = _arm(boot.COUNTED, COUNTED_BOOTS, profile)
    timed = _arm(boot.TIMED, boots, profile)
    smallest = _arm(memory.SMALLEST, 1, profile)
    measured: list[Metric] = [
        *sizes.measure(),
        memory.used_at_prompt(profile.memory, told.top_before),
    ]
    measured += counted.metrics(boot.COUNTED)
    measured += [*timed.metrics(boot.TIMED), *smallest.metrics(memory.SMALLEST)]
    counted_text = counted.observations[-1].raw["serial-counted.log"].decode()
    return gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=profile,
        workload=Workload("demo", 3, {"prompt": llm.PROMPT_TEXT}),
        metrics=[*measured, llm.rate_metric([told.story]), *serving.serving_metrics(answers)],
        markers=[*bootlog.markers(counted_text), told.story.report, *answers.markers],
        snapshots={"top before": told.top_before, "top after": told.top_after},
        notes=["stage times in the markers are from the boot with the counted clock"],
        result="told a story, served a page and a completion, powered off with exit code 0",
    )


def _arm(part: Part, boots: int, profile: Profile) -> Arm:
    """Takes the boots of a part by the same runner as a measurement; raises what ends them."""
    result = Result()
    order = schedule.turns([ARM], boots, campaign.DEFAULT_SEED)
    arms = campaign.take_turns(part, order, {ARM: profile}, result)
    if result.problem is not None:
        raise result.problem
    if result.completion is Completion.INTERRUPTED:
        raise KeyboardInterrupt
    return arms[ARM]


def measure_build(command: str) -> Record:
    """Measures how long builds take on this host."""
    beginning = gather.begin()
    return gather.make_record(
        beginning=beginning,
        kind=Kind.OBSERVATION,
        status=Status.DONE,
        command=command,
        profile=qemu.default_profile(),
        workload=Workload("build", 1, {}),
        metrics=buildtime.measure(),
        notes=["no guest was run"],
        result="builds timed in a copy of the tree",
    )
