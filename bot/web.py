"""The ASGI application: the site, the webhooks of the channels and the operator's pages in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.app import Program
from bot.channels.wechat.crypto import CallbackCrypto
from bot.channels.wechat.routes import Callback, CallbackRules
from bot.errors import StoreUnavailable
from bot.messages import Reply
from bot.operations import add_operations, failures_told, maintained
from bot.site.guard import SecurityHeaders
from bot.site.ports import SiteParts
from bot.site.routes import make_site


def make_web(program: Program) -> FastAPI:
    """The web application around a program; it starts and closes the program with itself."""
    wechat = make_wechat(program) if program.configuration.settings.wechat.enabled else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with failures_told():
            async with program.running(), maintained(program):
                yield
                if wechat:
                    await wechat.drain()

    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    if wechat:
        web.router.routes.extend(wechat.routes())
    add_site(web, program)
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
        base_url=settings.web.base_url,
        verify_files=settings.web.verify_files,
    )


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
        receive=program.inbox.receive,
        clock=program.clock,
        metrics=program.metrics,
    )
