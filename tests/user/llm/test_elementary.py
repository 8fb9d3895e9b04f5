import math

import numpy as np
import pytest

from bare import traps
from tests.user.llm.engines import CheckedEngine, Engine


def call(engine: Engine, name: str, x: np.ndarray, kind: str) -> np.ndarray:
    out = engine.lend(bytes(x.nbytes))
    engine.call(name, engine.lend(x.astype(kind).tobytes()), out, len(x))
    return np.frombuffer(engine.read(out, x.astype(kind).nbytes), kind)


def test_exp_is_within_two_ulps(engine: Engine) -> None:
    x = np.concatenate([np.linspace(-708, 709, 400), np.linspace(-1, 1, 101), [0.0, -1e-300]])
    expected = np.array([math.exp(value) for value in x])
    assert np.max(np.abs(call(engine, "exp", x, "<f8") / expected - 1)) < 5e-16


def test_ln_is_close_from_one_to_the_largest(engine: Engine) -> None:
    x = np.concatenate([np.geomspace(1, 1.7e308, 500), np.linspace(1, 4, 300), [1 + 2**-52, 1e4]])
    expected = np.array([math.log(value) for value in x])
    assert np.max(np.abs(call(engine, "ln", x, "<f8") - expected) / (expected + 1e-300)) < 2e-15


def test_exp_f32_is_close_over_its_range(engine: Engine) -> None:
    x = np.concatenate([np.linspace(-87, 88, 400), np.linspace(-1, 1, 101), [0.0]])
    expected = np.exp(x.astype("<f4").astype(np.float64))
    assert np.max(np.abs(call(engine, "exp_f32", x, "<f4") / expected - 1)) < 3e-7


def test_very_negative_arguments_give_zero(engine: Engine) -> None:
    assert call(engine, "exp", np.array([-709.0, -1e300, -math.inf]), "<f8").tolist() == [0] * 3
    assert call(engine, "exp_f32", np.array([-88.0, -1e30, -math.inf]), "<f4").tolist() == [0] * 3


def test_sine_and_cosine_of_all_angles_of_a_context(engine: Engine) -> None:
    positions = np.array([0, 1, 2, 3, 255, 256, 510, 511, 4095, 99999])
    frequencies = 10000.0 ** (-np.arange(16) / 16)
    angles = np.concatenate([np.outer(positions, frequencies).ravel(), [-1.0, -511.0, math.pi]])
    sines, cosines = engine.lend(bytes(angles.nbytes)), engine.lend(bytes(angles.nbytes))
    engine.call("sin_cos", engine.lend(angles.astype("<f8").tobytes()), sines, cosines, len(angles))
    found = [np.frombuffer(engine.read(at, angles.nbytes), "<f8") for at in (sines, cosines)]
    assert np.max(np.abs(found[0] - np.sin(angles))) < 1e-15
    assert np.max(np.abs(found[1] - np.cos(angles))) < 1e-15


@pytest.mark.parametrize(("name", "kind", "x"), [("exp", "<f8", 710.0), ("exp_f32", "<f4", 89.0)])
def test_too_large_arguments_trap(checked: CheckedEngine, name: str, kind: str, x: float) -> None:
    with pytest.raises(traps.AssertionError):
        call(checked, name, np.array([x]), kind)
