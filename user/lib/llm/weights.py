"""The tensors of a model, used where they lie in a mapped file as far as that is possible.

How to use it: `model = allocate(allocator, Model)`, then `model.open(allocator, file)`; the file
must stay mapped as long as the model is used.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, allocate_span, f32, inline, raises, struct, usize
from bare.lib.allocator import Allocator
from bare.unsafe import address_of, span_at
from user.lib.llm.config import FLOAT_BYTES, HEADER_BYTES, Config, read_config
from user.lib.llm.fault import Fault


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


def layer_of(tensor: Span[f32], layer: usize, layers: usize) -> Span[f32]:
    """Returns one layer's part of a tensor that is stacked over all layers."""
    size = len(tensor) // layers
    return tensor[layer * size : (layer + 1) * size]


def row_of(matrix: Span[f32], row: usize, columns: usize) -> Span[f32]:
    """Returns one row of a matrix."""
    return matrix[row * columns : (row + 1) * columns]
