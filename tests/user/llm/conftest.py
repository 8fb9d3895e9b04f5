"""Fixtures: the engine in both executions, made once; each test gets it with no memory lent."""

from collections.abc import Iterator

import pytest

from models.corpus import REPOSITORY
from tests.user.llm.engines import CheckedEngine, Engine, HostEngine


@pytest.fixture(scope="session")
def host_engine(tmp_path_factory: pytest.TempPathFactory) -> HostEngine:
    return HostEngine(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="session")
def checked_engine() -> CheckedEngine:
    return CheckedEngine()


@pytest.fixture
def host(host_engine: HostEngine) -> Iterator[HostEngine]:
    """The compiled engine."""
    yield host_engine
    host_engine.forget()


@pytest.fixture
def house(host: HostEngine) -> HostEngine:
    """The compiled engine with the model that ships."""
    folder = REPOSITORY / "models" / "house"
    model, tokens = ((folder / name).read_bytes() for name in ("model.bin", "tokenizer.bin"))
    assert host.open(model, tokens) == 0
    return host


@pytest.fixture
def checked(checked_engine: CheckedEngine) -> Iterator[CheckedEngine]:
    """The checked engine."""
    yield checked_engine
    checked_engine.forget()


@pytest.fixture(params=["checked", "host"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Either engine: the test runs with both."""
    found: Engine = request.getfixturevalue(request.param)
    return found
