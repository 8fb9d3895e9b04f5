"""The order of boots: seeded, and interleaved A B B A when two builds are measured.

Drift of the host meets both arms alike. Each block of four begins with the arm that the seed
chooses. Replicates are fresh boots, never repetitions within one.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One boot: the arm, which boot of this arm it is, and its place among all boots."""

    arm: str
    boot: int
    position: int


def turns(arms: list[str], boots: int, seed: int) -> list[Turn]:
    """Returns `boots` turns for each of one or two arms, in the order in which to take them."""
    order = _interleaved(arms, boots, seed) if len(arms) == 2 else arms[:1] * boots
    taken = dict.fromkeys(arms, 0)
    result = []
    for position, arm in enumerate(order):
        result.append(Turn(arm, taken[arm], position))
        taken[arm] += 1
    return result


def _interleaved(arms: list[str], boots: int, seed: int) -> list[str]:
    """Returns blocks A B B A or B A A B; an odd number of boots ends with half a block."""
    chance = random.Random(seed)
    order: list[str] = []
    while len(order) < 2 * boots:
        first, second = chance.sample(arms, 2)
        order += [first, second, second, first]
    return order[: 2 * boots]
