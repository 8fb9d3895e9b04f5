"""The integer engine: every way gives the bits of its NumPy twin, whatever the model's shape."""

from pathlib import Path

import numpy as np
import pytest

from models import integer
from models.corpus import REPOSITORY
from models.reference import Model
from tests.user.llm import toys
from tests.user.llm.engines import CheckedEngine, Engine, HostEngine

HOUSE = REPOSITORY / "models" / "house"
SCALAR, VECTOR, DOT = 0, 1, 2
WAYS = (SCALAR, VECTOR, DOT)
IDS = [1, 5, 258, 7, 7, 100, 2, 30, 4, 9, 11, 3]
MEMORY_BYTES = 1 << 22


def open_toy(engine: Engine, shape: str, seed: int, folder: Path) -> Model:
    model = toys.random_model(toys.SHAPES[shape], seed)
    tokens = toys.tokenizer_file(toys.toy_tokenizer(model.config.vocab))
    assert engine.open(toys.model_file(model, folder), tokens, MEMORY_BYTES) == 0
    return model


def assert_twin(engine: Engine, model: Model, way: int, chunk: int) -> None:
    config = model.config
    ids = IDS[: config.context]
    expected, units = integer.IntegerEngine(model).advance(ids)
    engine.call("integer_way", way)
    found, found_units = engine.integer_logits(ids, config.vocab, chunk=chunk)
    last = [min(at + chunk, len(ids)) - 1 for at in range(0, len(ids), chunk)]
    assert np.array_equal(found, expected[last])
    assert np.array_equal(found_units, units[last].astype(np.float32))


@pytest.mark.parametrize("shape", toys.SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_the_twin_to_the_bit(
    host: HostEngine, shape: str, way: int, tmp_path: Path
) -> None:
    for seed in range(3):
        model = open_toy(host, shape, seed, tmp_path)
        for chunk in (1, 3, 4):
            assert_twin(host, model, way, chunk)
        host.forget()


@pytest.mark.parametrize("way", WAYS)
def test_checked_execution_is_the_twin_too(
    checked: CheckedEngine, way: int, tmp_path: Path
) -> None:
    model = open_toy(checked, "one kv head", 4, tmp_path)
    assert_twin(checked, model, way, 4)
