"""One HTTP request to a port of the host, and its answer."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from swiftos.console import time_scale
from swiftos.network import LOOPBACK


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(port: int, path: str, budget_s: float, headers: dict[str, str] | None = None) -> Answer:
    """Gets a page over a connection of its own."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=budget_s * time_scale())
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        connection.close()
