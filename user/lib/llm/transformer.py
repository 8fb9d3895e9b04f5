"""The forward pass: one token at a time, with the keys and values of the past kept.

How to use it: `transformer = allocate(allocator, Transformer)`, `prepare` once, then `forward` for
positions 0, 1, 2, … of a sequence; going back to an earlier position starts over from there.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, f32, raises, sqrt, struct, usize
from bare.lib.allocator import Allocator
from user.lib.llm import kernels
from user.lib.llm.weights import Model, layer_of, row_of


@struct
class Transformer:
    """A model and the state of one sequence; lengths in elements."""

    model: Model
    keys: Span[f32]
    """[layers, context, kv_dim], like `values`."""
    values: Span[f32]
    residual: Span[f32]
    """[dim], like `normed`, `query`, `mixed` and `update`."""
    normed: Span[f32]
    query: Span[f32]
    mixed: Span[f32]
    update: Span[f32]
    gate: Span[f32]
    """[hidden], like `up`."""
    up: Span[f32]
    scores: Span[f32]
    """[context]: of one head."""
    cosines: Span[f32]
    """[head_size / 2], like `sines`: of the current position."""
    sines: Span[f32]
    logits: Span[f32]
    """[vocab]."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, model: Model) -> None:
        """Takes the memory that a sequence of this model needs, and expands the model."""
        config = model.config
        model.expand(allocator)
        cache = config.layers * config.context * config.kv_dim()
        self.model = model
        self.keys = allocate_span(allocator, f32, cache)
        self.values = allocate_span(allocator, f32, cache)
        self.residual = allocate_span(allocator, f32, config.dim)
        self.normed = allocate_span(allocator, f32, config.dim)
        self.query = allocate_span(allocator, f32, config.dim)
        self.mixed = allocate_span(allocator, f32, config.dim)
        self.update = allocate_span(allocator, f32, config.dim)
        self.gate = allocate_span(allocator, f32, config.hidden)
        self.up = allocate_span(allocator, f32, config.hidden)
        self.scores = allocate_span(allocator, f32, config.context)
        self.cosines = allocate_span(allocator, f32, config.head_size() // 2)
        self.sines = allocate_span(allocator, f32, config.head_size() // 2)
        self.logits = allocate_span(allocator, f32, config.vocab)

    def forward(self, token: usize, position: usize, has_logits: bool = True) -> Span[f32]:
        """Takes in `token` at `position` and returns the logits of the next token, if asked to."""
        model = self.model
        config = model.config
        assert position < config.context, "position beyond the context"
        self.residual.copy_from(row_of(model.embedding.floats, token, config.dim))
        kernels.rope_angles(self.cosines, self.sines, position, config.ln_rope_base)
        for layer in range(config.layers):
            self.attend(layer, position)
            self.feed_forward(layer)
        if has_logits:
            weight = model.final_norm.floats
            kernels.rms_norm(self.normed, self.residual, weight, config.norm_epsilon)
            kernels.matvec(self.logits, model.classifier().floats, self.normed)
        return self.logits

    def attend(self, layer: usize, position: usize) -> None:
        """Adds a layer's attention to the residual."""
        model = self.model
        layers = model.config.layers
        weights = model.layers[layer]
        key = row_of(layer_of(self.keys, layer, layers), position, model.config.kv_dim())
        value = row_of(layer_of(self.values, layer, layers), position, model.config.kv_dim())
        epsilon = model.config.norm_epsilon
        kernels.rms_norm(self.normed, self.residual, weights.attention_norm.floats, epsilon)
        kernels.matvec(self.query, weights.wq.floats, self.normed)
        kernels.matvec(key, weights.wk.floats, self.normed)
        kernels.matvec(value, weights.wv.floats, self.normed)
        kernels.rotate(self.query, self.cosines, self.sines)
        kernels.rotate(key, self.cosines, self.sines)
        for head in range(model.config.heads):
            self.attend_head(layer, head, position)
        kernels.matvec(self.update, weights.wo.floats, self.mixed)
        kernels.add(self.residual, self.update)

    def attend_head(self, layer: usize, head: usize, position: usize) -> None:
        """Mixes the values of positions 0 to `position` for one head."""
        config = self.model.config
        size = config.head_size()
        kv_dim = config.kv_dim()
        start = head // (config.heads // config.kv_heads) * size
        keys = layer_of(self.keys, layer, config.layers)
        values = layer_of(self.values, layer, config.layers)
        query = row_of(self.query, head, size)
        scores = self.scores[: position + 1]
        scale = 1.0 / sqrt(f32(size))
        for past in range(position + 1):
            key = row_of(keys, past, kv_dim)
            scores[past] = kernels.dot(query, key[start : start + size]) * scale
        kernels.softmax(scores)
        mixed = row_of(self.mixed, head, size)
        mixed.fill(0.0)
        for past in range(position + 1):
            value = row_of(values, past, kv_dim)
            kernels.add_scaled(mixed, value[start : start + size], scores[past])

    def feed_forward(self, layer: usize) -> None:
        """Adds a layer's SwiGLU to the residual."""
        weights = self.model.layers[layer]
        epsilon = self.model.config.norm_epsilon
        kernels.rms_norm(self.normed, self.residual, weights.ffn_norm.floats, epsilon)
        kernels.matvec(self.gate, weights.w1.floats, self.normed)
        kernels.matvec(self.up, weights.w3.floats, self.normed)
        kernels.swiglu(self.gate, self.up)
        kernels.matvec(self.update, weights.w2.floats, self.gate)
        kernels.add(self.residual, self.update)
