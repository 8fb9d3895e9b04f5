"""GGUF files give the very logits and tokens of the same weights in the native format."""

from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter, TokenType

from models import reference
from models.reference import Config, Model
from tests.user.llm import gguf_files, toys
from tests.user.llm.engines import CheckedEngine, Engine, HostEngine
from tests.user.llm.gguf_files import Kind, Recipe

MEMORY = 1 << 22
KINDS = {"F32": Kind.F32, "F16": Kind.F16, "Q8_0": Kind.Q8_0}
LANES = 4
TEXTS = (b"", b" ", b"the hen and the bird", "café £ 🙂".encode(), b"a\n\tb", b"\xff\x80", b"aaabc")


def ids_for(config: Config) -> list[int]:
    chance = np.random.default_rng(config.vocab)
    return [1, *(int(token) for token in chance.integers(0, config.vocab, config.context - 1))]


def native_logits(engine: Engine, model: Model, folder: Path) -> np.ndarray:
    tokens = toys.tokenizer_file(toys.toy_tokenizer(model.config.vocab))
    assert engine.open(toys.model_file(model, folder), tokens, MEMORY) == 0
    return engine.logits(ids_for(model.config), model.config.vocab)


def gguf_logits(engine: Engine, model: Model, folder: Path, recipe: Recipe) -> np.ndarray:
    tokenizer = toys.toy_tokenizer(model.config.vocab)
    file = gguf_files.file_bytes(folder, model, tokenizer, recipe)
    assert engine.open(file, b"", MEMORY) == 0
    return engine.logits(ids_for(model.config), model.config.vocab)


def integer_logits(engine: Engine, config: Config) -> bytes:
    """Returns what the integer engine makes of the open model: numbers, and their unit."""
    ids = np.array(ids_for(config)[:LANES], "<u4")
    out = engine.lend(bytes(4 * config.vocab + 4))
    engine.call("integer_forward", engine.lend(ids.tobytes()), len(ids), 0, out)
    return engine.read(out, 4 * config.vocab + 4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_random_shapes_give_the_native_logits(
    host: HostEngine, tmp_path: Path, seed: int, kind: str
) -> None:
    model = toys.random_model(gguf_files.random_config(seed), seed)
    recipe = Recipe(KINDS[kind])
    expected = native_logits(host, gguf_files.dequantised(model, recipe), tmp_path)
    packed = integer_logits(host, model.config)
    assert np.array_equal(gguf_logits(host, model, tmp_path, recipe), expected)
    assert integer_logits(host, model.config) == packed


def test_random_shapes_cover_what_shapes_can_be() -> None:
    shapes = [gguf_files.random_config(seed) for seed in range(6)]
    assert {shape.is_tied for shape in shapes} == {False, True}
    assert {shape.kv_heads < shape.heads for shape in shapes} == {False, True}


@pytest.mark.parametrize("kind", KINDS)
def test_checked_execution_gives_the_same(
    checked: CheckedEngine, tmp_path: Path, kind: str
) -> None:
    model = toys.random_model(Config(32, 32, 1, 4, 2, 270, 4, is_tied=False), seed=2)
    recipe = Recipe(KINDS[kind])
    expected = native_logits(checked, gguf_files.dequantised(model, recipe), tmp_path)
    assert np.array_equal(gguf_logits(checked, model, tmp_path, recipe), expected)


@pytest.mark.parametrize("shape", toys.SHAPES)
def test_rows_that_are_no_blocks(host: HostEngine, shape: str, tmp_path: Path) -> None:
    model = toys.random_model(toys.SHAPES[shape], seed=4)
    expected = native_logits(host, model, tmp_path)
    assert np.array_equal(gguf_logits(host, model, tmp_path, Recipe()), expected)


@pytest.mark.parametrize("alignment", [8, 64, 4096])
def test_any_alignment(host: HostEngine, tmp_path: Path, alignment: int) -> None:
    model = toys.random_model(toys.SHAPES["untied"], seed=4)
    expected = native_logits(host, model, tmp_path)
    found = gguf_logits(host, model, tmp_path, Recipe(alignment=alignment))
    assert np.array_equal(found, expected)


def test_second_version(host: HostEngine, tmp_path: Path) -> None:
    model = toys.random_model(toys.SHAPES["untied"], seed=4)
    expected = native_logits(host, model, tmp_path)
    tokenizer = toys.toy_tokenizer(model.config.vocab)
    file = gguf_files.file_bytes(tmp_path, model, tokenizer, Recipe())
    assert host.open(file[:4] + b"\x02\0\0\0" + file[8:], b"", MEMORY) == 0
    found = host.logits(ids_for(model.config), model.config.vocab)
    assert np.array_equal(found, expected)


def test_epsilon_and_rope_base_are_the_files(
    host: HostEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = toys.random_model(toys.SHAPES["kv below heads"], seed=6)
    found = gguf_logits(host, model, tmp_path, Recipe(epsilon=0.01, rope_base=500000.0))
    plain = reference.Engine(model).advance(ids_for(model.config))
    monkeypatch.setattr(reference, "NORM_EPSILON", 0.01)
    monkeypatch.setattr(reference, "ROPE_THETA", 500000.0)
    expected = reference.Engine(model).advance(ids_for(model.config))
    assert np.max(np.abs(found - expected)) < 1e-4 < np.max(np.abs(plain - expected))


def rotated_by_halves(x: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Turns pair (i, i + size / 2), as the models that converters read are written."""
    half = x.shape[-1] // 2
    angles = positions[:, None] * reference.ROPE_THETA ** (-np.arange(half) / half)[None, :]
    turned = (x[..., :half] + 1j * x[..., half:]) * np.exp(1j * angles)[:, None, :]
    return np.concatenate([turned.real, turned.imag], axis=-1)


def permuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """Orders the rows of a matrix as the converter to GGUF documents it: halves become pairs."""
    layers, count, columns = rows.shape
    split = rows.reshape(layers, heads, 2, count // heads // 2, columns)
    return split.swapaxes(2, 3).reshape(rows.shape)


def test_converted_rows_turn_as_the_original_halves(
    host: HostEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = toys.random_model(toys.SHAPES["kv below heads"], seed=8)
    config = original.config
    monkeypatch.setattr(reference, "rotate", rotated_by_halves)
    expected = reference.Engine(original).advance(ids_for(config))
    tensors = dict(original.tensors)
    tensors["wq"] = permuted(tensors["wq"], config.heads)
    tensors["wk"] = permuted(tensors["wk"], config.kv_heads)
    found = gguf_logits(host, Model(config, tensors), tmp_path, Recipe())
    assert np.max(np.abs(found - expected)) < 1e-4


def test_text_becomes_the_same_tokens_and_back(engine: Engine, tmp_path: Path) -> None:
    config = toys.SHAPES["kv equals heads"]
    model = toys.random_model(config, seed=1)
    tokenizer = toys.toy_tokenizer(config.vocab)
    found = []
    for is_gguf in (False, True):
        if is_gguf:
            file = gguf_files.file_bytes(tmp_path, model, tokenizer, Recipe())
            assert engine.open(file, b"", MEMORY) == 0
        else:
            native = toys.model_file(model, tmp_path)
            assert engine.open(native, toys.tokenizer_file(tokenizer), MEMORY) == 0
        ids = [engine.encode(text) for text in TEXTS]
        found.append((ids, [engine.decode(part) for part in ids]))
    assert found[0] == found[1]
    assert found[0][1] == list(TEXTS)


def test_control_tokens_stand_for_no_text(host: HostEngine, tmp_path: Path) -> None:
    config = toys.SHAPES["kv equals heads"]
    tokenizer = toys.toy_tokenizer(config.vocab)
    he, filler = tokenizer.ids[b"he"], config.vocab - 1

    def hide(writer: GGUFWriter) -> None:
        types = writer.kv_data[0]["tokenizer.ggml.token_type"].value
        types[he], types[filler] = TokenType.CONTROL, TokenType.UNUSED

    model = toys.random_model(config, seed=1)
    file = gguf_files.file_bytes(tmp_path, model, tokenizer, Recipe(change=hide))
    assert host.open(file, b"", MEMORY) == 0
    ids = host.encode(b"the hen")
    assert he not in ids
    assert host.decode(ids) == b"the hen"
    assert host.decode([1, he, filler, ids[1]]) == host.decode([2, ids[1]])


def test_extremes_of_f16_are_exact(host: HostEngine, tmp_path: Path) -> None:
    model = toys.random_model(toys.SHAPES["one kv head"], seed=3)
    special = [0.0, -0.0, 2.0**-24, -(2.0**-24), 1023 * 2.0**-24, 2.0**-14, 1024.0, -1024.0]
    model.tensors["embedding"][:, :] = np.array(special, np.float32)
    recipe = Recipe(Kind.F16)
    expected = native_logits(host, gguf_files.dequantised(model, recipe), tmp_path)
    assert np.array_equal(gguf_logits(host, model, tmp_path, recipe), expected)
