"""Trains a story model from scratch on a CPU.

    python -m models.train --output FOLDER [--corpus FOLDER] [--minutes N] [--steps N]

Writes into the output folder: `tokenizer.model`, `checkpoint.pt` (renamed into place, so that a run
can be killed at any time and resumed by the same command), `curve.csv`, and at the end `final.pt`.
The learning rate follows max(step / steps, elapsed / minutes), so that it decays fully in the time
given whatever the machine does. Threads and the clock make a rerun differ; the check on a model is
its measured quality, not its hash.
"""

# mypy: disable-error-code="misc, untyped-decorator, no-any-return"

import argparse
import csv
import os
import time
from dataclasses import asdict, dataclass, field
from math import cos, pi
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from torch.nn import functional

from models import corpus, data
from models.evaluate import bits_per_character, packed_loss
from models.muon import Muon
from models.network import MATRICES, Network, Shape

PROBE_EVERY_STEPS = 600
PROBE_STEPS = 6


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of a run."""

    shape: Shape = field(default_factory=Shape)
    seed: int = 1
    steps: int = 8000
    minutes: float = 75.0
    batch_rows: int = 8
    row_tokens: int = 512
    dropout: float = 0.05
    muon_rate: float = 0.02
    muon_momentum: float = 0.95
    muon_decay: float = 0.1
    adam_rate: float = 4e-3
    warmup: float = 0.02
    final_rate: float = 0.03
    gradient_clip: float = 1.0


def rate_factor(progress: float, recipe: Recipe) -> float:
    """Returns the learning rate as a part of its peak: linear warm-up, then a cosine."""
    if progress < recipe.warmup:
        return max(progress / recipe.warmup, 0.02)
    done = min((progress - recipe.warmup) / (1 - recipe.warmup), 1.0)
    return recipe.final_rate + (1 - recipe.final_rate) * (1 + cos(pi * done)) / 2


class ThreadChooser:
    """Times steps with one and with two threads now and then, and keeps the faster count."""

    def __init__(self, most_threads: int) -> None:
        self.candidates = list(range(1, most_threads + 1))
        self.seconds = {count: 0.0 for count in self.candidates}
        self.steps_seen = 0
        torch.set_num_threads(most_threads)

    def before_step(self) -> None:
        """Sets the thread count of the coming step."""
        turn, offset = divmod(self.steps_seen % PROBE_EVERY_STEPS, PROBE_STEPS)
        if turn < len(self.candidates) and offset == 0:
            torch.set_num_threads(self.candidates[turn])
            self.seconds[self.candidates[turn]] = 0.0

    def after_step(self, seconds: float) -> None:
        """Records the step; after the last probe settles on the fastest count."""
        turn = self.steps_seen % PROBE_EVERY_STEPS // PROBE_STEPS
        if turn < len(self.candidates):
            self.seconds[self.candidates[turn]] += seconds
        self.steps_seen += 1
        if self.steps_seen % PROBE_EVERY_STEPS == PROBE_STEPS * len(self.candidates):
            torch.set_num_threads(min(self.candidates, key=self.seconds.__getitem__))


class Trainer:
    """One training run: network, optimizers, position in the schedule and the curve so far."""

    def __init__(self, recipe: Recipe, rows: data.PackedRows) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.rows = rows
        self.network = Network(recipe.shape, recipe.dropout)
        named = dict(self.network.named_parameters())
        self.muon = Muon(
            [named[name] for name in MATRICES],
            lr=recipe.muon_rate,
            momentum=recipe.muon_momentum,
            decay=recipe.muon_decay,
        )
        self.adam = torch.optim.AdamW(
            [weight for name, weight in named.items() if name not in MATRICES],
            lr=recipe.adam_rate,
            betas=(0.9, 0.98),
            weight_decay=0.0,
        )
        self.step_count = 0
        self.elapsed_s = 0.0
        self.running_loss = 0.0

    def progress(self) -> float:
        """Returns how much of the schedule is over, 0 to 1."""
        recipe = self.recipe
        by_time = self.elapsed_s / (60 * recipe.minutes)
        return min(max(self.step_count / recipe.steps, by_time), 1.0)

    def step(self) -> float:
        """Runs one update and returns its training loss in nats a token."""
        factor = rate_factor(self.progress(), self.recipe)
        for optimizer, rate in (
            (self.muon, self.recipe.muon_rate),
            (self.adam, self.recipe.adam_rate),
        ):
            optimizer.param_groups[0]["lr"] = rate * factor
        rows = torch.from_numpy(self.rows.batch(self.step_count, self.recipe.batch_rows))
        logits = self.network(rows[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_clip)
        for optimizer in (self.muon, self.adam):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step_count += 1
        value = loss.item()
        mixed = 0.98 * self.running_loss + 0.02 * value
        self.running_loss = mixed if self.step_count > 1 else value
        return value

    def save(self, path: Path) -> None:
        """Writes everything a resumed run needs, and renames it into place."""
        state = {
            "recipe": asdict(self.recipe),
            "network": self.network.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "random": torch.get_rng_state(),
            "position": (self.step_count, self.elapsed_s, self.running_loss),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, path)

    def load(self, path: Path) -> None:
        """Continues from a saved state."""
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        torch.set_rng_state(state["random"])
        self.step_count, self.elapsed_s, self.running_loss = state["position"]


def prepare_tokenizer(
    folder: Path, stories: list[str], vocab_size: int
) -> sentencepiece.SentencePieceProcessor:
    """Returns the run's tokenizer, trained at the first start and read back afterwards."""
    path = folder / "tokenizer.model"
    if not path.exists():
        path.write_bytes(data.train_tokenizer(stories, vocab_size))
    return data.load_tokenizer(path.read_bytes())


def report(trainer: Trainer, held_out: list[np.ndarray], characters: int, curve: Path) -> None:
    """Measures the held-out stories, prints a line and appends it to the curve."""
    nats, tokens = packed_loss(trainer.network, held_out, trainer.recipe.row_tokens)
    recipe = trainer.recipe
    tokens_seen = trainer.step_count * recipe.batch_rows * recipe.row_tokens
    row = {
        "minutes": f"{trainer.elapsed_s / 60:.1f}",
        "step": trainer.step_count,
        "tokens": tokens_seen,
        "progress": f"{trainer.progress():.4f}",
        "train_loss": f"{trainer.running_loss:.4f}",
        "valid_loss": f"{nats / tokens:.4f}",
        "valid_bits_per_character": f"{bits_per_character(nats, characters):.4f}",
        "tokens_per_second": f"{tokens_seen / trainer.elapsed_s:.0f}",
    }
    is_new = not curve.exists()
    with curve.open("a", newline="") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(
        *(f"{name}={value}" for name, value in row.items()),
        f"threads={torch.get_num_threads()}",
        flush=True,
    )


def train(recipe: Recipe, folder: Path, output: Path, report_minutes: float = 3.0) -> Trainer:
    """Runs (or resumes) a whole training and returns its trainer."""
    output.mkdir(parents=True, exist_ok=True)
    stories = corpus.read_training_stories(folder)
    held_out_stories = corpus.read_stories(folder / "valid.txt.xz")
    tokenizer = prepare_tokenizer(output, stories, recipe.shape.vocab)
    encoded = data.encode_stories(stories, tokenizer)
    held_out = data.encode_stories(held_out_stories, tokenizer)
    characters = sum(len(story) for story in held_out_stories)
    rows = data.PackedRows(encoded, recipe.row_tokens, recipe.seed)
    print(
        f"{len(stories)} stories, {rows.token_count} tokens, {rows.rows_per_pass} rows a pass",
        flush=True,
    )
    trainer = Trainer(recipe, rows)
    checkpoint = output / "checkpoint.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    threads = ThreadChooser(min(2, os.cpu_count() or 1))
    reported_s = trainer.elapsed_s
    origin_s = time.monotonic() - trainer.elapsed_s
    while trainer.progress() < 1.0:
        threads.before_step()
        before_s = time.monotonic()
        trainer.step()
        threads.after_step(time.monotonic() - before_s)
        trainer.elapsed_s = time.monotonic() - origin_s
        if trainer.elapsed_s - reported_s >= 60 * report_minutes:
            reported_s = trainer.elapsed_s
            report(trainer, held_out, characters, output / "curve.csv")
            trainer.save(checkpoint)
    report(trainer, held_out, characters, output / "curve.csv")
    trainer.save(output / "final.pt")
    return trainer


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description="train a story model from scratch")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=corpus.default_corpus_folder())
    for name in ("minutes", "dropout", "muon_rate", "adam_rate"):
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=float, default=getattr(Recipe, name))
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    arguments = vars(parser.parse_args())
    folder, output = arguments.pop("corpus"), arguments.pop("output")
    train(Recipe(**arguments), folder, output)


if __name__ == "__main__":
    main()
