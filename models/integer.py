"""The integer engine in NumPy, written from its description and sharing no code with it.

`docs/decisions/integer-engine.md` is the description. Every integer here must equal the guest's, so
what this computes for a model, an engine must compute to the bit. Sums of products go through
`float64` matrix products, which are exact below 2**53.

Use: `engine = IntegerEngine(model)`, `engine.advance(ids)` gives the integer logits after each id;
`engine.logits` makes `float32` of them.
"""

# mypy: disable-error-code="no-any-return"

from dataclasses import dataclass

import numpy as np

from models.reference import NORM_EPSILON, ROPE_THETA, Model

LARGEST = 127
LARGEST_QUAD = 256
QUADS = ((0, 1, 4, 5), (2, 3, 6, 7))
SMALLEST_SCALE, LARGEST_SCALE = np.float32(1e-30), np.float32(1e30)
RESIDUAL_LIMIT = 1 << 30


@dataclass
class Matrix:
    """Rows of `int8` with a multiplier each: row r stands for weights[r] * multipliers[r] * unit.

    `shift` is how far a product of sum and multiplier is shifted down, so that it fits 31 bits.
    """

    weights: np.ndarray
    multipliers: np.ndarray
    unit: float
    shift: int

    def times(self, x: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns products with the rows of x [time, columns] as (integers, units)."""
        sums = (x.astype(np.float64) @ self.weights.T.astype(np.float64)).astype(np.int64)
        return sums * self.multipliers >> self.shift, units * self.unit * 2.0**self.shift


def quad_sums(sizes: np.ndarray) -> np.ndarray:
    """Returns the largest sum of four sizes that meet in one 16-bit lane, along the last axis."""
    missing = -sizes.shape[-1] % 8
    widths = [(0, 0)] * (sizes.ndim - 1) + [(0, missing)]
    eights = np.pad(sizes, widths).reshape(*sizes.shape[:-1], -1, 8)
    sums = [
        ((eights[..., a] + eights[..., b]) + eights[..., c]) + eights[..., d]
        for a, b, c, d in QUADS
    ]
    return np.max(np.maximum(*sums), axis=-1)


def pack(weights: np.ndarray) -> Matrix:
    """Quantises a matrix of `float32`."""
    sizes = np.abs(weights)
    scales = np.maximum(np.max(sizes, axis=1) / np.float32(127), quad_sums(sizes) / np.float32(256))
    usable = (scales > SMALLEST_SCALE) & (scales < LARGEST_SCALE)
    inverses = np.float32(1) / np.where(usable, scales, np.float32(1))
    integers = np.rint(weights * inverses[:, None]).astype(np.int64)
    integers[~usable] = 0
    scales = np.where(usable, scales, np.float32(0)).astype(np.float64)
    top = float(np.max(scales))
    relative = scales / top if top > 0 else scales
    multipliers = np.floor(relative * 2.0**24 + 0.5).astype(np.int64)
    columns_bits = int(weights.shape[1] - 1).bit_length()
    return Matrix(integers, multipliers, top * 2.0**-24, max(0, columns_bits + 13 + 24 - 30))


def quantise(
    values: np.ndarray, units: np.ndarray, has_quads: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (integers up to 127, units) of vectors along the last axis, below 2**40."""
    sizes = np.abs(values)
    tops = np.max(sizes, axis=-1)
    if has_quads:
        tops = np.maximum(tops, (quad_sums(sizes) * LARGEST + LARGEST_QUAD - 1) // LARGEST_QUAD)
    factors = (LARGEST << 48) // np.maximum(tops, 1)
    integers = values * factors[..., None] + (1 << 47) >> 48
    return integers, units * (tops.astype(np.float64) / 127.0)


class Norm:
    """A norm's weights as integers."""

    def __init__(self, weights: np.ndarray) -> None:
        top = float(np.max(np.abs(weights)))
        self.unit = top / 32768.0
        relative = weights.astype(np.float64) / top if top > 0 else weights.astype(np.float64)
        self.weights = np.floor(relative * 32768.0 + 0.5).astype(np.int64)

    def __call__(self, residual: "Residual") -> tuple[np.ndarray, np.ndarray]:
        """Returns the normed and quantised residual."""
        x = residual.x
        tops = np.max(np.abs(x), axis=1)
        shifts = np.array([max(0, int(top).bit_length() - 23) for top in tops])
        squares = np.sum((x >> shifts[:, None]) ** 2, axis=1).astype(np.float64)
        units = residual.units * np.exp2(shifts.astype(np.float64))
        means = squares * units * units / x.shape[1]
        roots = 1.0 / np.sqrt(means + float(np.float32(NORM_EPSILON)))
        return quantise(x * self.weights >> 8, residual.units * self.unit * 256.0 * roots)


@dataclass
class Residual:
    """The sum of what the layers add: x [time, dim] * units [time]."""

    x: np.ndarray
    units: np.ndarray

    def add(self, values: np.ndarray, value_units: np.ndarray) -> None:
        """Adds values, vector by vector."""
        for at in range(len(self.x)):
            self.x[at], self.units[at] = added(
                self.x[at], float(self.units[at]), values[at], float(value_units[at])
            )


def added(
    x: np.ndarray, unit: float, values: np.ndarray, value_unit: float
) -> tuple[np.ndarray, float]:
    """Returns the sum of two vectors and its unit."""
    if value_unit == 0.0:
        return x, unit
    if unit == 0.0:
        unit = value_unit
    ratio = value_unit / unit
    while ratio > 1.0:
        ratio *= 0.5
        unit *= 2.0
        x = x >> 1
    x = x + (values * int(ratio * 2.0**31) >> 31)
    if np.max(np.abs(x)) >= RESIDUAL_LIMIT:
        x, unit = x >> 1, unit * 2.0
    return x, unit


EXPONENTIALS = np.floor(2.0 ** (24 - np.arange(1024) / 1024) + 0.5).astype(np.int64)
SIGMOIDS = np.floor(32768.0 / (1.0 + np.exp(-(np.arange(8192) - 4096 + 0.5) / 256.0)) + 0.5).astype(
    np.int64
)
LOG2_E = 1.4426950408889634


def fixed(units: np.ndarray, scale: float, largest: int) -> np.ndarray:
    """Returns units as multiples of 1 / scale, at most `largest`."""
    return np.minimum(np.floor(units * scale + 0.5), float(largest)).astype(np.int64)


class IntegerEngine:
    """One sequence."""

    def __init__(self, model: Model) -> None:
        self.config = config = model.config
        tensors = model.tensors
        self.embedding = pack(tensors["embedding"])
        self.classifier = self.embedding
        if not config.is_tied:
            self.classifier = pack(tensors["classifier"])
        names = ("wq", "wk", "wv", "wo", "w1", "w2", "w3")
        self.matrices = {name: [pack(matrix) for matrix in tensors[name]] for name in names}
        norms = ("attention_norm", "ffn_norm")
        self.norms = {name: [Norm(weights) for weights in tensors[name]] for name in norms}
        self.final_norm = Norm(tensors["final_norm"])
        pairs = config.head_size // 2
        angles = np.arange(config.context)[:, None] * ROPE_THETA ** (-np.arange(pairs) / pairs)
        self.cosines = np.floor(np.cos(angles) * 32768.0 + 0.5).astype(np.int64)
        self.sines = np.floor(np.sin(angles) * 32768.0 + 0.5).astype(np.int64)
        self.reset()

    def reset(self) -> None:
        """Forgets the sequence."""
        self.position = 0
        empty = [np.empty((0, self.config.kv_heads, self.config.head_size), np.int64)]
        self.keys = empty * self.config.layers
        self.values = empty * self.config.layers
        units = [np.empty((0, self.config.kv_heads), np.int64)] * self.config.layers
        self.key_units = list(units)
        self.value_units = list(units)
        self.keys, self.values = list(self.keys), list(self.values)

    def advance(self, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Appends tokens; returns the integer logits after each [len(ids), vocab] and units."""
        tokens = np.array(ids)
        rows = self.embedding.multipliers[tokens].astype(np.float64) * self.embedding.unit
        residual = Residual(self.embedding.weights[tokens] << 13, rows / 8192.0)
        for layer in range(self.config.layers):
            self.attend(layer, residual)
            self.feed_forward(layer, residual)
        self.position += len(ids)
        return self.classifier.times(*self.final_norm(residual))

    def feed_forward(self, layer: int, residual: Residual) -> None:
        """Adds the gated part of a layer."""
        x, units = self.norms["ffn_norm"][layer](residual)
        gate, gate_units = self.matrices["w1"][layer].times(x, units)
        up, up_units = self.matrices["w3"][layer].times(x, units)
        factors = fixed(gate_units, 256.0 * 2.0**40, 1 << 32)
        places = np.clip(gate * factors[:, None] >> 40, -4096, 4095) + 4096
        product = (gate * SIGMOIDS[places] >> 15) * up >> 24
        hidden, units = quantise(product, gate_units * up_units * 2.0**24)
        residual.add(*self.matrices["w2"][layer].times(hidden, units))

    def attend(self, layer: int, residual: Residual) -> None:
        """Adds the attention of a layer."""
        config = self.config
        x, units = self.norms["attention_norm"][layer](residual)
        count = len(x)
        shape = (count, -1, config.head_size)
        query, key, value = (
            self.matrices[name][layer].times(x, units) for name in ("wq", "wk", "wv")
        )
        queries, query_units = self.turned(query[0].reshape(shape), query[1])
        keys, key_units = self.turned(key[0].reshape(shape), key[1], has_quads=True)
        values, value_units = quantise(value[0].reshape(shape), value[1][:, None])
        largest = (1 << 31) - 1
        for store, new in (
            (self.keys, keys),
            (self.values, values),
            (self.key_units, fixed(key_units, 2.0**24, 1 << 27)),
            (self.value_units, fixed(value_units, 2.0**28, largest)),
        ):
            store[layer] = np.concatenate((store[layer], new))
        mixed = [self.mix(layer, at, queries[at], query_units[at]) for at in range(count)]
        heads, units = (np.array(part) for part in zip(*mixed, strict=True))
        x, units = quantise(heads.reshape(count, config.dim), units)
        residual.add(*self.matrices["wo"][layer].times(x, units))

    def turned(
        self, heads: np.ndarray, units: np.ndarray, has_quads: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Turns and quantises heads [time, heads, size], each with a unit of its own."""
        positions = self.position + np.arange(len(heads))
        cosines: np.ndarray = self.cosines[positions][:, None]
        sines: np.ndarray = self.sines[positions][:, None]
        even: np.ndarray = heads[..., 0::2]
        odd: np.ndarray = heads[..., 1::2]
        turned = np.empty_like(heads)
        turned[..., 0::2] = even * cosines - odd * sines >> 15
        turned[..., 1::2] = even * sines + odd * cosines >> 15
        return quantise(turned, units[:, None], has_quads)

    def mix(
        self, layer: int, at: int, queries: np.ndarray, units: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Returns the mixed values of one position, [heads, size], and their unit."""
        config = self.config
        seen = self.position + at + 1
        sums, head_units = [], []
        for head in range(config.heads):
            shared = head * config.kv_heads // config.heads
            scores = self.keys[layer][:seen, shared] @ queries[head]
            factor = float(units[head]) * (LOG2_E / np.sqrt(float(config.head_size))) * 2.0**22
            factor = int(min(np.floor(factor + 0.5), float(1 << 22)))
            scores = (scores * self.key_units[layer][:seen, shared] >> 16) * factor >> 20
            below = np.max(scores) - scores
            steps = np.minimum(below >> 10, 25)
            weights = EXPONENTIALS[below & 1023] >> steps
            total = int(np.sum(weights))
            weights = weights * self.value_units[layer][:seen, shared]
            shift = max(0, int(np.max(weights)).bit_length() - 12)
            sums.append((weights >> shift) @ self.values[layer][:seen, shared])
            head_units.append(2.0 ** (shift - 28) / float(total))
        top = max(head_units)
        factors = [int(np.floor(unit / top * 65536.0)) for unit in head_units]
        return np.array([s * f >> 16 for s, f in zip(sums, factors, strict=True)]), top


def logits(integers: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Returns logits as `float32`."""
    return integers.astype(np.float32) * units.astype(np.float32)[..., None]
