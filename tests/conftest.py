"""Fixtures that every kind of test may use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.answers.ranking import LexicalRanker
from bot.app import Program, build
from tests.builders import a_configuration
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def program(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Program]:
    """A running program on SQLite with the shipped content and the lexical ranker."""
    program = build(a_configuration(tmp_path), clock=clock, make_ranker=LexicalRanker)
    async with program.running():
        yield program
