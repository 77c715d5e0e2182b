"""The consent to passing a matter on: given and withdrawn with the receipt, and obeyed by the referral."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from bot.complaints.cases import Case, Consent
from bot.complaints.desk.refusals import Conflict, NotAllowed
from bot.complaints.errors import Changed
from bot.complaints.lifecycle import Event, State
from bot.complaints.worker.following import Follower
from bot.complaints.worker.refusals import NotFound, Refused, Why
from bot.complaints.worker.tracking import Deletion, Kept, Tracking
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore
from tests.cadres import STAFF, Bureau
from tests.desk import NOW, Counter, a_desk, a_filing

LATER = NOW + timedelta(hours=3)
NAMED = "李四，电话13812345678，被拖欠工资"


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    return Counter(store, desk)


@pytest.fixture
async def bureau(store: SqlStore, keys: KeyRing) -> Bureau:
    bureau = Bureau(store, keys)
    await bureau.hire()
    return bureau


async def agree(counter: Counter, case_id: str, *bodies: str, now: Any = LATER) -> Case:
    await counter.do("change_passing_on", case_id, bodies, now=now)
    return await counter.case(case_id)


async def agreed_case(counter: Counter, *bodies: str) -> str:
    consents = frozenset({Consent.PERSONAL_DATA, Consent.PASSING_ON})
    return (await counter.file(a_filing(consents=consents, passing_on=bodies))).case_id


async def kinds(counter: Counter, case_id: str) -> list[str]:
    async with counter.store.read() as work:
        return [entry.kind for entry in await work.timeline.of(case_id, public_only=True)]


async def test_a_consent_is_given_later_and_leaves_codes_for_all_to_see(counter: Counter) -> None:
    made = await counter.file()
    case = await agree(counter, made.case_id, "legal_aid", "inspection", "inspection")
    assert (case.passing_on, case.version) == (("inspection", "legal_aid"), 2)
    seen = await counter.do("tracking", made.case_id, now=LATER)
    assert isinstance(seen, Tracking)
    assert seen.passing_on == case.passing_on
    step = seen.steps[-1]
    assert (step.kind, step.by_worker, step.note) == ("consented", True, "")
    assert step.data == {"bodies": "inspection legal_aid", "given": "inspection legal_aid", "withdrawn": ""}
    async with counter.store.read() as work:
        record = next(one for one in await work.audit.of(made.case_id) if one.action == "worker.consented")
    assert record.actor == "worker"
    assert record.details == {"number": made.number, **step.data}
    assert "转给" in counter.desk.words.step(step)
    assert "法律援助中心" in counter.desk.words.step(step)


async def test_a_consent_is_changed_and_withdrawn(counter: Counter) -> None:
    case_id = await agreed_case(counter, "inspection", "court_that_is_no_more")
    assert (await agree(counter, case_id, "health")).passing_on == ("health",)
    withdrawn = await agree(counter, case_id)
    assert (withdrawn.passing_on, withdrawn.facts.passing_on_consented) == ((), False)
    assert await kinds(counter, case_id) == ["registered", "consented", "consented"]
    seen = await counter.do("tracking", case_id, now=LATER)
    assert isinstance(seen, Tracking)
    assert seen.steps[1].data["withdrawn"] == "court_that_is_no_more inspection"
    assert "一个也没有" in counter.desk.words.step(seen.steps[2])


@pytest.mark.parametrize("bodies", [(), ("inspection", "health")], ids=["none", "some"])
async def test_a_consent_that_stays_as_it_was_leaves_no_trace(counter: Counter, bodies: tuple[str, ...]) -> None:
    case_id = await agreed_case(counter, *bodies)
    assert (await agree(counter, case_id, *reversed(bodies))).version == 1
    assert await kinds(counter, case_id) == ["registered"]
    assert "worker.consented" not in await counter.audited(case_id)


@pytest.mark.parametrize("bodies", [("press",), ("inspection", "press"), ("",)], ids=str)
async def test_only_bodies_that_are_offered_can_be_agreed_to(counter: Counter, bodies: Iterable[str]) -> None:
    made = await counter.file()
    with pytest.raises(Refused) as refused:
        await agree(counter, made.case_id, *bodies)
    assert refused.value.why is Why.BODY
    assert (await counter.case(made.case_id)).version == 1
    assert "重新选" in counter.desk.words.refused(refused.value)


async def test_nothing_is_agreed_to_once_the_content_is_deleted(counter: Counter) -> None:
    made = await counter.file()
    async with counter.store.write() as work:
        await work.cases.delete_content(made.case_id, LATER)
        await work.commit()
    with pytest.raises(Refused) as refused:
        await agree(counter, made.case_id, "inspection")
    assert refused.value.why is Why.CONTENT_DELETED
    with pytest.raises(NotFound):
        await agree(counter, "0" * 32, "inspection")


async def test_somebody_else_saving_at_the_same_time_is_noticed(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await counter.file()
    stale = await counter.case(made.case_id)
    await counter.step(made.case_id, Event.ACCEPT)

    async def read_before(*_: object) -> Case:
        return stale

    monkeypatch.setattr(Follower, "_case", read_before)
    with pytest.raises(Changed):
        await agree(counter, made.case_id, "inspection")
    assert (await counter.case(made.case_id)).passing_on == ()


@pytest.mark.parametrize(
    "events",
    [(Event.DECLINE,), (Event.ACCEPT, Event.RESOLVE), (Event.WITHDRAW,), (Event.MERGE,), (Event.REFER,)],
    ids=lambda events: events[-1].value,
)
async def test_a_consent_is_withdrawn_in_every_state(counter: Counter, events: tuple[Event, ...]) -> None:
    """And nothing falls due by it: a case that is closed stays closed."""
    case_id = await agreed_case(counter, "inspection")
    before = await counter.step(case_id, *events)
    clocks = await counter.clocks(case_id)
    after = await agree(counter, case_id)
    assert (after.passing_on, after.state, after.closed_at) == ((), before.state, before.closed_at)
    assert await counter.clocks(case_id) == clocks


async def test_a_consent_that_was_waited_for_takes_the_case_on(counter: Counter) -> None:
    case_id = await agreed_case(counter, "health")
    await counter.step(case_id, Event.ACCEPT, Event.ASK_WORKER)
    assert (await agree(counter, case_id)).state is State.AWAITING_WORKER
    assert (await agree(counter, case_id, "inspection")).state is State.IN_PROGRESS
    assert await kinds(counter, case_id) == ["registered", "consented", "worker_answered", "consented"]


# ---- the referral


async def change(counter: Counter, case: Case, *bodies: str) -> None:
    await counter.do("change_passing_on", case.id, bodies)


async def test_the_name_goes_along_by_the_consent_as_it_stands_now(counter: Counter, bureau: Bureau) -> None:
    case = await bureau.file(owner="anna")
    opened = await bureau.seen(case)
    await change(counter, case, "inspection")
    assert (await bureau.do("referral_proposal", "anna", case.id, "inspection")).identity_allowed
    with pytest.raises(Conflict):
        await bureau.do("refer", "anna", case.id, opened, "inspection", NAMED, with_identity=True)
    opened = await bureau.seen(case)
    await change(counter, case)
    assert not (await bureau.do("referral_proposal", "anna", case.id, "inspection")).identity_allowed
    with pytest.raises(Conflict):
        await bureau.do("refer", "anna", case.id, opened, "inspection", NAMED, with_identity=True)
    with pytest.raises(NotAllowed):
        await bureau.do("refer", "anna", case.id, await bureau.seen(case), "inspection", NAMED, with_identity=True)
    await change(counter, case, "health")
    with pytest.raises(NotAllowed):
        await bureau.do("refer", "anna", case.id, await bureau.seen(case), "inspection", NAMED, with_identity=True)


async def test_what_was_passed_on_is_not_undone_and_named_among_what_stays(counter: Counter, bureau: Bureau) -> None:
    case = await bureau.file(owner="anna")
    await change(counter, case, "inspection")
    await bureau.do("refer", "anna", case.id, await bureau.seen(case), "inspection", NAMED, with_identity=True)
    await change(counter, case)
    referred = await bureau.case(case)
    assert (referred.state, referred.progress.recipient, referred.passing_on) == (State.REFERRED, "inspection", ())
    await bureau.step("anna", case, Event.ANSWER_REFERRAL)
    asked = await counter.do("ask_deletion", case.id)
    assert isinstance(asked, Deletion)
    assert Kept.PASSED_ON in asked.kept


async def referred(counter: Counter, bureau: Bureau, **fields: Any) -> Case:
    """A case that went to the inspection and came back, its worker agreeing to two bodies; owned as `fields` say."""
    case = await bureau.file(owner="anna")
    await change(counter, case, "inspection", "health")
    await bureau.do("refer", "anna", case.id, await bureau.seen(case), "inspection", NAMED, with_identity=True)
    async with bureau.store.write() as work:
        await work.cases.change(await bureau.case(case), bureau.clock.now(), **fields)
        await work.commit()
    return await bureau.case(case)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, {"anna"}),
        ({"owner": ""}, {"anna", "amy"}),
        ({"owner": "", "district": "nowhere"}, {"sue", "sam"}),
        ({"about_union_staff": True}, {"sue", "sam"}),
    ],
    ids=["owner", "cadres", "supervisors", "about-union-staff"],
)
async def test_who_handles_a_referred_case_is_told_that_the_consent_was_withdrawn(
    counter: Counter, bureau: Bureau, fields: dict[str, Any], told: set[str]
) -> None:
    case = await referred(counter, bureau, **fields)
    before = {who: len(await bureau.notices(who)) for who in STAFF}
    await change(counter, case, "health")
    new = {who: (await bureau.notices(who))[: len(await bureau.notices(who)) - before[who]] for who in STAFF}
    assert {who for who in STAFF if new[who]} == told
    assert {notice for who in told for notice in new[who]} == {("recalled", case.number)}
    async with counter.store.read() as work:
        entry = next(one for one in await work.timeline.of(case.id) if one.kind == "recalled")
        stored = next(one for one in await work.notices.unseen(min(told)) if one.notice.kind == "recalled")
    assert (entry.data, entry.by, entry.public) == ({"body": "inspection"}, "worker", False)
    assert (stored.notice.number, dict(stored.notice.data)) == (case.number, {})


async def test_a_consent_of_which_no_use_was_made_is_withdrawn_without_a_word_to_staff(
    counter: Counter, bureau: Bureau
) -> None:
    case = await referred(counter, bureau)
    before = await bureau.notices("anna")
    await change(counter, case, "inspection")
    assert await bureau.notices("anna") == before
    async with counter.store.read() as work:
        assert "recalled" not in [one.kind for one in await work.timeline.of(case.id)]
