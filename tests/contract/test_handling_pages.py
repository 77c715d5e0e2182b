"""The page of a case: what each viewer finds on it, what stays hidden until asked for, and what is logged."""

from dataclasses import replace

import pytest

from bot.complaints.desk.codes import DeletionReason, RevealReason
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.desk.values import Personal, Seen
from bot.complaints.lifecycle import Event
from bot.complaints.roles import WITHOUT_CASE, Action, Confidentiality, Viewer, may
from bot.keyring import KeyRing
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.cadres import STAFF, Bureau, viewer
from tests.cases import a_file, a_message, a_statement

STORY = "我叫李四，老板张三拖欠工资，我的电话138 1234 5678，微信号 lisi_88888"


@pytest.fixture
async def desk(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def test_personal_data_is_masked_until_somebody_says_why(desk: Bureau) -> None:
    case = await desk.file(a_statement(narrative=STORY), owner="anna")
    said = (await desk.page("anna", case)).statement
    assert said is not None
    assert said.narrative == "我叫[姓名]，老板张三拖欠工资，我的电话[电话]，微信号 [账号]"
    assert (said.has_name, said.has_phone, said.has_contact, said.masked) == (True, True, True, True)

    shown = await desk.do("reveal", "anna", case.id, Personal.FULL_TEXT, RevealReason.CHECK_FACTS)
    assert shown.narrative == STORY
    named = await desk.do("reveal", "anna", case.id, Personal.IDENTITY, RevealReason.PREPARE_PAPERS)
    assert (named.name, named.phone, named.narrative) == ("李四", "", "")
    contact = await desk.do("reveal", "anna", case.id, Personal.CONTACT, RevealReason.CONTACT_WORKER)
    assert (contact.name, contact.phone, contact.contact) == ("", "13812345678", "晚上打")
    assert await desk.log(case) == [
        ("anna", "case.see", ""),
        ("anna", "case.reveal", "check_facts"),
        ("anna", "case.reveal", "prepare_papers"),
        ("anna", "case.reveal", "contact_worker"),
    ]


async def test_an_uncoded_reason_is_explained_and_the_explanation_sealed(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    with pytest.raises(Faulty):
        await desk.do("reveal", "anna", case.id, Personal.IDENTITY, RevealReason.OTHER, explanation="  ")
    await desk.do("reveal", "anna", case.id, Personal.IDENTITY, RevealReason.OTHER, explanation="法院来函核实")
    async with desk.store.read() as work:
        record = (await work.audit.of(case.id))[0]
    assert record.text == "法院来函核实"
    assert "法院" not in record.data


async def test_nobody_learns_the_name_of_the_anonymous_but_who_handles_them_may_call(desk: Bureau) -> None:
    case = await desk.file(confidentiality=Confidentiality.ANONYMOUS, owner="anna")
    for who in ("anna", "sue"):
        with pytest.raises(NotAllowed):
            await desk.do("reveal", who, case.id, Personal.IDENTITY, RevealReason.QUALITY_CHECK)
        with pytest.raises(NotAllowed):
            await desk.do("print_sheet", who, case.id, with_identity=True, reason=RevealReason.PREPARE_PAPERS)
    assert (await desk.do("reveal", "anna", case.id, Personal.CONTACT, RevealReason.CONTACT_WORKER)).phone


async def test_a_confidential_case_shows_the_district_its_row_and_nothing_else(desk: Bureau) -> None:
    case = await desk.file(confidentiality=Confidentiality.CONFIDENTIAL, owner="anna")
    await desk.do("note", "anna", case.id, "内部情况")
    await desk.do("message", "anna", case.id, "您好")
    page = await desk.page("amy", case)
    assert page.row.number == case.number
    assert (page.statement, page.messages, page.notes, page.files, page.steps) == (None, (), (), (), ())
    assert all(change.public for change in page.timeline)
    with pytest.raises(NotAllowed):
        await desk.do("reveal", "amy", case.id, Personal.FULL_TEXT, RevealReason.CHECK_FACTS)


@pytest.mark.parametrize(
    "fields",
    [{"about_union_staff": True}, {"quarantined": True}, {"concerns": frozenset({"anna"})}],
    ids=["about-union-staff", "held-back", "about-oneself"],
)
async def test_what_is_withheld_does_not_exist_for_the_cadre(desk: Bureau, fields: dict[str, object]) -> None:
    case = await desk.file(owner="anna", **fields)
    with pytest.raises(CaseHidden):
        await desk.page("anna", case)
    with pytest.raises(CaseHidden):
        await desk.do("find_number", "anna", case.number)
    assert (await desk.page("sue", case)).statement is not None


@pytest.mark.parametrize("who", ["leo", "pia", "adam", "bert"])
async def test_others_find_no_case_at_all(desk: Bureau, who: str) -> None:
    case = await desk.file()
    with pytest.raises(CaseHidden):
        await desk.page(who, case)
    with pytest.raises(CaseHidden):
        await desk.do("reveal", who, case.id, Personal.FULL_TEXT, RevealReason.CHECK_FACTS)
    assert await desk.log(case) == []


async def test_a_worker_with_a_receipt_does_not_come_in_by_the_staff_door(desk: Bureau) -> None:
    case = await desk.file()
    with pytest.raises(CaseHidden):
        await desk.page(Viewer(role=Role.WORKER, receipt_for=case.id), case)


async def test_an_operator_calls_back_without_reading_what_was_said(desk: Bureau) -> None:
    case = await desk.file(call_back_due=True, owner="anna")
    page = await desk.page("ole", case)
    assert page.statement is None
    assert (await desk.do("reveal", "ole", case.id, Personal.CONTACT, RevealReason.CALL_BACK)).phone == "13812345678"
    with pytest.raises(NotAllowed):
        await desk.do("reveal", "ole", case.id, Personal.IDENTITY, RevealReason.CALL_BACK)


@pytest.mark.parametrize("confidentiality", list(Confidentiality))
async def test_the_page_holds_what_the_table_of_roles_grants_and_no_more(
    desk: Bureau, keys: KeyRing, confidentiality: Confidentiality
) -> None:
    case = await desk.file(confidentiality=confidentiality, owner="anna")
    async with desk.store.write() as work:
        await work.files.add(*a_file(keys, case=case.id))
        await work.messages.add(case.id, a_message())
        await work.commit()
    await desk.do("note", "anna", case.id, "内部情况")
    facts = (await desk.case(case)).facts
    for who in STAFF:
        if not may(viewer(who), Action.SEE_STATE, facts):
            with pytest.raises(CaseHidden):
                await desk.page(who, case)
            continue
        page = await desk.page(who, case)
        granted = {action for action in Action if action not in WITHOUT_CASE and may(viewer(who), action, facts)}
        assert page.may == granted, who
        assert bool(page.statement) == bool(page.messages) == (Action.SEE_CONTENT in granted), who
        assert bool(page.notes) == (Action.SEE_NOTES in granted), who
        assert bool(page.files) == (Action.SEE_FILES in granted), who


async def test_the_workers_messages_count_as_read_once_who_may_answer_has_seen_them(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    async with desk.store.write() as work:
        await work.messages.add(case.id, a_message("在吗，我是李四"))
        await work.commit()
    assert (await desk.page("amy", case)).messages[0].read_at is None
    assert (await desk.page("anna", case)).messages[0].text == "在吗，我是[姓名]"
    assert (await desk.page("amy", case)).messages[0].read_at == desk.clock.now()


async def test_a_corrected_statement_shows_what_was_said_before(desk: Bureau) -> None:
    case = await desk.file(a_statement(wish="要两万"), owner="anna")
    desk.clock.advance(hours=1)
    async with desk.store.write() as work:
        await work.cases.add_statement(case.id, a_statement(wish="要一万"), by="worker", now=desk.clock.now())
        await work.commit()
    page = await desk.page("anna", case)
    assert page.statement is not None
    assert (page.statement.wish, page.earlier[0].statement.wish) == ("要一万", "要两万")


async def test_a_printed_sheet_bears_the_name_only_with_a_reason(desk: Bureau) -> None:
    case = await desk.file(owner="anna")
    plain = await desk.do("print_sheet", "anna", case.id)
    assert (plain.name, plain.with_identity) == ("", False)
    with pytest.raises(Faulty):
        await desk.do("print_sheet", "anna", case.id, with_identity=True)
    full = await desk.do("print_sheet", "anna", case.id, with_identity=True, reason=RevealReason.PREPARE_PAPERS)
    assert (full.name, full.phone) == ("李四", "13812345678")
    assert [entry[1:] for entry in await desk.log(case)] == [("case.print", ""), ("case.print", "prepare_papers")]


async def test_deleted_content_is_gone_from_the_page_and_nothing_can_be_added(desk: Bureau) -> None:
    case = await desk.file(owner="sue")
    await desk.step("sue", case, Event.ACCEPT)
    await desk.step("sue", case, Event.RESOLVE, outcome="explained", note_to_worker="答复如下")
    await desk.do("delete_content", "sue", case.id, await desk.seen(case), DeletionReason.WORKER_ASKED)
    page = await desk.page("sue", case)
    assert (page.statement, page.messages, page.notes) == (None, (), ())
    assert page.content_deleted_at == desk.clock.now()
    for method, args in (("message", ("您好",)), ("note", ("记录",))):
        with pytest.raises(Faulty) as faulty:
            await desk.do(method, "sue", case.id, *args)
        assert faulty.value.code == "deleted"
    with pytest.raises(Faulty):
        await desk.do("reveal", "sue", case.id, Personal.FULL_TEXT, RevealReason.QUALITY_CHECK)


async def test_a_hidden_field_brings_back_what_was_seen(desk: Bureau) -> None:
    seen = (await desk.page("sue", await desk.file())).seen
    assert Seen.parse(str(seen)) == seen
    assert Seen.parse(str(replace(seen, at=None))) == Seen(seen.version)
    for text in ("", "x@", "1@2026-03-02T02:00:00", "1@yesterday"):
        with pytest.raises(ValueError, match=r".*"):
            Seen.parse(text)
