from pathlib import Path

import numpy as np
import pytest

from models.reference import Sampler, softmax
from tests.user.llm import toys
from tests.user.llm.engines import Engine, HostEngine

VOCAB = 290
SETTINGS = [
    (1.0, 0.9, 0),
    (0.8, 0.95, 0),
    (1.0, 1.0, 0),
    (0.7, 1.0, 40),
    (1.3, 0.9, 10),
    (1.0, 0.01, 0),
    (1.0, 0.5, 1),
    (0.3, 0.999, 1000),
]


def open_toy(engine: Engine, folder: Path) -> None:
    config = toys.Config(8, 6, 1, 2, 1, VOCAB, 8)
    model = toys.model_file(toys.random_model(config, seed=1), folder)
    assert engine.open(model, toys.tokenizer_file(toys.toy_tokenizer(VOCAB)), 1 << 20) == 0


@pytest.fixture
def toy(engine: Engine, tmp_path: Path) -> Engine:
    open_toy(engine, tmp_path)
    return engine


def test_coins_are_those_of_xorshift64_star(toy: Engine) -> None:
    toy.set_knobs(1.0, 0.9, 0, seed=133742)
    out = toy.lend(bytes(4 * 8))
    toy.call("coins", out, 8)
    oracle = Sampler(1.0, 0.9, 0, seed=133742)
    assert toy.read_f32(out, 8).tolist() == [float(oracle.coin()) for _ in range(8)]
    assert toy.read_f32(out, 1)[0] == pytest.approx(0.7062990069389343)


@pytest.mark.parametrize(("temperature", "top_p", "top_k"), SETTINGS)
def test_choices_are_those_of_the_oracle(
    toy: Engine, temperature: float, top_p: float, top_k: int
) -> None:
    generator = np.random.default_rng(8)
    toy.set_knobs(temperature, top_p, top_k, seed=77)
    oracle = Sampler(temperature, top_p, top_k, seed=77)
    for _ in range(25):
        logits = (3 * generator.normal(size=VOCAB)).astype(np.float32)
        oracle.smallest_margin = np.inf
        expected = oracle.choose(logits)
        found = toy.choose(logits)
        assert found == expected or oracle.smallest_margin < 1e-5


@pytest.mark.parametrize(
    ("temperature", "top_p", "top_k"),
    [(0.0, 0.9, 40), (1.0, 1e-6, 0), (1.0, 1.0, 1), (1e-3, 1.0, 0)],
)
def test_limits_are_greedy_with_the_lowest_of_equals(
    toy: Engine, temperature: float, top_p: float, top_k: int
) -> None:
    logits = np.zeros(VOCAB, np.float32)
    logits[200] = 5.0
    if temperature in (0.0, 1.0):
        logits[250] = 5.0
    toy.set_knobs(temperature, top_p, top_k, seed=5)
    assert [toy.choose(logits) for _ in range(12)] == [200] * 12


def test_equal_logits_are_cut_by_id(toy: Engine) -> None:
    toy.set_knobs(1.0, 1.0, 3, seed=5)
    assert {toy.choose(np.zeros(VOCAB, np.float32)) for _ in range(60)} == {0, 1, 2}


def test_very_unequal_logits_do_not_overflow(toy: Engine) -> None:
    logits = np.full(VOCAB, -1e30, np.float32)
    logits[7] = 1e30
    toy.set_knobs(0.5, 0.9, 0, seed=5)
    assert toy.choose(logits) == 7


@pytest.mark.parametrize("temperature", [1e-45, 1e-38, 1e-9])
def test_temperatures_near_zero_are_greedy(toy: Engine, temperature: float) -> None:
    logits = np.linspace(-20, 20, VOCAB, dtype=np.float32)
    toy.set_knobs(temperature, 0.9, 40, seed=5)
    assert toy.choose(logits) == VOCAB - 1


def test_a_seed_gives_the_same_choices_again(toy: Engine) -> None:
    logits = np.linspace(0, 3, VOCAB, dtype=np.float32)
    runs = []
    for seed in (9, 9, 10):
        toy.set_knobs(1.0, 1.0, 0, seed)
        runs.append([toy.choose(logits) for _ in range(20)])
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.slow
@pytest.mark.parametrize(("top_p", "top_k"), [(1.0, 0), (1.0, 50), (0.97, 0)])
def test_frequencies_of_a_hundred_thousand_draws(
    host: HostEngine, tmp_path: Path, top_p: float, top_k: int
) -> None:
    open_toy(host, tmp_path)
    logits = np.zeros(VOCAB, np.float32) - 20
    logits[[3, 50, 120, 289]] = [0.0, 1.0, 2.0, 0.5]
    host.set_knobs(0.9, top_p, top_k, seed=11)
    at = host.lend_f32(logits)
    draws = [host.call("choose", at) for _ in range(100_000)]
    counts = np.bincount(draws, minlength=VOCAB)[[3, 50, 120, 289]]
    expected = 100_000 * softmax(np.array([0.0, 1.0, 2.0, 0.5]) / 0.9)
    assert counts.sum() == 100_000
    assert np.sum((counts - expected) ** 2 / expected) < 16.3  # 3 degrees of freedom, p = 0.001
