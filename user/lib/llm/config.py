"""The header of a llama2.c version-0 file, and whether a file is what its header says.

Seven little-endian `i32`: dim, hidden, layers, heads, kv heads, vocabulary (negative: the file has
a classifier of its own at the end), context. The tensors follow as `f32`. The file is an
allegation: every number has a limit, so that no size below can overflow, and the length must be
exact.
"""

from __future__ import annotations

from bare import Bytes, f32, f64, i32, load_i32, size_of, struct, usize
from user.lib.llm.fault import Fault

HEADER_BYTES: usize = 28
FLOAT_BYTES: usize = size_of(f32)
LARGEST_WIDTH: i32 = 1 << 16
"""Of dim, hidden and heads."""
LARGEST_LAYERS: i32 = 1 << 10
LARGEST_VOCAB: i32 = 1 << 20
LARGEST_CONTEXT: i32 = 1_000_000
"""As far as angles are computed."""
NORM_EPSILON: f32 = 1e-5
LN_10000: f64 = 9.210340371976184
"""Of the base of the rotary position embedding: the format fixes both."""


@struct
class Config:
    """The dimensions of a model, in elements."""

    dim: usize = 0
    hidden: usize = 0
    layers: usize = 0
    heads: usize = 0
    kv_heads: usize = 0
    vocab: usize = 0
    context: usize = 0
    is_tied: bool = True
    norm_epsilon: f32 = NORM_EPSILON
    """Added to the mean square before its root is taken."""
    ln_rope_base: f64 = LN_10000

    def head_size(self) -> usize:
        """Returns the elements of one head."""
        return self.dim // self.heads

    def kv_dim(self) -> usize:
        """Returns the elements of all key (or value) heads."""
        return self.head_size() * self.kv_heads

    def file_bytes(self) -> usize:
        """Returns the length of a file with these dimensions."""
        layer_floats = 2 * self.dim + 2 * self.dim * self.dim + 2 * self.kv_dim() * self.dim
        layer_floats += 3 * self.hidden * self.dim
        embeddings: usize = 1
        if not self.is_tied:
            embeddings = 2
        floats = embeddings * self.vocab * self.dim + self.layers * layer_floats + self.dim
        return HEADER_BYTES + FLOAT_BYTES * (floats + self.rope_floats())

    def rope_floats(self) -> usize:
        """Returns the floats of the two tables that the format keeps and no engine needs."""
        return 2 * self.context * (self.head_size() // 2)


def read_config(config: Config, file: Bytes) -> Fault:
    """Fills `config` from the start of `file` and checks it against the file's length."""
    if len(file) < HEADER_BYTES:
        return Fault.NO_HEADER
    if not dimensions_are_sane(file):
        return Fault.BAD_DIMENSION
    config.dim = usize(load_i32(file, 0))
    config.hidden = usize(load_i32(file, 4))
    config.layers = usize(load_i32(file, 8))
    config.heads = usize(load_i32(file, 12))
    config.kv_heads = usize(load_i32(file, 16))
    config.vocab = usize(abs(load_i32(file, 20)))
    config.context = usize(load_i32(file, 24))
    config.is_tied = load_i32(file, 20) > 0
    if not heads_fit(config):
        return Fault.BAD_HEADS
    if len(file) < config.file_bytes():
        return Fault.TRUNCATED
    if len(file) > config.file_bytes():
        return Fault.TOO_LONG
    return Fault.NONE


def dimensions_are_sane(file: Bytes) -> bool:
    """Whether each number of the header is between 1 and its limit."""
    vocab = load_i32(file, 20)
    return (
        is_within(load_i32(file, 0), LARGEST_WIDTH)
        and is_within(load_i32(file, 4), LARGEST_WIDTH)
        and is_within(load_i32(file, 8), LARGEST_LAYERS)
        and is_within(load_i32(file, 12), LARGEST_WIDTH)
        and is_within(load_i32(file, 16), LARGEST_WIDTH)
        and (is_within(vocab, LARGEST_VOCAB) or (vocab < 0 and vocab >= -LARGEST_VOCAB))
        and is_within(load_i32(file, 24), LARGEST_CONTEXT)
    )


def is_within(value: i32, largest: i32) -> bool:
    """Whether 1 <= value <= largest."""
    return 1 <= value <= largest


def heads_fit(config: Config) -> bool:
    """Whether heads split dim into even sizes, and kv heads split the heads."""
    return (
        config.dim % config.heads == 0
        and config.head_size() % 2 == 0
        and config.heads % config.kv_heads == 0
    )
