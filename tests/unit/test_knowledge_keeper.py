"""A changed base: what entries say is live at once, what finds them follows, and nothing older comes back."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.answers.assembly import make_answers
from bot.answers.base import FaqBase
from bot.answers.entries import render_entry
from bot.answers.keeper import BaseKeeper, RankerFactory
from bot.answers.knowledge.confirming import Confirmation, LiveVersion
from bot.answers.ports import Ranker
from bot.answers.service import AnswerService
from bot.errors import ContentError
from bot.wording import load_wording
from tests.builders import ROOT, an_entry
from tests.fakes import FakeClock, ScriptedRanker


class Shelf:
    """A base in memory that is opened like a database."""

    def __init__(self) -> None:
        self.sources = {"wage.arrears": render_entry(an_entry())}
        self.number = 1
        self.confirmed: list[Confirmation] = []
        self.opened = 0

    def confirm(self, digest: str = "") -> None:
        """Legal staff confirm what the entry says now, or said under that digest."""
        at = datetime(2026, 11, 22, 17, tzinfo=UTC)
        digest = digest or f"r{self.number}"
        made = Confirmation(topic="wage.arrears", digest=digest, confirmed_at=at, confirmed_by="王律师")
        self.confirmed = [*self.confirmed, made]

    def put(self, **fields: object) -> None:
        self.sources = {"wage.arrears": render_entry(an_entry(**fields))}
        self.number += 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Any]:
        async def revision() -> str:
            return f"r{self.number}"

        async def current() -> dict[str, str]:
            return dict(self.sources)

        async def live() -> dict[str, LiveVersion]:
            at = datetime(2026, 11, 1, tzinfo=UTC)
            return {topic: LiveVersion(self.number, f"r{self.number}", at, "import") for topic in self.sources}

        async def kept() -> list[Confirmation]:
            return self.confirmed

        self.opened += 1
        entries = SimpleNamespace(revision=revision, current=current, live=live)
        yield SimpleNamespace(entries=entries, confirmations=SimpleNamespace(kept=kept))


class SlowRankers:
    """Makes a ranker only when the test lets it."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.begun = threading.Event()
        self.is_complete = True
        self.made = 0

    def quick(self, base: FaqBase) -> tuple[Ranker, bool]:
        return self._make(), self.is_complete

    def complete(self, base: FaqBase, progress: object = None) -> Ranker:
        return self._make()

    def _make(self) -> Ranker:
        self.made += 1
        self.begun.set()
        assert self.may_go_on.wait(10)
        return ScriptedRanker({"工资": "wage.arrears"}, {})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def rankers() -> SlowRankers:
    return SlowRankers()


@pytest.fixture
def service(clock: FakeClock) -> AnswerService:
    settings = SimpleNamespace(
        content_dir=ROOT / "content",
        federation=SimpleNamespace(hotline="12351", regions=["全国"]),
        complaints=SimpleNamespace(enabled=False),
        answers=SimpleNamespace(longest_question=500),
    )
    return make_answers(cast("Any", settings), load_wording(ROOT / "content" / "replies"))


@pytest.fixture
def keeper(shelf: Shelf, rankers: SlowRankers, service: AnswerService) -> BaseKeeper:
    return BaseKeeper(read=shelf.read, service=service, rankers=cast("RankerFactory", rankers))


async def test_what_an_entry_says_is_live_before_its_index_is_built(
    keeper: BaseKeeper, shelf: Shelf, rankers: SlowRankers, service: AnswerService, clock: FakeClock
) -> None:
    assert await keeper.refresh()
    shelf.put(title="新的标题")
    rankers.may_go_on.clear()
    rankers.begun.clear()
    refreshing = asyncio.create_task(keeper.refresh())
    assert await asyncio.to_thread(rankers.begun.wait, 10)
    assert service.answer("工资", clock.now()).reply.title == "新的标题"
    rankers.may_go_on.set()
    assert await refreshing
    assert not await keeper.refresh()


async def test_two_who_refresh_at_once_end_with_the_newest_base(
    keeper: BaseKeeper, shelf: Shelf, service: AnswerService
) -> None:
    await keeper.refresh()
    shelf.put(title="一")
    first = asyncio.create_task(keeper.refresh())
    await asyncio.sleep(0)
    shelf.put(title="二")
    await asyncio.gather(first, keeper.refresh(), keeper.refresh())
    assert service.base.entries["wage.arrears"].title == "二"


async def test_a_base_that_cannot_be_read_leaves_the_old_one(
    keeper: BaseKeeper, shelf: Shelf, service: AnswerService
) -> None:
    await keeper.refresh()
    shelf.sources, shelf.number = {"wage.arrears": "nonsense"}, 9
    with pytest.raises(ContentError):
        await keeper.refresh()
    assert service.base.revision == "r1"


async def test_a_confirmation_is_noticed_without_a_new_index_and_told_without_opening_the_database(
    keeper: BaseKeeper, shelf: Shelf, rankers: SlowRankers, service: AnswerService, clock: FakeClock
) -> None:
    await keeper.refresh()
    assert "一般性信息" in service.answer("工资", clock.now()).reply.note
    shelf.confirm()
    assert await keeper.refresh()
    assert not await keeper.refresh()
    assert rankers.made == 1
    opened = shelf.opened
    assert "2026-11-23" in service.answer("工资", clock.now()).reply.note, "the day in China"
    assert service.confirmed_on("wage.arrears") == date(2026, 11, 23)
    assert shelf.opened == opened


async def test_a_changed_entry_is_unconfirmed_and_one_put_back_is_confirmed_again(
    keeper: BaseKeeper, shelf: Shelf, service: AnswerService
) -> None:
    shelf.confirm()
    await keeper.refresh()
    assert service.confirmed_on("wage.arrears")
    shelf.put(title="改了")
    await keeper.refresh()
    assert service.confirmed_on("wage.arrears") is None
    shelf.put()
    shelf.number = 1
    await keeper.refresh()
    assert service.confirmed_on("wage.arrears")


async def test_what_is_confirmed_while_the_better_index_is_built_is_not_forgotten(
    keeper: BaseKeeper, shelf: Shelf, rankers: SlowRankers, service: AnswerService
) -> None:
    rankers.is_complete = False
    await keeper.refresh()
    rankers.may_go_on.clear()
    rankers.begun.clear()
    building = asyncio.create_task(keeper.complete())
    assert await asyncio.to_thread(rankers.begun.wait, 10)
    shelf.confirm()
    await keeper.refresh()
    rankers.may_go_on.set()
    await building
    assert keeper.is_complete
    assert service.confirmed_on("wage.arrears")


async def test_the_keeper_explains_from_the_base_in_use(keeper: BaseKeeper, clock: FakeClock) -> None:
    await keeper.refresh()
    report = await keeper.explain("工资不发", clock.now())
    assert (report.hits[0].topic, report.outcome.value) == ("wage.arrears", "answer")
