"""Measures what integers cost: a model in `int8` beside itself in `f32`, on held-out stories.

    python -m models.integer_quality MODEL.bin TOKENIZER.bin [--corpus FOLDER] [--stories N]

Story by story from BOS, teacher-forced, as far as the context reaches: the loss of both in nats a
token, the mean divergence KL(f32 || int8) of the distributions in nats, and how often both find the
same token the likeliest. By the oracle in `float32` and by the integer engine's NumPy twin.
"""

from dataclasses import dataclass

import numpy as np

from models import quality
from models.integer import IntegerEngine, logits
from models.reference import Engine, Model, Tokenizer


@dataclass
class Comparison:
    """Sums over tokens."""

    tokens: int = 0
    f32_nats: float = 0.0
    int8_nats: float = 0.0
    divergence: float = 0.0
    equal: int = 0

    def add(self, f32_logits: np.ndarray, int8_logits: np.ndarray, targets: np.ndarray) -> None:
        """Takes in one story."""
        places = np.arange(len(targets))
        f32, int8 = log_chances(f32_logits), log_chances(int8_logits)
        self.tokens += len(targets)
        self.f32_nats -= float(np.sum(f32[places, targets]))
        self.int8_nats -= float(np.sum(int8[places, targets]))
        self.divergence += float(np.sum(np.exp(f32) * (f32 - int8)))
        self.equal += int(np.sum(np.argmax(f32, axis=1) == np.argmax(int8, axis=1)))

    def figures(self) -> dict[str, float]:
        """Returns the measures."""
        return {
            "tokens": self.tokens,
            "f32_nats_per_token": self.f32_nats / self.tokens,
            "int8_nats_per_token": self.int8_nats / self.tokens,
            "loss_change_percent": 100 * (self.int8_nats / self.f32_nats - 1),
            "mean_divergence": self.divergence / self.tokens,
            "likeliest_equal_percent": 100 * self.equal / self.tokens,
        }


def log_chances(values: np.ndarray) -> np.ndarray:
    """Returns logarithms of the probabilities, by rows."""
    shifted = values.astype(np.float64) - np.max(values, axis=1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return found


def compare(model: Model, tokenizer: Tokenizer, stories: list[str]) -> dict[str, float]:
    """Returns the measures over some stories."""
    comparison = Comparison()
    f32, int8 = Engine(model, np.float32), IntegerEngine(model)
    for story in stories:
        ids = tokenizer.encode(story)[: model.config.context + 1]
        f32.reset()
        int8.reset()
        found = logits(*int8.advance(ids[:-1]))
        comparison.add(f32.advance(ids[:-1]), found, np.array(ids[1:]))
    return comparison.figures()


if __name__ == "__main__":
    quality.main("compare a model in int8 with itself in f32", compare, digits=5)
