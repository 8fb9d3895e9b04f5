"""The tensors that a model of the Llama family has, found by name in a GGUF file."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Array,
    Bytes,
    Span,
    allocate_span,
    array,
    encode,
    raises,
    struct,
    text,
    u32,
    u64,
    usize,
)
from bare.lib.allocator import Allocator
from user.lib.llm.config import Config
from user.lib.llm.detail import Detail
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.cursor import Cursor
from user.lib.llm.tensor import (
    BLOCK_NUMBERS,
    F16,
    F32,
    Q8_0,
    Tensor,
    row_bytes,
    type_name,
)
from user.lib.numbers import parse_unsigned
from user.lib.strings import find_byte, starts_with

MOST_DIMENSIONS: u32 = 4
POINT = ord(".")
LAYER_PREFIX = b"blk."
EMBEDDING: usize = 0
FINAL_NORM: usize = 1
CLASSIFIER: usize = 2
FIRST_LAYER: usize = 3
KINDS: usize = 9
"""Tensors of a layer."""
NO_SLOT: usize = 1 << 40

ATTENTION_NORM: usize = 0
WQ: usize = 1
WK: usize = 2
WV: usize = 3
WO: usize = 4
FFN_NORM: usize = 5
GATE: usize = 6
DOWN: usize = 7
UP: usize = 8
NAMES: tuple[str, ...] = (
    "attn_norm.weight",
    "attn_q.weight",
    "attn_k.weight",
    "attn_v.weight",
    "attn_output.weight",
    "ffn_norm.weight",
    "ffn_gate.weight",
    "ffn_down.weight",
    "ffn_up.weight",
)


@struct
class TensorTable:
    """A slot for each tensor of the model; one that has no rows was not found."""

    detail: Detail
    config: Config
    slots: Span[Tensor]
    offsets: Span[u64]
    """From the start of the data."""

    @raises(ENOMEM)
    def read(self, allocator: Allocator, cursor: Cursor, count: u64) -> Fault:
        """Reads the descriptions of `count` tensors, which must be those of the model."""
        slot_count = FIRST_LAYER + KINDS * self.config.layers
        self.slots = allocate_span(allocator, Tensor, slot_count)
        self.offsets = allocate_span(allocator, u64, slot_count)
        index: u64 = 0
        while index < count:
            fault = self.read_one(cursor)
            if not cursor.is_sound:
                return self.detail.say(Fault.GGUF_TRUNCATED, f"it ends within tensor {index}")
            if fault != Fault.NONE:
                return fault
            index += 1
        self.config.is_tied = self.slots[CLASSIFIER].rows == 0
        return self.find_missing()

    def read_one(self, cursor: Cursor) -> Fault:
        """Reads one description into its slot."""
        name = cursor.take_string()
        dimensions: Array[u64] = array(4)
        dimensions.fill(1)
        count = cursor.take_u32()
        if not cursor.is_sound:
            return Fault.NONE
        if count > MOST_DIMENSIONS:
            return self.detail.say(Fault.GGUF_MALFORMED, f"{text(name)} has {count} dimensions")
        for index in range(count):
            dimensions[index] = cursor.take_u64()
        kind = cursor.take_u32()
        offset = cursor.take_u64()
        if not cursor.is_sound:
            return Fault.NONE
        place = self.slot_of(name)
        if place == NO_SLOT:
            return self.detail.say(
                Fault.GGUF_UNSUPPORTED, f"it has a tensor {text(name)}, which is not known"
            )
        tensor = self.slots[place]
        if tensor.rows > 0:
            return self.detail.say(Fault.GGUF_MALFORMED, f"{text(name)} is there twice")
        if kind not in (F32, F16, Q8_0):
            return self.detail.say(
                Fault.GGUF_UNSUPPORTED,
                f"{text(name)} has type {kind} ({type_name(kind)}); F32, F16, Q8_0 are supported",
            )
        tensor.kind = kind
        self.offsets[place] = offset
        return self.set_shape(place, name, dimensions)

    def set_shape(self, place: usize, name: Bytes, dimensions: Span[u64]) -> Fault:
        """Gives a tensor the shape that the model asks for, and sees that it has it."""
        rows, columns = self.shape_of(place)
        tensor = self.slots[place]
        tensor.rows = rows
        tensor.columns = columns
        is_right = dimensions[0] == columns and dimensions[1] == rows
        if not is_right or dimensions[2] != 1 or dimensions[3] != 1:
            return self.detail.say(
                Fault.GGUF_MALFORMED,
                f"{text(name)} is {dimensions[0]} x {dimensions[1]}, not {columns} x {rows}",
            )
        if tensor.kind == Q8_0 and columns % BLOCK_NUMBERS != 0:
            return self.detail.say(
                Fault.GGUF_MALFORMED, f"{text(name)} is Q8_0 with rows of {columns} numbers"
            )
        return Fault.NONE

    def find_missing(self) -> Fault:
        """Names the first tensor that was not found, but for the classifier."""
        if self.slots[EMBEDDING].rows == 0:
            return self.detail.say(Fault.GGUF_MALFORMED, "token_embd.weight is missing")
        if self.slots[FINAL_NORM].rows == 0:
            return self.detail.say(Fault.GGUF_MALFORMED, "output_norm.weight is missing")
        for place in range(FIRST_LAYER, len(self.slots)):
            if self.slots[place].rows == 0:
                layer = (place - FIRST_LAYER) // KINDS
                name = NAMES[(place - FIRST_LAYER) % KINDS]
                return self.detail.say(Fault.GGUF_MALFORMED, f"blk.{layer}.{name} is missing")
        return Fault.NONE

    def locate(self, data: Bytes, alignment: usize) -> Fault:
        """Finds the numbers of every tensor in the file's data."""
        for place in range(len(self.slots)):
            tensor = self.slots[place]
            offset = self.offsets[place]
            size = tensor.rows * row_bytes(tensor.kind, tensor.columns)
            if offset % alignment != 0:
                return self.detail.say(
                    Fault.GGUF_MALFORMED, f"a tensor begins at {offset}, no multiple of {alignment}"
                )
            if offset > len(data) or size > len(data) - offset:
                return self.detail.say(
                    Fault.GGUF_TRUNCATED,
                    f"a tensor has {size} bytes from {offset} on, the file {len(data)}",
                )
            if tensor.rows > 0:
                tensor.place(data[offset : offset + size])
        return Fault.NONE

    def layer_tensor(self, layer: usize, kind: usize) -> Tensor:
        """Returns a tensor of a layer."""
        return self.slots[FIRST_LAYER + KINDS * layer + kind]

    def shape_of(self, place: usize) -> tuple[usize, usize]:
        """Returns the rows and columns that the model's dimensions give a tensor."""
        config = self.config
        if place == FINAL_NORM:
            return 1, config.dim
        if place < FIRST_LAYER:
            return config.vocab, config.dim
        kind = (place - FIRST_LAYER) % KINDS
        if kind in (ATTENTION_NORM, FFN_NORM):
            return 1, config.dim
        if kind in (WK, WV):
            return config.kv_dim(), config.dim
        if kind in (GATE, UP):
            return config.hidden, config.dim
        if kind == DOWN:
            return config.dim, config.hidden
        return config.dim, config.dim

    def slot_of(self, name: Bytes) -> usize:
        """Returns the slot of the tensor with a name, NO_SLOT where the model has none."""
        if name == b"token_embd.weight":
            return EMBEDDING
        if name == b"output_norm.weight":
            return FINAL_NORM
        if name == b"output.weight":
            return CLASSIFIER
        if not starts_with(name, LAYER_PREFIX):
            return NO_SLOT
        end = find_byte(name, POINT, len(LAYER_PREFIX))
        layer = NO_SLOT
        try:
            layer = parse_unsigned(name[len(LAYER_PREFIX) : end])
        except OSError:
            return NO_SLOT
        if layer >= self.config.layers or end == len(name):
            return NO_SLOT
        for kind in range(KINDS):
            if name[end + 1 :] == encode(NAMES[kind]):
                return FIRST_LAYER + KINDS * layer + kind
        return NO_SLOT
