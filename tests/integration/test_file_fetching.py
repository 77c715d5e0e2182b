"""Fetching files comes to an end, whatever happens on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from bot.app import Program
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.fetching import CLAIMED_FOR, MOST_ATTEMPTS, PAUSES, FileFetching
from tests.evidence import a_jpeg
from tests.fakes import FakeClock

PAGE = "https://ask.example.org/complain"


@dataclass
class Source:
    """A channel that has every file but one, at which something happens that nobody foresaw."""

    broken: str = ""
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def fetch(self, remote: Mapping[str, str], most: int) -> bytes:
        self.asked.append(remote["media"])
        if remote["media"] == self.broken:
            raise ZeroDivisionError
        return a_jpeg()

    async def tell(self, remote: Mapping[str, str], text: str) -> None:
        self.told.append(text)


@pytest.fixture
def source() -> Source:
    return Source(broken="first")


@pytest.fixture
def fetching(program: Program, source: Source) -> FileFetching:
    return FileFetching(
        desk=program.files,
        write=program.store.write,
        sources={"chat": source},
        clock=program.clock,
        wording=program.wording,
        upload_page=PAGE,
    )


async def note(program: Program, media: str) -> CaseFile:
    async with program.store.write() as work:
        file = await program.files.await_remote(
            work, {"channel": "chat", "media": media}, by="worker", now=program.clock.now(), draft="d" * 32, person="p"
        )
        await work.commit()
    return file


async def now_of(program: Program, file: CaseFile) -> CaseFile:
    async with program.store.read() as work:
        found = await work.files.find(file.id)
    assert found is not None
    return found[0]


async def test_an_error_that_nobody_foresaw_is_tried_a_few_times_then_told_and_holds_up_no_other_file(
    program: Program, source: Source, fetching: FileFetching, clock: FakeClock
) -> None:
    """Before, it was tried every three minutes for ever, and the files behind it with it."""
    broken = await note(program, "first")
    clock.advance(seconds=1)
    other = await note(program, "second")
    assert await fetching.run() == {"kept": 1, "put_off": 1, "given_up": 0}
    assert (await now_of(program, other)).state is FileState.KEPT
    for pause in PAUSES:
        assert source.told == []
        clock.advance(seconds=pause.total_seconds())
        await fetching.run()
    failed = await now_of(program, broken)
    assert (failed.state, failed.meta.fault, failed.attempts) == (FileState.FAILED, "unreachable", MOST_ATTEMPTS)
    assert len(source.told) == 1
    assert PAGE in source.told[0]
    clock.advance(minutes=600)
    assert sum((await fetching.run()).values()) == 0


async def test_a_file_over_which_every_process_died_is_given_up(
    program: Program, source: Source, fetching: FileFetching, clock: FakeClock
) -> None:
    file = await note(program, "second")
    for _ in range(MOST_ATTEMPTS):
        assert len(await fetching._claim()) == 1  # and dies
        clock.advance(seconds=CLAIMED_FOR.total_seconds())
    assert (await fetching.run())["given_up"] == 1
    assert (await now_of(program, file)).state is FileState.FAILED
    assert (source.asked, len(source.told)) == ([], 1)


async def test_a_worker_who_cannot_be_told_changes_nothing_of_that(
    program: Program, source: Source, fetching: FileFetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(remote: Mapping[str, str], text: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(source, "tell", failing)
    monkeypatch.setattr("bot.complaints.files.fetching.MOST_ATTEMPTS", 1)
    file = await note(program, "first")
    assert (await fetching.run())["given_up"] == 1
    assert (await now_of(program, file)).state is FileState.FAILED
