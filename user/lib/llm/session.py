"""One text being written: a sequence's state and the choice of its tokens.

How to use it: `session = allocate(allocator, Session)`, `prepare`, set the knobs of its sampler;
then `accept` each token of the prompt, and for each new one `choose`, and unless `is_end` `accept`.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import inline, raises, struct, usize
from bare.lib.allocator import Allocator
from user.lib.llm.bundle import Bundle
from user.lib.llm.sampler import Sampler
from user.lib.llm.tokenizer import BOS, EOS
from user.lib.llm.transformer import Transformer


@struct
class Session:
    """Tokens 0 to `position` - 1 are accepted; the transformer has the logits after them."""

    transformer: Transformer = inline()
    sampler: Sampler = inline()
    position: usize = 0

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, bundle: Bundle) -> None:
        """Takes the memory for a text of the whole context."""
        self.transformer.prepare(allocator, bundle.model)
        self.sampler.prepare(allocator, bundle.model.config.vocab)
        self.position = 0

    def accept(self, token: usize) -> None:
        """Appends a token; there must be room in the context."""
        self.transformer.forward(token, self.position)
        self.position += 1

    def choose(self) -> usize:
        """Returns the next token; at least one must have been accepted."""
        return self.sampler.choose(self.transformer.logits)


def is_end(token: usize) -> bool:
    """Whether a token ends the text."""
    return token in (BOS, EOS)
