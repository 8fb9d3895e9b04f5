"""The Llama-2 network in torch, for training only: GQA, RoPE on adjacent pairs, SwiGLU, RMSNorm.

Weights of one kind are one parameter stacked over the layers, [layers, out, in]: this is the order
of the llama2.c file, and lets the optimizer treat equal shapes as one batch.
"""

# mypy: disable-error-code="misc, untyped-decorator, no-any-return"

from dataclasses import dataclass
from math import sqrt

import torch
from torch import nn
from torch.nn import functional

MATRICES = ("wq", "wk", "wv", "wo", "w1", "w2", "w3")


@dataclass(frozen=True)
class Shape:
    """Dimensions of a network; the classifier is tied to the embedding."""

    dim: int = 128
    layers: int = 5
    hidden: int = 288
    heads: int = 4
    kv_heads: int = 2
    vocab: int = 2048
    context: int = 512
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        """Returns the elements of one head."""
        return self.dim // self.heads

    @property
    def kv_dim(self) -> int:
        """Returns the elements of all key (or value) heads."""
        return self.head_size * self.kv_heads


class Network(nn.Module):
    """Maps ids [batch, time] to logits [batch, time, vocab]."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.dropout = dropout
        layers, dim, hidden = shape.layers, shape.dim, shape.hidden
        output_std = 1.0 / sqrt(2 * layers)
        self.embedding = nn.Parameter(torch.randn(shape.vocab, dim) * 0.02)
        self.attention_norm = nn.Parameter(torch.ones(layers, dim))
        self.wq = _stacked(layers, dim, dim)
        self.wk = _stacked(layers, shape.kv_dim, dim)
        self.wv = _stacked(layers, shape.kv_dim, dim)
        self.wo = _stacked(layers, dim, dim, output_std)
        self.ffn_norm = nn.Parameter(torch.ones(layers, dim))
        self.w1 = _stacked(layers, hidden, dim)
        self.w2 = _stacked(layers, dim, hidden, output_std)
        self.w3 = _stacked(layers, hidden, dim)
        self.final_norm = nn.Parameter(torch.ones(dim))
        cosines, sines = _rope_tables(shape)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Returns the logits after every position."""
        names = ("attention_norm", "ffn_norm", *MATRICES)
        unstacked = [getattr(self, name).unbind(0) for name in names]
        x = self._drop(functional.embedding(ids, self.embedding))
        for weights in zip(*unstacked, strict=True):
            attention_norm, ffn_norm, wq, wk, wv, wo, w1, w2, w3 = weights
            x = x + self._drop(self._attention(self._norm(x, attention_norm), wq, wk, wv, wo))
            x = x + self._drop(_feed_forward(self._norm(x, ffn_norm), w1, w2, w3))
        return functional.linear(self._norm(x, self.final_norm), self.embedding)

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return functional.rms_norm(x, (self.shape.dim,), weight, self.shape.norm_epsilon)

    def _drop(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(x, self.dropout, self.training) if self.dropout > 0 else x

    def _attention(
        self,
        x: torch.Tensor,
        wq: torch.Tensor,
        wk: torch.Tensor,
        wv: torch.Tensor,
        wo: torch.Tensor,
    ) -> torch.Tensor:
        shape = self.shape
        batch, time, dim = x.shape
        projected = functional.linear(x, torch.cat((wq, wk, wv)))
        q, k, v = projected.split((dim, shape.kv_dim, shape.kv_dim), dim=-1)
        q = self._rotate(q.view(batch, time, shape.heads, shape.head_size)).transpose(1, 2)
        k = self._rotate(k.view(batch, time, shape.kv_heads, shape.head_size)).transpose(1, 2)
        v = v.view(batch, time, shape.kv_heads, shape.head_size).transpose(1, 2)
        group = shape.heads // shape.kv_heads
        k = k.repeat_interleave(group, dim=1)
        v = v.repeat_interleave(group, dim=1)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return functional.linear(mixed.transpose(1, 2).reshape(batch, time, dim), wo)

    def _rotate(self, x: torch.Tensor) -> torch.Tensor:
        """Rotates the pairs (2i, 2i + 1) of x [batch, time, heads, head_size] by position."""
        cosines = self.cosines[: x.shape[1], None, :]
        sines = self.sines[: x.shape[1], None, :]
        even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
        turned = (even * cosines - odd * sines, even * sines + odd * cosines)
        return torch.stack(turned, dim=-1).flatten(-2)


def _stacked(layers: int, rows: int, columns: int, scale: float = 1.0) -> nn.Parameter:
    return nn.Parameter(torch.randn(layers, rows, columns) * (scale / sqrt(columns)))


def _feed_forward(
    x: torch.Tensor, w1: torch.Tensor, w2: torch.Tensor, w3: torch.Tensor
) -> torch.Tensor:
    gate, up = functional.linear(x, torch.cat((w1, w3))).chunk(2, dim=-1)
    return functional.linear(functional.silu(gate) * up, w2)


def _rope_tables(shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = torch.arange(0, shape.head_size, 2, dtype=torch.float64)
    frequencies = shape.rope_theta ** (-pairs / shape.head_size)
    angles = torch.arange(shape.context, dtype=torch.float64)[:, None] * frequencies[None, :]
    return angles.cos().float(), angles.sin().float()
