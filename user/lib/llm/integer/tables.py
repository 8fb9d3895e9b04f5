"""Exponential and logistic function as tables of integers, computed when the module is compiled."""

from __future__ import annotations

from math import exp, floor

from bare import i64, u16, u32

FRACTION_BITS = 10
"""Scores are logarithms to base two in units of 2**-10."""
FRACTION_MASK: i64 = (1 << FRACTION_BITS) - 1
LARGEST_SHIFT: i64 = 25
"""From here on an exponential is zero."""
EXPONENTIALS: tuple[u32, ...] = tuple(
    floor(2.0 ** (24 - step / (1 << FRACTION_BITS)) + 0.5) for step in range(1 << FRACTION_BITS)
)
"""2**-x in units of 2**-24, for x from 0 to 1."""

SIGMOID_STEPS = 256.0
"""Of the gate's value, for each 1."""
SIGMOID_MIDDLE: i64 = 4096
SIGMOID_BITS = 15
SIGMOIDS: tuple[u16, ...] = tuple(
    floor(32768.0 / (1.0 + exp(-(step - 4096 + 0.5) / SIGMOID_STEPS)) + 0.5) for step in range(8192)
)
"""The logistic function in units of 2**-15 in the middle of each step, from -16 to 16."""


def exponential(below: i64) -> i64:
    """Returns 2**-x in units of 2**-24 for x >= 0 in units of 2**-10."""
    shift = min(below >> FRACTION_BITS, LARGEST_SHIFT)
    return i64(EXPONENTIALS[below & FRACTION_MASK]) >> shift


def sigmoid(place: i64) -> i64:
    """Returns the logistic function in units of 2**-15; `place` is x in steps, rounded down."""
    within = max(min(place, SIGMOID_MIDDLE - 1), -SIGMOID_MIDDLE)
    return i64(SIGMOIDS[within + SIGMOID_MIDDLE])
