"""Opens a GGUF file as a model and its tokenizer.

F32 tensors are used where they lie in the file; F16 and Q8_0 are converted by the engine that runs
them, row by row. The rows of queries and
keys need no change: files of this architecture keep them in the order in which neighbouring pairs
turn, as the engine turns them (`LLAMA_ROPE_TYPE_NORM` of llama.cpp, whose converter has permuted
the rows of models that turn halves).
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, allocate, allocate_span, copy_struct, raises, u32, u64
from bare.lib.allocator import Allocator
from user.lib.llm.detail import Detail
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.cursor import Cursor
from user.lib.llm.gguf.metadata import Key, Metadata
from user.lib.llm.gguf.shape import read_shape
from user.lib.llm.gguf.tensor_table import (
    ATTENTION_NORM,
    CLASSIFIER,
    DOWN,
    EMBEDDING,
    FFN_NORM,
    FINAL_NORM,
    GATE,
    UP,
    WK,
    WO,
    WQ,
    WV,
    TensorTable,
)
from user.lib.llm.gguf.vocabulary import Vocabulary
from user.lib.llm.tokenizer import Tokenizer
from user.lib.llm.weights import Layer, Model

MAGIC = b"GGUF"
OLDEST_VERSION: u32 = 2
NEWEST_VERSION: u32 = 3
SWAPPED_VERSION: u32 = 1 << 24
"""A file in the other byte order has a version of at least this."""
ALIGNMENT: u64 = 32
SMALLEST_ALIGNMENT: u64 = 8
LARGEST_ALIGNMENT: u64 = 1 << 20


def is_gguf(file: Bytes) -> bool:
    """Whether a file begins like one of this format."""
    return len(file) >= len(MAGIC) and file[: len(MAGIC)] == MAGIC


@raises(ENOMEM)
def open_gguf(
    model: Model, tokenizer: Tokenizer, detail: Detail, allocator: Allocator, file: Bytes
) -> Fault:
    """Fills `model` and `tokenizer`; the file must stay mapped. `detail` gets words for a fault."""
    cursor = Cursor(file)
    metadata = allocate(allocator, Metadata)
    metadata.detail = detail
    tensor_count = read_header(metadata, cursor)
    if metadata.fault != Fault.NONE:
        return metadata.fault
    read_shape(model.config, metadata)
    vocabulary = Vocabulary(metadata, model.config.vocab)
    vocabulary.check()
    if metadata.fault != Fault.NONE:
        return metadata.fault
    tensors = allocate(allocator, TensorTable)
    tensors.detail = detail
    tensors.config = model.config
    fault = tensors.read(allocator, cursor, tensor_count)
    if fault == Fault.NONE:
        fault = find_data(tensors, metadata, cursor)
    if fault != Fault.NONE:
        return fault
    hand_out(model, tensors, allocator)
    pieces = vocabulary.convert(allocator)
    if metadata.fault != Fault.NONE:
        return metadata.fault
    return tokenizer.open(allocator, pieces, model.config.vocab)


def read_header(metadata: Metadata, cursor: Cursor) -> u64:
    """Reads magic, version and metadata; returns how many tensors are described behind them."""
    cursor.take(len(MAGIC))
    version = cursor.take_u32()
    tensor_count = cursor.take_u64()
    pair_count = cursor.take_u64()
    if not cursor.is_sound:
        metadata.note(Fault.GGUF_TRUNCATED, "it ends within its header")
    elif version >= SWAPPED_VERSION:
        metadata.note(Fault.GGUF_UNSUPPORTED, "its numbers are big-endian; convert it")
    elif version < OLDEST_VERSION or version > NEWEST_VERSION:
        metadata.note(Fault.GGUF_UNSUPPORTED, f"its version is {version}; 2 and 3 are supported")
    else:
        metadata.read(cursor, pair_count)
    return tensor_count


def find_data(tensors: TensorTable, metadata: Metadata, cursor: Cursor) -> Fault:
    """Finds the data behind the descriptions, and each tensor in it."""
    alignment = metadata.number(Key.ALIGNMENT, ALIGNMENT)
    is_power = alignment & (max(alignment, 1) - 1) == 0
    if not is_power or alignment < SMALLEST_ALIGNMENT or alignment > LARGEST_ALIGNMENT:
        metadata.note(Fault.GGUF_MALFORMED, f"the alignment is {alignment}")
    if metadata.fault != Fault.NONE:
        return metadata.fault
    padding = (alignment - cursor.offset % alignment) % alignment
    cursor.take(padding)
    if not cursor.is_sound:
        return tensors.detail.say(Fault.GGUF_TRUNCATED, "it ends before the tensors")
    return tensors.locate(cursor.take(cursor.left()), alignment)


@raises(ENOMEM)
def hand_out(model: Model, tensors: TensorTable, allocator: Allocator) -> None:
    """Points the model at its tensors."""
    slots = tensors.slots
    model.layers = allocate_span(allocator, Layer, model.config.layers)
    copy_struct(model.embedding, slots[EMBEDDING])
    copy_struct(model.final_norm, slots[FINAL_NORM])
    copy_struct(model.untied, slots[CLASSIFIER])
    for index in range(len(model.layers)):
        layer = model.layers[index]
        copy_struct(layer.attention_norm, tensors.layer_tensor(index, ATTENTION_NORM))
        copy_struct(layer.wq, tensors.layer_tensor(index, WQ))
        copy_struct(layer.wk, tensors.layer_tensor(index, WK))
        copy_struct(layer.wv, tensors.layer_tensor(index, WV))
        copy_struct(layer.wo, tensors.layer_tensor(index, WO))
        copy_struct(layer.ffn_norm, tensors.layer_tensor(index, FFN_NORM))
        copy_struct(layer.w1, tensors.layer_tensor(index, GATE))
        copy_struct(layer.w2, tensors.layer_tensor(index, DOWN))
        copy_struct(layer.w3, tensors.layer_tensor(index, UP))
    model.expand_norms(allocator)
