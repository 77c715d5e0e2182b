"""From a draft in the console to what is out there: review, plan, publish, correct, withdraw, laws that change."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.laws.citation import Citation
from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.law_reviews import CitingEntry
from bot.publishing.posts import Post, PostState
from bot.publishing.schedules import Every, OnDayOff, Schedule, ScheduleState
from tests.console import Desk
from tests.console_posts import (
    CHIEF,
    SECOND,
    WRITER,
    a_newsroom_console,
    actor,
    add_post,
    approve,
    find,
    publish,
    write,
)
from tests.fakes import FakeClock
from tests.newsroom import a_content


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_newsroom_console(tmp_path, clock) as desk:
        yield desk


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


async def submitted(desk: Desk) -> Post:
    post = await add_post(desk)
    async with desk.program.store.write() as work:
        approval, now = desk.program.newsroom.approval, desk.clock.now()
        post = await approval.submit(work, actor(desk, WRITER), post.id, post.version, now)
        await work.commit()
    return post


async def schedules(desk: Desk, post: Post) -> list[Schedule]:
    async with desk.program.store.read() as work:
        return await work.schedules.of_post(post.id)


async def test_two_others_agree_one_after_the_other_and_never_the_author(desk: Desk) -> None:
    post = await submitted(desk)
    path = f"/posts/{post.id}/review"
    author = await desk.signed_in(WRITER)
    page = await author.get(path)
    assert "自己写的稿件要由别人审核" in page.text
    assert 'name="what"' not in page.text
    refused = await author.post(path, {"what": "agree", "version": str(post.version)})
    assert "自己写的稿件要由别人审核" in refused.text

    second = await desk.signed_in(SECOND)
    assert "欠薪怎么办" in (await second.get("/posts?tab=review")).text
    page = await second.get(path)
    assert "初审意见" in page.text
    assert f'src="/console/posts/{post.id}/preview/site"' in page.text
    page = await second.post(path, {"what": "agree", "version": str(post.version)})
    assert "接下来由“终审”审" in page.text
    post = await find(desk, post.id)
    assert (post.state, post.level) == (PostState.IN_REVIEW, 1)
    assert "没有等你审的稿件" in (await second.get("/posts?tab=review")).text

    chief = await desk.signed_in(CHIEF)
    page = await chief.get(path)
    assert "初审：通过" in words(page.text)
    page = await chief.post(path, {"what": "agree", "version": str(post.version), "comment": "写得清楚"})
    assert "审核通过了" in page.text
    post = await find(desk, post.id)
    assert post.state is PostState.APPROVED
    assert set(post.approved) == {"site", "by_hand.toutiao"}
    frozen = await chief.get(f"/posts/{post.id}/previews")
    assert "一个字都不会变" in frozen.text


async def test_a_post_is_sent_back_with_a_comment_that_its_author_reads(desk: Desk) -> None:
    post = await submitted(desk)
    second, path = await desk.signed_in(SECOND), f"/posts/{post.id}/review"
    await second.get(path)
    without = await second.post(path, {"what": "return", "version": str(post.version)})
    assert "退回要写明改什么" in without.text
    done = await second.post(path, {"what": "return", "version": str(post.version), "comment": "第二段写清时限"})
    assert "已退回给作者修改" in done.text
    author = await desk.signed_in(WRITER)
    page = await author.get(f"/posts/{post.id}")
    assert "第二段写清时限" in page.text
    stale = await second.post(path, {"what": "agree", "version": str(post.version)})
    assert "情况刚刚变了" in stale.text


async def test_the_reviewer_sees_what_changed_since_it_was_approved(desk: Desk) -> None:
    post = await approve(desk, await add_post(desk))
    author = await desk.signed_in(WRITER)
    page = await author.get(f"/posts/{post.id}/edit")
    assert "改了再保存，就要重新送审" in page.text
    body = "工资应当按月足额支付，一天也不能拖。（《劳动合同法》第30条）"
    await write(author, f"/posts/{post.id}/edit", slug=post.content.slug, body=body, act="submit")
    assert (await find(desk, post.id)).state is PostState.IN_REVIEW
    second = await desk.signed_in(SECOND)
    page = await second.get(f"/posts/{post.id}/review")
    changes = page.text.partition('id="changes"')[2].partition("</section>")[0]
    assert "<ins>，一天也不能拖</ins>" in changes


async def test_a_plan_is_looked_at_before_it_is_kept_then_paused_resumed_and_cancelled(desk: Desk) -> None:
    post = await approve(desk, await add_post(desk))
    window, path = await desk.signed_in(WRITER), f"/posts/{post.id}/plan"
    page = await window.get(path)
    assert "到时间提醒专人去平台上发" in page.text
    plan = {"every": "week", "weekdays": ["5"], "at": "09:30", "until": "2026-12-31", "on_day_off": "next"}
    plan |= {"channels": ["site"]}
    looked = await window.post(path, {**plan, "act": "look"})
    dates = words(looked.text.partition('id="dates"')[2].partition("</div>")[0])
    assert "2026-11-27 周五 09:30" in dates
    assert dates.count("09:30") == 5
    monthly = {"every": "month", "month_day": "5", "at": "08:00", "on_day_off": "next", "channels": ["site"]}
    moved = await window.post(path, {**monthly, "act": "look"})
    assert "2026-12-07 周一 08:00 （本来是 2026-12-05，碰上休息日）" in words(moved.text)
    assert await schedules(desk, post) == []
    kept = await window.post(path, {**plan, "act": "save"})
    assert "排好了，下一次在 2026-11-27 09:30 发" in kept.text
    [made] = await schedules(desk, post)
    assert (made.rule.every, made.rule.weekdays, made.rule.on_day_off) == (Every.WEEK, (5,), OnDayOff.NEXT)
    assert made.channels == ("site",)
    calendar = await window.get("/publishing-calendar?month=2026-12")
    assert calendar.text.count("欠薪怎么办") == 4
    for act, state in {
        "pause": ScheduleState.PAUSED,
        "resume": ScheduleState.ACTIVE,
        "cancel": ScheduleState.ENDED,
    }.items():
        [made] = await schedules(desk, post)
        await window.get(path)
        page = await window.post(f"{path}/{made.id}", {"act": act, "version": str(made.version)})
        assert page.status_code == 200
        assert (await schedules(desk, post))[0].state is state
    stale = await window.post(f"{path}/{made.id}", {"act": "pause", "version": "1"})
    assert "情况刚刚变了" in stale.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"every": "once", "on": "2026-11-01", "at": "09:00"}, "这个时间已经过了"),
        ({"every": "once", "on": "", "at": "09:00"}, "要写明几点发"),
        ({"every": "week", "at": "09:00"}, "要选星期几"),
        ({"every": "month", "at": "09:00"}, "每月几号要在 1 到 31 之间"),
        ({"every": "once", "on": "2026-12-01", "at": "09:00", "channels": []}, "还没有选发布渠道"),
    ],
)
async def test_a_plan_that_cannot_be_is_explained(desk: Desk, fields: dict[str, object], said: str) -> None:
    post = await approve(desk, await add_post(desk))
    window = await desk.signed_in(WRITER)
    await window.get(f"/posts/{post.id}/plan")
    for act in ("look", "save"):
        page = await window.post(f"/posts/{post.id}/plan", {"channels": ["site"], **fields, "act": act})
        assert page.status_code == 422
        assert said in page.text
    assert await schedules(desk, post) == []


async def test_publishing_now_asks_first_and_names_the_channels(desk: Desk) -> None:
    post = await approve(desk, await add_post(desk))
    window, path = await desk.signed_in(WRITER), f"/posts/{post.id}/publish"
    await window.get(f"/posts/{post.id}/plan")
    asked = await window.post(path, {"channels": ["site", "by_hand.toutiao"]})
    assert "今日头条" in asked.text
    assert "确认，现在发布" in asked.text
    async with desk.program.store.read() as work:
        assert await work.deliveries.of_post(post.id) == []
    done = await window.post(path, {"channels": ["site", "by_hand.toutiao"], "sure": "1"})
    assert "正在发到：网站、今日头条" in done.text
    async with desk.program.store.read() as work:
        planned = await work.deliveries.of_post(post.id)
    assert {one.channel: one.state for one in planned} == {
        "site": DeliveryState.PLANNED,
        "by_hand.toutiao": DeliveryState.PLANNED,
    }
    again = await window.post(path, {"channels": ["site"], "sure": "1"})
    assert "都已经发布或者正在发布" in again.text


async def test_what_is_out_there_is_corrected_where_the_channel_can_and_else_by_a_person(desk: Desk) -> None:
    post = await approve(desk, await add_post(desk))
    await publish(desk, post)
    changed = replace(post.content, body=f"{post.content.body}\n\n改正。", correction="补上一句")
    window, path = await desk.signed_in(WRITER), f"/posts/{post.id}/correct"
    assert "各渠道上就是审核通过的内容" in (await window.get(path)).text
    async with desk.program.store.write() as work:
        now = desk.clock.now() + timedelta(minutes=1)
        version = (await work.posts.find(post.id)).version  # type: ignore[union-attr]
        editing = desk.program.newsroom.editing
        draft = await editing.save(work, actor(desk, WRITER), post.id, version, changed, "", now)
        await work.commit()
    assert "改好的稿件还没有审核通过" in (await window.get(path)).text
    desk.clock.advance(minutes=2)
    await approve(desk, draft)
    page = await window.get(path)
    wanted = words(page.text).partition("要更正的：")[2].partition("改原文")[0]
    assert "网站" in wanted
    assert "今日头条" in wanted
    done = await window.post(path, {"mode": "edit"})
    assert "更正正在送到" in done.text
    assert "系统改不了" in done.text
    async with desk.program.store.read() as work:
        edits = [one for one in await work.deliveries.of_post(post.id) if one.kind is Kind.EDIT]
    assert {one.channel for one in edits} == {"site", "by_hand.toutiao"}
    assert "系统办不了，要由人到平台上办" in done.text


async def test_withdrawing_needs_a_reason_and_lists_what_is_left_to_people(desk: Desk) -> None:
    post = await approve(desk, await add_post(desk))
    await publish(desk, post)
    window = await desk.signed_in(WRITER)
    page = await window.get(f"/posts/{post.id}/correct")
    assert "要由人到平台上删除的：" in words(page.text)
    without = await window.post(f"/posts/{post.id}/withdraw", {"reason": " "})
    assert "撤回要写明理由" in without.text
    done = await window.post(f"/posts/{post.id}/withdraw", {"reason": "数字有误"})
    assert "正在撤回" in done.text
    assert "今日头条" in done.text.partition("正在办的")[2]
    assert (await find(desk, post.id)).state is PostState.WITHDRAWN
    closed = await window.get(f"/posts/{post.id}/edit")
    assert "现在不能修改" in closed.text


async def test_what_cites_a_changed_law_is_listed_until_somebody_has_read_it(desk: Desk) -> None:
    cited = a_content(title="引用的稿件", citations=(Citation("劳动合同法", 30), Citation("刑法", 276, 1)))
    post = await add_post(desk, replace(cited, channels=("site",)))
    async with desk.program.store.write() as work:
        reviews = desk.program.newsroom.law_reviews
        entry = CitingEntry("wage.arrears", "引用的条目", (Citation("刑法", 276, 1),))
        notes = await reviews.note(work, "刑法", [(276, 1)], [entry], desk.clock.now())
        await work.commit()
    window = await desk.signed_in(WRITER)
    page = await window.get("/law-reviews")
    assert "引用的第276条之一有变动" in words(page.text)
    assert f"/posts/{post.id}" in page.text
    assert "引用的条目" not in page.text
    assert "问答条目另有 1 条要复核" in words(page.text)
    assert "/console/knowledge/due" in page.text.partition("问答条目另有")[2].partition("</p>")[0]
    review = next(one for one in notes if one.subject == post.id)
    done = await window.post(f"/law-reviews/{review.id}/done")
    assert "“引用的稿件”复核完了" in done.text
    assert "没有要复核的" in done.text
    assert (await window.post(f"/law-reviews/{review.id}/done")).status_code == 404
