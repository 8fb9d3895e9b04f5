"""`Exchange`: what is said on a connection: requests read, answers written, counters kept."""

from __future__ import annotations

from bare import Allocator, Array, Bytes, Enum8, array, inline, load_u64, struct, u8, u64, write_to
from user.lib import sys
from user.lib.clock import monotonic_ns
from user.lib.http.fields import Field
from user.lib.http.receiver import Event
from user.lib.http.request import Method, Request
from user.lib.http.response import write_continue
from user.lib.http.status import Status
from user.lib.http.target import path_of, query_of
from user.lib.llm.config import Config
from user.lib.llm.serve.answers import (
    write_escaped,
    write_event_end,
    write_event_start,
    write_json_error,
    write_summary,
)
from user.lib.llm.serve.generation import Generation, GenerationState
from user.lib.llmd.connection import Connection, Phase
from user.lib.llmd.page import Page
from user.lib.numbers import parse_unsigned
from user.lib.standard import standard

JSON_TYPE = b"application/json"
TEXT_TYPE = b"text/plain; charset=utf-8"
EVENT_TYPE = b"text/event-stream"
SEED_BYTES = 6
"""JSON readers tell whole numbers apart up to 2**53."""


class Progress(Enum8):
    """What a step led to."""

    NEED_DATA = 0
    """More must be received first."""
    DONE = 1
    COMPLETION = 2
    """A completion is asked for and waits for its slot."""


@struct
class Exchange:
    """The counters of `/metrics`, and the time."""

    config: Config
    now_ns: u64 = 0
    requests: u64 = 0
    """Completions that were answered to their end."""
    tokens: u64 = 0
    last_first_token_ms: u64 = 0
    last_rate: u64 = 0
    page: Page = inline()

    def step(self, connection: Connection, allocator: Allocator, date: Bytes) -> Progress:
        """Does the next thing with what was received."""
        receiver = connection.receiver
        match receiver.next_event():
            case Event.NEED_DATA:
                return Progress.NEED_DATA
            case Event.REQUEST:
                self.begin_request(connection, allocator, date)
            case Event.DATA:
                if connection.body_bytes < len(connection.body):
                    connection.take_body()
            case Event.END:
                self.answer(connection, date)
                if connection.phase == Phase.WAITING:
                    return Progress.COMPLETION
                if connection.phase == Phase.READING:
                    receiver.next_request()
            case Event.FAILED:
                self.fail(connection, receiver.failure, date)
        return Progress.DONE

    def begin_request(self, connection: Connection, allocator: Allocator, date: Bytes) -> None:
        """Looks at a head: a completion's body needs memory."""
        request = connection.receiver.request
        connection.body_bytes = 0
        if is_completion(request):
            try:
                connection.prepare_request(allocator)
            except OSError:
                self.fail(connection, Status.SERVICE_UNAVAILABLE, date)
                return
        if connection.receiver.awaits_continue():
            write_continue(connection.outbox)

    def answer(self, connection: Connection, date: Bytes) -> None:
        """Answers a whole request, or has it wait for a slot."""
        request = connection.receiver.request
        path = path_of(request.target())
        if path == b"/completion":
            self.answer_completion(connection, request, date)
            return
        is_health = path == b"/health"
        if not is_health and path != b"/metrics":
            self.send_error(connection, Status.NOT_FOUND, b"there is nothing here", date)
        elif request.method != Method.GET and request.method != Method.HEAD:
            self.refuse_method(connection, b"GET, HEAD", date)
        else:
            self.page.clear()
            if is_health:
                self.write_health()
            else:
                self.write_metrics()
            self.send_page(connection, Status.OK, TEXT_TYPE, date)

    def answer_completion(self, connection: Connection, request: Request, date: Bytes) -> None:
        """Reads the body of a completion; a good one waits for its slot."""
        if request.method != Method.POST:
            self.refuse_method(connection, b"POST", date)
            return
        body = connection.body[: connection.body_bytes]
        asked = connection.request
        is_good = asked.read_json(body) if is_json(request) else asked.read_raw(body)
        if not is_good:
            self.send_error(connection, Status.BAD_REQUEST, asked.problem, date)
            return
        if not asked.is_json:
            asked.limit = min(asked.limit, limit_of(query_of(request.target()), asked.limit))
        if not asked.has_seed and asked.is_json:
            asked.seed = random_seed()
        connection.timings.received_ns = monotonic_ns()
        connection.timings.first_ns = 0
        connection.phase = Phase.WAITING

    def give_text(self, connection: Connection, generation: Generation, date: Bytes) -> None:
        """Writes what is ready of a generation, the head of the response before the first."""
        if generation.state == GenerationState.PROMPT:
            return
        if connection.timings.first_ns == 0:
            if generation.written == 0 and generation.state != GenerationState.DONE:
                return
            connection.timings.first_ns = monotonic_ns()
            self.begin_text(connection, date)
        piece = generation.ready()
        asked = connection.request
        out = connection.outbox
        if len(piece) > 0 and not asked.is_json:
            connection.response.piece(out, piece)
        elif len(piece) > 0:
            self.page.clear()
            if asked.is_stream:
                write_event_start(self.page)
            write_escaped(self.page, piece)
            if asked.is_stream:
                write_event_end(self.page)
            connection.response.piece(out, self.page.content())
        generation.take()

    def begin_text(self, connection: Connection, date: Bytes) -> None:
        """Writes the head of a completion's response."""
        asked = connection.request
        out = connection.outbox
        response = connection.response
        response.begin(out, connection.receiver.request, Status.OK, date)
        response.field(out, b"Content-Type", completion_type(asked.is_json, asked.is_stream))
        if asked.is_stream:
            response.field(out, b"Cache-Control", b"no-store")
        response.end_with_stream(out)
        if asked.is_json and not asked.is_stream:
            response.piece(out, b'{"content":"')

    def finish(self, connection: Connection, generation: Generation) -> None:
        """Writes the end of a completion's response, and counts it."""
        timings = connection.timings
        timings.ended_ns = monotonic_ns()
        asked = connection.request
        if asked.is_json:
            self.page.clear()
            if asked.is_stream:
                write_event_start(self.page)
            write_summary(self.page, generation, timings, asked.seed)
            self.page.write(b"\n\n" if asked.is_stream else b"\n")
            connection.response.piece(connection.outbox, self.page.content())
        connection.response.finish(connection.outbox)
        self.count(connection, generation)
        self.end_response(connection)
        self.go_on(connection)

    def count(self, connection: Connection, generation: Generation) -> None:
        """Adds a completion to the counters and logs it."""
        self.requests += 1
        self.tokens += generation.written
        self.last_first_token_ms = connection.timings.first_token_ms()
        self.last_rate = connection.timings.tokens_per_second(generation.written)
        print(
            f"llmd: served {generation.written} tokens ttft={self.last_first_token_ms} ms"
            f" rate={self.last_rate} tok/s"
        )
        standard().output.flush()

    def end_response(self, connection: Connection) -> None:
        """Goes on to the next request, or closes when everything is sent."""
        keeps_alive = connection.response.keeps_alive
        connection.phase = Phase.READING if keeps_alive else Phase.CLOSING

    def go_on(self, connection: Connection) -> None:
        """Has the next request read behind an answer that had to wait for a slot."""
        if connection.phase == Phase.READING:
            connection.receiver.next_request()

    def write_health(self) -> None:
        """Writes the body of `/health`."""
        config = self.config
        write_to(
            self.page, f"ok model dim={config.dim} layers={config.layers} vocab={config.vocab}\n"
        )

    def write_metrics(self) -> None:
        """Writes the body of `/metrics`."""
        write_to(self.page, f"requests {self.requests}\ntokens_total {self.tokens}\n")
        write_to(self.page, f"last_ttft_ms {self.last_first_token_ms}\n")
        write_to(self.page, f"last_tok_s {self.last_rate}\n")

    def send_page(
        self, connection: Connection, status: Status, media_type: Bytes, date: Bytes
    ) -> None:
        """Answers with what `page` holds."""
        out = connection.outbox
        response = connection.response
        response.begin(out, connection.receiver.request, status, date)
        self.end_page(connection, media_type)

    def end_page(self, connection: Connection, media_type: Bytes) -> None:
        """Ends a head that was begun, and adds the page."""
        out = connection.outbox
        response = connection.response
        response.field(out, b"Content-Type", media_type)
        response.end_with_length(out, len(self.page.content()))
        if response.has_body():
            out.write(self.page.content())
        self.end_response(connection)

    def send_error(
        self, connection: Connection, status: Status, message: Bytes, date: Bytes
    ) -> None:
        """Answers with an error: as JSON to those who speak it, else as text."""
        self.page.clear()
        if is_json(connection.receiver.request):
            write_json_error(self.page, u64(status), message)
            self.send_page(connection, status, JSON_TYPE, date)
        else:
            self.page.write(message)
            self.page.write(b"\n")
            self.send_page(connection, status, TEXT_TYPE, date)

    def refuse_method(self, connection: Connection, allowed: Bytes, date: Bytes) -> None:
        """Answers 405."""
        out = connection.outbox
        self.page.clear()
        self.page.write(b"allowed here: ")
        self.page.write(allowed)
        self.page.write(b"\n")
        response = connection.response
        response.begin(out, connection.receiver.request, Status.METHOD_NOT_ALLOWED, date)
        response.field(out, b"Allow", allowed)
        self.end_page(connection, TEXT_TYPE)

    def refuse_busy(self, connection: Connection, date: Bytes) -> None:
        """Answers 503 to a request for which there is no place in the queue."""
        out = connection.outbox
        self.page.clear()
        write_json_error(self.page, u64(Status.SERVICE_UNAVAILABLE), b"no free slot, try again")
        response = connection.response
        response.begin(out, connection.receiver.request, Status.SERVICE_UNAVAILABLE, date)
        response.field(out, b"Retry-After", b"1")
        self.end_page(connection, JSON_TYPE)
        self.go_on(connection)

    def refuse_length(self, connection: Connection, generation: Generation, date: Bytes) -> None:
        """Answers 400 to a prompt that leaves no room in the context."""
        message = self.page
        message.clear()
        write_to(
            message,
            f"the prompt has {generation.prompt_tokens} tokens,"
            f" the model's context {self.config.context}\n",
        )
        self.send_page(connection, Status.BAD_REQUEST, TEXT_TYPE, date)
        self.go_on(connection)

    def fail(self, connection: Connection, status: Status, date: Bytes) -> None:
        """Answers what is no request, or cannot be read to its end, and closes."""
        out = connection.outbox
        request = connection.receiver.request
        connection.response.begin_failure(out, request, status, date)
        connection.response.end_with_length(out, 0)
        connection.phase = Phase.CLOSING


def is_completion(request: Request) -> bool:
    """Whether the body that follows is a completion's."""
    return request.method == Method.POST and path_of(request.target()) == b"/completion"


def is_json(request: Request) -> bool:
    """Whether the body is said to be JSON."""
    media_type = request.value(Field.CONTENT_TYPE)
    size = len(JSON_TYPE)
    return len(media_type) >= size and media_type[:size] == JSON_TYPE


def completion_type(json: bool, stream: bool) -> Bytes:
    """Returns the media type of a completion."""
    if not json:
        return TEXT_TYPE
    return EVENT_TYPE if stream else JSON_TYPE


def limit_of(query: Bytes, otherwise: u64) -> u64:
    """Returns the N of a query `n=N`, at least 1, or what is given where there is none."""
    if len(query) < 3 or query[:2] != b"n=":
        return otherwise
    try:
        return max(parse_unsigned(query[2:]), 1)
    except OSError:
        return otherwise


def random_seed() -> u64:
    """Returns a seed nobody can guess, small enough to be told exactly in JSON."""
    seed: Array[u8] = array(8)
    try:
        sys.getrandom(seed[:SEED_BYTES], 0)
    except OSError:
        return monotonic_ns()
    return load_u64(seed, 0)
