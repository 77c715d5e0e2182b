"""Registering: everything of a complaint at once, under a number and a receipt of its own."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.complaints.cases import Consent, Nature, SaidQuantity
from bot.complaints.errors import NumberTaken
from bot.complaints.receipts import parse_receipt
from bot.complaints.roles import Action, Confidentiality, Viewer, may
from bot.complaints.worker.numbers import FloodLimits
from bot.complaints.worker.registering import Registrar
from bot.keyring import KeyRing
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.cases import a_file, a_statement
from tests.desk import NOW, Counter, a_desk, a_filing


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    return Counter(store, desk)


def registrar(counter: Counter, keys: KeyRing, **floods: int) -> Registrar:
    desk = counter.desk
    numbers = replace(desk.numbers, floods=FloodLimits(**floods))
    return Registrar(keys, desk.clocks, desk.guard, desk.categories, numbers)


async def test_everything_of_a_complaint_is_there_after_registration(counter: Counter) -> None:
    made = await counter.file()
    case = await counter.case(made.case_id)
    assert re.fullmatch(r"HZ261120-\d{6}", made.number)
    assert (case.number, case.category, case.district, case.channel) == (made.number, "wage", "mudan", "test")
    assert (case.people and case.people.low, case.money and case.money.low) == (20, 1_200_000)
    async with counter.store.read() as work:
        assert await work.cases.statement(made.case_id) == a_statement()
        [first] = await work.timeline.of(made.case_id)
        assert (first.kind, first.by, first.public) == ("registered", "worker", True)
        assert first.data["consents"] == "personal_data"
    assert await counter.audited(made.case_id) == ["case.registered"]


async def test_the_receipt_opens_the_case_and_only_its_hash_is_kept(counter: Counter) -> None:
    made = await counter.file()
    assert (await counter.open(made.receipt)).id == made.case_id
    assert parse_receipt(made.receipt.grouped()) == made.receipt


async def test_the_clocks_start_on_the_day_in_china_and_the_next_one_stands_in_the_row(counter: Counter) -> None:
    made = await counter.file()
    case = await counter.case(made.case_id)
    assert await counter.clocks(made.case_id) == dict.fromkeys(
        ["own.first_contact", "own.acceptance", "union.refusal_notice", "union.investigation"], True
    )
    assert (case.next_due, case.next_rule) == (date(2026, 11, 24), "own.first_contact")
    assert case.warn_on is not None


async def test_a_complaint_late_at_night_counts_from_the_day_in_china(counter: Counter) -> None:
    """Half past midnight on Saturday in China is still Friday in UTC: Monday and Tuesday are the two days."""
    made = await counter.file(now=NOW.replace(hour=16, minute=30))
    assert made.number.startswith("HZ261121-")
    assert (await counter.case(made.case_id)).next_due == date(2026, 11, 24)


async def test_duties_of_law_are_started_only_for_what_the_law_covers(counter: Counter) -> None:
    """条例 15(3): about employers; the notice of refusal is owed to those who gave their name."""
    suggestion = await counter.file(a_filing(nature=Nature.SUGGESTION))
    about_staff = await counter.file(a_filing(category="union_staff"))
    anonymous = await counter.file(a_filing(confidentiality=Confidentiality.ANONYMOUS))
    own = {"own.first_contact", "own.acceptance"}
    assert set(await counter.clocks(suggestion.case_id)) == own
    assert set(await counter.clocks(about_staff.case_id)) == own
    assert set(await counter.clocks(anonymous.case_id)) == own | {"union.investigation"}


async def test_a_complaint_about_union_staff_is_for_the_supervisor_whatever_the_form_said(counter: Counter) -> None:
    made = await counter.file(a_filing(category="union_staff", about_union_staff=False))
    facts = (await counter.case(made.case_id)).facts
    assert may(Viewer(role=Role.SUPERVISOR, id="s"), Action.SEE_CONTENT, facts)
    cadre = Viewer(role=Role.CADRE, id="c", districts=frozenset({"mudan"}))
    assert not may(cadre, Action.SEE_ROW, facts)


async def test_the_phone_is_found_by_its_keyed_hash_and_by_nothing_near_it(counter: Counter, keys: KeyRing) -> None:
    made = await counter.file(a_filing(statement=a_statement(phone="+86 138-1234-5678")))
    async with counter.store.read() as work:
        assert await work.blind.find("phone", keys.index_all("phone", "13812345678")) == [made.case_id]
        assert await work.blind.find("phone", keys.index_all("phone", "1381234567")) == []


async def test_no_account_is_linked_unless_news_was_asked_for(counter: Counter) -> None:
    quiet = await counter.file(a_filing(notify="oWorker1"))
    news = frozenset({Consent.PERSONAL_DATA, Consent.NOTICES})
    asked = await counter.file(a_filing(notify="oWorker1", consents=news, grants=("template",)))
    async with counter.store.read() as work:
        assert await work.links.of(quiet.case_id) == []
        [link] = await work.links.of(asked.case_id)
    assert (link.address, link.grants) == ("oWorker1", ("template",))
    assert not (await counter.case(quiet.case_id)).reachable
    assert (await counter.case(asked.case_id)).reachable


async def test_passing_on_needs_its_own_consent(counter: Counter) -> None:
    named = await counter.file(a_filing(passing_on=("inspection",)))
    both = frozenset({Consent.PERSONAL_DATA, Consent.PASSING_ON})
    agreed = await counter.file(a_filing(passing_on=("inspection",), consents=both))
    assert (await counter.case(named.case_id)).passing_on == ()
    assert (await counter.case(agreed.case_id)).passing_on == ("inspection",)


async def test_the_files_of_the_draft_come_along(counter: Counter, keys: KeyRing) -> None:
    file, key = a_file(keys, draft="d1", person="p1")
    async with counter.store.write() as work:
        await work.files.add(file, key)
        await work.commit()
    made = await counter.file(a_filing(files=(file.id,)))
    async with counter.store.read() as work:
        [mine] = await work.files.of_case(made.case_id)
    assert (mine.id, mine.person, mine.draft) == (file.id, "", "")


async def test_a_draft_named_as_a_whole_brings_all_its_files_and_nobody_elses(counter: Counter, keys: KeyRing) -> None:
    mine, key = a_file(keys, draft="d1")
    other, other_key = a_file(keys, draft="d2")
    async with counter.store.write() as work:
        await work.files.add(mine, key)
        await work.files.add(other, other_key)
        await work.commit()
    made = await counter.file(a_filing(draft="d1"))
    async with counter.store.read() as work:
        assert [file.id for file in await work.files.of_case(made.case_id)] == [mine.id]
        assert [file.id for file in await work.files.of_draft("d2")] == [other.id]


async def test_a_sum_by_month_or_head_is_no_sum(counter: Counter) -> None:
    monthly = a_statement(money=SaidQuantity(said="每月三千", low=300_000, high=300_000, per="month"))
    made = await counter.file(a_filing(statement=monthly))
    assert (await counter.case(made.case_id)).money is None


async def test_a_number_that_another_case_has_is_refused_and_nothing_is_left_of_it(counter: Counter) -> None:
    first = await counter.file()
    again = counter.registrar.prepare(a_filing(), NOW)
    async with counter.store.write() as work:
        with pytest.raises(NumberTaken):
            await counter.registrar.register(
                work, a_filing(), case_id=again.case_id, number=first.number, receipt=again.receipt, now=NOW
            )
    async with counter.store.read() as work:
        assert await work.cases.find(again.case_id) is None
        assert await work.timeline.of(again.case_id) == []


async def test_what_is_told_after_filing_is_what_the_clocks_say(counter: Counter) -> None:
    made = counter.registrar.prepare(a_filing(), NOW)
    told = counter.desk.words.after_filing(made)
    assert made.number in told.number
    assert made.receipt.grouped() in told.receipt
    assert told.no_decision == "登记凭证，不是受理决定；在工会登记不等于申请仲裁或工伤认定，请勿因此等待。"
    assert told.next_steps[0].startswith("最晚2026年11月24日")
    assert "《山东省工会劳动法律监督条例》第15条" in told.next_steps[-1]
    assert any("劳动仲裁" in line for line in told.guard)
    assert made.receipt.reveal() not in repr(made) + repr(told)


async def test_a_flood_from_one_source_is_registered_and_held_back(counter: Counter, keys: KeyRing) -> None:
    """Not dropped: what comes too fast waits for the supervisor, with all its clocks."""
    flooded = Counter(counter.store, replace(counter.desk, registrar=registrar(counter, keys, source_per_hour=3)))
    made = [await flooded.file(source="a") for _ in range(5)]
    other = await flooded.file(source="b")
    held = [(await counter.case(one.case_id)).quarantined for one in (*made, other)]
    assert held == [False, False, False, True, True, False]
    assert "own.acceptance" in await counter.clocks(made[-1].case_id)
    assert (await counter.open(made[-1].receipt)).id == made[-1].case_id
    later = await flooded.file(source="a", now=NOW + timedelta(hours=1))
    assert not (await counter.case(later.case_id)).quarantined


async def test_slow_floods_and_floods_from_everywhere_are_held_back_too(counter: Counter, keys: KeyRing) -> None:
    slow = Counter(counter.store, replace(counter.desk, registrar=registrar(counter, keys, source_per_day=3)))
    made = [await slow.file(source="a", now=NOW + timedelta(hours=hour)) for hour in range(5)]
    assert [(await counter.case(one.case_id)).quarantined for one in made] == [False] * 3 + [True] * 2
    wide = Counter(counter.store, replace(counter.desk, registrar=registrar(counter, keys, everywhere_per_hour=4)))
    day = NOW + timedelta(days=1)
    made = [await wide.file(source=f"s{number}", now=day) for number in range(6)]
    assert [(await counter.case(one.case_id)).quarantined for one in made] == [False] * 4 + [True] * 2


async def test_calls_that_staff_take_down_are_no_flood(counter: Counter, keys: KeyRing) -> None:
    busy = Counter(counter.store, replace(counter.desk, registrar=registrar(counter, keys, source_per_hour=1)))
    made = [await busy.file(a_filing(logged_by="op1", person="", channel="hotline")) for _ in range(3)]
    cases = [await counter.case(one.case_id) for one in made]
    assert [case.quarantined for case in cases] == [False] * 3
    assert cases[0].logged_by == "op1"
    assert (await counter.audited(made[0].case_id)) == ["case.registered"]
