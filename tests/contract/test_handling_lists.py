"""Lists of cases, search, export, and the register of employers, on a real store."""

import pytest

from bot.complaints.case_filter import CaseFilter
from bot.complaints.clocks.deadlines import Colour
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.lifecycle import Event
from bot.complaints.roles import Action, may
from bot.complaints.worker.phones import phone_digits
from bot.complaints.worker.search_index import index_statement
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import STAFF, Bureau, viewer
from tests.cases import a_statement

CODE = "91371700MA3C0XXX1A"


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def numbers(desk: Bureau, who: str, *args: object, **fields: object) -> list[str]:
    return [row.number for row in (await desk.do("rows", who, *args, **fields)).rows]


async def test_everybody_lists_what_the_table_of_roles_grants(desk: Bureau) -> None:
    cases = [
        await desk.file(),
        await desk.file(district="caoxian"),
        await desk.file(district="caoxian", owner="anna"),
        await desk.file(about_union_staff=True),
        await desk.file(quarantined=True),
        await desk.file(concerns=frozenset({"anna", "sue"})),
        await desk.file(call_back_due=True),
    ]
    for who in STAFF:
        granted = {case.number for case in cases if may(viewer(who), Action.SEE_ROW, case.facts)}
        if who in {"leo", "pia", "adam"}:
            with pytest.raises(NotAllowed):
                await numbers(desk, who)
            continue
        assert set(await numbers(desk, who)) == granted, who


async def test_a_list_shows_colour_and_name_of_the_next_deadline_and_turns_with_time(desk: Bureau) -> None:
    case = await desk.file(owner="anna")

    async def shown() -> tuple[str, str, Colour]:
        row = (await desk.do("rows", "anna")).rows[0]
        return row.number, row.next_title, row.colour

    assert await shown() == (case.number, "首次联系职工", Colour.GREEN)
    desk.clock.advance(days=1)
    assert (await shown())[2] is Colour.AMBER
    desk.clock.advance(days=2)
    assert (await shown())[2] is Colour.RED
    badges = await desk.do("badges", "anna")
    assert (badges.mine, badges.overdue, badges.due, badges.urgent) == (1, 1, 0, 0)


async def test_a_look_at_a_list_is_logged_without_the_phone_that_was_searched(desk: Bureau, keys: KeyRing) -> None:
    case = await desk.file(a_statement(phone="138 1234 5678"))
    async with desk.store.write() as work:
        await index_statement(work, keys, case.id, a_statement(phone="138 1234 5678"))
        await work.commit()
    await desk.file(a_statement(phone="13900000000"))
    assert await numbers(desk, "anna", phone="+86 138-1234-5678") == [case.number]
    with pytest.raises(Faulty):
        await numbers(desk, "anna", phone="李四")
    async with desk.store.read() as work:
        record = (await work.audit.page())[0][0]
    assert (record.action, record.details["phone"], record.details["total"]) == ("case.list", "yes", "1")
    assert "1381234" not in record.data


async def test_searching_is_an_action_of_its_own(desk: Bureau) -> None:
    case = await desk.file(call_back_due=True)
    assert await numbers(desk, "ole") == [case.number]
    with pytest.raises(NotAllowed):
        await numbers(desk, "ole", phone="13812345678")
    with pytest.raises(NotAllowed):
        await numbers(desk, "ole", CaseFilter(number=case.number[:4]))
    assert await numbers(desk, "anna", CaseFilter(number=case.number)) == [case.number]


async def test_the_views_hold_what_their_names_say(desk: Bureau) -> None:
    mine = await desk.file(owner="anna", urgent=True)
    nobodys = await desk.file(collective=True)
    closed = await desk.file(owner="anna", urgent=True)
    await desk.step("anna", closed, Event.DECLINE, reason="not_labour", note_to_worker="请向公安机关反映")
    held = {}
    for name in ("mine", "unassigned", "urgent", "collective", "quarantined"):
        wanted = desk.handler.view(name, viewer("anna"), desk.clock.now())
        held[name] = await numbers(desk, "anna", wanted)
    assert held == {
        "mine": [mine.number],
        "unassigned": [nobodys.number],
        "urgent": [mine.number],
        "collective": [nobodys.number],
        "quarantined": [],
    }
    badges = await desk.do("badges", "leo")
    assert (badges.mine, badges.overdue, badges.collective) == (0, 0, 0)


async def test_a_list_comes_in_pages_and_in_the_order_asked_for(desk: Bureau) -> None:
    for _ in range(5):
        await desk.file()
        desk.clock.advance(hours=1)
    found = await desk.do("rows", "sue", sort="registered_at", descending=True, offset=3, limit=10)
    assert (len(found.rows), found.total) == (2, 5)
    assert found.rows[0].registered_at > found.rows[1].registered_at
    with pytest.raises(Faulty):
        await desk.do("rows", "sue", sort="narrative")


async def test_an_export_holds_what_may_be_taken_along_and_is_logged(desk: Bureau) -> None:
    mine = await desk.file()
    await desk.file(district="caoxian")
    rows = await desk.do("export", "anna")
    assert [row.number for row in rows] == [mine.number]
    for who in ("ole", "leo", "adam", "pia"):
        with pytest.raises(NotAllowed):
            await desk.do("export", who)
    async with desk.store.read() as work:
        record = (await work.audit.page(action="case.export"))[0][0]
    assert (record.actor, record.details["total"]) == ("anna", "1")


async def test_an_employer_is_found_by_every_name_and_stands_in_the_register_once(desk: Bureau) -> None:
    added = await desk.do("add_employer", "anna", "菏泽 宏达建筑有限公司", aliases=["宏达劳务"])
    for text in ("菏泽宏达建筑", "宏达劳务公司", "宏达建筑（集团）有限公司"):
        assert added.id in [found.id for found in await desk.do("employers", "anna", text)], text
    assert await desk.do("employers", "anna", "黄河化工") == []
    for name in ("菏泽宏达建筑", "宏达劳务有限责任公司"):
        with pytest.raises(Faulty) as faulty:
            await desk.do("add_employer", "anna", name)
        assert (faulty.value.field, faulty.value.code) == ("name", "taken")
    for name in ("", "。", "厂"):
        with pytest.raises(Faulty):
            await desk.do("add_employer", "anna", name)
    changed = await desk.do("change_employer", "anna", added.id, name="菏泽宏达建筑有限公司")
    assert changed.aliases == ()
    await desk.do("add_employer", "anna", "宏达劳务有限责任公司")
    with pytest.raises(NotAllowed):
        await desk.do("employers", "ole")


async def test_a_credit_code_is_checked_and_belongs_to_one_employer(desk: Bureau) -> None:
    code = "91110000600037341L"
    with pytest.raises(Faulty) as faulty:
        await desk.do("add_employer", "anna", "甲厂", credit_code=CODE)
    assert (faulty.value.field, faulty.value.code) == ("credit_code", "unknown")
    first = await desk.do("add_employer", "anna", "甲纺织厂", credit_code=code.lower())
    assert first.credit_code == code
    with pytest.raises(Faulty) as faulty:
        await desk.do("add_employer", "anna", "乙纺织厂", credit_code=code)
    assert faulty.value.code == "taken"
    assert [found.id for found in await desk.do("employers", "anna", code)] == [first.id]


async def test_merging_two_employers_unites_cases_and_names(desk: Bureau) -> None:
    one = await desk.do("add_employer", "anna", "宏达建筑")
    other = await desk.do("add_employer", "anna", "菏泽宏大建筑有限公司")
    case = await desk.file(employer=one.id, owner="anna")
    united = await desk.do("merge_employers", "anna", one.id, other.id)
    assert united.aliases == ("宏达建筑",)
    assert (await desk.case(case)).employer == other.id
    assert [found.id for found in await desk.do("employers", "anna", "宏达建筑")] == [other.id]
    with pytest.raises(Faulty):
        await desk.do("merge_employers", "anna", one.id, other.id)


async def test_the_register_is_offered_for_what_the_worker_called_the_employer(desk: Bureau) -> None:
    employer = await desk.do("add_employer", "anna", "菏泽宏达建筑工程有限公司")
    case = await desk.file(a_statement(employer="宏达建筑工程"), owner="anna")
    assert (await desk.page("anna", case)).employer_hints == ((employer.id, "菏泽宏达建筑工程有限公司"),)
    await desk.do("triage", "anna", case.id, await desk.seen(case), employer=employer.id)
    assert (await desk.page("anna", case)).employer_hints == ()
    assert (await desk.page("amy", case)).employer_hints == ()


def test_phones_are_found_however_they_were_written() -> None:
    same = {
        phone_digits(text) for text in ("13812345678", "138 1234 5678", "+86-138-1234-5678", "１３８１２３４５６７８")
    }
    assert same == {"13812345678"}
    assert phone_digits("0530-5621234") == phone_digits("(0530) 5621234") == "05305621234"
    assert [phone_digits(text) for text in ("", "无", "12345", "qq 12345678")] == [""] * 4
