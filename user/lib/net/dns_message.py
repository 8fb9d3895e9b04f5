"""DNS messages: a question built, its answer read (RFC 1035, 4; RFC 3596 for AAAA).

An answer counts only if it repeats the identifier and the question byte by byte, the case of its
letters included, which is random: what somebody sends who has not seen the question does not.
"""

from __future__ import annotations

from abi.errno import EBADMSG
from bare import (
    Array,
    Bytes,
    Enum8,
    Span,
    array,
    inline,
    load_u16_be,
    load_u32_be,
    raises,
    store_u16_be,
    struct,
    u8,
    u16,
    u32,
    usize,
)
from user.lib.net.dns_name import DnsName, is_same_name

PORT: u16 = 53
HEADER_SIZE: usize = 12
QUESTION_TAIL: usize = 4
RECORD_HEAD: usize = 10
QUERY_LIMIT = 512
TYPE_A: u16 = 1
TYPE_CNAME: u16 = 5
TYPE_AAAA: u16 = 28
CLASS_INTERNET: u16 = 1
FLAG_RESPONSE: u16 = 0x8000
FLAG_TRUNCATED: u16 = 0x0200
FLAG_RECURSION_DESIRED: u16 = 0x0100
OPCODE_MASK: u16 = 0x7800
RCODE_MASK: u16 = 0x000F
RCODE_NONE: u16 = 0
RCODE_NAME_ERROR: u16 = 3
ADDRESS_SIZE: usize = 16
"""Room for one address, of four or sixteen bytes."""
MOST_ADDRESSES: usize = 8
MOST_ALIASES = 16
"""Steps of a chain of CNAME records that are followed in one answer."""


class Verdict(Enum8):
    """What a message is to a question."""

    FOREIGN = 0
    """No answer to it."""
    FOLDED = 1
    """An answer by a server that changes the case of names."""
    FOUND = 2
    NO_DATA = 3
    """The name is there, but has no address of this kind."""
    NO_NAME = 4
    ALIAS = 5
    """The name is another's, whose address the server did not send along."""
    TRUNCATED = 6
    """To be asked again over TCP."""
    FAILED = 7
    """The server cannot say, or says what nobody can read."""


@struct
class Answer:
    """The addresses of a name, and the name that they belong to, behind all aliases."""

    addresses: Array[u8] = array(128)
    count: usize = 0
    seconds: u32 = 0
    """How long they may be kept."""
    name: DnsName = inline()

    def clear(self) -> None:
        """Forgets the addresses."""
        self.count = 0
        self.seconds = 0xFFFF_FFFF

    def address(self, index: usize) -> u32:
        """Returns an IPv4 address."""
        return load_u32_be(self.addresses, index * ADDRESS_SIZE)

    def address_bytes(self, index: usize) -> Bytes:
        """Returns an IPv6 address."""
        return self.addresses[index * ADDRESS_SIZE : (index + 1) * ADDRESS_SIZE]

    def add(self, address: Bytes, seconds: u32) -> None:
        """Adds an address; those that there is no room for are left out."""
        if self.count < MOST_ADDRESSES:
            start = self.count * ADDRESS_SIZE
            self.addresses[start : start + len(address)].copy_from(address)
            self.count += 1
            self.seconds = min(self.seconds, seconds)


def build_query(into: Span[u8], identifier: u16, name: DnsName, kind: u16) -> usize:
    """Writes a question that asks for recursion; returns its bytes."""
    into[:HEADER_SIZE].fill(0)
    store_u16_be(into, 0, identifier)
    store_u16_be(into, 2, FLAG_RECURSION_DESIRED)
    store_u16_be(into, 4, 1)
    end = HEADER_SIZE + name.length
    into[HEADER_SIZE:end].copy_from(name.wire())
    store_u16_be(into, end, kind)
    store_u16_be(into, end + 2, CLASS_INTERNET)
    return end + QUESTION_TAIL


def read_answer(message: Bytes, query: Bytes, answer: Answer) -> Verdict:
    """Reads what may be the answer to `query`, which `build_query` wrote."""
    verdict = match_question(message, query)
    if verdict != Verdict.FOUND:
        return verdict
    flags = load_u16_be(message, 2)
    if flags & RCODE_MASK == RCODE_NAME_ERROR:
        return Verdict.NO_NAME
    if flags & RCODE_MASK != RCODE_NONE:
        return Verdict.FAILED
    if flags & FLAG_TRUNCATED != 0:
        return Verdict.TRUNCATED
    answer.clear()
    try:
        return follow_aliases(message, query, answer)
    except OSError:
        return Verdict.FAILED


def match_question(message: Bytes, query: Bytes) -> Verdict:
    """Whether a message answers a question: FOUND, FOREIGN or FOLDED."""
    if len(message) < len(query) or load_u16_be(message, 0) != load_u16_be(query, 0):
        return Verdict.FOREIGN
    flags = load_u16_be(message, 2)
    if flags & FLAG_RESPONSE == 0 or flags & OPCODE_MASK != 0 or load_u16_be(message, 4) != 1:
        return Verdict.FOREIGN
    question = query[HEADER_SIZE:]
    repeated = message[HEADER_SIZE : len(query)]
    if repeated == question:
        return Verdict.FOUND
    end = len(question) - QUESTION_TAIL
    if repeated[end:] == question[end:] and is_same_name(repeated[:end], question[:end]):
        return Verdict.FOLDED
    return Verdict.FOREIGN


@raises(EBADMSG)
def follow_aliases(message: Bytes, query: Bytes, answer: Answer) -> Verdict:
    """Collects the addresses of the name asked for, over the aliases in the same message."""
    kind = load_u16_be(query, len(query) - QUESTION_TAIL)
    answer.name.decode(query, HEADER_SIZE)
    for step in range(MOST_ALIASES):
        alias = DnsName()
        collect(message, len(query), kind, answer, alias)
        if answer.count > 0:
            return Verdict.FOUND
        if alias.length == 0:
            return Verdict.NO_DATA if step == 0 else Verdict.ALIAS
        answer.name.copy(alias)
    raise OSError(EBADMSG)


@raises(EBADMSG)
def collect(message: Bytes, start: usize, kind: u16, answer: Answer, alias: DnsName) -> None:
    """Walks once over the answers, for the addresses of `answer.name` or what it is an alias of."""
    position = start
    owner = DnsName()
    for _ in range(load_u16_be(message, 6)):
        position = owner.decode(message, position)
        if position + RECORD_HEAD > len(message):
            raise OSError(EBADMSG)
        data = position + RECORD_HEAD
        end = data + load_u16_be(message, position + 8)
        if end > len(message):
            raise OSError(EBADMSG)
        if is_record_of(message, position, answer.name, owner):
            found = load_u16_be(message, position)
            if found == kind and end - data == size_of_kind(kind):
                answer.add(message[data:end], load_u32_be(message, position + 4))
            elif found == TYPE_CNAME and alias.length == 0:
                alias.decode(message, data)
        position = end


def is_record_of(message: Bytes, position: usize, name: DnsName, owner: DnsName) -> bool:
    """Whether the record whose type is at `position` says something of `name`."""
    return load_u16_be(message, position + 2) == CLASS_INTERNET and is_same_name(
        owner.wire(), name.wire()
    )


def size_of_kind(kind: u16) -> usize:
    """Returns the bytes of an address."""
    return 16 if kind == TYPE_AAAA else 4
