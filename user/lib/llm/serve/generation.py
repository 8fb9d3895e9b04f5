"""`Generation`: one completion being made, a token at a time.

How to use it: `prepare` once; `begin` with a request; then `advance` again and again, taking
`ready` text away with `take`, until `state` is DONE. Each has a sequence and a random generator of
its own, so the text does not depend on what else is being made.

Text is held back while it may be the beginning of a stop string or of a character of several bytes.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Array,
    Bytes,
    Enum8,
    Span,
    allocate_span,
    array,
    copy_struct,
    inline,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from user.lib.llm.bundle import Bundle
from user.lib.llm.merger import Merger
from user.lib.llm.serve.completion_request import CompletionRequest
from user.lib.llm.serve.stop_strings import StopStrings
from user.lib.llm.session import Session, is_end
from user.lib.utf8 import whole_length

HELD_BYTES: usize = 512
"""More than a stop string and the longest piece of a token."""
MOST_PIECE_BYTES: usize = 256


class GenerationState(Enum8):
    """What a generation does."""

    IDLE = 0
    PROMPT = 1
    TEXT = 2
    DONE = 3


class StopType(Enum8):
    """Why it ended, in the words of llama.cpp."""

    NONE = 0
    END_OF_TEXT = 1
    LIMIT = 2
    WORD = 3


@struct
class Generation:
    """A sequence with what it is asked for."""

    bundle: Bundle
    merger: Merger
    session: Session = inline()
    stops: StopStrings = inline()
    ids: Span[u32]
    prompt_tokens: usize = 0
    written: u64 = 0
    """Tokens added to the prompt."""
    limit: u64 = 0
    last: usize = 0
    state: GenerationState = GenerationState.IDLE
    stop_type: StopType = StopType.NONE
    held: Array[u8] = array(HELD_BYTES)
    held_bytes: usize = 0
    ready_bytes: usize = 0
    """How much of what is held may be given out."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, bundle: Bundle, merger: Merger, most: usize) -> None:
        """Takes the memory for a sequence, and for prompts of `most` bytes. Generations of one
        thread may share a merger.
        """
        self.bundle = bundle
        self.merger = merger
        self.session.prepare(allocator, bundle)
        self.ids = allocate_span(allocator, u32, most + 2)

    def begin(self, request: CompletionRequest) -> bool:
        """Starts; False where the prompt fills the context, `prompt_tokens` says how many."""
        self.prompt_tokens = self.merger.encode(request.prompt, self.ids)
        context = self.bundle.model.config.context
        if self.prompt_tokens >= context:
            return False
        self.session.position = 0
        sampler = self.session.sampler
        sampler.temperature = request.temperature
        sampler.top_p = request.top_p
        sampler.top_k = request.top_k
        sampler.state = max(request.seed, 1)
        copy_struct(self.stops, request.stops)
        self.limit = min(request.limit, context - self.prompt_tokens)
        self.written = 0
        self.held_bytes = 0
        self.ready_bytes = 0
        self.stop_type = StopType.NONE
        self.state = GenerationState.PROMPT
        return True

    def advance(self) -> None:
        """Takes in a few tokens of the prompt, or adds one to the text. Nothing may be ready."""
        assert self.ready_bytes == 0, "text was not taken"
        if self.state == GenerationState.PROMPT:
            self._read_prompt()
        elif self.state == GenerationState.TEXT:
            self._add_token()

    def ready(self) -> Bytes:
        """Views the text that may be given out."""
        return self.held[: self.ready_bytes]

    def take(self) -> None:
        """Lets go of the text that was given out."""
        left = self.held_bytes - self.ready_bytes
        self.held[:left].copy_from(self.held[self.ready_bytes : self.held_bytes])
        self.held_bytes = left
        self.ready_bytes = 0

    def cancel(self) -> None:
        """Ends it where it is."""
        self.state = GenerationState.IDLE

    def _read_prompt(self) -> None:
        self.session.read(self.ids[: self.prompt_tokens])
        if self.session.position == self.prompt_tokens:
            self.last = usize(self.ids[self.prompt_tokens - 1])
            self.state = GenerationState.TEXT
            if self.limit == 0:
                self._finish(StopType.LIMIT)

    def _add_token(self) -> None:
        """Chooses a token; the one before is taken in only now, so that its text came at once."""
        if self.written > 0:
            self.session.accept(self.last)
        token = self.session.choose()
        if is_end(token):
            self._finish(StopType.END_OF_TEXT)
            return
        self.written += 1
        self._hold(self.bundle.tokenizer.text_of(token, self.last))
        self.last = token
        if self.state != GenerationState.DONE and self.written == self.limit:
            self._finish(StopType.LIMIT)

    def _hold(self, piece: Bytes) -> None:
        """Adds text, looks for a stop string, and decides what may be given out."""
        count = min(len(piece), MOST_PIECE_BYTES)
        self.held[self.held_bytes : self.held_bytes + count].copy_from(piece[:count])
        self.held_bytes += count
        text = self.held[: self.held_bytes]
        stop = self.stops.find(text)
        if stop < len(text):
            self.held_bytes = stop
            self._finish(StopType.WORD)
            return
        self.ready_bytes = min(self.stops.safe_length(text), whole_length(text))

    def _finish(self, stop_type: StopType) -> None:
        """Ends the text; everything that is held may be given out, but for half a character."""
        self.state = GenerationState.DONE
        self.stop_type = stop_type
        self.ready_bytes = whole_length(self.held[: self.held_bytes])
        self.held_bytes = self.ready_bytes


def stop_type_name(stop_type: StopType) -> Bytes:
    """Returns llama.cpp's word."""
    match stop_type:
        case StopType.NONE:
            return b"none"
        case StopType.END_OF_TEXT:
            return b"eos"
        case StopType.LIMIT:
            return b"limit"
        case StopType.WORD:
            return b"word"
