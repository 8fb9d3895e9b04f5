"""Trains the tokenizer of a corpus and packs its stories into rows of tokens.

Every story is framed as `<s> story </s>`. The order of stories is a function of (seed, pass), so a
resumed run sees the same rows as an unbroken one.
"""

# mypy: disable-error-code="misc, untyped-decorator, no-any-return"

import io

import numpy as np
import sentencepiece

BOS = 1
EOS = 2


def train_tokenizer(stories: list[str], vocab_size: int) -> bytes:
    """Returns a serialised SentencePiece BPE model trained on the paragraphs of the stories."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for story in stories for line in story.split("\n") if line),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocab_size,
        character_coverage=1.0,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        add_dummy_prefix=True,
        remove_extra_whitespaces=False,
        unk_id=0,
        bos_id=BOS,
        eos_id=EOS,
        pad_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def load_tokenizer(model: bytes) -> sentencepiece.SentencePieceProcessor:
    """Returns the tokenizer of a serialised SentencePiece model."""
    return sentencepiece.SentencePieceProcessor(model_proto=model)


def encode_stories(
    stories: list[str], tokenizer: sentencepiece.SentencePieceProcessor
) -> list[np.ndarray]:
    """Returns each story as uint16 ids, framed by BOS and EOS."""
    framed = ([BOS, *tokenizer.encode(story), EOS] for story in stories)
    return [np.array(ids, dtype=np.uint16) for ids in framed]


class PackedRows:
    """Endless rows of `row_tokens` + 1 ids: each pass shuffles the stories and cuts the stream."""

    def __init__(self, encoded: list[np.ndarray], row_tokens: int, seed: int) -> None:
        self.encoded = encoded
        self.row_tokens = row_tokens
        self.seed = seed
        self.token_count = sum(len(ids) for ids in encoded)
        self.rows_per_pass = (self.token_count - 1) // row_tokens
        if self.rows_per_pass < 1:
            raise ValueError(f"{self.token_count} tokens do not fill a row of {row_tokens}")
        self.loaded_pass = -1
        self.rows = np.empty((0, row_tokens + 1), dtype=np.int64)

    def batch(self, step: int, batch_rows: int) -> np.ndarray:
        """Returns the int64 rows [batch_rows, row_tokens + 1] of one step."""
        first = step * batch_rows
        return np.stack([self._row(first + offset) for offset in range(batch_rows)])

    def _row(self, index: int) -> np.ndarray:
        pass_number, row = divmod(index, self.rows_per_pass)
        if pass_number != self.loaded_pass:
            self._shuffle(pass_number)
        return self.rows[row]

    def _shuffle(self, pass_number: int) -> None:
        generator = np.random.default_rng([self.seed, pass_number])
        order = generator.permutation(len(self.encoded))
        stream = np.concatenate([self.encoded[index] for index in order]).astype(np.int64)
        spare = self.token_count - 1 - self.rows_per_pass * self.row_tokens
        start = int(generator.integers(spare + 1))
        starts = start + self.row_tokens * np.arange(self.rows_per_pass)
        shuffled_rows = generator.permutation(starts)
        self.rows = stream[shuffled_rows[:, None] + np.arange(self.row_tokens + 1)[None, :]]
        self.loaded_pass = pass_number
