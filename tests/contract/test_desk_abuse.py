"""The desk in the hands of staff who mean harm or do not think: what gets past a role, a log or a deletion."""

from dataclasses import replace
from typing import Any, cast

import pytest

from bot.audit import WORKER
from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Case, CaseFile, FileMeta
from bot.complaints.desk.codes import DeletionReason
from bot.complaints.desk.refusals import CaseHidden, Faulty
from bot.complaints.errors import Changed
from bot.complaints.files.evidence import Evidence
from bot.complaints.files.file_desk import FileDesk, PreparedFile
from bot.complaints.lifecycle import Event, Fact
from bot.complaints.roles import Viewer
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.cadres import MONDAY, Bureau, viewer
from tests.cases import a_file, a_statement
from tests.desk import Counter, a_desk, a_filing


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def test_a_case_that_triage_finds_to_be_about_union_staff_is_the_supervisors(desk: Bureau) -> None:
    """Whatever box was left unticked: the category says it."""
    case = await desk.file(owner="anna", helpers=frozenset({"amy"}))
    await desk.do("triage", "anna", case.id, await desk.seen(case), category="union_staff", about_union_staff=False)
    after = await desk.case(case)
    assert (after.category, after.about_union_staff, after.owner, after.helpers) == (
        "union_staff",
        True,
        "",
        frozenset(),
    )
    with pytest.raises(CaseHidden):
        await desk.page("anna", case)
    await desk.do("triage", "sue", case.id, await desk.seen(case), about_union_staff=False)
    assert (await desk.case(case)).about_union_staff
    await desk.do("triage", "sue", case.id, await desk.seen(case), category="wage", about_union_staff=False)
    assert not (await desk.case(case)).about_union_staff


@pytest.mark.parametrize("typed", ["13812345678", "张小满", "1381234"])
async def test_what_is_typed_into_a_filter_does_not_stand_in_the_log(desk: Bureau, typed: str) -> None:
    wanted = CaseFilter(number=typed, owner=typed, employer=typed, site=typed, categories=(typed,), districts=(typed,))
    await desk.do("rows", "anna", wanted)
    async with desk.store.read() as work:
        records, _ = await work.audit.page(action="case.list")
    assert records
    assert typed not in "".join(record.data for record in records).encode().decode("unicode_escape")


async def test_a_look_at_what_the_radar_found_is_logged(desk: Bureau) -> None:
    await desk.do("findings", "anna")
    async with desk.store.read() as work:
        records, _ = await work.audit.page(actor="anna")
    assert [record.action for record in records] == ["finding.list"]


async def test_a_file_that_is_added_while_the_content_is_deleted_is_not_kept(desk: Bureau, keys: KeyRing) -> None:
    """On PostgreSQL both transactions see the case as it was: the row decides, not what was read."""
    case = await desk.file()
    await desk.step("sue", case, Event.WITHDRAW, facts=frozenset({Fact.WORKERS_WISH}), note="电话里说不办了")
    held = await desk.case(case)
    file, key = a_file(keys)
    is_postgres = desk.store.engine.dialect.name == "postgresql"
    prepared = PreparedFile(file.id, key, FileMeta(name="a.jpg"))

    class Slow(Evidence):
        async def check_may_add(self, work: UnitOfWork, viewer: Viewer, case_id: str) -> Case:
            found = await super().check_may_add(work, viewer, case_id)
            if is_postgres:
                seen = await desk.seen(held)
                await desk.do("delete_content", "sue", held.id, seen, DeletionReason.WORKER_ASKED)
            return found

    class Files:
        async def keep(self, work: UnitOfWork, prepared: PreparedFile, **fields: Any) -> CaseFile:
            kept = replace(file, case=fields["case"])
            await work.files.add(kept, prepared.key)
            return kept

    evidence = Slow(cast("FileDesk", Files()))
    async with desk.store.write() as work:
        if not is_postgres:  # one writer at a time: nothing comes in between
            await evidence.add(work, viewer("sue"), held.id, prepared, now=MONDAY)
            assert (await work.cases.find(held.id)).version > held.version  # type: ignore[union-attr]  # it is there
            return
        with pytest.raises(Changed):
            await evidence.add(work, viewer("sue"), held.id, prepared, now=MONDAY)


async def test_what_a_cadre_adds_is_not_the_workers_even_who_took_the_call(store: SqlStore, keys: KeyRing) -> None:
    """Papers of other bodies, notes with names: whoever finds a receipt would read them."""
    counter = Counter(store, a_desk(keys))
    store._rules = counter.desk.rules
    made = await counter.file(a_filing(logged_by="anna", person="", notify=""))
    async with store.write() as work:
        for by in ("anna", WORKER):
            await work.files.add(*a_file(keys, case=made.case_id, by=by, meta=FileMeta(name=by)))
        await work.commit()
    tracking = await counter.do("tracking", made.case_id)
    assert [file.name for file in tracking.files] == [WORKER]  # type: ignore[attr-defined]  # a Tracking


async def test_a_name_that_was_corrected_stays_masked(desk: Bureau) -> None:
    story = "王小二欠条在此，电话13900002222"
    case = await desk.file(a_statement(narrative=story, name="王小二", phone="13900002222"), owner="anna")
    async with desk.store.write() as work:
        corrected = a_statement(narrative=story, name="王二", phone="13900003333")
        await work.cases.add_statement(case.id, corrected, by=WORKER, now=MONDAY)
        await work.commit()
    page = await desk.page("anna", case)
    assert page.statement is not None
    assert "王小二" not in page.statement.narrative
    with pytest.raises(Faulty, match="betrays"):
        await desk.do("refer", "anna", case.id, await desk.seen(case), "inspection", "王小二来信")
