"""The ASGI application: the site, the webhooks of the channels and the operator's pages in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from functools import partial

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.app import Program
from bot.channels.wechat.crypto import CallbackCrypto
from bot.channels.wechat.routes import Callback, CallbackRules
from bot.channels.weibo.authorising import WeiboAuthorising
from bot.channels.weibo.sender import WeiboSender
from bot.complaints.files.evidence import Evidence
from bot.complaints.files.isolation import IsolatedReader
from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.console.frame import make_console
from bot.console.ports import CallDesk, ConsoleParts, NewsroomParts
from bot.console.uploads import PictureUploads
from bot.console.words import Words
from bot.errors import StoreUnavailable
from bot.knowledge_desk import make_knowledge_parts
from bot.messages import Reply
from bot.operations import add_operations, failures_told, maintained, make_audit_heads
from bot.publishing_settings import Channels
from bot.site.desk import SiteDesk
from bot.site.guard import SecurityHeaders, is_from_here
from bot.site.ports import CasesKept, SiteParts, SitePosts, SiteSubscriptions
from bot.site.routes import make_site
from bot.telegram_channel import make_telegram
from bot.telegram_settings import is_answering
from bot.wechat_publishing import with_publish_events

WEIBO = "weibo"
FORM_BESIDE_FILE = 256 * 1024
"""Bytes of a form beside the one file that staff may send with it."""


def make_web(program: Program) -> FastAPI:
    """The web application around a program; it starts and closes the program with itself."""
    wechat = make_wechat(program) if program.configuration.settings.wechat.enabled else None
    telegram = make_telegram(program)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with failures_told():
            answering = telegram.running() if telegram else nullcontext()
            async with program.running(), maintained(program, telegram), answering:
                yield
                if wechat:
                    await wechat.drain()

    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    if wechat:
        web.router.routes.extend(wechat.routes())
    if telegram:
        web.router.routes.extend(telegram.routes())
    add_site(web, program)
    make_console(make_console_parts(program)).mount_to(web)
    add_operations(web, program)
    # added last, so it is the first to see a request: everything behind it knows the real scheme and client
    web.add_middleware(ProxyHeadersMiddleware, trusted_hosts=program.configuration.settings.web.trusted_proxies)
    return web


def add_site(web: FastAPI, program: Program) -> None:
    """Add the public pages, the answers to failed requests, and the headers that protect every page."""
    site = make_site(make_site_parts(program))
    web.router.routes.extend(site.routes)
    web.add_exception_handler(HTTPException, site.errors.refused)
    web.add_exception_handler(StoreUnavailable, site.errors.unavailable)
    web.add_exception_handler(Exception, site.errors.crashed)
    web.add_middleware(SecurityHeaders)


def make_site_parts(program: Program) -> SiteParts:
    """What the public pages are made of."""
    settings, federation = program.configuration.settings, program.configuration.settings.federation
    return SiteParts(
        answers=program.answers,
        inbox=program.inbox,
        read=program.store.read,
        write=program.store.write,
        keys=program.keys,
        clock=program.clock,
        wording=program.wording,
        federation=federation,
        apology=Reply(text=program.wording("error.apology", hotline=federation.hotline)),
        retention_days=settings.answers.question_retention_days,
        retry_minutes=settings.wechat.retry_window_minutes,
        backup_copies=settings.backup.keep if settings.backup.daily else 0,
        longest_question=settings.answers.longest_question,
        most_bytes=settings.web.max_body_kilobytes * 1024,
        wechat=settings.wechat.enabled,
        telegram=is_answering(settings, program.configuration.environment),
        telegram_complaints=settings.telegram.complaints,
        base_url=settings.web.base_url,
        verify_files=settings.web.verify_files,
        desk=make_site_desk(program) if settings.complaints.enabled else None,
        posts=make_site_posts(program) if settings.publishing.channels.site.enabled else None,
        subscriptions=make_site_subscriptions(program),
        cases_kept=make_cases_kept(program),
    )


def make_site_posts(program: Program) -> SitePosts:
    """What the pages of posts are made of."""
    return SitePosts(read=program.store.read, reads=program.reads)


def make_site_subscriptions(program: Program) -> SiteSubscriptions | None:
    """What the pages of subscriptions are made of; None where nobody can subscribe."""
    if program.subscriptions is None or not program.subscriptions.channels:
        return None
    return SiteSubscriptions(program.subscriptions, program.store.read, program.store.write)


def make_cases_kept(program: Program) -> CasesKept:
    """For how long the content of cases is kept, as the privacy page says."""
    rules, categories = program.retention.rules, program.desk.categories
    return CasesKept(
        closed_years=rules.closed_years,
        withdrawn_years=rules.withdrawn_years,
        others=[(categories.get(id).title, years) for id, years in rules.categories.items()],
        approval=rules.needs_approval,
    )


def make_site_desk(program: Program) -> SiteDesk:
    """What the complaint pages are made of. Without districts every case is the whole federation's."""
    settings = program.configuration.settings
    complaints = settings.complaints
    return SiteDesk(
        desk=program.desk,
        files=program.files,
        lunar=TableLunarCalendar(),
        read=program.store.read,
        write=program.store.write,
        keys=program.keys,
        clock=program.clock,
        wording=program.wording,
        federation=settings.federation.name,
        emergency=program.answers.emergency_notice,
        districts=[(district.id, district.name) for district in complaints.districts] or [("", "")],
        bodies=[(body.id, body.name) for body in complaints.bodies],
        about_bodies={body.id: program.desk.words.about_body(body.id) for body in complaints.bodies},
        higher_union=settings.federation.higher_union,
        receipt_for=timedelta(hours=complaints.receipt_hours),
        draft_for=timedelta(hours=complaints.draft_hours),
        base_url=settings.web.base_url,
    )


def make_console_parts(program: Program) -> ConsoleParts:
    """What the staff console is made of."""
    settings, federation = program.configuration.settings, program.configuration.settings.federation
    complaints = settings.complaints
    names = {
        "category": {category.id: category.title for category in program.desk.categories},
        "district": {district.id: district.name for district in complaints.districts} or {"": federation.short_name},
        "body": {body.id: body.name for body in complaints.bodies},
    }
    return ConsoleParts(
        accounts=program.staff.accounts,
        enrolment=program.staff.enrolment,
        directory=program.staff.directory,
        desk=program.cadres.handler,
        calls=CallDesk(
            hotline=program.cadres.hotline,
            words=program.desk.words,
            answers=program.answers,
            categories=program.desk.categories,
            lunar=TableLunarCalendar(),
        ),
        evidence=Evidence(program.files),
        templates=program.cadres.templates,
        read=program.store.read,
        write=program.store.write,
        clock=program.clock,
        wording=program.wording,
        words=Words(program.wording, names),
        federation=federation,
        secret=program.keys.hash("console", "cookies"),
        is_from_here=partial(is_from_here, base_url=settings.web.base_url),
        largest_body=program.files.most_bytes + FORM_BESIDE_FILE,
        known_head=make_audit_heads(program).known,
        retention=program.retention,
        forget_files=program.files.forget,
        knowledge=make_knowledge_parts(program),
        newsroom=make_newsroom_parts(program),
    )


def make_newsroom_parts(program: Program) -> NewsroomParts:
    """What the pages of the newsroom work with. The senders are there while the program serves."""
    press = program.press

    def weibo() -> WeiboAuthorising | None:
        sender = press.senders.get(WEIBO)
        return sender.authorising if isinstance(sender, WeiboSender) else None

    return NewsroomParts(
        room=program.newsroom,
        planner=press.planner,
        workdays=program.desk.calendar,
        dispatcher=lambda: press.dispatcher if press.senders else None,
        weibo=weibo,
        uploads=PictureUploads(IsolatedReader()),
        ways=publishing_ways(program.configuration.settings.publishing.channels),
    )


def publishing_ways(channels: Channels) -> dict[str, str]:
    """How a channel publishes where a person has a part in it: by code, for whoever plans."""
    ways = {f"by_hand.{platform.id}": "by_hand" for platform in channels.by_hand.platforms}
    ways |= {} if channels.weibo.unattended else {"weibo": "attended"}
    if channels.wechat.mode == "draft":
        return ways | {"wechat": "draft"}
    confirmed = channels.wechat.mode == "mass" and channels.wechat.administrator_confirms
    return ways | ({"wechat": "administrator"} if confirmed else {})


def make_wechat(program: Program) -> Callback:
    """The callback of the WeChat account, as configured."""
    settings, environment = program.configuration.settings, program.configuration.environment
    wechat = settings.wechat
    keys = (environment.get("GONGHUI_WECHAT_AES_KEY"), environment.get("GONGHUI_WECHAT_AES_KEY_PREVIOUS"))
    return Callback(
        crypto=CallbackCrypto(
            environment.get("GONGHUI_WECHAT_TOKEN") or "", wechat.app_id, [key for key in keys if key]
        ),
        rules=CallbackRules(
            mode=wechat.mode,
            original_id=wechat.original_id,
            base_url=settings.web.base_url or "",
            largest_body=settings.web.max_body_kilobytes * 1024,
            deadline_seconds=wechat.reply_deadline_seconds,
            tolerance=timedelta(minutes=wechat.timestamp_tolerance_minutes),
        ),
        receive=with_publish_events(program.press.dispatcher.said, program.inbox.receive),
        clock=program.clock,
        metrics=program.metrics,
    )
