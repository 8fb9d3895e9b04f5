"""A weights or tokenizer file is an allegation: what is wrong with it is found and named."""

import struct
from pathlib import Path
from typing import Any

import pytest

import bare
from tests.user.llm import toys
from tests.user.llm.engines import Engine

FAULTS: Any = bare.load("user/lib/llm/fault.py").Fault
CONFIG = toys.SHAPES["kv below heads"]
GOOD = (24, 20, 3, 6, 2, 270, 9)
FIELD = {"dim": 0, "hidden": 1, "layers": 2, "heads": 3, "kv_heads": 4, "vocab": 5, "context": 6}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    model = toys.random_model(CONFIG, seed=1)
    return toys.model_file(model, tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def tokens() -> bytes:
    return toys.tokenizer_file(toys.toy_tokenizer(CONFIG.vocab))


def with_field(weights: bytes, name: str, value: int) -> bytes:
    at = 4 * FIELD[name]
    return weights[:at] + struct.pack("<i", value) + weights[at + 4 :]


def fault(engine: Engine, weights: bytes, tokens: bytes) -> str:
    return str(FAULTS(engine.open(weights, tokens, 1 << 20)).name)


@pytest.mark.parametrize("shape", toys.SHAPES)
def test_right_files_are_opened(engine: Engine, shape: str, tmp_path: Path) -> None:
    config = toys.SHAPES[shape]
    model = toys.model_file(toys.random_model(config, seed=1), tmp_path)
    assert fault(engine, model, toys.tokenizer_file(toys.toy_tokenizer(config.vocab))) == "NONE"


@pytest.mark.parametrize(
    ("change", "expected"),
    [(-1, "TRUNCATED"), (-4, "TRUNCATED"), (1, "TOO_LONG"), (400, "TOO_LONG")],
)
def test_wrong_length_is_found(
    engine: Engine, weights: bytes, tokens: bytes, change: int, expected: str
) -> None:
    changed = weights[:change] if change < 0 else weights + bytes(change)
    assert fault(engine, changed, tokens) == expected


@pytest.mark.parametrize("length", [0, 1, 27])
def test_file_without_a_header_is_found(
    engine: Engine, weights: bytes, tokens: bytes, length: int
) -> None:
    assert fault(engine, weights[:length], tokens) == "NO_HEADER"


@pytest.mark.parametrize("name", FIELD)
@pytest.mark.parametrize("value", [0, -1, 1 << 30, 2**31 - 1, -(2**31)])
def test_dimension_out_of_range_is_found(
    engine: Engine, weights: bytes, tokens: bytes, name: str, value: int
) -> None:
    expected = "TRUNCATED" if (name, value) == ("vocab", -1) else "BAD_DIMENSION"
    if expected == "TRUNCATED":
        weights = weights[:28] + bytes(100)
    assert fault(engine, with_field(weights, name, value), tokens) == expected


def test_largest_dimensions_do_not_overflow(engine: Engine, tokens: bytes) -> None:
    largest = (1 << 16, 1 << 16, 1 << 10, 1 << 15, 1 << 15, -(1 << 20), 1_000_000)
    assert fault(engine, struct.pack("<7i", *largest), tokens) == "TRUNCATED"


def test_version_one_file_is_refused(engine: Engine, tokens: bytes) -> None:
    assert fault(engine, struct.pack("<7i", 0x616B3432, 1, 64, 172, 5, 8, 4), tokens) == (
        "BAD_DIMENSION"
    )


@pytest.mark.parametrize(("name", "value"), [("heads", 5), ("heads", 24), ("kv_heads", 4)])
def test_heads_that_do_not_divide_are_found(
    engine: Engine, weights: bytes, tokens: bytes, name: str, value: int
) -> None:
    assert fault(engine, with_field(weights, name, value), tokens) == "BAD_HEADS"


def test_damaged_tokenizers_are_found(engine: Engine, weights: bytes, tokens: bytes) -> None:
    negative = tokens[:8] + struct.pack("<i", -5) + tokens[12:]
    huge = tokens[:8] + struct.pack("<i", 2**31 - 1) + tokens[12:]
    fewer = toys.tokenizer_file(toys.toy_tokenizer(CONFIG.vocab - 1))
    assert fault(engine, weights, tokens[:-1]) == "TOKENIZER_TRUNCATED"
    assert fault(engine, weights, tokens[:3]) == "TOKENIZER_TRUNCATED"
    assert fault(engine, weights, b"") == "TOKENIZER_TRUNCATED"
    assert fault(engine, weights, negative) == "TOKENIZER_LENGTH"
    assert fault(engine, weights, huge) == "TOKENIZER_TRUNCATED"
    assert fault(engine, weights, tokens + b"x") == "TOKENIZER_TOO_LONG"
    assert fault(engine, weights, fewer) == "TOKENIZER_TRUNCATED"


def test_vocabulary_without_byte_pieces_is_found(engine: Engine, tmp_path: Path) -> None:
    config = toys.Config(8, 6, 1, 4, 1, 258, 16)
    model = toys.model_file(toys.random_model(config, seed=1), tmp_path)
    assert fault(engine, model, toys.tokenizer_file(toys.toy_tokenizer(258))) == "TOO_FEW_PIECES"


def test_too_little_memory_is_an_error(engine: Engine, weights: bytes, tokens: bytes) -> None:
    assert engine.open(weights, tokens, 4096) == 255
