"""`Lookup`: one name being asked for, as a state machine without sockets (RFC 1035, 7; RFC 5452).

How to use it: `begin`, then while `next_query` gives a question: send `query` to
`server_address` from a fresh port, hand what comes within `timeout_ms` to `take`, and do what its
`Step` says. Each question has a new random identifier and random case; every server is asked in
turn, the whole round `attempts` times, each round waiting twice as long.
"""

from __future__ import annotations

from abi.errno import EINVAL
from bare import (
    Array,
    Bytes,
    Enum8,
    array,
    inline,
    load_u16_be,
    raises,
    struct,
    u8,
    u16,
    u32,
    usize,
)
from user.lib.net.dns_message import (
    PORT,
    Answer,
    Verdict,
    build_query,
    read_answer,
)
from user.lib.net.dns_name import DnsName, is_letter
from user.lib.strings import CASE_BIT, lower_of

RANDOM_SIZE = 34
"""Bytes for one question: the identifier, and a bit for each byte of the name."""
MOST_SERVERS: u32 = 3
MOST_FOLLOWED: u32 = 8
"""Aliases that are followed by asking again."""
DEFAULT_TIMEOUT_MS: u32 = 2000
DEFAULT_ATTEMPTS: u32 = 2
MOST_DOUBLINGS: u32 = 4


class Step(Enum8):
    """What to do after a message."""

    WAIT = 0
    """Go on waiting: it was not the answer."""
    ASK_NEXT = 1
    """Ask `next_query` for another question."""
    ASK_STREAM = 2
    """Send the same question over TCP, and hand the answer in."""
    FOUND = 3
    """`answer` holds addresses."""
    NO_NAME = 4
    """There is no such name, or it has no address of this kind."""


@struct
class Lookup:
    """The servers to ask, the question, and how often it was asked."""

    servers: Array[u32] = array(3)
    server_count: u32 = 0
    port: u16 = PORT
    attempts: u32 = DEFAULT_ATTEMPTS
    first_timeout_ms: u32 = DEFAULT_TIMEOUT_MS
    kind: u16 = 0
    name: DnsName = inline()
    query: Array[u8] = array(272)
    query_length: usize = 0
    tries: u32 = 0
    """Questions that were sent, those again for a folded answer left out."""
    followed: u32 = 0
    keeps_case: bool = True
    is_again: bool = False
    """The same server is to be asked once more, without random case."""
    answer: Answer = inline()

    def add_server(self, address: u32) -> None:
        """Adds a server, unless there are enough."""
        if self.server_count < MOST_SERVERS:
            self.servers[self.server_count] = address
            self.server_count += 1

    @raises(EINVAL)
    def begin(self, name: Bytes, kind: u16) -> None:
        """Begins to look for the addresses of a name. EINVAL: it cannot be a name."""
        self.name.encode(name)
        self.kind = kind
        self.tries = 0
        self.followed = 0
        self.keeps_case = True
        self.is_again = False

    def next_query(self, random: Bytes) -> bool:
        """Writes the next question into `query`; False when all servers were asked enough.

        `random` is RANDOM_SIZE new random bytes.
        """
        if self.is_again:
            self.is_again = False
        elif self.tries == self.attempts * self.server_count:
            return False
        else:
            self.tries += 1
        asked = DnsName()
        asked.copy(self.name)
        if self.keeps_case:
            mix_case(asked, random[2:])
        self.query_length = build_query(self.query, load_u16_be(random, 0), asked, self.kind)
        return True

    def question(self) -> Bytes:
        """Returns the question to be sent."""
        return self.query[: self.query_length]

    def server_address(self) -> u32:
        """Returns whom to ask. Only after `next_query`."""
        return self.servers[(self.tries - 1) % self.server_count]

    def timeout_ms(self) -> u32:
        """Returns how long to wait for the answer to this question."""
        round_number = (self.tries - 1) // self.server_count
        return self.first_timeout_ms << min(round_number, MOST_DOUBLINGS)

    def take(self, message: Bytes) -> Step:
        """Reads a message that came from the server."""
        match read_answer(message, self.question(), self.answer):
            case Verdict.FOREIGN:
                return Step.WAIT
            case Verdict.FOLDED:
                return self._ask_without_case()
            case Verdict.FOUND:
                return Step.FOUND
            case Verdict.NO_DATA | Verdict.NO_NAME:
                return Step.NO_NAME
            case Verdict.ALIAS:
                return self._follow()
            case Verdict.TRUNCATED:
                return Step.ASK_STREAM
            case Verdict.FAILED:
                return Step.ASK_NEXT

    def _ask_without_case(self) -> Step:
        """Asks the same server again: a new question, so that nothing was given away."""
        if not self.keeps_case:
            return Step.WAIT
        self.keeps_case = False
        self.is_again = True
        return Step.ASK_NEXT

    def _follow(self) -> Step:
        """Asks for the name that this one is an alias of."""
        if self.followed == MOST_FOLLOWED:
            return Step.NO_NAME
        self.followed += 1
        self.name.copy(self.answer.name)
        self.tries = 0
        return Step.ASK_NEXT


def mix_case(name: DnsName, random: Bytes) -> None:
    """Gives every letter a random case (Dagon et al., 2008: "0x20")."""
    for index in range(name.length):
        byte = name.bytes[index]
        if is_letter(byte):
            is_small = random[index // 8] >> u8(index % 8) & 1 == 1
            lower = lower_of(byte)
            name.bytes[index] = lower if is_small else lower ^ CASE_BIT
