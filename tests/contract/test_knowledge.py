"""Drafts of entries on a real store: two people, one live base, nothing covered unseen."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.answers.content import CONSOLE, import_entries
from bot.answers.entries import parse_entry, render_entry
from bot.answers.knowledge.checking import EntryChecker
from bot.answers.knowledge.desk import KnowledgeDesk
from bot.answers.knowledge.drafts import (
    DraftChanged,
    DraftFaulty,
    DraftState,
    EntryDraft,
    KnowledgeRefused,
    MadeOf,
    UnknownDraft,
)
from bot.laws.citation import Citation
from bot.laws.register_files import load_register
from bot.rights import Actor
from bot.roles import Role
from bot.store.unit_of_work import SqlStore
from tests.builders import ROOT, an_entry
from tests.contract.test_questions import record, vote
from tests.fakes import FakeClock

TOPIC = "wage.arrears"
PIA, PAUL = Actor("pia", Role.PUBLICIST), Actor("paul", Role.PUBLICIST)
ANNA, AMY, SUE = Actor("anna", Role.CADRE), Actor("amy", Role.CADRE), Actor("sue", Role.SUPERVISOR)
DESK = KnowledgeDesk(checker=EntryChecker(register=load_register(ROOT / "content" / "laws"), regions=("全国", "山东")))
OPEN_TO_NOBODY = [Role.ADMINISTRATOR, Role.LEADER, Role.OPERATOR, Role.WORKER]


class Room:
    """The desk on a store."""

    def __init__(self, store: SqlStore, clock: FakeClock) -> None:
        self.store, self.clock = store, clock

    async def do(self, act: str, actor: Actor, *args: object) -> EntryDraft:
        async with self.store.write() as work:
            draft: EntryDraft = await getattr(DESK, act)(work, actor, *args, self.clock.now())
            await work.commit()
        return draft

    async def on(self, act: str, actor: Actor, draft: EntryDraft, *args: object) -> EntryDraft:
        return await self.do(act, actor, draft.id, draft.version, *args)

    async def written(self, actor: Actor = PIA, topic: str = TOPIC, **fields: object) -> EntryDraft:
        draft = await self.do("begin", actor, topic)
        return await self.on("save", actor, draft, render_entry(an_entry(topic, **{"title": "新标题", **fields})))

    async def submitted(self, actor: Actor = PIA, **fields: object) -> EntryDraft:
        return await self.on("submit", actor, await self.written(actor, **fields))

    async def bring_in(self, by: str = "import", topic: str = TOPIC, **fields: object) -> int | None:
        async with self.store.write() as work:
            number = await work.entries.save(topic, render_entry(an_entry(topic, **fields)), by, self.clock.now())
            await work.commit()
        return number

    async def live(self, topic: str = TOPIC) -> str:
        async with self.store.read() as work:
            return (await work.entries.current()).get(topic, "")


@pytest.fixture
def room(store: SqlStore, clock: FakeClock) -> Room:
    return Room(store, clock)


async def refused(code: str, doing: object) -> None:
    with pytest.raises(KnowledgeRefused) as raised:
        await doing  # type: ignore[misc]  # a coroutine
    assert raised.value.code == code


async def test_a_draft_goes_live_by_two_people_and_says_who(room: Room) -> None:
    await room.bring_in()
    draft = await room.submitted()
    assert "新标题" not in await room.live()
    done = await room.on("agree", ANNA, draft)
    assert (done.state, done.decided_by, done.author) == (DraftState.LIVE, "anna", "pia")
    assert parse_entry(await room.live()).title == "新标题"
    async with room.store.read() as work:
        assert [(number, by) for number, _, by in await work.entries.versions(TOPIC)] == [
            (2, f"{CONSOLE}pia"),
            (1, "import"),
        ]
        log = [(record.actor, record.action) for record in reversed(await work.audit.of(draft.id))]
        assert await work.entry_drafts.open_of(TOPIC) is None
    assert log == [
        ("pia", "entry.draft_begun"),
        ("pia", "entry.draft_saved"),
        ("pia", "entry.submitted"),
        ("anna", "entry.agreed"),
    ]


@pytest.mark.parametrize("act", ["begin", "mark", "write_new"])
@pytest.mark.parametrize("role", OPEN_TO_NOBODY, ids=str)
async def test_who_may_not_write_begins_nothing(room: Room, role: Role, act: str) -> None:
    arguments = {"begin": (TOPIC,), "mark": (["q"], MadeOf.DISMISSED), "write_new": ("wage", "一", ())}[act]
    await refused("not_allowed", room.do(act, Actor("x", role), *arguments))


@pytest.mark.parametrize("role", [*OPEN_TO_NOBODY, Role.PUBLICIST], ids=str)
async def test_who_may_not_agree_neither_agrees_nor_returns(room: Room, role: Role) -> None:
    draft = await room.submitted()
    await refused("not_allowed", room.on("agree", Actor("x", role), draft))
    await refused("not_allowed", room.on("return_", Actor("x", role), draft, "改"))


async def test_nobody_agrees_who_wrote_in_it_or_handed_it_in_at_any_time(room: Room) -> None:
    draft = await room.written(ANNA)
    draft = await room.on("save", PIA, draft, render_entry(an_entry(title="宣传改过")))
    draft = await room.on("submit", AMY, draft)
    for writer in (ANNA, AMY):
        await refused("own", room.on("agree", writer, draft))
    draft = await room.on("return_", SUE, draft, "再改改")
    assert (draft.state, draft.comment) == (DraftState.DRAFT, "再改改")
    draft = await room.on("submit", PIA, draft)
    assert draft.comment == ""
    await refused("own", room.on("agree", ANNA, draft))
    assert (await room.on("agree", SUE, draft)).state is DraftState.LIVE


async def test_what_was_not_changed_makes_nobody_a_writer(room: Room) -> None:
    draft = await room.written(PIA)
    same = await room.on("save", ANNA, draft, draft.source)
    assert same == draft
    draft = await room.on("submit", PIA, draft)
    assert (await room.on("agree", ANNA, draft)).state is DraftState.LIVE


async def test_of_two_who_change_one_version_the_second_is_told(room: Room) -> None:
    draft = await room.written(PIA)
    await room.on("save", PAUL, draft, draft.source + "\n多一行")
    for act, more in (("save", ["x"]), ("submit", []), ("drop", [])):
        with pytest.raises(DraftChanged) as changed:
            await room.on(act, PIA, draft, *more)
        assert changed.value.draft is not None
        assert changed.value.draft.author == "paul"
    with pytest.raises(UnknownDraft):
        await room.do("submit", PIA, "nobody", 1)


async def test_two_who_begin_at_once_write_in_one_draft(open_store: Callable[[], SqlStore], clock: FakeClock) -> None:
    rooms = [Room(open_store(), clock) for _ in range(2)]
    drafts = await asyncio.gather(*(rooms[n % 2].do("begin", (PIA, ANNA)[n % 2], TOPIC) for n in range(6)))
    assert len({draft.id for draft in drafts}) == 1


async def test_of_two_who_agree_at_once_one_does(open_store: Callable[[], SqlStore], clock: FakeClock) -> None:
    rooms = [Room(open_store(), clock) for _ in range(2)]
    draft = await rooms[0].submitted()
    outcomes = await asyncio.gather(
        *(room.on("agree", who, draft) for room, who in zip(rooms, (ANNA, SUE), strict=True)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) in (
        ["DraftChanged", "EntryDraft"],
        ["EntryDraft", "KnowledgeRefused"],
    )
    async with rooms[0].store.read() as work:
        assert len(await work.entries.versions(TOPIC)) == 1


async def test_what_went_live_meanwhile_is_not_covered_unseen(room: Room) -> None:
    await room.bring_in()
    draft = await room.submitted()
    await room.bring_in(title="别人的新版")
    await refused("stale", room.on("agree", ANNA, draft))
    assert parse_entry(await room.live()).title == "别人的新版"
    draft = await room.on("take_back", PIA, draft)
    draft = await room.on("renew", PIA, draft)
    assert draft.base == 2
    draft = await room.on("submit", PIA, draft)
    assert (await room.on("agree", ANNA, draft)).state is DraftState.LIVE


async def test_an_entry_that_was_taken_out_comes_back_only_when_that_was_seen(room: Room) -> None:
    await room.bring_in()
    draft = await room.submitted()
    async with room.store.write() as work:
        await work.entries.retire(TOPIC)
        await work.commit()
    await refused("stale", room.on("agree", ANNA, draft))
    draft = await room.on("renew", PIA, await room.on("take_back", PIA, draft))
    assert draft.base == 0
    await room.on("agree", ANNA, await room.on("submit", PIA, draft))
    assert await room.live()


async def test_a_topic_that_was_taken_out_can_be_begun_again(room: Room) -> None:
    await room.bring_in()
    async with room.store.write() as work:
        await work.entries.retire(TOPIC)
        await work.commit()
    draft = await room.submitted()
    assert draft.base == 0
    assert (await room.on("agree", ANNA, draft)).state is DraftState.LIVE


async def test_import_and_agreement_at_once_leave_no_console_version_covered(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Whoever comes second sees what the first did: the import keeps it, or the draft is stale."""
    one, other = Room(open_store(), clock), Room(open_store(), clock)
    await one.bring_in()
    draft = await one.submitted(title="控制台")

    async def bring_in() -> tuple[str, ...]:
        async with other.store.write() as work:
            done = await import_entries({TOPIC: an_entry(title="文件")}, work.entries, "import", clock.now())
            await work.commit()
        return done.kept

    agreed, kept = await asyncio.gather(one.on("agree", ANNA, draft), bring_in(), return_exceptions=True)
    title = parse_entry(await one.live()).title
    if isinstance(agreed, KnowledgeRefused):
        assert (agreed.code, kept, title) == ("stale", (), "文件")
    else:
        assert (kept, title) == ((TOPIC,), "控制台")


@pytest.mark.parametrize(
    "fields",
    [
        {"citations": ()},
        {"citations": (Citation("劳动合同法", 999),)},
        {"citations": (Citation("合同法", 3),)},
        {"citations": (Citation("不存在的法", 3),)},
        {"region": "上海"},
        {"short": "按《劳动合同法》第47条算。"},
    ],
    ids=["none", "no-article", "repealed", "no-law", "region", "text-cites-more"],
)
async def test_what_may_not_be_served_is_kept_and_not_submitted(room: Room, fields: dict[str, object]) -> None:
    draft = await room.written(**fields)
    with pytest.raises(DraftFaulty):
        await room.on("submit", PIA, draft)
    async with room.store.read() as work:
        assert (await work.entry_drafts.find(draft.id)) == draft


async def test_a_law_that_is_repealed_between_submission_and_agreement_holds_the_draft(room: Room) -> None:
    """What was right when it was handed in is checked again when it is due."""
    async with room.store.write() as work:
        draft = await DESK.begin(work, PIA, TOPIC, room.clock.now())
        source = render_entry(an_entry(citations=(Citation("合同法", 3),)))
        draft = await work.entry_drafts.change(
            draft, room.clock.now(), source=source, state=DraftState.IN_REVIEW, author="pia"
        )
        await work.commit()
    with pytest.raises(DraftFaulty):
        await room.on("agree", ANNA, draft)
    assert await room.live() == ""


async def test_text_that_is_no_entry_at_all_is_kept_as_it_was_typed(room: Room) -> None:
    draft = await room.do("begin", PIA, TOPIC)
    draft = await room.on("save", PIA, draft, "title: " + "长" * 300 + "\r\n没有开头")
    assert "\r" not in draft.source
    await refused("unreadable", room.do("add_phrasing", PIA, TOPIC, "怎么问"))
    await refused("too_long", room.on("save", PIA, draft, "x" * 60_001))


async def test_a_phrasing_goes_into_the_draft_once_without_the_marks_of_what_was_taken_out(room: Room) -> None:
    await room.bring_in()
    draft = await room.do("add_phrasing", PIA, TOPIC, "[姓名] 欠我 工资，电话[手机号]")
    assert parse_entry(draft.source).ask[-1] == "欠我 工资，电话"
    again = await room.do("add_phrasing", ANNA, TOPIC, "欠我 工资，电话")
    assert again == draft
    await room.on("submit", PIA, draft)
    await refused("not_now", room.do("add_phrasing", PIA, TOPIC, "另一种问法"))


async def test_new_entries_get_topics_of_their_own_and_can_be_renamed_while_they_are_new(room: Room) -> None:
    one = await room.do("write_new", PIA, "wage", "年终奖没发", ["年终奖不发", "年终奖不发", "奖金[姓名]扣了"])
    other = await room.do("write_new", PIA, "wage", "另一个", ())
    assert (one.topic, other.topic) == ("wage.new-1122-1", "wage.new-1122-2")
    assert one.title == "年终奖没发"
    assert one.source.count("- 年终奖不发") == 1
    assert "- 奖金扣了" in one.source
    await refused("taken", room.on("rename", PIA, one, other.topic))
    for name in ("Wage.x", "wage", f"wage.{'x' * 70}"):
        await refused("no_topic", room.on("rename", PIA, one, name))
    renamed = await room.on("rename", PIA, one, "wage.bonus")
    assert (renamed.topic, renamed.source.splitlines()[1]) == ("wage.bonus", "id: wage.bonus")
    await refused("no_topic", room.do("write_new", PIA, "工资", "一", ()))
    await room.bring_in()
    draft = await room.do("begin", PIA, TOPIC)
    await refused("taken", room.on("rename", PIA, draft, "wage.other"))


async def test_a_returned_draft_needs_words_and_a_dropped_one_is_gone(room: Room) -> None:
    draft = await room.submitted()
    await refused("comment_needed", room.on("return_", ANNA, draft, "  "))
    await refused("not_now", room.on("save", PIA, draft, "别的"))
    draft = await room.on("take_back", PIA, draft)
    await room.on("drop", PIA, draft)
    async with room.store.read() as work:
        assert await work.entry_drafts.open_of(TOPIC) is None
        assert await work.entry_drafts.list() == []
    assert (await room.do("begin", ANNA, TOPIC)).id != draft.id


async def test_questions_are_listed_until_something_is_made_of_them(room: Room, clock: FakeClock) -> None:
    store = room.store
    await record(store, clock, "answered")
    await record(store, clock, "near", outcome="suggest")
    await record(store, clock, "none", outcome="none", topics=())
    await record(store, clock, "hello", outcome="none", reason="small_talk.greeting")
    await record(store, clock, "other", outcome="none", reason="other_law")
    await record(store, clock, "disliked")
    await record(store, clock, "picked", outcome="suggest")
    await vote(store, clock, helpful=False, question="disliked", person="a")
    await vote(store, clock, helpful=True, question="picked", person="b")
    await vote(store, clock, helpful=True, question="answered", person="c")
    since = clock.now() - timedelta(days=30)

    async def listed(**how: bool) -> dict[str, str]:
        async with store.read() as work:
            return {one.question.id: one.disliked for one in await work.questions.unsatisfied(since, 100, **how)}

    assert await listed() == {"near": "", "none": "", "disliked": "wage.arrears"}
    assert await listed(other_law=True) == {"other": ""}
    await room.do("mark", PIA, ["near", "disliked"], MadeOf.DISMISSED)
    await room.do("mark", PIA, ["near"], MadeOf.PHRASING)
    assert await listed() == {"none": ""}
    clock.advance(days=31)
    since = clock.now() - timedelta(days=30)
    assert await listed() == {}


async def test_a_question_with_two_votes_against_is_listed_once(room: Room, clock: FakeClock) -> None:
    await record(room.store, clock, "q", outcome="suggest")
    async with room.store.write() as work:
        for topic in ("wage.b", "wage.a"):
            await work.votes.cast(person="a", topic=topic, question="q", channel="site", helpful=False, now=clock.now())
        await work.commit()
    async with room.store.read() as work:
        found = await work.questions.unsatisfied(clock.now() - timedelta(days=1), 10)
        assert [(one.question.id, one.disliked) for one in found] == [("q", "wage.a")]
        assert (await work.votes.tallies()) == {"wage.a": (0, 1), "wage.b": (0, 1)}


async def test_marks_are_forgotten_with_their_questions(room: Room, clock: FakeClock) -> None:
    await record(room.store, clock, "old")
    clock.advance(days=100)
    await record(room.store, clock, "new")
    await room.do("mark", PIA, ["old", "new", "never"], MadeOf.ENTRY)
    async with room.store.write() as work:
        await work.questions.delete_before(clock.now() - timedelta(days=1))
        assert await work.entry_drafts.forget_marks() == 2
        assert await work.entry_drafts.forget_marks() == 0
        await work.commit()
