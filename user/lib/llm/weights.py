"""The tensors of a mapped weights file, used in place: nothing is copied.

How to use it: `model = allocate(allocator, Model)`, then `model.open(file)`; the file must stay
mapped as long as the model is used.
"""

from __future__ import annotations

from bare import Bytes, Span, f32, inline, struct, usize
from bare.unsafe import address_of, span_at
from user.lib.llm.config import FLOAT_BYTES, HEADER_BYTES, Config, read_config
from user.lib.llm.fault import Fault


@struct
class Model:
    """Dimensions and tensors. Tensors of one kind lie layer by layer, matrices by rows."""

    config: Config = inline()
    embedding: Span[f32]
    attention_norm: Span[f32]
    wq: Span[f32]
    wk: Span[f32]
    wv: Span[f32]
    wo: Span[f32]
    ffn_norm: Span[f32]
    w1: Span[f32]
    w2: Span[f32]
    w3: Span[f32]
    final_norm: Span[f32]
    classifier: Span[f32]

    def open(self, file: Bytes) -> Fault:
        """Checks the file and points the tensors into it."""
        config = self.config
        fault = read_config(config, file)
        if fault != Fault.NONE:
            return fault
        reader = TensorReader(file)
        matrix = config.layers * config.dim * config.dim
        kv_matrix = config.layers * config.kv_dim() * config.dim
        hidden_matrix = config.layers * config.hidden * config.dim
        self.embedding = reader.take(config.vocab * config.dim)
        self.attention_norm = reader.take(config.layers * config.dim)
        self.wq = reader.take(matrix)
        self.wk = reader.take(kv_matrix)
        self.wv = reader.take(kv_matrix)
        self.wo = reader.take(matrix)
        self.ffn_norm = reader.take(config.layers * config.dim)
        self.w1 = reader.take(hidden_matrix)
        self.w2 = reader.take(hidden_matrix)
        self.w3 = reader.take(hidden_matrix)
        self.final_norm = reader.take(config.dim)
        reader.take(config.rope_floats())
        self.classifier = self.embedding
        if not config.is_tied:
            self.classifier = reader.take(config.vocab * config.dim)
        return Fault.NONE


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
