from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: train)")
pytest.importorskip("sentencepiece", reason="sentencepiece is not installed (extra: train)")

from models import data, reference  # noqa: E402
from models.export import export_tokenizer, export_weights  # noqa: E402
from models.muon import orthogonalise  # noqa: E402
from models.network import Network, Shape  # noqa: E402
from models.train import Recipe, Trainer, rate_factor  # noqa: E402

SHAPE = Shape(dim=32, layers=2, hidden=64, heads=4, kv_heads=2, vocab=320, context=32)
NOUNS = ("cat", "dog", "bird", "ball", "tree", "boat", "hat", "moon")
VERBS = ("saw", "found", "liked", "took", "lost", "made")


def toy_stories() -> list[str]:
    generator = np.random.default_rng(5)
    return [
        f"The {generator.choice(NOUNS)} {generator.choice(VERBS)} the {generator.choice(NOUNS)}.\n"
        f"It was {generator.integers(10)} days."
        for _ in range(300)
    ]


@pytest.fixture(scope="module")
def tokenizer_model() -> bytes:
    return data.train_tokenizer(toy_stories(), SHAPE.vocab)


def toy_trainer(tokenizer_model: bytes) -> Trainer:
    encoded = data.encode_stories(toy_stories(), data.load_tokenizer(tokenizer_model))
    recipe = Recipe(shape=SHAPE, steps=20, minutes=60.0, batch_rows=8, row_tokens=32)
    return Trainer(recipe, data.PackedRows(encoded, recipe.row_tokens, recipe.seed))


def test_twenty_steps_lower_the_loss(tokenizer_model: bytes) -> None:
    trainer = toy_trainer(tokenizer_model)
    losses = [trainer.step() for _ in range(20)]
    assert np.mean(losses[-3:]) < 0.8 * losses[0]


def test_resumed_run_repeats_the_unbroken_one(tokenizer_model: bytes, tmp_path: Path) -> None:
    unbroken = toy_trainer(tokenizer_model)
    for _ in range(4):
        unbroken.step()
    unbroken.save(tmp_path / "checkpoint.pt")
    expected = [unbroken.step() for _ in range(3)]
    resumed = toy_trainer(tokenizer_model)
    resumed.load(tmp_path / "checkpoint.pt")
    assert [resumed.step() for _ in range(3)] == pytest.approx(expected, abs=1e-5)


def test_learning_rate_warms_up_peaks_and_decays() -> None:
    recipe = Recipe()
    factors = [rate_factor(progress, recipe) for progress in np.linspace(0, 1, 101)]
    assert factors[0] < 0.05
    assert max(factors) == pytest.approx(factors[2])
    assert factors[-1] == pytest.approx(recipe.final_rate)
    assert all(later <= earlier for earlier, later in pairwise(factors[2:]))


def test_schedule_ends_when_the_time_is_up(tokenizer_model: bytes) -> None:
    trainer = toy_trainer(tokenizer_model)
    trainer.elapsed_s = 30 * 60.0
    assert trainer.progress() == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 24, 8), (2, 8, 24)])
def test_orthogonalised_matrices_have_singular_values_near_one(shape: tuple[int, ...]) -> None:
    torch.manual_seed(3)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_rows_cover_the_stream_in_a_new_order_each_pass() -> None:
    encoded = [np.arange(10 * n, 10 * n + 10, dtype=np.uint16) for n in range(8)]
    rows = data.PackedRows(encoded, row_tokens=8, seed=1)
    first = rows.batch(0, rows.rows_per_pass)
    second = rows.batch(1, rows.rows_per_pass)
    assert not np.array_equal(first, second)
    assert np.array_equal(data.PackedRows(encoded, 8, 1).batch(1, rows.rows_per_pass), second)
    assert len(np.unique(first[:, :-1])) == rows.rows_per_pass * 8


def test_exported_files_give_the_same_ids_and_logits(
    tokenizer_model: bytes, tmp_path: Path
) -> None:
    torch.manual_seed(11)
    network = Network(SHAPE).eval()
    recipe = {"shape": vars(SHAPE)}
    state = {"recipe": recipe, "network": network.state_dict()}
    export_weights(state, tmp_path / "toy.bin")
    export_tokenizer(tokenizer_model, tmp_path / "tokenizer.bin")
    ours = reference.Tokenizer.read(tmp_path / "tokenizer.bin")
    theirs = data.load_tokenizer(tokenizer_model)
    text = " The  cat saw 42 dogs.\n\nÉté \N{SNOWMAN}\tend "
    ids = ours.encode(text)
    assert ids == [data.BOS, *theirs.encode(text)]
    assert ours.decode(ids[1:]) == text.encode()
    engine = reference.Engine(reference.read_model(tmp_path / "toy.bin"))
    logits = engine.advance(ids[: SHAPE.context])
    expected = network(torch.tensor([ids[: SHAPE.context]]))[0].detach().numpy()
    assert np.max(np.abs(logits - expected)) < 1e-4
