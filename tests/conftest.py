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
from tests.postgres import NoPostgres, postgres_server

# How long an example takes depends on what else the machine does; benchmarks measure speed, properties do not.
settings.register_profile("gonghui", deadline=None)
settings.load_profile("gonghui")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> RankerFactory:
    """Rankers without encoders; the index is built once for all tests and loaded by each."""
    return RankerFactory(
        materials=load_materials(ROOT / "content" / "lexicon"),
        folder=tmp_path_factory.mktemp("index"),
        fast=None,
        slow=None,
    )


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
