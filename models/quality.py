"""Measures a shipped model on held-out stories with the f64 oracle, in bits a character.

    python -m models.quality MODEL.bin TOKENIZER.bin [--corpus FOLDER] [--stories N]

Story by story: each story from BOS, every token of its text scored (not the end mark, which models
choose differently), a story longer than the context in windows that overlap by half. Packed: all
stories framed by BOS and EOS and joined, in rows of the context, every token but the first scored.
Bits a character do not depend on the tokenizer, so models can be compared on the same stories.
"""

import argparse
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np

from models.corpus import default_corpus_folder, read_stories
from models.reference import EOS, Engine, Model, Tokenizer, read_model, softmax

Measures = Callable[[Model, Tokenizer, list[str]], dict[str, float]]
"""Measures a model with its tokenizer on stories, by name."""


def story_nats(model: Model, ids: list[int]) -> float:
    """Returns the nats of ids[1:], in windows of the context that overlap by half."""
    context = model.config.context
    nats, scored = 0.0, 1
    while scored < len(ids):
        start = 0 if scored == 1 else scored - context // 2
        window = ids[start : start + context + 1]
        nats += _nats(model, window, scored - start)
        scored = start + len(window)
    return nats


def packed_nats(model: Model, stories: list[list[int]]) -> tuple[float, int]:
    """Returns (nats, tokens scored) of the joined stories, row by row of the context."""
    stream = [token for ids in stories for token in (*ids, EOS)]
    context = model.config.context
    starts = range(0, len(stream) - 1, context)
    nats = sum(_nats(model, stream[start : start + context + 1], 1) for start in starts)
    return nats, len(stream) - 1


def _nats(model: Model, window: list[int], first: int) -> float:
    """Returns the nats of window[first:], each given all of the window before it."""
    chances = softmax(Engine(model, np.float32).advance(window[:-1]).astype(np.float64))
    targets = np.array(window[1:])
    return float(-np.sum(np.log(chances[np.arange(len(targets)), targets])[first - 1 :]))


def measure(model: Model, tokenizer: Tokenizer, stories: list[str]) -> dict[str, float]:
    """Returns bits a character both ways and nats a token."""
    encoded = [tokenizer.encode(story) for story in stories]
    characters = sum(len(story) for story in stories)
    by_story = sum(story_nats(model, ids) for ids in encoded)
    by_row, row_tokens = packed_nats(model, encoded)
    story_tokens = sum(len(ids) - 1 for ids in encoded)
    return {
        "stories": len(stories),
        "characters": characters,
        "story_bits_per_character": by_story / log(2) / characters,
        "story_nats_per_token": by_story / story_tokens,
        "packed_bits_per_character": by_row / log(2) / characters,
        "packed_nats_per_token": by_row / row_tokens,
    }


def main(
    description: str = "measure a model on held-out stories",
    measures_of: Measures = measure,
    digits: int = 4,
) -> None:
    """Reads the command line and prints what `measures_of` says of a model and stories."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--corpus", type=Path, default=default_corpus_folder())
    parser.add_argument("--stories", type=int, default=None, help="only the first N")
    arguments = parser.parse_args()
    stories = read_stories(arguments.corpus / "valid.txt.xz")[: arguments.stories]
    model, tokenizer = read_model(arguments.model), Tokenizer.read(arguments.tokenizer)
    for name, value in measures_of(model, tokenizer, stories).items():
        print(f"{name} = {value:.{digits}f}" if isinstance(value, float) else f"{name} = {value}")


if __name__ == "__main__":
    main()
