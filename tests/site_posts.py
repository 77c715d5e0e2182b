"""Posts on the site as its tests meet them: put into the ledger as sent, as the dispatcher leaves it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

from bot.app import Program
from bot.covers import DrawnCovers
from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.ports import Frame
from bot.publishing.post_files import parse_post
from bot.publishing.posts import Content
from bot.publishing.rendering import Rendering
from bot.site.post_page import CHANNEL
from bot.site.post_renderer import SitePostRenderer
from tests.builders import ROOT
from tests.newsroom import a_delivery

BASE = "https://ask.test"
BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
PIXEL = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
"""Begins and ends like a JPEG; nobody decodes it here."""

SHIPPED = (
    "winter-wages",
    "may-day-holiday",
    "work-injury-steps",
    "joining-union",
    "gig-workers",
    "over-age-workers",
    "spring-hiring-scams",
    "womens-day-rights",
    "housing-fund-2026",
    "retirement-reform",
    "mental-health",
    "member-service-card",
    "june-safety-and-heat",
    "student-summer-work",
)
CORRECTED, WITHDRAWN, OUTDATED = "may-day-holiday", "gig-workers", "old-standard"

_occurrences = count(1)


def a_frame(program: Program, **fields: str) -> Frame:
    """What surrounds posts of that program."""
    federation = program.configuration.settings.federation
    values = {"federation": federation.name, "short_name": federation.short_name, "hotline": federation.hotline}
    return Frame(**{**values, **fields})


def a_renderer(program: Program) -> SitePostRenderer:
    """How that program renders posts for its site."""
    return SitePostRenderer(program.wording, program.configuration.settings.federation.hotline)


def rendered(program: Program, content: Content, **frame: str) -> Rendering:
    """The post as the site gets it."""
    return a_renderer(program).render(content, a_frame(program, **frame))


async def put_picture(program: Program, data: bytes = PIXEL) -> str:
    """Keep a picture; its sha256."""
    async with program.store.write() as work:
        digest = await work.pictures.put(data, program.clock.now())
        await work.commit()
    return digest


async def send(
    program: Program,
    content: Content,
    *,
    kind: Kind = Kind.PUBLISH,
    state: DeliveryState = DeliveryState.SENT,
    at: datetime | None = None,
    **frame: str,
) -> None:
    """Let a delivery of the post to the site stand in the ledger, sent unless said otherwise."""
    await send_all(program, [content], kind=kind, state=state, at=at, **frame)


async def send_all(
    program: Program,
    contents: list[Content],
    *,
    kind: Kind = Kind.PUBLISH,
    state: DeliveryState = DeliveryState.SENT,
    at: datetime | None = None,
    **frame: str,
) -> None:
    """The same with many posts, each sent a second after the one before."""
    renderings = [rendered(program, content, **frame) for content in contents]
    first = at or program.clock.now()
    deliveries = [
        a_delivery(
            post=f"post-{content.slug}"[:32],
            channel=CHANNEL,
            occurrence=f"test:{next(_occurrences)}",
            kind=kind,
            state=state,
            rendering=rendering.digest,
            made_at=first,
            next_at=None,
            finished_at=first + timedelta(seconds=number),
        )
        for number, (content, rendering) in enumerate(zip(contents, renderings, strict=True))
    ]
    async with program.store.write() as work:
        await work.posts.save_renderings(renderings)
        await work.deliveries.plan(deliveries)
        await work.commit()


def shipped(slug: str) -> Content:
    """An explainer that comes with the program."""
    return parse_post((ROOT / "content" / "explainers" / f"{slug}.md").read_text(encoding="utf-8"), slug)


async def publish_shipped(program: Program) -> None:
    """A newsroom after a few weeks: posts of every kind, with the covers that are drawn for them."""
    covers = DrawnCovers(program.wording("article.mark"))
    federation = program.configuration.settings.federation.name
    for days, slug in enumerate(reversed(SHIPPED)):
        content = shipped(slug)
        cover = await put_picture(program, covers.paint(content.cover.lines, content.cover.tone.value, federation))
        at = program.clock.now() - timedelta(days=30 - days)
        await send(program, content, at=at, cover=cover)
        if slug == CORRECTED:
            corrected = replace(content, correction="第二部分的天数写错了，应为2天，现已改正。")
            await send(program, corrected, kind=Kind.EDIT, at=at + timedelta(hours=3), cover=cover)
        if slug == WITHDRAWN:
            await send(program, content, kind=Kind.WITHDRAW, at=at + timedelta(hours=3), cover=cover)
    old = replace(shipped(SHIPPED[0]), slug=OUTDATED, title="去年的标准，今年还能用吗", effective_to=date(2025, 12, 31))
    await send(program, old, at=program.clock.now() - timedelta(days=40))
