"""Medians with intervals, from the standard library only, repeatable by a stored seed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

RESAMPLES = 2000
CONFIDENCE = 0.99
SEED = 20260101


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its 99 % percentile bootstrap interval."""

    value: float
    low: float
    high: float


def median_interval(values: Sequence[float]) -> Interval:
    """Returns the median of independent samples with its interval."""
    return _bootstrap([values], lambda groups: median(groups[0]))


def difference_of_medians(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Returns median(first) - median(second) with its interval."""
    return _bootstrap([first, second], lambda groups: median(groups[0]) - median(groups[1]))


def ratio_of_medians(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Returns median(first) / median(second) with its interval."""
    return _bootstrap([first, second], lambda groups: median(groups[0]) / median(groups[1]))


def _bootstrap(
    groups: Sequence[Sequence[float]], statistic: Callable[[Sequence[Sequence[float]]], float]
) -> Interval:
    """Resamples each group with replacement and returns the statistic with its interval."""
    chance = random.Random(SEED)
    results = sorted(
        statistic([chance.choices(group, k=len(group)) for group in groups])
        for _ in range(RESAMPLES)
    )
    cut = int(RESAMPLES * (1 - CONFIDENCE) / 2)
    return Interval(statistic(groups), results[cut], results[-1 - cut])
