"""A worker unfollows the account: what ties it to anything goes at once, and the case lives on by its receipt."""

from datetime import timedelta

from sqlalchemy import LargeBinary, MetaData, select

from bot.app import Program
from bot.complaints.cases import Direction
from bot.complaints.intake import draft_from_json
from bot.complaints.worker.reaching import TEMPLATE
from bot.inbox import CONVERSATION_LASTS
from bot.messages import Kind
from bot.operations import make_file_jobs
from handlers.drafts import DRAFT
from tests.cases import a_message
from tests.chat import THE_REST, TO_THE_STORY, Worker, case_of, receipt_in
from tests.evidence import AMR
from tests.fakes import FakeClock
from tests.integration.conftest import StartWeChat
from tests.wechat import an_event

OPENID = "oWorker1"


async def file_in_wechat(worker: Worker) -> str:
    """Register a complaint where pictures are asked for as well; the receipt."""
    return receipt_in(await worker.says(*TO_THE_STORY, *THE_REST, "没有", "提交"))


async def draft_of(program: Program, person: str) -> str:
    async with program.store.read() as work:
        state = (await work.conversations.find(person, program.clock.now() - CONVERSATION_LASTS)).state
    draft = draft_from_json(state[DRAFT])
    assert draft is not None
    return draft.id


async def rows_of(program: Program, person: str) -> dict[str, int]:
    """How many rows each table keeps under the person's name."""
    metadata = MetaData()
    async with program.store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        counts = {}
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
            rows = (await connection.execute(select(*columns))).all()
            counts[table.name] = sum(person in map(str, row) for row in rows)
    return {table: count for table, count in counts.items() if count}


async def test_leaving_takes_everything_of_the_account_and_leaves_the_case_to_its_receipt(
    start_wechat: StartWeChat, clock: FakeClock
) -> None:
    async with start_wechat() as (program, server):
        worker, person = Worker(program, OPENID, "wechat"), program.keys.person("wechat", OPENID)
        await worker.says("拖欠工资怎么办", "有用")
        receipt = await file_in_wechat(worker)
        case = await case_of(program, receipt)
        async with program.store.write() as work:
            await work.links.add(case.id, person, "wechat", OPENID, [TEMPLATE], clock.now())
            (link,) = await work.links.of(case.id)
            await work.worker_notices.add(case.id, link.id, "news", clock.now())
            await work.cases.mark_reachable(case.id, True)
            await work.messages.add(case.id, a_message("什么时候有消息"))
            await work.commit()
        evidence = await program.files.receive("工资条", AMR, by="worker", now=clock.now(), case=case.id)
        await worker.says(*TO_THE_STORY)  # a second complaint, never finished
        draft = await draft_of(program, person)
        abandoned = await program.files.receive("草稿", AMR, by="worker", now=clock.now(), person=person, draft=draft)
        before = await rows_of(program, person)
        assert {"conversation", "question", "vote", "inbound", "case_link", "case_file"} <= before.keys()

        event = an_event("unsubscribe", sender=OPENID)
        for _ in range(2):  # WeChat repeats what took too long
            assert (await server.push(event)).body == "success"
        left = await rows_of(program, person)
        assert left.pop("inbound") == 1  # the event itself, for the repeat; it goes with the retry window
        assert left == {}
        async with program.store.read() as work:
            assert await work.files.find(abandoned.id) is None  # with its key: nobody opens the bytes any more
            assert await work.worker_notices.of(case.id) == []
            kept = await work.cases.find(case.id)
            assert kept is not None
            assert not kept.reachable
            assert (await work.votes.tally("wage.arrears")) == (0, 0)
        await the_case_is_whole(program, receipt, evidence.id)
        await the_bytes_are_swept(program, clock, abandoned.id, evidence.id)
        clock.advance(seconds=timedelta(minutes=11).total_seconds())
        await program.inbox.forget_expired()
        assert "inbound" not in await rows_of(program, person)


async def the_case_is_whole(program: Program, receipt: str, evidence: str) -> None:
    """Somebody with the receipt follows it from another channel."""
    reply = await Worker(program, "somebody", "site").says(receipt)
    case = await case_of(program, receipt)
    assert case.number in reply.title
    async with program.store.read() as work:
        said = await work.cases.statement(case.id)
        assert said is not None
        assert said.narrative.startswith("老板三个月没发工资")
        assert [one.text for one in await work.messages.of(case.id, [Direction.FROM_WORKER])] == ["什么时候有消息"]
        opened = await program.files.open_original(work, evidence, case=case.id)
        assert opened.content == AMR


async def the_bytes_are_swept(program: Program, clock: FakeClock, gone: str, kept: str) -> None:
    import httpx

    clock.advance(days=2)
    async with httpx.AsyncClient() as client:
        (sweep,) = [job for job in make_file_jobs(program, client) if job.name == "sweep_files"]
        await sweep.run()
    there = {path.stem for path in (program.configuration.settings.data_dir / "files").glob("*/*")}
    assert gone not in there
    assert kept in there


async def test_a_case_that_somebody_else_follows_too_can_still_be_reached(
    start_wechat: StartWeChat, clock: FakeClock
) -> None:
    async with start_wechat() as (program, server):
        case = await case_of(program, await file_in_wechat(Worker(program, OPENID, "wechat")))
        async with program.store.write() as work:
            for openid in (OPENID, "oWorker2"):
                person = program.keys.person("wechat", openid)
                await work.links.add(case.id, person, "wechat", openid, [TEMPLATE], clock.now())
            await work.cases.mark_reachable(case.id, True)
            await work.commit()
        for openid, reachable in ((OPENID, True), ("oWorker2", False)):
            await server.push(an_event("unsubscribe", sender=openid), openid=openid)
            async with program.store.read() as work:
                found = await work.cases.find(case.id)
            assert found is not None
            assert found.reachable is reachable


async def test_what_leaving_does_is_said_before_anything_is_taken_down(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, _):
        asked = await Worker(program, OPENID, "wechat").says("我要投诉")
        assert "取消关注公众号" in asked.text
        assert "凭证照样能查" in asked.text
        elsewhere = await Worker(program, "somebody", "site").says("我要投诉")
        assert "取消关注" not in elsewhere.text


async def test_who_comes_back_is_a_stranger(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, server):
        worker = Worker(program, OPENID, "wechat")
        await worker.says(*TO_THE_STORY)
        await server.push(an_event("unsubscribe", sender=OPENID))
        await worker.send("", kind=Kind.FOLLOW)
        assert "没有没填完的投诉" in (await worker.says("继续")).text
