"""Measures a network on held-out stories, in nats a token and bits a character.

Two measures. Packed: all stories framed and joined, cut into rows as in training, every token but
the first scored. Bits a character divide by the characters of the stories and do not depend on the
tokenizer.
"""

# mypy: disable-error-code="misc, untyped-decorator, no-any-return"

from math import log

import numpy as np
import torch
from torch.nn import functional


@torch.no_grad()
def packed_loss(
    network: torch.nn.Module, encoded: list[np.ndarray], row_tokens: int
) -> tuple[float, int]:
    """Returns (sum of nats, tokens scored) over the joined stories, row by row."""
    stream = torch.from_numpy(np.concatenate(encoded).astype(np.int64))
    was_training = network.training
    network.eval()
    nats = 0.0
    full = (len(stream) - 1) // row_tokens
    end = full * row_tokens
    inputs = stream[:end].view(full, row_tokens)
    targets = stream[1 : end + 1].view(full, row_tokens)
    chunks = list(zip(inputs.split(8), targets.split(8), strict=True))
    if end < len(stream) - 1:
        chunks.append((stream[None, end:-1], stream[None, end + 1 :]))
    for ids, wanted in chunks:
        logits = network(ids)
        nats += functional.cross_entropy(
            logits.flatten(0, 1), wanted.flatten(), reduction="sum"
        ).item()
    network.train(was_training)
    return nats, len(stream) - 1


def bits_per_character(nats: float, characters: int) -> float:
    """Returns nats spread over characters, in bits."""
    return nats / log(2) / characters
