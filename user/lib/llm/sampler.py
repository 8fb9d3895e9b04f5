"""Chooses the next token from logits.

Temperature 0, or one that no choice could be told from it, is greedy. `top_k` 0 and `top_p` outside
(0, 1) are off. The generator is xorshift64*, one number for each token that is not chosen greedily,
so that a seed gives the same text whatever else runs. Tokens are walked in order of id, or, when
top-k or top-p is on, from the most probable down. All arithmetic is in `f32`.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    f32,
    inline,
    raises,
    struct,
    u64,
    usize,
    wrapping_mul,
    wrapping_shl,
)
from bare.lib.allocator import Allocator
from user.lib.llm.candidates import Candidates
from user.lib.llm.elementary import exp_f32
from user.lib.llm.kernels import argmax

MULTIPLIER: u64 = 0x2545_F491_4F6C_DD1D
SMALLEST_TEMPERATURE: f32 = 1e-6
"""Divided by less, logits might become infinite."""
COIN_STEPS: f32 = 16777216.0
"""2**24: a coin has as many bits as the fraction of an f32 holds."""


@struct
class Sampler:
    """Settings and the generator's state."""

    candidates: Candidates = inline()
    temperature: f32 = 0.0
    top_p: f32 = 1.0
    top_k: usize = 0
    state: u64 = 1
    """The seed at first. Never 0, from which the generator does not move."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, vocab: usize) -> None:
        """Takes the memory for a vocabulary."""
        self.candidates.prepare(allocator, vocab)

    def choose(self, logits: Span[f32]) -> usize:
        """Returns the id of the next token."""
        if self.temperature < SMALLEST_TEMPERATURE:
            return argmax(logits)
        self.weigh(logits)
        if self.top_k == 0 and not self.has_top_p():
            return self.choose_from_all()
        kept = len(logits)
        if self.top_k > 0:
            kept = min(self.top_k, kept)
        return self.choose_from_best(kept)

    def has_top_p(self) -> bool:
        """Whether top-p is on."""
        return 0.0 < self.top_p < 1.0

    def coin(self) -> f32:
        """Returns the generator's next number, at least 0 and below 1."""
        self.state ^= self.state >> 12
        self.state ^= wrapping_shl(self.state, 25)
        self.state ^= self.state >> 27
        high = wrapping_mul(self.state, MULTIPLIER) >> 32
        return f32(high >> 8) / COIN_STEPS

    def weigh(self, logits: Span[f32]) -> None:
        """Sets the weights to exponentials of logits / temperature, the largest being 1."""
        weights = self.candidates.weights
        largest = logits[argmax(logits)] / self.temperature
        for index in range(len(logits)):
            weights[index] = exp_f32(logits[index] / self.temperature - largest)

    def choose_from_all(self) -> usize:
        """Walks all ids in order until the coin is passed."""
        weights = self.candidates.weights
        total = sum_of(weights)
        coin = self.coin()
        passed: f32 = 0.0
        for index in range(len(weights)):
            passed += weights[index] / total
            if passed > coin:
                return index
        return len(weights) - 1

    def choose_from_best(self, kept: usize) -> usize:
        """Walks the `kept` most probable ids, or fewer if top-p is on, until the coin is passed."""
        candidates = self.candidates
        candidates.start()
        total = self.total_of(kept)
        passed: f32 = 1.0
        if self.has_top_p():
            passed = self.cut(kept, total)
        target = self.coin() * passed
        passed = 0.0
        for index in range(candidates.taken_count):
            passed += candidates.weights[candidates.taken[index]] / total
            if passed > target:
                return usize(candidates.taken[index])
        return usize(candidates.taken[candidates.taken_count - 1])

    def total_of(self, kept: usize) -> f32:
        """Returns the weight of the `kept` most probable ids; takes them if top-k is on."""
        candidates = self.candidates
        if self.top_k == 0:
            return sum_of(candidates.weights)
        total: f32 = 0.0
        for _ in range(kept):
            total += candidates.weights[candidates.take()]
        return total

    def cut(self, kept: usize, total: f32) -> f32:
        """Leaves the ids whose sum of chances just passes top-p, and returns that sum.

        Ids that alone have less than their share of what top-p drops are never among them.
        """
        candidates = self.candidates
        cutoff = (1.0 - self.top_p) / f32(max(kept, 2) - 1)
        passed: f32 = 0.0
        count: usize = 0
        while count < kept and passed <= self.top_p:
            if count == candidates.taken_count:
                candidates.take()
            chance = candidates.weights[candidates.taken[count]] / total
            if chance < cutoff and count > 0:
                break
            passed += chance
            count += 1
        candidates.taken_count = count
        return passed


def sum_of(weights: Span[f32]) -> f32:
    """Returns the sum, first to last."""
    total: f32 = 0.0
    for weight in weights:
        total += weight
    return total
