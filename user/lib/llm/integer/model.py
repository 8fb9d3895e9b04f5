"""`IntegerModel`: a model's matrices packed for the integer engine, shared by all sequences."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, f32, f64, floor, i32, inline, raises, struct, usize
from bare.lib.allocator import Allocator
from user.lib.llm.config import Config
from user.lib.llm.elementary import exp, sin_cos
from user.lib.llm.integer.matrix import Matrix, padded_columns
from user.lib.llm.integer.operand import Way
from user.lib.llm.integer.residual import Norm
from user.lib.llm.weights import Layer, Model

TURN_ONE: f64 = 32768.0


@struct
class IntegerLayer:
    """What `Layer` has, packed."""

    attention_norm: Norm = inline()
    wq: Matrix = inline()
    wk: Matrix = inline()
    wv: Matrix = inline()
    wo: Matrix = inline()
    ffn_norm: Norm = inline()
    w1: Matrix = inline()
    w2: Matrix = inline()
    w3: Matrix = inline()

    @raises(ENOMEM)
    def pack(self, allocator: Allocator, layer: Layer, scratch: Span[f32]) -> None:
        """Takes the layer in."""
        self.attention_norm.pack(allocator, layer.attention_norm.floats)
        self.wq.pack(allocator, layer.wq, scratch)
        self.wk.pack(allocator, layer.wk, scratch)
        self.wv.pack(allocator, layer.wv, scratch)
        self.wo.pack(allocator, layer.wo, scratch)
        self.ffn_norm.pack(allocator, layer.ffn_norm.floats)
        self.w1.pack(allocator, layer.w1, scratch)
        self.w2.pack(allocator, layer.w2, scratch)
        self.w3.pack(allocator, layer.w3, scratch)


@struct
class IntegerModel:
    """Packed tensors, and the turns of every position."""

    config: Config
    way: Way
    embedding: Matrix = inline()
    layers: Span[IntegerLayer]
    final_norm: Norm = inline()
    untied: Matrix = inline()
    cosines: Span[i32]
    """[context, head_size / 2] in units of 2**-15, like `sines`."""
    sines: Span[i32]

    @raises(ENOMEM)
    def pack(self, allocator: Allocator, model: Model) -> None:
        """Takes a model in; afterwards its tensors are not needed any more."""
        config = model.config
        self.prepare(allocator, config)
        scratch = allocate_span(allocator, f32, 2 * padded_columns(self.widest()))
        self.embedding.pack(allocator, model.embedding, scratch)
        for index in range(config.layers):
            self.layers[index].pack(allocator, model.layers[index], scratch)
        self.final_norm.pack(allocator, model.final_norm.floats)
        if not config.is_tied:
            self.untied.pack(allocator, model.untied, scratch)

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, config: Config) -> None:
        """Takes the memory for all but the matrices, and computes the turns."""
        self.config = config
        self.layers = allocate_span(allocator, IntegerLayer, config.layers)
        pairs = config.head_size() // 2
        self.cosines = allocate_span(allocator, i32, config.context * pairs)
        self.sines = allocate_span(allocator, i32, config.context * pairs)
        for pair in range(pairs):
            frequency = exp(-config.ln_rope_base * f64(pair) / f64(pairs))
            for position in range(config.context):
                sine, cosine = sin_cos(f64(position) * frequency)
                self.cosines[position * pairs + pair] = i32(floor(cosine * TURN_ONE + 0.5))
                self.sines[position * pairs + pair] = i32(floor(sine * TURN_ONE + 0.5))

    def classifier(self) -> Matrix:
        """Returns the matrix that makes logits."""
        return self.embedding if self.config.is_tied else self.untied

    def bytes(self) -> usize:
        """Returns the memory of the matrices and the turns."""
        total = matrix_bytes(self.embedding) + matrix_bytes(self.untied)
        for layer in self.layers:
            total += matrix_bytes(layer.wq) + matrix_bytes(layer.wk) + matrix_bytes(layer.wv)
            total += matrix_bytes(layer.wo) + matrix_bytes(layer.w1) + matrix_bytes(layer.w2)
            total += matrix_bytes(layer.w3)
        return total + 4 * (len(self.cosines) + len(self.sines))

    def products(self) -> usize:
        """Returns the multiply-adds of the matrices for a token."""
        config = self.config
        layer = 2 * config.dim * config.dim + 2 * config.dim * config.kv_dim()
        layer += 3 * config.dim * config.hidden
        return config.layers * layer + config.vocab * config.dim

    def widest(self) -> usize:
        """Returns the length of the longest vector between matrices."""
        return max(self.config.dim, self.config.hidden)


def matrix_bytes(matrix: Matrix) -> usize:
    """Returns the memory of a packed matrix."""
    return len(matrix.weights) + 4 * len(matrix.multipliers)
