"""`Measurement`: a claim, what is collected for it, its focused proof, and what it does not prove.

A measurement has parts; a part is one kind of guest and what is done in it, and gives one record
for each build. All figures of a part come from like boots, so a record has one profile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from swiftos.evidence.record import Metric, Workload
from swiftos.measure.observation import Observation
from swiftos.qemu import Profile

Observe = Callable[[Profile, Observation], None]
"""Boots a guest, does the work, adds what was seen; called once for each fresh boot."""
Derive = Callable[[list[Observation]], list[Metric]]
"""Makes metrics out of all boots of an arm, beside the values that the boots added."""


def nothing_derived(observations: list[Observation]) -> list[Metric]:
    """Derives nothing."""
    return []


@dataclass(frozen=True)
class Part:
    """One kind of boot. `describe` gives the profile that the record states.

    A measurement's first part has the measurement's name as its workload, so that
    `./swos compare http~1 http` compares what it says first.
    """

    title: str
    workload: Workload
    describe: Callable[[Profile], Profile]
    observe: Observe
    derive: Derive = nothing_derived
    most_boots: int | None = None
    """For what further boots would only repeat; None: as many as are asked for."""


@dataclass(frozen=True)
class Measurement:
    """What is measured to support a claim. `boundaries` say what it does not prove."""

    name: str
    claim: str
    parts: tuple[Part, ...]
    boundaries: tuple[str, ...]
    proofs: tuple[str, ...] = ()
    """Commands that show that the behaviour is there at all."""
    notes: tuple[str, ...] = field(default=())


def as_described(profile: Profile) -> Profile:
    """Returns the profile as it is: the guest of the part is the one asked for."""
    return profile
