"""The forward pass in integers, several positions of one sequence at a time.

How to use it: `prepare` once, then `forward` with the tokens of positions 0, 1, 2, …, at most
`MOST_LANES` in one call; going back to an earlier position starts over from there. The arithmetic
is described in docs/decisions/integer-engine.md.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    allocate_span,
    f32,
    f64,
    i32,
    i64,
    inline,
    raises,
    scalar_loops,
    struct,
    u32,
    usize,
    wrap_i32,
    wrapping_mul,
)
from bare.lib.allocator import Allocator
from user.lib.llm.integer.attention import MOST_VIEWERS, Attention
from user.lib.llm.integer.four import multiply_four
from user.lib.llm.integer.matrix import Matrix, padded_columns, padded_rows
from user.lib.llm.integer.model import IntegerModel
from user.lib.llm.integer.operand import Operand, Way
from user.lib.llm.integer.residual import Residual
from user.lib.llm.integer.tables import SIGMOID_BITS, SIGMOID_STEPS, sigmoid
from user.lib.llm.integer.turn import Turn
from user.lib.llm.integer.vectors import fixed, quantise, quantised_unit, scaled, top_of

MOST_LANES: usize = 4
GATE_BITS = 40
GATE_ONE: f64 = 1099511627776.0
LARGEST_GATE_FACTOR: i64 = 1 << 32
LOWEST_LOGIT: i32 = -(1 << 31)
HEAD_STEPS: f64 = 65536.0
HEAD_BITS = 16
HIDDEN_BITS = 24
HIDDEN_ONE: f64 = 16777216.0


@struct
class Lane:
    """One position on its way through the layers."""

    residual: Residual = inline()
    operand: Operand = inline()
    unit: f64
    """Of the operand."""
    sums: Span[i32]
    """Results of the matrices, one behind the other, each in whole blocks."""
    hidden: Span[i64]
    query: Turn = inline()
    key: Turn = inline()
    value: Turn = inline()
    mixed: Span[i64]
    """[dim]: what the heads see."""
    head_units: Span[f64]
    """[heads]: of that."""

    @scalar_loops
    def finish_heads(self) -> f64:
        """Makes the mixed values of all heads the operand; returns its unit."""
        largest: f64 = 0.0
        for unit in self.head_units:
            largest = max(largest, unit)
        heads = len(self.head_units)
        size = len(self.mixed) // heads
        for head in range(heads):
            factor = i64(self.head_units[head] / largest * HEAD_STEPS)
            mixed = self.mixed[head * size : head * size + size]
            for index in range(size):
                mixed[index] = wrapping_mul(mixed[index], factor) >> HEAD_BITS
        top = top_of(self.mixed)
        quantise(self.operand.values, self.mixed, top)
        self.operand.finish(len(self.mixed))
        return quantised_unit(largest, top)


@struct
class IntegerTransformer:
    """A model and the state of one sequence."""

    model: IntegerModel
    attention: Attention = inline()
    lanes: Span[Lane]
    logits: Span[i32]
    """[vocab], whole blocks: after the last token taken in, in units of `logit_unit`."""
    logit_unit: f32
    best_token: usize
    """The likeliest, the lowest of equals."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, model: IntegerModel) -> None:
        """Takes the memory that a sequence of this model needs."""
        config = model.config
        self.model = model
        self.attention.prepare(allocator, config, model.way)
        attention_rows = padded_rows(config.dim) + 2 * padded_rows(config.kv_dim())
        rows = max(attention_rows, 2 * padded_rows(config.hidden))
        self.lanes = allocate_span(allocator, Lane, MOST_LANES)
        for lane in self.lanes:
            lane.residual.prepare(allocator, config.dim)
            lane.operand.prepare(allocator, model.widest())
            lane.sums = allocate_span(allocator, i32, rows)
            lane.hidden = allocate_span(allocator, i64, config.hidden)
            lane.mixed = allocate_span(allocator, i64, config.dim)
            lane.head_units = allocate_span(allocator, f64, config.heads)
        self.logits = allocate_span(allocator, i32, padded_rows(config.vocab))

    def bytes(self) -> usize:
        """Returns the memory that grows with the context."""
        return self.attention.cache.bytes()

    def forward(self, tokens: Span[u32], position: usize, has_logits: bool) -> None:
        """Takes in tokens at `position` and those that follow; computes logits if asked to."""
        model = self.model
        config = model.config
        assert 0 < len(tokens) <= MOST_LANES, "too many tokens at once"
        assert position + len(tokens) <= config.context, "position beyond the context"
        lanes = self.lanes[: len(tokens)]
        for index in range(len(tokens)):
            lanes[index].residual.start(model.embedding, usize(tokens[index]))
        for layer in range(config.layers):
            self.attend(lanes, layer, position)
            self.feed_forward(lanes, layer)
        if has_logits:
            self.classify(lanes[len(lanes) - 1])

    def attend(self, lanes: Span[Lane], layer: usize, position: usize) -> None:
        """Adds a layer's attention to the residuals."""
        model = self.model
        weights = model.layers[layer]
        for lane in lanes:
            epsilon = model.config.norm_epsilon
            lane.unit = lane.residual.norm(lane.operand, weights.attention_norm, epsilon)
        keys_at = padded_rows(weights.wq.rows)
        values_at = keys_at + padded_rows(weights.wk.rows)
        self.multiply(lanes, weights.wq, 0)
        self.multiply(lanes, weights.wk, keys_at)
        self.multiply(lanes, weights.wv, values_at)
        for index in range(len(lanes)):
            self.set_turns(lanes[index], layer, position + index, keys_at, values_at)
            self.keep(lanes[index], layer, position + index)
        for shared in range(model.config.kv_heads):
            self.look_back(lanes, layer, shared, position)
        for lane in lanes:
            lane.unit = lane.finish_heads()
        self.multiply(lanes, weights.wo, 0)
        for lane in lanes:
            lane.residual.add(weights.wo, lane.sums, weights.wo.result_unit(lane.unit))

    def set_turns(
        self, lane: Lane, layer: usize, position: usize, keys_at: usize, values_at: usize
    ) -> None:
        """Says where the lane's queries, keys and values are, and how they are turned."""
        weights = self.model.layers[layer]
        lane.query.set(lane.sums[:keys_at], weights.wq, lane.unit)
        lane.key.set(lane.sums[keys_at:values_at], weights.wk, lane.unit)
        lane.value.set(lane.sums[values_at:], weights.wv, lane.unit)
        pairs = self.model.config.head_size() // 2
        lane.query.cosines = self.model.cosines[position * pairs : position * pairs + pairs]
        lane.query.sines = self.model.sines[position * pairs : position * pairs + pairs]
        lane.key.cosines = lane.query.cosines
        lane.key.sines = lane.query.sines

    def keep(self, lane: Lane, layer: usize, position: usize) -> None:
        """Keeps the keys and values of one position."""
        kv_heads = self.model.config.kv_heads
        for head in range(kv_heads):
            slot = layer * kv_heads + head
            self.attention.keep_key(slot, position, lane.key, head)
            self.attention.keep_value(slot, position, lane.value, head)

    def look_back(self, lanes: Span[Lane], layer: usize, shared: usize, position: usize) -> None:
        """Mixes what the heads that share a key see from each position."""
        config = self.model.config
        attention = self.attention
        slot = layer * config.kv_heads + shared
        size = config.head_size()
        together = config.heads // config.kv_heads
        count: usize = 0
        for index in range(len(lanes)):
            lane = lanes[index]
            for head in range(shared * together, (shared + 1) * together):
                viewer = attention.viewers[count]
                viewer.mixed = lane.mixed[head * size : head * size + size]
                viewer.result = lane.head_units[head : head + 1]
                attention.aim(viewer, position + index + 1, lane.query, head)
                count += 1
                if count == MOST_VIEWERS:
                    attention.view(slot, count)
                    count = 0
        if count > 0:
            attention.view(slot, count)

    def feed_forward(self, lanes: Span[Lane], layer: usize) -> None:
        """Adds a layer's gated part to the residuals."""
        model = self.model
        weights = model.layers[layer]
        for lane in lanes:
            epsilon = model.config.norm_epsilon
            lane.unit = lane.residual.norm(lane.operand, weights.ffn_norm, epsilon)
        up_at = padded_rows(weights.w1.rows)
        self.multiply(lanes, weights.w1, 0)
        self.multiply(lanes, weights.w3, up_at)
        for lane in lanes:
            lane.unit = gate(lane, weights.w1, weights.w3, up_at)
        self.multiply(lanes, weights.w2, 0)
        for lane in lanes:
            lane.residual.add(weights.w2, lane.sums, weights.w2.result_unit(lane.unit))

    def multiply(self, lanes: Span[Lane], matrix: Matrix, at: usize) -> None:
        """Multiplies a matrix by the operand of each lane; the results begin at `at`."""
        rows = len(matrix.multipliers)
        for lane in lanes:
            lane.operand.out = lane.sums[at : at + rows]
        if self.model.way == Way.VECTOR and len(lanes) == MOST_LANES:
            multiply_four(
                lanes[0].operand,
                lanes[1].operand,
                lanes[2].operand,
                lanes[3].operand,
                matrix.weights,
                matrix.stride,
                padded_columns(matrix.columns),
            )
            return
        for lane in lanes:
            lane.operand.multiply(self.model.way, matrix.weights, matrix.stride, matrix.columns)

    @scalar_loops
    def classify(self, lane: Lane) -> None:
        """Computes the logits."""
        model = self.model
        matrix = model.classifier()
        unit = lane.residual.norm(lane.operand, model.final_norm, model.config.norm_epsilon)
        out = self.logits
        lane.operand.out = out
        lane.operand.multiply(model.way, matrix.weights, matrix.stride, matrix.columns)
        multipliers = matrix.multipliers
        assert len(multipliers) == len(out), "rows do not fit"
        shift = matrix.shift
        best: usize = 0
        largest: i32 = LOWEST_LOGIT
        for row in range(model.config.vocab):
            logit = wrap_i32(scaled(out[row], multipliers[row], shift))
            out[row] = logit
            if logit > largest:
                largest = logit
                best = row
        self.best_token = best
        self.logit_unit = f32(matrix.result_unit(unit))

    def write_logits(self, out: Span[f32]) -> None:
        """Writes the logits as floating-point numbers."""
        for token in range(len(out)):
            out[token] = f32(self.logits[token]) * self.logit_unit


@scalar_loops
def gate(lane: Lane, matrix: Matrix, up_matrix: Matrix, up_at: usize) -> f64:
    """Makes silu(gate) * up the operand of a lane; returns its unit."""
    hidden = lane.hidden
    count = len(hidden)
    sums = lane.sums[:count]
    up_sums = lane.sums[up_at : up_at + count]
    rows = matrix.multipliers[:count]
    up_rows = up_matrix.multipliers[:count]
    shift = matrix.shift
    up_shift = up_matrix.shift
    unit = matrix.result_unit(lane.unit)
    up_unit = up_matrix.result_unit(lane.unit)
    factor = fixed(unit, SIGMOID_STEPS * GATE_ONE, LARGEST_GATE_FACTOR)
    largest: i64 = 0
    smallest: i64 = 0
    for index in range(count):
        value = scaled(sums[index], rows[index], shift)
        up = scaled(up_sums[index], up_rows[index], up_shift)
        share = sigmoid(wrapping_mul(value, factor) >> GATE_BITS)
        opened = wrapping_mul(value, share) >> SIGMOID_BITS
        product = wrapping_mul(opened, up) >> HIDDEN_BITS
        hidden[index] = product
        largest = max(largest, product)
        smallest = min(smallest, product)
    top = max(largest, -smallest)
    quantise(lane.operand.values, hidden, top)
    lane.operand.finish(count)
    return quantised_unit(unit * up_unit * HIDDEN_ONE, top)
