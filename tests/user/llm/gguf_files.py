"""GGUF files of models made in a test, written by the `gguf` package of the llama.cpp project."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType

from models.reference import EOS, Config, Model, Tokenizer

Kind = GGMLQuantizationType
LAYER_TENSORS = {
    "attention_norm": "attn_norm",
    "wq": "attn_q",
    "wk": "attn_k",
    "wv": "attn_v",
    "wo": "attn_output",
    "ffn_norm": "ffn_norm",
    "w1": "ffn_gate",
    "w2": "ffn_down",
    "w3": "ffn_up",
}
TENSORS = {"embedding": "token_embd", "final_norm": "output_norm", "classifier": "output"}
UNUSED = ("unused_rope_cosines", "unused_rope_sines")
BLOCK = 32


@dataclass
class Recipe:
    """How a file is to differ from the plain one."""

    matrices: Kind = Kind.F32
    epsilon: float = 1e-5
    rope_base: float | None = None
    alignment: int | None = None
    rename: dict[str, str] = field(default_factory=dict)
    """Tensor names to be written otherwise; an empty name leaves the tensor out."""
    change: Callable[[GGUFWriter], None] = lambda writer: None
    """Further metadata."""
    leave_out: tuple[str, ...] = ()
    """Metadata keys that are not written."""


def random_config(seed: int) -> Config:
    """Returns a shape whose rows are whole blocks of Q8_0."""
    chance = np.random.default_rng(seed)
    kv_heads = int(chance.integers(1, 4))
    heads = kv_heads * int(chance.choice((1, 2, 4)))
    size = BLOCK // int(np.gcd(BLOCK, heads)) * int(chance.integers(1, 3))
    size += size % 2
    hidden = BLOCK * int(chance.integers(1, 4))
    vocab, context = 259 + int(chance.integers(0, 60)), 6 + int(chance.integers(0, 6))
    layers, is_tied = int(chance.integers(1, 4)), bool(chance.integers(0, 2))
    return Config(heads * size, hidden, layers, heads, kv_heads, vocab, context, is_tied)


def kind_of(recipe: Recipe, values: np.ndarray) -> Kind:
    """Returns the type that a tensor gets: vectors stay F32, as converters leave them."""
    return recipe.matrices if values.ndim > 1 else Kind.F32


def dequantised(model: Model, recipe: Recipe) -> Model:
    """Returns the model that the file's numbers make, by the package's own arithmetic."""

    def convert(values: np.ndarray) -> np.ndarray:
        kind = kind_of(recipe, values)
        return gguf.quants.dequantize(gguf.quants.quantize(values, kind), kind)

    tensors = {}
    for name, values in model.tensors.items():
        if name in UNUSED:
            continue
        is_stacked = name in LAYER_TENSORS
        parts = [convert(part) for part in values] if is_stacked else [convert(values)]
        tensors[name] = np.array(parts if is_stacked else parts[0], np.float32)
    return Model(model.config, tensors)


def file_bytes(folder: Path, model: Model, tokenizer: Tokenizer, recipe: Recipe) -> bytes:
    """Returns a whole file."""
    path = folder / "model.gguf"
    writer = GGUFWriter(path, "llama")
    add_shape(writer, model.config, recipe)
    add_tokenizer(writer, tokenizer)
    recipe.change(writer)
    for part in writer.kv_data:
        for key in recipe.leave_out:
            part.pop(key, None)
    add_tensors(writer, model, recipe)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def add_shape(writer: GGUFWriter, config: Config, recipe: Recipe) -> None:
    """Adds dimensions and constants."""
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.dim)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_rope_dimension_count(config.head_size)
    writer.add_layer_norm_rms_eps(recipe.epsilon)
    if recipe.rope_base is not None:
        writer.add_rope_freq_base(recipe.rope_base)
    if recipe.alignment is not None:
        writer.add_custom_alignment(recipe.alignment)


def add_tokenizer(writer: GGUFWriter, tokenizer: Tokenizer) -> None:
    """Adds pieces, scores and types as a converter of SentencePiece models does."""
    names = [b"<unk>", b"<s>", b"</s>"]
    pieces = [piece.replace(b" ", "▁".encode()) for piece in tokenizer.pieces[3:]]
    types = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL]
    types += [TokenType.BYTE] * 256 + [TokenType.NORMAL] * (len(pieces) - 256)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(names + pieces)
    writer.add_token_scores(tokenizer.scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(EOS)
    writer.add_unk_token_id(0)


def add_tensors(writer: GGUFWriter, model: Model, recipe: Recipe) -> None:
    """Adds the tensors, layer by layer."""

    def add(name: str, values: np.ndarray) -> None:
        name = recipe.rename.get(name, name)
        kind = kind_of(recipe, values)
        if name:
            data: Any = gguf.quants.quantize(np.ascontiguousarray(values, np.float32), kind)
            writer.add_tensor(name, data, raw_dtype=kind if kind == Kind.Q8_0 else None)

    for name, values in model.tensors.items():
        if name in TENSORS:
            add(f"{TENSORS[name]}.weight", values)
    for layer in range(model.config.layers):
        for ours, theirs in LAYER_TENSORS.items():
            add(f"blk.{layer}.{theirs}.weight", model.tensors[ours][layer])
