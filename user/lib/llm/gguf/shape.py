"""The dimensions of a model, from the metadata of its GGUF file."""

from __future__ import annotations

from bare import f32, f64, text, u8, usize
from user.lib.llm.config import (
    LARGEST_CONTEXT,
    LARGEST_LAYERS,
    LARGEST_VOCAB,
    LARGEST_WIDTH,
    Config,
    heads_fit,
)
from user.lib.llm.elementary import ln
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.metadata import NAMES, Key, Metadata

ARCHITECTURE = b"llama"
SMALLEST_EPSILON: f32 = 1e-12
LARGEST_EPSILON: f32 = 1.0
ROPE_BASE: f32 = 10000.0
LARGEST_ROPE_BASE: f32 = 1e12
SINGLE: f32 = 1.0
HEAD_SIZES: tuple[Key, ...] = (Key.KEY_SIZE, Key.VALUE_SIZE, Key.ROPE_SIZE)
FACTORS: tuple[Key, ...] = (Key.ROPE_FACTOR, Key.ROPE_OLD_FACTOR, Key.LOGIT_SCALE)


def read_shape(config: Config, metadata: Metadata) -> None:
    """Fills `config`, all but `is_tied`; what is wrong is noted in `metadata`."""
    architecture = metadata.string(Key.ARCHITECTURE, b"")
    metadata.need(Key.ARCHITECTURE)
    if architecture != ARCHITECTURE:
        metadata.note(
            Fault.GGUF_UNSUPPORTED, f'the architecture is "{text(architecture)}", not "llama"'
        )
    refuse_extras(metadata)
    config.dim = dimension(metadata, Key.DIM, usize(LARGEST_WIDTH))
    config.hidden = dimension(metadata, Key.HIDDEN, usize(LARGEST_WIDTH))
    config.layers = dimension(metadata, Key.LAYERS, usize(LARGEST_LAYERS))
    config.heads = dimension(metadata, Key.HEADS, usize(LARGEST_WIDTH))
    config.kv_heads = config.heads
    if metadata.has(Key.KV_HEADS):
        config.kv_heads = dimension(metadata, Key.KV_HEADS, usize(LARGEST_WIDTH))
    config.context = dimension(metadata, Key.CONTEXT, usize(LARGEST_CONTEXT))
    config.vocab = vocabulary_size(metadata)
    if metadata.fault == Fault.NONE and not heads_fit(config):
        metadata.note(
            Fault.GGUF_MALFORMED,
            f"{config.heads} heads and {config.kv_heads} of keys do not divide {config.dim}",
        )
    read_arithmetic(config, metadata)


def dimension(metadata: Metadata, key: Key, largest: usize) -> usize:
    """Returns a dimension from 1 to `largest`, 1 where a fault is noted."""
    metadata.need(key)
    number = metadata.number(key, 1)
    if 1 <= number <= largest:
        return number
    name = NAMES[u8(key)]
    metadata.note(Fault.GGUF_UNSUPPORTED, f"{name} is {number}, not 1 to {largest}")
    return 1


def vocabulary_size(metadata: Metadata) -> usize:
    """Returns the number of tokens."""
    metadata.need(Key.TOKENS)
    count = metadata.value(Key.TOKENS).count
    if count > usize(LARGEST_VOCAB) or metadata.number(Key.VOCAB, count) != count:
        metadata.note(
            Fault.GGUF_MALFORMED,
            f"{count} tokens, the vocabulary has {metadata.number(Key.VOCAB, count)}",
        )
    return count


def read_arithmetic(config: Config, metadata: Metadata) -> None:
    """Takes the constants of normalisation and position, and sees that heads are of one size."""
    metadata.need(Key.NORM_EPSILON)
    config.norm_epsilon = metadata.real(Key.NORM_EPSILON, LARGEST_EPSILON)
    if not SMALLEST_EPSILON <= config.norm_epsilon <= LARGEST_EPSILON:
        metadata.note(Fault.GGUF_MALFORMED, f"the epsilon of the norm is {config.norm_epsilon:.9f}")
    base = metadata.real(Key.ROPE_BASE, ROPE_BASE)
    if not SINGLE <= base <= LARGEST_ROPE_BASE:
        metadata.note(Fault.GGUF_MALFORMED, f"the base of the positions is {base:.3f}")
        return
    config.ln_rope_base = ln(f64(base))
    if metadata.fault != Fault.NONE:
        return
    size = config.head_size()
    for key in HEAD_SIZES:
        if metadata.number(key, size) != size:
            metadata.note(
                Fault.GGUF_UNSUPPORTED,
                f"{NAMES[u8(key)]} is {metadata.number(key, size)}; only {size} is done,"
                " the embedding length divided by the heads",
            )


def refuse_extras(metadata: Metadata) -> None:
    """Notes what would change the arithmetic and is not done here."""
    experts = metadata.number(Key.EXPERTS, 0)
    if experts > 0:
        metadata.note(Fault.GGUF_UNSUPPORTED, f"it has {experts} experts; none are supported")
    scaling = metadata.string(Key.ROPE_SCALING, b"none")
    if scaling != b"none":
        metadata.note(
            Fault.GGUF_UNSUPPORTED, f'positions are scaled ("{text(scaling)}"); supported is "none"'
        )
    for key in FACTORS:
        if metadata.real(key, SINGLE) != SINGLE:
            metadata.note(Fault.GGUF_UNSUPPORTED, f"{NAMES[u8(key)]} is not 1, as it must be")
    parts = metadata.number(Key.SPLIT_COUNT, 1)
    if parts > 1:
        metadata.note(Fault.GGUF_UNSUPPORTED, f"it is one of {parts} files; one is supported")
