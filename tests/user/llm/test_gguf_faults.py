"""What a GGUF file must be, and the words for each thing that it is not."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from gguf import GGUFValueType, GGUFWriter

from models.reference import Config, Model
from tests.user.llm import gguf_files, toys
from tests.user.llm.engines import Engine, HostEngine
from tests.user.llm.gguf_files import Kind, Recipe

CONFIG = Config(32, 64, 2, 4, 2, 262, 8)
Change = Callable[[GGUFWriter], None]


def file_of(folder: Path, recipe: Recipe, config: Config = CONFIG) -> bytes:
    model = toys.random_model(config, seed=1)
    return gguf_files.file_bytes(folder, model, toys.toy_tokenizer(config.vocab), recipe)


def reason(engine: Engine, file: bytes) -> str:
    fault = engine.open(file, b"", 1 << 20)
    return engine.explain(fault) if fault else "sound"


def replaced(key: str, kind: GGUFValueType, value: Any, element: Any = None) -> Recipe:
    """Returns a recipe in which a key has another value."""

    def change(writer: GGUFWriter) -> None:
        writer.add_key_value(f"{key}?", value, kind, element)
        part = writer.kv_data[0]
        part[key] = part.pop(f"{key}?")

    return Recipe(change=change)


U32, U64, F32 = GGUFValueType.UINT32, GGUFValueType.UINT64, GGUFValueType.FLOAT32
STRING, BOOL, ARRAY = GGUFValueType.STRING, GGUFValueType.BOOL, GGUFValueType.ARRAY
MALFORMED, UNSUPPORTED = "malformed GGUF file: ", "GGUF file that is not supported: "
TRUNCATED = "truncated GGUF file: "
REPLACED = [
    ("general.architecture", STRING, "gpt2", UNSUPPORTED + 'the architecture is "gpt2", not'),
    ("general.architecture", U32, 7, MALFORMED + "general.architecture is no string"),
    ("general.architecture", STRING, "a\x1b[2J\nb", 'the architecture is "a?[2J?b"'),
    ("general.alignment", U32, 24, MALFORMED + "the alignment is 24"),
    ("general.alignment", U32, 0, MALFORMED + "the alignment is 0"),
    ("general.alignment", U64, 1 << 63, MALFORMED + f"the alignment is {1 << 63}"),
    ("llama.block_count", U32, 0, "llama.block_count is 0, not 1 to 1024"),
    ("llama.block_count", U64, 2**64 - 1, f"llama.block_count is {2**64 - 1}, not 1 to 1024"),
    ("llama.block_count", STRING, "2", MALFORMED + "llama.block_count is no whole number"),
    ("llama.block_count", GGUFValueType.INT32, -2, "llama.block_count is no whole number"),
    ("llama.block_count", U32, 1, UNSUPPORTED + "it has a tensor blk.1."),
    ("llama.block_count", U32, 3, MALFORMED + "blk.2.attn_norm.weight is missing"),
    ("llama.embedding_length", U32, 64, "llama.rope.dimension_count is 8; only 16 is done"),
    ("llama.feed_forward_length", U32, 65, "blk.0.ffn_gate.weight is 32 x 64, not 32 x 65"),
    ("llama.attention.head_count", U32, 5, "5 heads and 2 of keys do not divide 32"),
    ("llama.attention.head_count_kv", U32, 3, "4 heads and 3 of keys do not divide 32"),
    ("llama.attention.head_count_kv", U32, 4, "blk.0.attn_k.weight is 32 x 16, not 32 x 32"),
    ("llama.attention.key_length", U32, 16, "llama.attention.key_length is 16; only 8"),
    ("llama.rope.dimension_count", U32, 4, "llama.rope.dimension_count is 4; only 8 is done"),
    ("llama.rope.freq_base", F32, 0.5, "the base of the positions is 0.500"),
    ("llama.rope.freq_base", F32, float("nan"), "llama.rope.freq_base is no finite number"),
    ("llama.rope.scaling.type", STRING, "yarn", 'positions are scaled ("yarn")'),
    ("llama.rope.scaling.factor", F32, 2.0, "llama.rope.scaling.factor is not 1"),
    ("llama.attention.layer_norm_rms_epsilon", F32, 0.0, "epsilon of the norm is 0.000000000"),
    ("llama.attention.layer_norm_rms_epsilon", F32, float("inf"), "is no finite number"),
    ("llama.expert_count", U32, 8, "it has 8 experts; none are supported"),
    ("llama.context_length", U32, 1 << 31, "llama.context_length is 2147483648, not 1 to 1000000"),
    ("llama.vocab_size", U32, 300, "262 tokens, the vocabulary has 300"),
    ("split.count", GGUFValueType.UINT16, 2, "it is one of 2 files"),
    ("tokenizer.ggml.model", STRING, "gpt2", UNSUPPORTED + 'the tokenizer is "gpt2", not "llama"'),
    ("tokenizer.ggml.bos_token_id", U32, 2, "tokenizer.ggml.bos_token_id is 2; only 1 is done"),
    ("tokenizer.ggml.eos_token_id", U32, 9, "tokenizer.ggml.eos_token_id is 9; only 2 is done"),
    ("tokenizer.ggml.add_bos_token", BOOL, False, "add_bos_token is False; only True is done"),
    ("tokenizer.ggml.add_space_prefix", U32, 1, "add_space_prefix is neither true nor false"),
]
ARRAYS = [
    ("tokenizer.ggml.scores", F32, [0.0] * 261, "scores has 261 elements, not 262"),
    ("tokenizer.ggml.scores", U32, [0] * 262, "tokenizer.ggml.scores is no array of FLOAT32"),
    ("tokenizer.ggml.scores", F32, [float("nan")] * 262, "score of a tokenizer piece is not a"),
    ("tokenizer.ggml.tokens", U32, [0] * 262, "tokenizer.ggml.tokens is no array of strings"),
    ("tokenizer.ggml.tokens", STRING, ["x"] * 262, "token 3 is not the byte 0 but x"),
    ("tokenizer.ggml.tokens", STRING, ["x"] * 99, "token_type has 262 elements, not 99"),
    ("tokenizer.ggml.token_type", GGUFValueType.INT32, [4] * 262, "token 0 (<unk>) has type 4"),
]


@pytest.mark.parametrize(("key", "kind", "value", "message"), REPLACED)
def test_value_that_cannot_be_is_named(
    engine: Engine, tmp_path: Path, key: str, kind: GGUFValueType, value: Any, message: str
) -> None:
    assert message in reason(engine, file_of(tmp_path, replaced(key, kind, value)))


@pytest.mark.parametrize(("key", "element", "values", "message"), ARRAYS)
def test_array_that_cannot_be_is_named(
    host: HostEngine,
    tmp_path: Path,
    key: str,
    element: GGUFValueType,
    values: list[Any],
    message: str,
) -> None:
    assert message in reason(host, file_of(tmp_path, replaced(key, ARRAY, values, element)))


NEEDED = (
    "general.architecture",
    "llama.context_length",
    "llama.embedding_length",
    "llama.block_count",
    "llama.feed_forward_length",
    "llama.attention.head_count",
    "llama.attention.layer_norm_rms_epsilon",
    "tokenizer.ggml.tokens",
)


@pytest.mark.parametrize("key", NEEDED)
def test_missing_key_is_named(host: HostEngine, tmp_path: Path, key: str) -> None:
    file = file_of(tmp_path, Recipe(leave_out=(key,)))
    assert reason(host, file) == f"{MALFORMED}{key} is missing"


def test_keys_that_may_be_missing(host: HostEngine, tmp_path: Path) -> None:
    config = Config(32, 64, 1, 4, 4, 262, 8)
    optional = ("llama.attention.head_count_kv", "llama.rope.dimension_count")
    ids = tuple(f"tokenizer.ggml.{name}_token_id" for name in ("bos", "eos", "unknown"))
    recipe = Recipe(leave_out=(*optional, *ids, "tokenizer.ggml.token_type"))
    assert reason(host, file_of(tmp_path, recipe, config)) == "sound"


def test_file_with_another_shape_is_found(host: HostEngine, tmp_path: Path) -> None:
    recipe = replaced("llama.embedding_length", U32, 64)
    recipe.leave_out = ("llama.rope.dimension_count",)
    expected = MALFORMED + "token_embd.weight is 32 x 262, not 64 x 262"
    assert reason(host, file_of(tmp_path, recipe)) == expected


def test_tensors_that_should_not_or_should_be_there(host: HostEngine, tmp_path: Path) -> None:
    def named(old: str, new: str) -> str:
        return reason(host, file_of(tmp_path, Recipe(rename={old: new})))

    assert named("token_embd.weight", "") == f"{MALFORMED}token_embd.weight is missing"
    assert named("output_norm.weight", "") == f"{MALFORMED}output_norm.weight is missing"
    assert named("blk.1.ffn_up.weight", "") == f"{MALFORMED}blk.1.ffn_up.weight is missing"
    for name in ("rope_freqs.weight", "blk.0.attn_q.bias", "blk.2.attn_q.weight", "blk.x", "blk."):
        assert (
            named("blk.1.attn_q.weight", name)
            == f"{UNSUPPORTED}it has a tensor {name}, which is not known"
        )


def test_unsupported_tensor_type_is_named(host: HostEngine, tmp_path: Path) -> None:
    file = file_of(tmp_path, Recipe())
    at = file.index(b"blk.0.attn_q.weight") + len(b"blk.0.attn_q.weight") + 4 + 16
    for kind, name in ((12, "Q4_K"), (30, "BF16"), (2**32 - 1, "another")):
        changed = file[:at] + struct.pack("<I", kind) + file[at + 4 :]
        assert reason(host, changed) == (
            f"{UNSUPPORTED}blk.0.attn_q.weight has type {kind} ({name}); "
            "F32, F16, Q8_0 are supported"
        )


def test_blocks_must_fit_the_rows(host: HostEngine, tmp_path: Path) -> None:
    file = file_of(tmp_path, Recipe(), Config(16, 64, 1, 4, 2, 262, 8))
    at = file.index(b"blk.0.attn_q.weight") + len(b"blk.0.attn_q.weight") + 4 + 16
    changed = file[:at] + struct.pack("<I", Kind.Q8_0) + file[at + 4 :]
    assert "blk.0.attn_q.weight is Q8_0 with rows of 16 numbers" in reason(host, changed)


def test_tensors_outside_of_the_file(host: HostEngine, tmp_path: Path) -> None:
    file = file_of(tmp_path, Recipe())
    at = file.index(b"blk.1.ffn_up.weight") + len(b"blk.1.ffn_up.weight") + 4 + 16 + 4
    for offset, message in (
        (len(file), TRUNCATED + "a tensor has 8192 bytes from"),
        (2**64 - 32, TRUNCATED + f"a tensor has 8192 bytes from {2**64 - 32}"),
        (33, MALFORMED + "a tensor begins at 33, no multiple of 32"),
    ):
        changed = file[:at] + struct.pack("<Q", offset) + file[at + 8 :]
        assert message in reason(host, changed)


@pytest.mark.parametrize(
    ("offset", "field", "message"),
    [
        (4, struct.pack("<I", 1), UNSUPPORTED + "its version is 1; 2 and 3 are supported"),
        (4, struct.pack("<I", 4), UNSUPPORTED + "its version is 4; 2 and 3 are supported"),
        (4, struct.pack(">I", 3), UNSUPPORTED + "its numbers are big-endian"),
        (8, struct.pack("<Q", 2**64 - 1), UNSUPPORTED + "it has a tensor , which"),
        (16, struct.pack("<Q", 2**64 - 1), TRUNCATED + "it ends within the metadata"),
        (24, struct.pack("<Q", 2**64 - 1), TRUNCATED + "it ends within the metadata, at pair 0"),
    ],
)
def test_header_that_cannot_be(
    engine: Engine, tmp_path: Path, offset: int, field: bytes, message: str
) -> None:
    file = file_of(tmp_path, Recipe())
    changed = file[:offset] + field + file[offset + len(field) :]
    assert reason(engine, changed).startswith(message)


def test_every_truncation_is_found(host: HostEngine, tmp_path: Path) -> None:
    file = file_of(tmp_path, Recipe(Kind.Q8_0))
    start = len(file) - sum(tensor.n_bytes for tensor in tensors_of(tmp_path, file))
    for length in [*range(4, start, 97), *range(start - 400, len(file), 997), len(file) - 1]:
        assert reason(host, file[:length]).startswith(TRUNCATED)


def tensors_of(folder: Path, file: bytes) -> list[Any]:
    path = folder / "whole.gguf"
    path.write_bytes(file)
    return list(gguf.GGUFReader(path).tensors)


@pytest.mark.parametrize("number", [1025.0, -1e30, np.inf, np.nan])
@pytest.mark.parametrize("kind", [Kind.F32, Kind.F16])
@pytest.mark.parametrize("name", ["embedding", "w2", "final_norm"])
def test_weights_that_could_overflow_are_refused(
    host: HostEngine, tmp_path: Path, name: str, kind: Kind, number: float
) -> None:
    model = toys.random_model(CONFIG, seed=1)
    model.tensors[name].reshape(-1)[-1] = number
    tokenizer = toys.toy_tokenizer(CONFIG.vocab)
    with np.errstate(over="ignore"):
        file = gguf_files.file_bytes(tmp_path, model, tokenizer, Recipe(kind))
    expected = "a weight is larger than 1024 or not a number"
    assert reason(host, file) == expected
    native = toys.model_file(Model(CONFIG, model.tensors), tmp_path)
    tokens = toys.tokenizer_file(tokenizer)
    assert host.explain(host.open(native, tokens, 1 << 20)) == expected
