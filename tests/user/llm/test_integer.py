"""The integer engine: every way gives the bits of its NumPy twin, whatever the model's shape."""

import hashlib
import json
from pathlib import Path
from typing import Any

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


def test_going_back_starts_over_from_there(host: HostEngine, tmp_path: Path) -> None:
    model = open_toy(host, "kv below heads", 5, tmp_path)
    vocab = model.config.vocab
    host.call("integer_way", VECTOR)
    first, _ = host.integer_logits([1, 40, 3, 250, 40], vocab)
    host.integer_logits([9, 9, 9], vocab, first=2)
    again, _ = host.integer_logits([3, 250, 40], vocab, first=2)
    assert np.array_equal(first[2:], again)


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((HOUSE / "golden-int8.json").read_text())
    return cases


@pytest.mark.parametrize("way", WAYS)
def test_house_model_writes_the_golden_logits(
    house: HostEngine, golden: dict[str, Any], way: int
) -> None:
    assert hashlib.sha256((HOUSE / "model.bin").read_bytes()).hexdigest() == golden["model_sha256"]
    house.call("integer_way", way)
    for case in golden["greedy"] + golden["sampled"]:
        ids = case["prompt_ids"] + case["generated_ids"]
        found, _ = house.integer_logits(ids, 2048)
        digest = hashlib.sha256(found.astype("<i4").tobytes()).hexdigest()
        assert digest == case["logits_sha256"]


def test_prompt_in_chunks_is_the_prompt_token_by_token(
    house: HostEngine, golden: dict[str, Any]
) -> None:
    case = golden["greedy"][1]
    ids = (case["prompt_ids"] + case["generated_ids"])[:201]
    house.call("integer_way", VECTOR)
    singly, _ = house.integer_logits(ids, 2048)
    for chunk in (2, 4):
        chunked, _ = house.integer_logits(ids, 2048, chunk=chunk)
        last = [min(at + chunk, len(ids)) - 1 for at in range(0, len(ids), chunk)]
        assert np.array_equal(chunked, singly[last])


def as_kernels_want(weights: np.ndarray) -> bytes:
    """Returns rows of a multiple of 16 columns, a multiple of 16 rows, block by block."""
    rows, columns = weights.shape
    blocks = weights.astype(np.int8).reshape(rows // 16, 16, columns // 4, 4)
    return blocks.transpose(0, 2, 1, 3).tobytes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("weight", "x"), [(64, 127), (-64, 127), (64, -127), (127, 63)])
def test_largest_sums_fit_every_kernel(house: HostEngine, way: int, weight: int, x: int) -> None:
    """Four products in a lane may come to 258 * 127, or to 4 * 127 * 63 where x is a chance."""
    weights = np.full((32, 64), weight)
    if abs(weight) == 64:
        weights[:, ::8] += 2 * np.sign(weight)
    out = house.lend(bytes(4 * 32))
    lent = house.lend(as_kernels_want(weights))
    vector = np.full(64, x)
    assert (
        house.call(
            "integer_kernel", way, lent, 32, 64, house.lend(vector.astype(np.int8).tobytes()), out
        )
        == 0
    )
    assert np.array_equal(np.frombuffer(house.read(out, 128), "<i4"), weights @ vector)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("columns", [1, 2, 7, 8, 15, 16, 17, 44, 172])
def test_packed_matrix_with_every_tail(house: HostEngine, way: int, columns: int) -> None:
    generator = np.random.default_rng(columns)
    matrix = generator.normal(size=(19, columns)).astype(np.float32)
    matrix[3] = 0
    matrix[4] *= 1e-3
    matrix[5] = 2.5
    x = generator.integers(-127, 128, columns)
    out = house.lend(bytes(4 * 32))
    lent = house.lend(x.astype(np.int8).tobytes())
    assert house.call("integer_matrix", way, house.lend_f32(matrix), 19, columns, lent, out) == 0
    expected = integer.pack(matrix).weights @ x
    assert np.array_equal(np.frombuffer(house.read(out, 76), "<i4"), expected)


@pytest.mark.parametrize("way", WAYS)
def test_completion_by_integers_is_the_golden_text(
    house: HostEngine, golden: dict[str, Any], way: int
) -> None:
    case = golden["greedy"][1]
    assert house.call("pack", way) == 0
    count = len(case["generated_ids"])
    body = json.dumps({"prompt": case["prompt"], "temperature": 0, "n_predict": count}).encode()
    out = house.lend(bytes(1 << 16))
    result = house.call("complete", house.lend(body), len(body), 1, out)
    assert result >> 40 == count
    written, text = house.read(out, result & 0xFFFF_FFFF), b""
    while written:
        text += written[1 : 1 + written[0]]
        written = written[1 + written[0] :]
    assert text.decode() == case["text"]
