"""Publishing in the WeChat account, step by step; what all senders promise is in `tests/contract/test_senders.py`."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import Program, build
from bot.channels.wechat.publish_errors import of_public_call, surely_not
from bot.channels.wechat.publish_steps import Mode, budget
from bot.errors import OutcomeUnknown, VendorError
from bot.publishing.budgets import Budget
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Awaited, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import HealthState
from bot.wechat_publishing import make_wechat_publisher
from tests.builders import a_configuration
from tests.contract.sender_cases import Fault, Remembered
from tests.contract.sender_cases.wechat import COVER, INSIDE, JPEG, PAGE, PNG, WeChatBench, a_bench, a_parcel
from tests.emulators.wechat_publishing import SECRET, Direct, WeChatPlatform
from tests.fakes import FakeClock

ADD, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"
PUBLISHED = "/cgi-bin/freepublish/batchget"


@pytest.fixture
async def drafting() -> AsyncIterator[WeChatBench]:
    async with a_bench(Mode.DRAFT) as bench:
        yield bench


@pytest.fixture
async def publishing() -> AsyncIterator[WeChatBench]:
    async with a_bench(Mode.PUBLISH) as bench:
        yield bench


def the_draft(platform: WeChatPlatform) -> dict[str, object]:
    [(news, _)] = platform.drafts.values()
    return news


async def test_the_draft_is_what_was_approved_but_for_the_addresses_of_pictures(drafting: WeChatBench) -> None:
    parcel, memory = drafting.parcel(), Remembered()
    outcome = await drafting.sender.send(parcel, memory)
    assert outcome == Waiting(Awaited.PERSON, "draft", vendor_id=f"draft:{memory.get('draft')}")
    news, parts = the_draft(drafting.platform), parcel.rendering.parts
    assert str(news.pop("content")) == parts["body"].replace(f"media:{INSIDE}", "http://mmbiz.qpic.cn/mmbiz_png/1/0")
    assert news == {
        "article_type": "news",
        "title": parts["title"],
        "author": parts["author"],
        "digest": parts["digest"],
        "content_source_url": PAGE,
        "thumb_media_id": "material-2",
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
        "pic_crop_1_1": "0.574444_0_1_1",
    }
    assert drafting.platform.uploads == [("inline", PNG), ("cover", JPEG)]


async def test_a_picture_is_uploaded_once_for_all_deliveries(drafting: WeChatBench) -> None:
    for _ in range(3):
        await drafting.sender.send(drafting.parcel(), Remembered())
    assert len(drafting.platform.uploads) == 2
    assert len(drafting.platform.drafts) == 3


async def test_a_cover_that_was_deleted_in_the_console_is_uploaded_again(drafting: WeChatBench) -> None:
    await drafting.sender.send(drafting.parcel(), Remembered())
    drafting.platform.materials.clear()
    assert isinstance(await drafting.sender.send(drafting.parcel(), Remembered()), Waiting)
    assert [kind for kind, _ in drafting.platform.uploads] == ["inline", "cover", "cover"]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.DROPPED_AFTER, Fault.ERROR_AFTER])
async def test_a_draft_whose_name_never_came_is_found_again_and_not_made_twice(
    drafting: WeChatBench, fault: Fault
) -> None:
    drafting.platform.fail(fault, ADD)
    memory = Remembered()
    first = await drafting.sender.send(drafting.parcel(), memory)
    assert isinstance(first, Refused)
    assert (first.permanent, memory.get("draft")) == (False, "")
    again = await drafting.sender.send(drafting.parcel(), memory)
    [draft] = drafting.platform.drafts
    assert again == Waiting(Awaited.PERSON, "draft", vendor_id=f"draft:{draft}")


async def test_last_weeks_draft_of_the_same_post_is_not_taken_for_this_ones(drafting: WeChatBench) -> None:
    await drafting.sender.send(drafting.parcel(), Remembered())
    drafting.clock.advance(days=7)
    drafting.platform.fail(Fault.TIMEOUT_BEFORE, ADD)
    memory = Remembered()
    await drafting.sender.send(drafting.parcel(), memory)
    await drafting.sender.send(drafting.parcel(), memory)
    assert len(drafting.platform.drafts) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "picture_missing"), (b"GIF89a", "picture_kind"), (JPEG + bytes(1024 * 1024), "picture_too_large")],
    ids=["missing", "gif", "large"],
)
async def test_a_picture_that_wechat_would_not_take_is_refused_before_anything_is_asked(
    drafting: WeChatBench, data: bytes, code: str
) -> None:
    parcel = replace(drafting.parcel(), pictures={COVER: JPEG, INSIDE: data})
    outcome = await drafting.sender.send(parcel, Remembered())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent, drafting.platform.calls) == (code, True, [])


async def test_a_draft_is_sent_once_a_person_has_published_it(drafting: WeChatBench) -> None:
    memory, parcel = Remembered(), drafting.parcel()
    await drafting.sender.send(parcel, memory)
    still = await drafting.sender.reconcile(parcel, memory)
    assert isinstance(still, Waiting)
    assert (still.awaited, still.code) == (Awaited.PERSON, "draft")
    article = drafting.platform.publish_by_hand(memory.get("draft"))
    assert await drafting.sender.reconcile(parcel, memory) == Sent(f"article:{article.id}", article.url)


async def test_a_draft_that_is_gone_is_left_to_the_person(drafting: WeChatBench) -> None:
    """Deleted, or sent to all in the console: WeChat does not list the latter."""
    memory, parcel = Remembered(), drafting.parcel()
    await drafting.sender.send(parcel, memory)
    drafting.platform.drafts.clear()
    outcome = await drafting.sender.reconcile(parcel, memory)
    assert isinstance(outcome, Waiting)
    assert (outcome.awaited, outcome.code) == (Awaited.PERSON, "draft_gone")


@pytest.mark.parametrize("known_by", ["id", "url"])
async def test_an_article_that_is_another_deliverys_settles_nothing_more(
    publishing: WeChatBench, known_by: str
) -> None:
    """Its delivery may know it by the job that made it: then their address is the same."""
    publishing.platform.fail(Fault.TIMEOUT_AFTER, SUBMIT)
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    publishing.platform.finish()
    [article] = publishing.platform.articles
    taken = frozenset({{"id": f"article:{article.id}", "url": article.url}[known_by]})
    assert await publishing.sender.reconcile(replace(parcel, taken=taken), memory) == Unknown("draft_gone")


async def test_an_account_without_the_right_waits_for_its_person_all_the_same(drafting: WeChatBench) -> None:
    drafting.platform.lacking = {SUBMIT, PUBLISHED}
    memory, parcel = Remembered(), drafting.parcel()
    assert isinstance(await drafting.sender.send(parcel, memory), Waiting)
    for code in ("draft", "48001"):
        outcome = await drafting.sender.reconcile(parcel, memory)
        assert isinstance(outcome, Waiting)
        assert (outcome.awaited, outcome.code) == (Awaited.PERSON, code)
        drafting.platform.drafts.clear()
    assert (await drafting.sender.health()).state is HealthState.READY


async def test_queued_is_not_published(publishing: WeChatBench) -> None:
    memory, parcel = Remembered(), publishing.parcel()
    outcome = await publishing.sender.send(parcel, memory)
    [job] = publishing.platform.jobs
    assert outcome == Waiting(Awaited.PLATFORM, "queued", vendor_id=f"publish:{job}")
    assert await publishing.sender.reconcile(parcel, memory) == outcome
    publishing.platform.finish()
    [article] = publishing.platform.articles
    assert await publishing.sender.reconcile(parcel, memory) == Sent(f"publish:{job}", article.url)


@pytest.mark.parametrize("status", [2, 3, 4, 5, 6])
async def test_a_job_that_failed_is_refused_for_good(publishing: WeChatBench, status: int) -> None:
    publishing.platform.verdict = status
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    publishing.platform.finish()
    outcome = await publishing.sender.reconcile(parcel, memory)
    assert outcome == Refused(f"publish_status_{status}", permanent=True)


async def test_a_job_let_go_again_is_not_judged_by_the_one_before(publishing: WeChatBench) -> None:
    publishing.platform.verdict = 3
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    publishing.platform.finish()
    publishing.platform.verdict = 0
    publishing.platform.fail(Fault.TIMEOUT_AFTER, SUBMIT)
    assert isinstance(await publishing.sender.send(parcel, memory), Unknown)
    publishing.platform.finish()
    assert isinstance(await publishing.sender.reconcile(parcel, memory), Sent)
    assert len(publishing.platform.articles) == 1


async def test_a_lost_submission_stays_unknown_while_the_job_may_still_run(publishing: WeChatBench) -> None:
    """The draft stays in its box while WeChat works: its being there proves nothing yet."""
    publishing.platform.fail(Fault.TIMEOUT_AFTER, SUBMIT)
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    outcome = await publishing.sender.reconcile(parcel, memory)
    assert outcome == Unknown("draft_there")


async def test_a_draft_that_is_gone_and_nowhere_published_waits_for_a_person_then_is_made_anew(
    publishing: WeChatBench,
) -> None:
    publishing.platform.fail(Fault.TIMEOUT_BEFORE, SUBMIT)
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    publishing.platform.drafts.clear()
    publishing.clock.advance(hours=2)
    assert await publishing.sender.reconcile(parcel, memory) == Unknown("draft_gone")
    assert isinstance(await publishing.sender.send(parcel, memory), Waiting)  # a person has said: not there
    publishing.platform.finish()
    assert isinstance(await publishing.sender.reconcile(parcel, memory), Sent)


async def test_a_kept_draft_that_is_gone_when_it_is_tried_again_may_have_been_published(
    publishing: WeChatBench,
) -> None:
    publishing.platform.fail(Fault.RATE_LIMITED, SUBMIT)
    memory, parcel = Remembered(), publishing.parcel()
    assert isinstance(await publishing.sender.send(parcel, memory), Refused)
    article = publishing.platform.publish_by_hand(memory.get("draft"))
    outcome = await publishing.sender.send(parcel, memory)
    assert isinstance(outcome, Unknown)
    assert outcome.code == "draft_gone"
    assert await publishing.sender.reconcile(parcel, memory) == Sent(f"article:{article.id}", article.url)
    assert len(publishing.platform.articles) == 1


async def test_a_published_article_cannot_be_edited(publishing: WeChatBench) -> None:
    outcome = await publishing.sender.send(publishing.parcel(Kind.EDIT, earlier="article:1"), Remembered())
    assert outcome == Refused("not_possible", permanent=True)
    assert publishing.platform.calls == []


@pytest.mark.parametrize("earlier", ["", "x", "draft:draft-1", "by-hand:7"])
async def test_what_has_no_name_in_wechat_is_withdrawn_by_a_person(publishing: WeChatBench, earlier: str) -> None:
    outcome = await publishing.sender.send(publishing.parcel(Kind.WITHDRAW, earlier=earlier), Remembered())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("by_hand", True)


async def test_a_withdrawal_whose_answer_was_lost_is_repeated_until_it_is_sure(publishing: WeChatBench) -> None:
    memory, parcel = Remembered(), publishing.parcel()
    await publishing.sender.send(parcel, memory)
    publishing.platform.finish()
    sent = await publishing.sender.reconcile(parcel, memory)
    assert isinstance(sent, Sent)
    publishing.platform.fail(Fault.TIMEOUT_AFTER, "/cgi-bin/freepublish/delete")
    withdrawal = publishing.parcel(Kind.WITHDRAW, earlier=sent.vendor_id)
    assert isinstance(await publishing.sender.send(withdrawal, memory), Unknown)
    assert await publishing.sender.reconcile(withdrawal, memory) == Sent(vendor_id=sent.vendor_id)
    assert publishing.platform.there == []


CODES = [
    ("40001", True, False, True, False),
    ("40164", True, False, True, False),
    ("45002", True, True, False, False),
    ("45009", False, False, False, True),
    ("45011", False, False, False, True),
    ("45028", True, True, False, False),
    ("45166", True, True, False, False),
    ("48001", True, True, False, False),
    ("53501", True, False, False, True),
    ("53503", True, True, False, False),
    ("unreachable", False, False, False, False),
]


@pytest.mark.parametrize(("code", "given", "permanent", "reauthorise", "halts"), CODES, ids=[c[0] for c in CODES])
def test_the_table_of_errors(code: str, given: bool, permanent: bool, reauthorise: bool, halts: bool) -> None:
    outcome = of_public_call(VendorError(code, "said", permanent=given), FakeClock().now())
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.reauthorise, outcome.halts) == (permanent, reauthorise, halts)
    assert not outcome.halts or (outcome.retry_after or timedelta()) > timedelta()


@pytest.mark.parametrize("code", ["no_answer", "bad_answer", "http_502"])
def test_what_was_not_said_is_unknown_of_the_public_call_and_a_retry_before_it(code: str) -> None:
    error = OutcomeUnknown(code, SUBMIT)
    assert isinstance(of_public_call(error, FakeClock().now()), Unknown)
    assert not surely_not(error, FakeClock().now()).permanent


@pytest.mark.parametrize("code", ["-1", "http_500", "http_503", "45066"])
def test_a_vague_answer_to_the_public_call_is_unknown(code: str) -> None:
    assert isinstance(of_public_call(VendorError(code, SUBMIT), FakeClock().now()), Unknown)


def test_without_a_token_nothing_was_asked() -> None:
    outcome = of_public_call(VendorError("http_503", "/cgi-bin/stable_token"), FakeClock().now())
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


def test_a_spent_daily_quota_rests_until_midnight_in_china() -> None:
    now = FakeClock().now()  # 10:00 in China
    assert surely_not(VendorError("45009"), now).retry_after == timedelta(hours=14)


async def test_health_tells_what_the_account_lacks(publishing: WeChatBench) -> None:
    health = await publishing.sender.health()
    assert (health.state, dict(health.quota)) == (HealthState.READY, {"drafts": 0, "calls_today": 97})
    publishing.platform.lacking = {PUBLISHED}
    assert (await publishing.sender.health()).state is HealthState.NOT_GRANTED
    publishing.platform.lacking = {"/cgi-bin/openapi/quota/get"}
    assert (await publishing.sender.health()).state is HealthState.READY


def test_only_mass_messages_have_a_budget() -> None:
    assert budget(Mode.DRAFT, service_account=True) == budget(Mode.PUBLISH, service_account=True) == Budget()
    assert budget(Mode.MASS, service_account=True) == Budget(per_day=1, per_month=4)
    assert budget(Mode.MASS, service_account=False) == Budget(per_day=1)


def a_program(folder: Path, mode: str, clock: FakeClock, environ: dict[str, str]) -> Program:
    changes = {
        "wechat": {"app_id": "wx01"},
        "web": {"base_url": "https://gh.example.org"},
        "publishing": {"channels": {"wechat": {"enabled": True, "mode": mode, "service_account": False}}},
    }
    return build(a_configuration(folder, changes, environ), clock=clock)


async def test_the_program_publishes_with_what_is_configured(tmp_path: Path, clock: FakeClock) -> None:
    """Token and issued pictures are in the database: another process goes on with them."""
    program = a_program(tmp_path, "mass", clock, {"GONGHUI_WECHAT_SECRET": SECRET})
    platform = WeChatPlatform(clock)
    async with program.maintained(), httpx.AsyncClient(transport=Direct(platform)) as client:
        for _ in range(2):
            publisher = make_wechat_publisher(program, client)
            assert publisher is not None
            await publisher.send(a_parcel(), Remembered())
    assert platform.calls.count("/cgi-bin/stable_token") == 1
    assert len(platform.uploads) == 2
    assert len(platform.messages) == 1
    assert program.press.planner.budgets == {"wechat": Budget(per_day=1)}
