"""One text being written: a sequence's state and the choice of its tokens.

How to use it: `session = allocate(allocator, Session)`, `prepare`, set the knobs of its sampler;
then `read` the prompt, part by part, and for each new token `choose`, and unless `is_end` `accept`.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, Span, allocate_span, array, f32, inline, raises, struct, u32, usize
from bare.lib.allocator import Allocator
from user.lib.llm.bundle import Bundle
from user.lib.llm.integer.transformer import MOST_LANES, IntegerTransformer
from user.lib.llm.sampler import Sampler
from user.lib.llm.tokenizer import BOS, EOS
from user.lib.llm.transformer import Transformer


@struct
class Session:
    """Tokens 0 to `position` - 1 are accepted; the engine has the logits after them."""

    transformer: Transformer = inline()
    integer: IntegerTransformer = inline()
    is_integer: bool
    logits: Span[f32]
    """[vocab]: of the integer engine, for the sampler."""
    token: Array[u32] = array(1)
    sampler: Sampler = inline()
    position: usize

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, bundle: Bundle) -> None:
        """Takes the memory for a text of the whole context."""
        self.is_integer = bundle.is_packed
        vocab = bundle.model.config.vocab
        if self.is_integer:
            self.integer.prepare(allocator, bundle.integer)
            self.logits = allocate_span(allocator, f32, vocab)
        else:
            self.transformer.prepare(allocator, bundle.model)
        self.sampler.prepare(allocator, vocab)
        self.position = 0

    def accept(self, token: usize) -> None:
        """Appends a token; there must be room in the context."""
        if self.is_integer:
            self.token[0] = u32(token)
            self.integer.forward(self.token, self.position, True)
        else:
            self.transformer.forward(token, self.position)
        self.position += 1

    def read(self, tokens: Span[u32]) -> None:
        """Appends as much of a prompt as is done at once, from `position` on.

        `tokens` is the whole prompt; after its last token there are logits.
        """
        left = len(tokens) - self.position
        count = min(left, MOST_LANES) if self.is_integer else 1
        part = tokens[self.position : self.position + count]
        if self.is_integer:
            self.integer.forward(part, self.position, count == left)
        else:
            self.transformer.forward(usize(part[0]), self.position, count == left)
        self.position += count

    def choose(self) -> usize:
        """Returns the next token; at least one must have been accepted."""
        if not self.is_integer:
            return self.sampler.choose(self.transformer.logits)
        if self.sampler.temperature == 0.0:
            return self.integer.best_token
        self.integer.write_logits(self.logits)
        return self.sampler.choose(self.logits)


def is_end(token: usize) -> bool:
    """Whether a token ends the text."""
    return token in (BOS, EOS)
