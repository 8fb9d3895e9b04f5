"""`Server`: the loop of `llmd`, and what it holds: connections, slots, counters.

One thread: events of all connections, then one token for each generation, round and round. A
generation whose client does not take the text waits, without holding up the others. Requests
beyond the slots wait in the order in which they came; those beyond the queue get 503 at once.
"""

from __future__ import annotations

from abi.epoll import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT
from abi.errno import ECONNABORTED, EINTR
from abi.socket import SOCK_NONBLOCK
from bare import (
    Allocator,
    Array,
    allocate,
    array,
    errno_of,
    i32,
    inline,
    raises,
    release,
    struct,
    u32,
    u64,
    usize,
)
from user.lib.clock import monotonic_ns, wall_seconds
from user.lib.http.dates import DateText
from user.lib.http.status import Status
from user.lib.inputs import close_quietly
from user.lib.llm.bundle import Bundle
from user.lib.llm.merger import Merger
from user.lib.llm.serve.completion_request import MOST_PROMPT_BYTES
from user.lib.llm.serve.generation import Generation, GenerationState
from user.lib.llmd.connection import Connection, Phase
from user.lib.llmd.exchange import Exchange, Progress
from user.lib.socket import Endpoint, Epoll, accept_connection, set_no_delay

MOST_CONNECTIONS: usize = 64
MOST_SLOTS: usize = 8
MOST_WAITING: u32 = 16
LISTENER: u64 = 0xFFFF_FFFF
PLACE_BITS: u64 = 16
NS_PER_SECOND: u64 = 1_000_000_000
NS_PER_MS: u64 = 1_000_000
READ_TIMEOUT_NS: u64 = 30 * NS_PER_SECOND
"""Without a byte from the client, while it owes some or is silent between requests."""
SEND_TIMEOUT_NS: u64 = 30 * NS_PER_SECOND
"""Without a byte to the client, while there is something to send."""
LINGER_TIMEOUT_NS: u64 = 2 * NS_PER_SECOND
"""Without a byte from the client behind the last answer."""
MOST_LINGERING_NS: u64 = 30 * NS_PER_SECOND
"""Behind the last answer in all."""
GENERATION_TIMEOUT_NS: u64 = 300 * NS_PER_SECOND
LOOK_AGAIN_MS: i32 = 1000
"""How often deadlines are looked at when nothing happens."""


@struct
class Server:
    """Everything. `prepare`, then `run`."""

    allocator: Allocator
    listener: i32
    epoll: Epoll = inline()
    connections: Array[Connection | None] = array(MOST_CONNECTIONS)
    connection_count: usize = 0
    connections_ever: u64 = 0
    tickets: u64 = 0
    waiting: u32 = 0
    slots: Array[Generation | None] = array(MOST_SLOTS)
    """Generations that are not used."""
    free_slots: usize = 0
    exchange: Exchange = inline()
    date: DateText = inline()
    is_accepting: bool = True

    @raises()
    def prepare(self, allocator: Allocator, bundle: Bundle, listener: i32, slots: usize) -> None:
        """Takes the memory of up to `slots` generations, at least one."""
        self.allocator = allocator
        self.listener = listener
        self.exchange.config = bundle.model.config
        merger = allocate(allocator, Merger)
        merger.prepare(allocator, bundle.tokenizer, MOST_PROMPT_BYTES)
        while self.free_slots < min(slots, MOST_SLOTS):
            try:
                generation = allocate(allocator, Generation)
                generation.prepare(allocator, bundle, merger, MOST_PROMPT_BYTES)
            except OSError:
                if self.free_slots == 0:
                    raise
                break
            self.slots[self.free_slots] = generation
            self.free_slots += 1
        self.epoll.open()
        self.epoll.add(listener, EPOLLIN, LISTENER)

    @raises()
    def run(self) -> None:
        """Serves until the kernel fails it."""
        while True:
            timeout = 0 if self.can_generate() else LOOK_AGAIN_MS
            count: usize = 0
            try:
                count = self.epoll.wait(timeout)
            except OSError as error:
                if errno_of(error) != EINTR:
                    raise
            self.exchange.now_ns = monotonic_ns()
            self.date.set(wall_seconds())
            for index in range(count):
                event = self.epoll.events[index]
                if event.data == LISTENER:
                    self.accept_all()
                else:
                    self.take_event(event.data, event.events)
            self.advance_all()
            self.end_late_ones()

    def can_generate(self) -> bool:
        """Whether a generation can go on without waiting for its client."""
        for index in range(MOST_CONNECTIONS):
            connection = self.connections[index]
            if connection is not None and connection.phase == Phase.GENERATING:
                if connection.outbox.has_room():
                    return True
        return False

    def accept_all(self) -> None:
        """Takes the clients that wait, as many as there is room for; the others stay in the
        kernel's queue until one leaves.
        """
        remote = Endpoint()
        while self.connection_count < MOST_CONNECTIONS:
            try:
                fd = accept_connection(self.listener, remote, SOCK_NONBLOCK)
            except OSError as error:
                if errno_of(error) in (ECONNABORTED, EINTR):
                    continue
                return
            try:
                self.admit(fd)
            except OSError:
                close_quietly(fd)
        self.listen_or_not(False)

    def listen_or_not(self, is_accepting: bool) -> None:
        """Watches the listener, or leaves it alone while the table is full."""
        if is_accepting == self.is_accepting:
            return
        try:
            self.epoll.change(self.listener, EPOLLIN if is_accepting else 0, LISTENER)
        except OSError:
            return
        self.is_accepting = is_accepting

    @raises()
    def admit(self, fd: i32) -> None:
        """Takes one client into the table."""
        place: usize = 0
        while self.connections[place] is not None:
            place += 1
        connection = allocate(self.allocator, Connection)
        try:
            connection.open(self.allocator, fd, self.connections_ever + 1)
        except OSError:
            release(self.allocator, connection)
            raise
        connection.place = place
        connection.events = EPOLLIN
        connection.deadline_ns = self.exchange.now_ns + READ_TIMEOUT_NS
        try:
            set_no_delay(fd)
            self.epoll.add(fd, EPOLLIN, connection.number << PLACE_BITS | place)
        except OSError:
            connection.free(self.allocator)
            release(self.allocator, connection)
            raise
        self.connections[place] = connection
        self.connection_count += 1
        self.connections_ever += 1

    def take_event(self, data: u64, events: u32) -> None:
        """Lets a connection react to what the kernel says."""
        connection = self.connections[data & (1 << PLACE_BITS) - 1]
        if connection is None or connection.number != data >> PLACE_BITS:
            return
        is_alive = events & (EPOLLERR | EPOLLHUP) == 0
        if is_alive and events & EPOLLIN != 0:
            is_alive = self.take_input(connection)
        if is_alive:
            is_alive = self.serve(connection)
        if not is_alive:
            self.leave(connection)

    def take_input(self, connection: Connection) -> bool:
        """Receives, and gives the client time for more; False where there will be no more."""
        now_ns = self.exchange.now_ns
        if connection.phase == Phase.LINGERING:
            connection.deadline_ns = min(now_ns + LINGER_TIMEOUT_NS, connection.lingers_to_ns)
            return connection.drop_input()
        connection.deadline_ns = now_ns + READ_TIMEOUT_NS
        return connection.fill()

    def serve(self, connection: Connection) -> bool:
        """Answers what can be answered, and sends; False where the connection is to be closed."""
        while connection.phase == Phase.READING and connection.outbox.has_room():
            match self.exchange.step(connection, self.allocator, self.date.view()):
                case Progress.NEED_DATA:
                    break
                case Progress.COMPLETION:
                    self.enqueue(connection)
                case Progress.DONE:
                    pass
        return self.push(connection)

    def push(self, connection: Connection) -> bool:
        """Sends what waits, and watches for what is awaited; False where it is to be closed."""
        before = connection.outbox.end - connection.outbox.start
        if not connection.outbox.flush(connection.fd):
            return False
        left = connection.outbox.end - connection.outbox.start
        if left < before:
            connection.deadline_ns = self.exchange.now_ns + SEND_TIMEOUT_NS
        if left == 0 and connection.phase == Phase.CLOSING:
            connection.deadline_ns = self.exchange.now_ns + LINGER_TIMEOUT_NS
            if not connection.linger(self.exchange.now_ns + MOST_LINGERING_NS):
                return False
        return self.watch(connection)

    def watch(self, connection: Connection) -> bool:
        """Tells the kernel what the connection waits for, where that has changed."""
        wanted: u32 = 0
        if connection.phase == Phase.READING or connection.phase == Phase.LINGERING:
            wanted = EPOLLIN
        if not connection.outbox.is_empty():
            wanted |= EPOLLOUT
        if wanted == connection.events:
            return True
        data = connection.number << PLACE_BITS | connection.place
        try:
            self.epoll.change(connection.fd, wanted, data)
        except OSError:
            return False
        connection.events = wanted
        return True

    def enqueue(self, connection: Connection) -> None:
        """Gives a request a slot, or a place in the queue, or 503."""
        self.tickets += 1
        connection.ticket = self.tickets
        if self.free_slots > 0:
            self.begin(connection)
        elif self.waiting < MOST_WAITING:
            self.waiting += 1
        else:
            self.exchange.refuse_busy(connection, self.date.view())

    def begin(self, connection: Connection) -> None:
        """Puts a request into a free slot; a prompt that does not fit is answered at once."""
        generation = self.slots[self.free_slots - 1]
        assert generation is not None
        if not generation.begin(connection.request):
            self.exchange.refuse_length(connection, generation, self.date.view())
            return
        self.free_slots -= 1
        connection.generation = generation
        connection.phase = Phase.GENERATING
        connection.timings.begun_ns = self.exchange.now_ns
        connection.deadline_ns = self.exchange.now_ns + GENERATION_TIMEOUT_NS

    def advance_all(self) -> None:
        """Does one token of each generation whose client keeps up, then fills free slots."""
        for index in range(MOST_CONNECTIONS):
            connection = self.connections[index]
            if connection is None or connection.phase != Phase.GENERATING:
                continue
            if connection.outbox.has_room() and not self.advance(connection):
                self.leave(connection)
        while self.waiting > 0 and self.free_slots > 0:
            self.begin_next()

    def advance(self, connection: Connection) -> bool:
        """Does one token of one generation; False where the connection is to be closed."""
        generation = connection.generation
        assert generation is not None
        generation.advance()
        self.exchange.give_text(connection, generation, self.date.view())
        if generation.state != GenerationState.DONE:
            if connection.request.is_stream or not connection.outbox.has_room():
                return self.push(connection)
            return True
        self.exchange.finish(connection, generation)
        self.give_slot_back(connection)
        connection.deadline_ns = self.exchange.now_ns + SEND_TIMEOUT_NS
        connection.free_request(self.allocator)
        return self.serve(connection)

    def begin_next(self) -> None:
        """Gives a free slot to the request that waits longest."""
        first: Connection | None = None
        for index in range(MOST_CONNECTIONS):
            connection = self.connections[index]
            if connection is None or connection.phase != Phase.WAITING:
                continue
            if first is None or connection.ticket < first.ticket:
                first = connection
        assert first is not None, "a queue without a request"
        self.waiting -= 1
        self.begin(first)
        if first.phase != Phase.GENERATING and not self.serve(first):
            self.leave(first)

    def give_slot_back(self, connection: Connection) -> None:
        """Takes the generation from a connection."""
        generation = connection.generation
        if generation is None:
            return
        generation.cancel()
        connection.generation = None
        self.slots[self.free_slots] = generation
        self.free_slots += 1

    def end_late_ones(self) -> None:
        """Closes connections whose time is over; a client that has begun a request is told."""
        for index in range(MOST_CONNECTIONS):
            connection = self.connections[index]
            if connection is None or connection.deadline_ns > self.exchange.now_ns:
                continue
            if connection.phase == Phase.WAITING:
                continue
            if connection.phase == Phase.READING and not connection.receiver.is_idle():
                self.exchange.fail(connection, Status.REQUEST_TIMEOUT, self.date.view())
                connection.deadline_ns = self.exchange.now_ns + SEND_TIMEOUT_NS
                if self.push(connection):
                    continue
            self.leave(connection)

    def leave(self, connection: Connection) -> None:
        """Closes a connection and stops what is done for it."""
        if connection.phase == Phase.WAITING:
            self.waiting -= 1
        self.give_slot_back(connection)
        close_quietly(connection.fd)
        self.connections[connection.place] = None
        self.connection_count -= 1
        connection.free(self.allocator)
        release(self.allocator, connection)
        self.listen_or_not(True)
