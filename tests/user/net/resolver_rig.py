"""What the tests of the resolver's files call."""

from __future__ import annotations

from bare import Bytes, Span, u32
from user.lib.net.dns_lookup import Lookup
from user.lib.net.name_files import find_in_hosts, read_resolver_settings


def read_settings(content: Bytes, servers: Span[u32]) -> tuple[u32, u32, u32]:
    """Reads `/etc/resolv.conf`; returns the number of servers, the timeout and the attempts."""
    lookup = Lookup()
    read_resolver_settings(content, lookup)
    for index in range(lookup.server_count):
        servers[index] = lookup.servers[index]
    return lookup.server_count, lookup.first_timeout_ms, lookup.attempts


def find_host(content: Bytes, name: Bytes) -> u32:
    """Looks into `/etc/hosts`."""
    return find_in_hosts(content, name)
