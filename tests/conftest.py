"""Fixtures that every kind of test may use."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.engine import URL

from bot.answers.keeper import RankerFactory
from bot.answers.materials import load_materials
from bot.app import Program, build
from tests.builders import ROOT, a_configuration
from tests.fakes import FakeClock
from tests.once import LexicalRankers, work_things_out_once
from tests.postgres import NoPostgres, postgres_server

# How long an example takes depends on what else the machine does; benchmarks measure speed, properties do not.
settings.register_profile("gonghui", deadline=None)
settings.load_profile("gonghui")


@pytest.fixture(scope="session", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of all workers of this test run; what each program would work out anew is worked out once."""
    temporary = tmp_path_factory.getbasetemp()
    shared = (temporary.parent if "PYTEST_XDIST_WORKER" in os.environ else temporary) / "shared"
    with pytest.MonkeyPatch.context() as patch:
        work_things_out_once(patch, tmp_path_factory.mktemp("once"), shared)
        yield shared


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def lexical(shared: Path) -> RankerFactory:
    """Rankers without encoders; the index of a base is built once for all tests of all workers."""
    return LexicalRankers(load_materials(ROOT / "content" / "lexicon"), shared / "indexes")


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock, lexical: RankerFactory) -> AsyncIterator[Program]:
    """A running program on SQLite with the shipped content and the lexical ranker."""
    program = build(a_configuration(tmp_path), clock=clock, rankers=lexical)
    async with program.running():
        yield program


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """A server; absent it skips the test with the reason, and fails it in CI."""
    server = postgres_server()
    try:
        url = server.__enter__()
    except NoPostgres as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL is needed in CI: {reason}")
        pytest.skip(str(reason))
    yield url
    server.__exit__(None, None, None)
