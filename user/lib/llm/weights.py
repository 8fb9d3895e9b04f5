"""The tensors of a model, used where they lie in a mapped file as far as that is possible.

How to use it: `model = allocate(allocator, Model)`, then `model.open(allocator, file)`; the file
must stay mapped as long as the model is used.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, allocate_span, f32, inline, raises, struct, u32, usize
from bare.lib.allocator import Allocator
from bare.unsafe import address_of, span_at
from user.lib.llm.config import FLOAT_BYTES, HEADER_BYTES, Config, read_config
from user.lib.llm.fault import Fault

LARGEST_WEIGHT_BITS: u32 = 0x4480_0000
"""1024. No sum or product of the engine can then become infinite or not a number: a normed vector
is at most 2**18, what a matrix makes of it 2**44, scores 2**106, the feed-forward part 2**114, and
the residual of 2**10 layers 2**125. Only a mean square can be infinite: it makes zeros.
"""
WITHOUT_SIGN: u32 = 0x7FFF_FFFF


@struct
class Layer:
    """The tensors of one layer; matrices lie row by row."""

    attention_norm: Span[f32]
    wq: Span[f32]
    wk: Span[f32]
    wv: Span[f32]
    wo: Span[f32]
    ffn_norm: Span[f32]
    w1: Span[f32]
    w2: Span[f32]
    w3: Span[f32]


@struct
class Model:
    """Dimensions and tensors."""

    config: Config = inline()
    embedding: Span[f32]
    layers: Span[Layer]
    final_norm: Span[f32]
    classifier: Span[f32]

    @raises(ENOMEM)
    def open(self, allocator: Allocator, file: Bytes) -> Fault:
        """Checks a llama2.c file and points the tensors into it: nothing is copied."""
        config = self.config
        fault = read_config(config, file)
        if fault != Fault.NONE:
            return fault
        self.layers = allocate_span(allocator, Layer, config.layers)
        reader = TensorReader(file)
        self.embedding = reader.take(config.vocab * config.dim)
        self.take_layers(reader)
        self.final_norm = reader.take(config.dim)
        reader.take(config.rope_floats())
        self.classifier = self.embedding
        if not config.is_tied:
            self.classifier = reader.take(config.vocab * config.dim)
        return Fault.NONE

    def is_bounded(self) -> bool:
        """Whether every weight is a number of at most 1024. Reads the whole file."""
        for layer in self.layers:
            if not (
                is_bounded(layer.attention_norm)
                and is_bounded(layer.wq)
                and is_bounded(layer.wk)
                and is_bounded(layer.wv)
                and is_bounded(layer.wo)
                and is_bounded(layer.ffn_norm)
                and is_bounded(layer.w1)
                and is_bounded(layer.w2)
                and is_bounded(layer.w3)
            ):
                return False
        return (
            is_bounded(self.embedding)
            and is_bounded(self.final_norm)
            and (self.config.is_tied or is_bounded(self.classifier))
        )

    def take_layers(self, reader: TensorReader) -> None:
        """Takes the tensors of the layers: those of one kind lie together, layer by layer."""
        dim = self.config.dim
        kv_dim = self.config.kv_dim()
        hidden = self.config.hidden
        for layer in self.layers:
            layer.attention_norm = reader.take(dim)
        for layer in self.layers:
            layer.wq = reader.take(dim * dim)
        for layer in self.layers:
            layer.wk = reader.take(kv_dim * dim)
        for layer in self.layers:
            layer.wv = reader.take(kv_dim * dim)
        for layer in self.layers:
            layer.wo = reader.take(dim * dim)
        for layer in self.layers:
            layer.ffn_norm = reader.take(dim)
        for layer in self.layers:
            layer.w1 = reader.take(hidden * dim)
        for layer in self.layers:
            layer.w2 = reader.take(hidden * dim)
        for layer in self.layers:
            layer.w3 = reader.take(hidden * dim)


@struct
class TensorReader:
    """Cuts a file into tensors, front to back."""

    file: Bytes
    offset: usize = HEADER_BYTES

    def take(self, count: usize) -> Span[f32]:
        """Returns the next `count` floats of the file."""
        part = self.file[self.offset : self.offset + count * FLOAT_BYTES]
        self.offset += count * FLOAT_BYTES
        # SAFETY: `part` is inside the file; the file is a mapping, so its start is page-aligned
        # and every offset a multiple of four; mapped read-only, so a stray write faults.
        return span_at(f32, address_of(part), count)


def is_bounded(tensor: Span[f32]) -> bool:
    """Whether all numbers are at most 1024 in size, and numbers."""
    # SAFETY: the same memory, read as bits: their order is that of the sizes, NaN above all.
    numbers = span_at(u32, address_of(tensor), len(tensor))
    largest: u32 = 0
    for bits in numbers:
        largest = max(largest, bits & WITHOUT_SIGN)
    return largest <= LARGEST_WEIGHT_BITS


def layer_of(tensor: Span[f32], layer: usize, layers: usize) -> Span[f32]:
    """Returns one layer's part of a tensor that is stacked over all layers."""
    size = len(tensor) // layers
    return tensor[layer * size : (layer + 1) * size]


def row_of(matrix: Span[f32], row: usize, columns: usize) -> Span[f32]:
    """Returns one row of a matrix."""
    return matrix[row * columns : (row + 1) * columns]
