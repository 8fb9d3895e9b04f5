"""The oracle: a slow, plain NumPy engine for llama2.c version-0 models, exact in float64.

Written from the published description of the architecture and of the file formats, and sharing no
code with the trainer or with the guest's engine, so that agreement between them means something.

Use: `model = read_model(path)`, `engine = Engine(model)`, `engine.advance(ids)` gives the logits
after each of the ids and remembers their keys and values. `Tokenizer` and `Sampler` follow
llama2.c: a space before a non-empty text, best-scoring neighbouring pair first, xorshift64*.
"""

# mypy: disable-error-code="no-any-return"

from dataclasses import dataclass
from pathlib import Path

import numpy as np

BOS = 1
EOS = 2
FIRST_BYTE_PIECE = 3
NORM_EPSILON = 1e-5
ROPE_THETA = 10000.0


@dataclass(frozen=True)
class Config:
    """The header of a version-0 file; an untied model has its classifier at the end."""

    dim: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    vocab: int
    context: int
    is_tied: bool = True

    @property
    def head_size(self) -> int:
        """Returns the elements of one head."""
        return self.dim // self.heads

    def tensors(self) -> list[tuple[str, tuple[int, ...]]]:
        """Returns (name, shape) of each tensor in file order, matrices as [out, in]."""
        kv_dim = self.kv_heads * self.head_size
        layers, dim, hidden = self.layers, self.dim, self.hidden
        listed = [
            ("embedding", (self.vocab, dim)),
            ("attention_norm", (layers, dim)),
            ("wq", (layers, dim, dim)),
            ("wk", (layers, kv_dim, dim)),
            ("wv", (layers, kv_dim, dim)),
            ("wo", (layers, dim, dim)),
            ("ffn_norm", (layers, dim)),
            ("w1", (layers, hidden, dim)),
            ("w2", (layers, dim, hidden)),
            ("w3", (layers, hidden, dim)),
            ("final_norm", (dim,)),
            ("unused_rope_cosines", (self.context, self.head_size // 2)),
            ("unused_rope_sines", (self.context, self.head_size // 2)),
        ]
        return listed if self.is_tied else [*listed, ("classifier", (self.vocab, dim))]


@dataclass
class Model:
    """A configuration and its tensors, f32 as in the file."""

    config: Config
    tensors: dict[str, np.ndarray]


def read_model(path: Path) -> Model:
    """Reads a llama2.c version-0 file, whose length must be exactly what its header says."""
    raw = path.read_bytes()
    header = [int(number) for number in np.frombuffer(raw, "<i4", 7)]
    dim, hidden, layers, heads, kv_heads, vocab, context = header
    config = Config(dim, hidden, layers, heads, kv_heads, abs(vocab), context, vocab > 0)
    flat = np.frombuffer(raw, "<f4", offset=28)
    tensors = {}
    offset = 0
    for name, shape in config.tensors():
        count = int(np.prod(shape))
        tensors[name] = flat[offset : offset + count].reshape(shape)
        offset += count
    if offset != len(flat):
        raise ValueError(f"{path.name}: {len(flat)} floats, the header asks for {offset}")
    return Model(config, tensors)


def write_model(path: Path, model: Model) -> None:
    """Writes a llama2.c version-0 file; the unused RoPE tables are written as zeros if absent."""
    config = model.config
    vocab = config.vocab if config.is_tied else -config.vocab
    header = (
        config.dim,
        config.hidden,
        config.layers,
        config.heads,
        config.kv_heads,
        vocab,
        config.context,
    )
    parts = [np.array(header, "<i4").tobytes()]
    for name, shape in config.tensors():
        tensor = model.tensors[name] if name in model.tensors else np.zeros(shape)
        if tensor.shape != shape:
            raise ValueError(f"{name}: shape {tensor.shape}, not {shape}")
        parts.append(tensor.astype("<f4").tobytes())
    path.write_bytes(b"".join(parts))


class Engine:
    """One sequence: a model in a given precision, with keys and values of the past."""

    def __init__(self, model: Model, precision: type = np.float64) -> None:
        self.config = model.config
        self.weights: dict[str, np.ndarray] = {
            name: tensor.astype(precision) for name, tensor in model.tensors.items()
        }
        self.precision = precision
        self.reset()

    def reset(self) -> None:
        """Forgets the sequence."""
        config = self.config
        empty = (config.layers, 0, config.kv_heads, config.head_size)
        self.keys: np.ndarray = np.empty(empty, self.precision)
        self.values: np.ndarray = np.empty(empty, self.precision)

    @property
    def position(self) -> int:
        """Returns how many tokens the sequence has."""
        return self.keys.shape[1]

    def advance(self, ids: list[int]) -> np.ndarray:
        """Appends tokens and returns the logits after each, [len(ids), vocab]."""
        config, weights = self.config, self.weights
        if self.position + len(ids) > config.context:
            raise ValueError(f"{self.position} + {len(ids)} tokens exceed {config.context}")
        x = weights["embedding"][np.array(ids)]
        new_keys, new_values = [], []
        for layer in range(config.layers):
            normed = rms_norm(x, weights["attention_norm"][layer])
            mixed, keys, values = self._attend(layer, normed)
            new_keys.append(keys)
            new_values.append(values)
            x = x + mixed @ weights["wo"][layer].T
            normed = rms_norm(x, weights["ffn_norm"][layer])
            gate = silu(normed @ weights["w1"][layer].T)
            x = x + (gate * (normed @ weights["w3"][layer].T)) @ weights["w2"][layer].T
        self.keys, self.values = np.stack(new_keys), np.stack(new_values)
        classifier = weights["embedding" if config.is_tied else "classifier"]
        return rms_norm(x, weights["final_norm"]) @ classifier.T

    def _attend(self, layer: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (mixed values [new, dim], all keys, all values) of one layer."""
        config, weights = self.config, self.weights
        size = config.head_size
        positions = self.position + np.arange(len(x))
        q = rotate((x @ weights["wq"][layer].T).reshape(len(x), config.heads, size), positions)
        k = rotate((x @ weights["wk"][layer].T).reshape(len(x), config.kv_heads, size), positions)
        v = (x @ weights["wv"][layer].T).reshape(len(x), config.kv_heads, size)
        keys = np.concatenate((self.keys[layer], k))
        values = np.concatenate((self.values[layer], v))
        future = np.arange(len(keys))[None, :] > positions[:, None]
        mixed: np.ndarray = np.empty((len(x), config.heads, size), self.precision)
        for head in range(config.heads):
            shared = head * config.kv_heads // config.heads
            scores = q[:, head] @ keys[:, shared].T / np.sqrt(self.precision(size))
            scores[future] = -np.inf
            mixed[:, head] = softmax(scores) @ values[:, shared]
        return mixed.reshape(len(x), config.dim), keys, values


def rms_norm(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Returns x [..., n] divided by its root mean square, times weight [n]."""
    mean_square = np.mean(x * x, axis=-1, keepdims=True)
    return x / np.sqrt(mean_square + x.dtype.type(NORM_EPSILON)) * weight


def silu(x: np.ndarray) -> np.ndarray:
    """Returns x * sigmoid(x), without overflow for large negative x."""
    decayed = np.exp(-np.abs(x))
    return x * np.where(x >= 0, 1, decayed) / (1 + decayed)


def softmax(x: np.ndarray) -> np.ndarray:
    """Returns probabilities along the last axis."""
    exponentials = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True)


def rotate(x: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Turns pair (2i, 2i + 1) of x [time, heads, size] by position * theta^(-2i/size)."""
    size = x.shape[-1]
    angles = positions[:, None] * ROPE_THETA ** (-np.arange(0, size, 2) / size)[None, :]
    turn = np.exp(1j * angles)[:, None, :]
    pairs = (x[..., 0::2] + 1j * x[..., 1::2]) * turn
    turned = np.empty_like(x)
    turned[..., 0::2], turned[..., 1::2] = pairs.real, pairs.imag
    return turned


class Tokenizer:
    """Pieces and scores of a llama2.c tokenizer.bin."""

    def __init__(self, pieces: list[bytes], scores: list[float]) -> None:
        self.pieces = pieces
        self.scores = scores
        self.ids = {piece: index for index, piece in reversed(list(enumerate(pieces)))}

    @classmethod
    def read(cls, path: Path) -> "Tokenizer":
        """Reads a file to its end: u32 longest piece, then (f32 score, i32 length, bytes)."""
        raw = path.read_bytes()
        pieces, scores, offset = [], [], 4
        while offset < len(raw):
            scores.append(float(np.frombuffer(raw, "<f4", 1, offset)[0]))
            length = int(np.frombuffer(raw, "<i4", 1, offset + 4)[0])
            pieces.append(raw[offset + 8 : offset + 8 + length])
            offset += 8 + length
        return cls(pieces, scores)

    def encode(self, text: str) -> list[int]:
        """Returns BOS and the ids of the text."""
        ids = []
        for character in " " + text if text else "":
            piece = character.encode()
            known = self.ids.get(piece)
            ids += [known] if known is not None else [FIRST_BYTE_PIECE + byte for byte in piece]
        while True:
            best_score, best_place, best_id = -np.inf, -1, -1
            for place in range(len(ids) - 1):
                joined = self.ids.get(self.pieces[ids[place]] + self.pieces[ids[place + 1]])
                if joined is not None and self.scores[joined] > best_score:
                    best_score, best_place, best_id = self.scores[joined], place, joined
            if best_place < 0:
                return [BOS, *ids]
            ids[best_place : best_place + 2] = [best_id]

    def decode(self, ids: list[int], previous: int = BOS) -> bytes:
        """Returns the bytes of ids; after BOS one leading space is dropped."""
        parts = []
        for token in ids:
            if FIRST_BYTE_PIECE <= token < FIRST_BYTE_PIECE + 256:
                part = bytes([token - FIRST_BYTE_PIECE])
            else:
                part = self.pieces[token]
            parts.append(part[1:] if previous == BOS and part.startswith(b" ") else part)
            previous = token
        return b"".join(parts)


class Sampler:
    """Chooses a token from logits; all arithmetic in f32, sums in order.

    Temperature 0 is greedy. `top_k` 0 and `top_p` outside (0, 1) are off. Candidates are walked in
    order of id, or, when either is on, from the most probable down (equal ones by id).
    """

    def __init__(self, temperature: float, top_p: float, top_k: int, seed: int) -> None:
        self.temperature = np.float32(temperature)
        self.top_p = np.float32(top_p)
        self.top_k = top_k
        self.state = seed
        self.smallest_margin = np.inf

    def coin(self) -> np.float32:
        """Returns the next number in [0, 1) of xorshift64*."""
        mask = (1 << 64) - 1
        self.state ^= self.state >> 12
        self.state ^= self.state << 25 & mask
        self.state ^= self.state >> 27
        high = (self.state * 0x2545F4914F6CDD1D & mask) >> 32
        return np.float32(high >> 8) / np.float32(1 << 24)

    def choose(self, logits: np.ndarray) -> int:
        """Returns a token id; `smallest_margin` keeps how near a coin came to another choice."""
        if self.temperature == 0:
            return int(np.argmax(logits))
        scaled = logits.astype(np.float32) / self.temperature
        order = np.arange(len(scaled))
        has_top_p = 0 < self.top_p < 1
        if self.top_k > 0 or has_top_p:
            order = np.argsort(-scaled, kind="stable")
        if self.top_k > 0:
            order = order[: self.top_k]
        exponentials = np.exp(scaled[order] - np.max(scaled))
        chances = exponentials / np.cumsum(exponentials)[-1]
        if has_top_p and len(order) > 1:
            cutoff = (np.float32(1) - self.top_p) / np.float32(len(order) - 1)
            chances = chances[chances >= cutoff] if chances[0] >= cutoff else chances[:1]
        sums = np.cumsum(chances)
        if has_top_p:
            sums = sums[: int(np.argmax(sums > self.top_p)) + 1 if sums[-1] > self.top_p else None]
        target = self.coin() * (sums[-1] if has_top_p else np.float32(1))
        chosen = min(int(np.searchsorted(sums, target, side="right")), len(sums) - 1)
        self.smallest_margin = min(self.smallest_margin, float(np.min(np.abs(sums - target))))
        return int(order[chosen])
