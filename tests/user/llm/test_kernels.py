"""Each kernel apart against float64, with every length of tail."""

import numpy as np
import pytest

from models import reference
from tests.user.llm.engines import Engine

RELATIVE_ERROR = 2e-6


def normal(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def f64(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64)


@pytest.mark.parametrize("columns", [*range(1, 18), 64, 172, 288])
def test_matvec_with_every_tail(engine: Engine, columns: int) -> None:
    matrix, x = normal(5, columns), normal(columns, seed=2)
    out = engine.lend(bytes(20))
    engine.call("matvec", out, 5, engine.lend_f32(matrix), engine.lend_f32(x), columns)
    scale = np.abs(f64(matrix)) @ np.abs(f64(x))
    assert np.all(np.abs(engine.read_f32(out, 5) - f64(matrix) @ f64(x)) <= RELATIVE_ERROR * scale)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 11, 32])
def test_scaled_sum_with_every_tail(engine: Engine, count: int) -> None:
    start, x, scale = normal(count), normal(count, seed=2), np.float32(0.37)
    out = engine.lend_f32(start)
    engine.call("add_scaled", out, engine.lend_f32(x), count, int(scale.view("<u4")))
    expected = f64(start) + float(scale) * f64(x)
    assert engine.read_f32(out, count) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e4])
def test_rms_norm_of_small_and_large_vectors(engine: Engine, size: float) -> None:
    x, weight = normal(44) * np.float32(size), normal(44, seed=2)
    out = engine.lend(bytes(176))
    engine.call("rms_norm", out, engine.lend_f32(x), engine.lend_f32(weight), 44)
    expected = reference.rms_norm(f64(x), f64(weight))
    assert engine.read_f32(out, 44) == pytest.approx(expected, rel=RELATIVE_ERROR, abs=1e-9)


@pytest.mark.parametrize(
    "scores",
    [
        [0.0],
        [5.0] * 7,
        [1000.0, 1001.0, 999.5],
        [-1000.0, 1000.0],
        [-1e30, 0.0, 3.0],
        [80.0, -80.0],
    ],
    ids=str,
)
def test_softmax_of_large_and_equal_scores(engine: Engine, scores: list[float]) -> None:
    at = engine.lend_f32(np.array(scores))
    engine.call("softmax", at, len(scores))
    found = engine.read_f32(at, len(scores))
    assert found == pytest.approx(reference.softmax(np.array(scores)), rel=1e-6, abs=1e-30)
    assert found.sum() == pytest.approx(1, abs=1e-6)


def test_silu_from_minus_to_plus_a_hundred(engine: Engine) -> None:
    gate = np.linspace(-100, 100, 801).astype(np.float32)
    at = engine.lend_f32(gate)
    engine.call("swiglu", at, engine.lend_f32(np.full(801, 2.0)), 801)
    expected = 2 * reference.silu(f64(gate))
    assert engine.read_f32(at, 801) == pytest.approx(expected, rel=1e-6, abs=1e-34)


@pytest.mark.parametrize("position", [0, 1, 7, 511])
@pytest.mark.parametrize(("heads", "size"), [(1, 2), (3, 8), (2, 32)])
def test_rope_turns_adjacent_pairs(engine: Engine, position: int, heads: int, size: int) -> None:
    x = normal(heads, size)
    at, tables = engine.lend_f32(x), engine.lend(bytes(4 * size))
    engine.call("rotate", at, heads * size, tables, size // 2, position)
    expected = reference.rotate(f64(x)[None], np.array([position]))[0]
    found = engine.read_f32(at, heads * size).reshape(heads, size)
    assert np.max(np.abs(found - expected)) < 1e-6
