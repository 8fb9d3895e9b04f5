"""The arithmetic of the network on vectors of `f32`.

Vectors of any length are taken four or eight elements at a time, the rest one by one. The order of
every sum is fixed, so that all executions give the same bits.
"""

from __future__ import annotations

from bare import Span, f32, f64, simd, sqrt, usize
from bare.simd import f32x4
from user.lib.llm.elementary import exp, exp_f32, sin_cos

LANES: usize = 4
STRIDE: usize = 8


def dot(left: Span[f32], right: Span[f32]) -> f32:
    """Returns the sum of the products of two vectors of one length."""
    count = len(left)
    assert len(right) == count, "vectors do not fit"
    whole = count - count % STRIDE
    even = f32x4.splat(0.0)
    odd = f32x4.splat(0.0)
    for index in range(0, whole, STRIDE):
        even = simd.add(even, simd.mul(f32x4.load(left, index), f32x4.load(right, index)))
        next_index = index + LANES
        odd = simd.add(odd, simd.mul(f32x4.load(left, next_index), f32x4.load(right, next_index)))
    total = simd.sum_lanes(simd.add(even, odd))
    for index in range(whole, count):
        total += left[index] * right[index]
    return total


def matvec(out: Span[f32], matrix: Span[f32], x: Span[f32]) -> None:
    """Multiplies `matrix` [len(out), len(x)] by `x`."""
    columns = len(x)
    assert len(matrix) == len(out) * columns, "matrix and vectors do not fit"
    start: usize = 0
    for row in range(len(out)):
        out[row] = dot(matrix[start : start + columns], x)
        start += columns


def add(out: Span[f32], x: Span[f32]) -> None:
    """Adds `x` to `out`."""
    assert len(out) == len(x), "vectors do not fit"
    for index in range(len(out)):
        out[index] += x[index]


def add_scaled(out: Span[f32], x: Span[f32], scale: f32) -> None:
    """Adds `scale` times `x` to `out`."""
    count = len(out)
    assert len(x) == count, "vectors do not fit"
    whole = count - count % LANES
    scales = f32x4.splat(scale)
    for index in range(0, whole, LANES):
        product = simd.mul(scales, f32x4.load(x, index))
        simd.add(f32x4.load(out, index), product).store(out, index)
    for index in range(whole, count):
        out[index] += scale * x[index]


def rms_norm(out: Span[f32], x: Span[f32], weight: Span[f32], epsilon: f32) -> None:
    """Divides `x` by the root of its mean square plus `epsilon` and multiplies it by `weight`."""
    mean_square = dot(x, x) / f32(len(x))
    scale = 1.0 / sqrt(mean_square + epsilon)
    for index in range(len(out)):
        out[index] = weight[index] * (scale * x[index])


def softmax(x: Span[f32]) -> None:
    """Turns scores into probabilities, in place. `x` is not empty."""
    largest = x[0]
    for score in x:
        largest = max(largest, score)
    total: f32 = 0.0
    for index in range(len(x)):
        x[index] = exp_f32(x[index] - largest)
        total += x[index]
    for index in range(len(x)):
        x[index] /= total


def silu(x: f32) -> f32:
    """Returns x times the logistic function of x."""
    decayed = exp_f32(-abs(x))
    if x >= 0.0:
        return x / (1.0 + decayed)
    return x * decayed / (1.0 + decayed)


def swiglu(gate: Span[f32], up: Span[f32]) -> None:
    """Replaces `gate` by silu(gate) * up."""
    assert len(gate) == len(up), "vectors do not fit"
    for index in range(len(gate)):
        gate[index] = silu(gate[index]) * up[index]


def rope_angles(cosines: Span[f32], sines: Span[f32], position: usize, ln_base: f64) -> None:
    """Computes the turn of each pair of one head at `position`: position / base**(i / pairs)."""
    pairs = len(cosines)
    for index in range(pairs):
        frequency = exp(-ln_base * f64(index) / f64(pairs))
        sine, cosine = sin_cos(f64(position) * frequency)
        cosines[index] = f32(cosine)
        sines[index] = f32(sine)


def rotate(heads: Span[f32], cosines: Span[f32], sines: Span[f32]) -> None:
    """Turns the pairs (2i, 2i + 1) of every head; the head size is twice the number of pairs."""
    pairs = len(cosines)
    for pair in range(len(heads) // 2):
        cosine = cosines[pair % pairs]
        sine = sines[pair % pairs]
        even = heads[2 * pair]
        odd = heads[2 * pair + 1]
        heads[2 * pair] = even * cosine - odd * sine
        heads[2 * pair + 1] = even * sine + odd * cosine


def argmax(x: Span[f32]) -> usize:
    """Returns the index of the largest element, the lowest of equals. `x` is not empty."""
    best: usize = 0
    for index in range(1, len(x)):
        if x[index] > x[best]:
            best = index
    return best
