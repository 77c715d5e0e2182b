"""Files of cases and drafts: whose they are, which wait to be fetched, and what is known of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.complaints.cases import CaseFile, FileMeta, FileState
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cases import NOW, a_file
from tests.fakes import FakeClock

MINUTE = timedelta(minutes=1)
REMOTE = FileMeta(remote={"media": "m1"})


async def keep(store: SqlStore, keys: KeyRing, **fields: object) -> CaseFile:
    file, key = a_file(keys, **fields)
    async with store.write() as work:
        await work.files.add(file, key)
        await work.commit()
    return file


async def test_a_file_comes_back_with_its_key(store: SqlStore, keys: KeyRing) -> None:
    meta = FileMeta(
        name="合同 (1).pdf",
        media_type="application/pdf",
        sha256="ab" * 32,
        size=99,
        reading="image/png",
        reading_sha256="cd" * 32,
        remote={"media": "m1", "host": "h"},
        fault="too_large",
    )
    file, key = a_file(keys, meta=meta, draft="d1", person="a", attempts=2, size=99)
    async with store.write() as work:
        await work.files.add(file, key)
        await work.commit()
    async with store.read() as work:
        assert await work.files.find(file.id) == (file, key)
        assert await work.files.find("unknown") is None


async def test_files_are_found_by_case_and_by_draft(store: SqlStore, keys: KeyRing) -> None:
    of_case = [await keep(store, keys, case="c1", added_at=NOW + n * MINUTE) for n in range(2)]
    of_draft = [await keep(store, keys, draft="d1", person="a", added_at=NOW + n * MINUTE) for n in range(2)]
    async with store.read() as work:
        assert await work.files.of_case("c1") == of_case
        assert await work.files.of_draft("d1") == of_draft
        assert await work.files.of_case("") == []
        assert await work.files.of_draft("") == []
        assert await work.files.known([of_case[0].id, "unknown"]) == {of_case[0].id}
        assert await work.files.known([]) == set()


@pytest.mark.parametrize("by_draft", [True, False], ids=["the whole draft", "these files"])
async def test_attached_files_are_the_case_s_and_nobody_s_draft(store: SqlStore, keys: KeyRing, by_draft: bool) -> None:
    files = [await keep(store, keys, draft="d1", person="a") for _ in range(2)]
    taken = await keep(store, keys, case="other", draft="d1")
    which = "d1" if by_draft else [*(file.id for file in files), taken.id]
    async with store.write() as work:
        assert await work.files.attach(which, "c1") == 2
        await work.commit()
    async with store.read() as work:
        attached = [replace(file, case="c1", draft="", person="") for file in files]
        assert sorted(await work.files.of_case("c1"), key=lambda file: file.id) == sorted(
            attached, key=lambda file: file.id
        )
        assert await work.files.of_case("other") == [taken]
        assert await work.files.of_draft("d1") == []


@pytest.mark.parametrize("nothing", ["", ()], ids=["no draft", "no files"])
async def test_attaching_nothing_attaches_nothing(store: SqlStore, keys: KeyRing, nothing: str) -> None:
    """A file without a draft must not go to whoever has no draft."""
    file = await keep(store, keys)
    async with store.write() as work:
        assert await work.files.attach(nothing, "c1") == 0
    async with store.read() as work:
        assert (await work.files.abandoned(NOW + MINUTE)) == [file]


async def test_what_is_known_of_a_file_changes(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    file = await keep(store, keys, state=FileState.WAITING, meta=REMOTE, size=0)
    fetched = FileMeta(name="a.jpg", media_type="image/jpeg", sha256="ab" * 32, size=7)
    async with store.write() as work:
        assert await work.files.update(file.id, state=FileState.KEPT, meta=fetched, size=7)
        assert not await work.files.update("unknown", meta=fetched)
        assert not await work.files.update("unknown", size=1)
        assert await work.files.due(clock.now(), 9) == []
        found = await work.files.find(file.id)
    assert found is not None
    assert found[0] == replace(file, state=FileState.KEPT, meta=fetched, size=7)


async def test_waiting_files_are_due_the_longest_waiting_first(
    store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    late = await keep(store, keys, state=FileState.WAITING, meta=REMOTE, added_at=NOW - MINUTE)
    early = await keep(store, keys, state=FileState.WAITING, meta=REMOTE, added_at=NOW - 2 * MINUTE)
    await keep(store, keys)
    await keep(store, keys, state=FileState.WAITING, meta=REMOTE, added_at=NOW + MINUTE)
    async with store.read() as work:
        assert await work.files.due(clock.now(), 9) == [early, late]
        assert await work.files.due(clock.now(), 1) == [early]
    async with store.write() as work:
        assert await work.files.update(early.id, next_at=clock.now() + MINUTE, attempts=1)
        assert await work.files.due(clock.now(), 9) == [late]
        assert await work.files.due(clock.now() + MINUTE, 1) == [late]


async def test_of_many_processes_one_fetches_a_file(
    open_store: Callable[[], SqlStore], keys: KeyRing, clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(3)]
    file = await keep(stores[0], keys, state=FileState.WAITING, meta=REMOTE)

    async def claim(number: int) -> bool:
        async with stores[number % 3].write() as work:
            won = await work.files.claim(file.id, clock.now(), clock.now() + MINUTE)
            await work.commit()
            return won

    assert (await asyncio.gather(*(claim(number) for number in range(9)))).count(True) == 1
    async with stores[0].read() as work:
        assert await work.files.due(clock.now(), 9) == []
        assert await work.files.due(clock.now() + MINUTE, 9) == [replace(file, attempts=1)]


async def test_files_of_drafts_left_lying_are_found_and_those_of_cases_are_not(store: SqlStore, keys: KeyRing) -> None:
    old = await keep(store, keys, draft="d1", person="a", added_at=NOW - MINUTE)
    await keep(store, keys, draft="d2", person="a")
    await keep(store, keys, case="c1", added_at=NOW - MINUTE)
    async with store.write() as work:
        assert await work.files.abandoned(NOW) == [old]
        assert await work.files.delete(old.id)
        assert not await work.files.delete(old.id)
        assert await work.files.abandoned(NOW) == []


async def test_forgetting_a_person_deletes_drafts_and_links_and_spares_cases(
    store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    """What WeChat demands when somebody leaves: the case lives on by its receipt, without a way back to the person."""
    await keep(store, keys, draft="d1", person="a")
    of_case = await keep(store, keys, case="c1", person="a")
    await keep(store, keys, draft="d2", person="b")
    async with store.write() as work:
        await work.links.add("c1", "a", "wechat", "openid", ["news"], clock.now())
        assert await work.people.forget("a") == 2
        assert await work.people.forget("a") == 0
        await work.commit()
    async with store.read() as work:
        assert await work.files.of_draft("d1") == []
        assert len(await work.files.of_draft("d2")) == 1
        assert await work.files.of_case("c1") == [replace(of_case, person="")]
        assert await work.links.of("c1") == []
