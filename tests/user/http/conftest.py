"""Fixtures: the server of the tests in both executions, made once."""

import pytest

from tests.user.http.servers import CheckedServer, CompiledServer, ProbeServer


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledServer:
    """The compiled server."""
    return CompiledServer(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="session")
def checked() -> CheckedServer:
    """The checked server."""
    return CheckedServer()


@pytest.fixture(params=["checked", "compiled"])
def server(request: pytest.FixtureRequest) -> ProbeServer:
    """Either server: the test runs with both."""
    found: ProbeServer = request.getfixturevalue(request.param)
    return found
