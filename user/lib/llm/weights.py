"""The tensors of a model, used where they lie in a mapped file as far as that is possible.

How to use it: `model = allocate(allocator, Model)`, then `model.open(allocator, file)`; the file
must stay mapped as long as the model is used.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, allocate_span, f32, inline, raises, struct, usize
from bare.lib.allocator import Allocator
from user.lib.llm.config import FLOAT_BYTES, HEADER_BYTES, Config, read_config
from user.lib.llm.fault import Fault
from user.lib.llm.tensor import Tensor


@struct
class Layer:
    """The tensors of one layer."""

    attention_norm: Tensor = inline()
    wq: Tensor = inline()
    wk: Tensor = inline()
    wv: Tensor = inline()
    wo: Tensor = inline()
    ffn_norm: Tensor = inline()
    w1: Tensor = inline()
    w2: Tensor = inline()
    w3: Tensor = inline()

    @raises(ENOMEM)
    def expand(self, allocator: Allocator) -> None:
        """Makes all numbers F32."""
        self.expand_norms(allocator)
        self.wq.expand(allocator)
        self.wk.expand(allocator)
        self.wv.expand(allocator)
        self.wo.expand(allocator)
        self.w1.expand(allocator)
        self.w2.expand(allocator)
        self.w3.expand(allocator)

    @raises(ENOMEM)
    def expand_norms(self, allocator: Allocator) -> None:
        """Makes the numbers of the norms F32."""
        self.attention_norm.expand(allocator)
        self.ffn_norm.expand(allocator)

    def is_bounded(self) -> bool:
        """Whether every weight is a number of at most 1024."""
        return (
            self.attention_norm.is_bounded()
            and self.wq.is_bounded()
            and self.wk.is_bounded()
            and self.wv.is_bounded()
            and self.wo.is_bounded()
            and self.ffn_norm.is_bounded()
            and self.w1.is_bounded()
            and self.w2.is_bounded()
            and self.w3.is_bounded()
        )


@struct
class Model:
    """Dimensions and tensors. Norms are F32 as soon as it is open, the rest when `expand` is."""

    config: Config = inline()
    embedding: Tensor = inline()
    layers: Span[Layer]
    final_norm: Tensor = inline()
    untied: Tensor = inline()
    """The classifier of a model that has one of its own."""

    @raises(ENOMEM)
    def open(self, allocator: Allocator, file: Bytes) -> Fault:
        """Checks a llama2.c file and points the tensors into it: nothing is copied."""
        config = self.config
        fault = read_config(config, file)
        if fault != Fault.NONE:
            return fault
        self.layers = allocate_span(allocator, Layer, config.layers)
        reader = TensorReader(file)
        reader.take(self.embedding, config.vocab, config.dim)
        self.take_layers(reader)
        reader.take(self.final_norm, 1, config.dim)
        reader.skip(config.rope_floats())
        if not config.is_tied:
            reader.take(self.untied, config.vocab, config.dim)
        return Fault.NONE

    def classifier(self) -> Tensor:
        """Returns the matrix that makes logits."""
        return self.embedding if self.config.is_tied else self.untied

    @raises(ENOMEM)
    def expand(self, allocator: Allocator) -> None:
        """Makes the numbers of all tensors F32, those that lie so in the file in place."""
        self.expand_norms(allocator)
        self.embedding.expand(allocator)
        self.classifier().expand(allocator)
        for layer in self.layers:
            layer.expand(allocator)

    @raises(ENOMEM)
    def expand_norms(self, allocator: Allocator) -> None:
        """Makes the numbers of the norms F32."""
        self.final_norm.expand(allocator)
        for layer in self.layers:
            layer.expand_norms(allocator)

    def is_bounded(self) -> bool:
        """Whether every weight is a number of at most 1024. Reads the whole file.

        No sum or product of the f32 engine can then become infinite or not a number: a normed
        vector is at most 2**18, what a matrix makes of it 2**44, scores 2**106, the feed-forward
        part 2**114, and the residual of 2**10 layers 2**125. Only a mean square can be infinite:
        it makes zeros.
        """
        for layer in self.layers:
            if not layer.is_bounded():
                return False
        if not self.embedding.is_bounded() or not self.final_norm.is_bounded():
            return False
        return self.classifier().is_bounded()

    def take_layers(self, reader: TensorReader) -> None:
        """Takes the tensors of the layers: those of one kind lie together, layer by layer."""
        dim = self.config.dim
        kv_dim = self.config.kv_dim()
        hidden = self.config.hidden
        for layer in self.layers:
            reader.take(layer.attention_norm, 1, dim)
        for layer in self.layers:
            reader.take(layer.wq, dim, dim)
        for layer in self.layers:
            reader.take(layer.wk, kv_dim, dim)
        for layer in self.layers:
            reader.take(layer.wv, kv_dim, dim)
        for layer in self.layers:
            reader.take(layer.wo, dim, dim)
        for layer in self.layers:
            reader.take(layer.ffn_norm, 1, dim)
        for layer in self.layers:
            reader.take(layer.w1, hidden, dim)
        for layer in self.layers:
            reader.take(layer.w2, dim, hidden)
        for layer in self.layers:
            reader.take(layer.w3, hidden, dim)


@struct
class TensorReader:
    """Cuts a file into tensors, front to back."""

    file: Bytes
    offset: usize = HEADER_BYTES

    def take(self, tensor: Tensor, rows: usize, columns: usize) -> None:
        """Makes the file's next numbers the tensor's."""
        size = rows * columns * FLOAT_BYTES
        tensor.rows = rows
        tensor.columns = columns
        tensor.place(self.file[self.offset : self.offset + size])
        self.offset += size

    def skip(self, count: usize) -> None:
        """Leaves out numbers."""
        self.offset += count * FLOAT_BYTES


def layer_of(tensor: Span[f32], layer: usize, layers: usize) -> Span[f32]:
    """Returns one layer's part of a tensor that is stacked over all layers."""
    size = len(tensor) // layers
    return tensor[layer * size : (layer + 1) * size]


def row_of(matrix: Span[f32], row: usize, columns: usize) -> Span[f32]:
    """Returns one row of a matrix."""
    return matrix[row * columns : (row + 1) * columns]
