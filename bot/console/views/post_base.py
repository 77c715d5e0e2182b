"""What every page of posts shares: the post, names of people, findings beside the fields that they are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.console.views.newsroom_base import NOT_FOUND, NewsroomPage
from bot.publishing.editing import IMPORTERS
from bot.publishing.ports import Renderer
from bot.publishing.posts import Post
from bot.publishing.rendering import Finding, Rendering, Severity
from bot.publishing.typesetting import NOTICE

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words. where: the field of the editor beside which it is said; empty for the post as a whole.

    about: the name of that field.
    """

    where: str
    text: str
    severity: Severity
    about: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of what a channel takes is used. what: a part, e.g. `title`; limit: 0 where there is none."""

    what: str
    count: int
    limit: int

    @property
    def is_over(self) -> bool:
        """Whether it is too much."""
        return 0 < self.limit < self.count


class PostPage(NewsroomPage):
    """A page below /posts."""

    path = "/posts"

    def show(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> Response:
        """The page, with names for what is counted and for how a channel publishes."""
        wording = self.parts.wording
        common: dict[str, object] = {
            "tally_name": lambda what: wording(f"console.newsroom.tally.{what}"),
            "way_name": lambda way: wording(f"console.newsroom.way.{way}"),
        }
        return super().show(request, template, {**common, **(context or {})}, status=status)

    async def post_of(self, work: "UnitOfWork", request: Request) -> Post:
        """The post that the address names. Raises HTTPException 404."""
        post = await work.posts.find(str(request.path_params["id"]))
        if post is None:
            raise HTTPException(NOT_FOUND)
        return post

    async def names(self, work: "UnitOfWork") -> dict[str, str]:
        """Names of staff by id, and of what stands in their place where something came from a file."""
        wording = self.parts.wording
        names = {one.id: one.name for one in await work.staff.all()}
        return names | {code: wording(f"console.newsroom.by.{code}") for code in IMPORTERS}

    def told(self, findings: Iterable[Finding]) -> list[Told]:
        """The findings in words, those that stop the post first."""
        words, said = self.room.room.words, []
        for finding in findings:
            parts = [words.channel(finding.channel)] if finding.channel else []
            parts += [self.parts.wording("console.newsroom.line", line=finding.line)] if finding.line else []
            text = "：".join(filter(None, (" ".join(parts), words.finding(finding))))
            field = _field(finding)
            about = words.label("field", field.partition(".")[0]) if field else ""
            said.append(Told(field, text, finding.severity, about))
        return sorted(dict.fromkeys(said), key=lambda one: one.severity is not Severity.ERROR)

    def name_of_rendering(self, name: str) -> str:
        """What is shown above a preview: the channel, and whether it is the notice of a correction."""
        channel = self.room.room.words.channel(name.removeprefix(NOTICE))
        if not name.startswith(NOTICE):
            return channel
        return self.parts.wording("console.newsroom.notice_on", channel=channel)


def by_field(told: Iterable[Told]) -> dict[str, list[Told]]:
    """The findings by the field that they stand beside."""
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.where, []).append(one)
    return found


def tallies(renderer: Renderer, rendering: Rendering) -> list[Tally]:
    """How much of a channel's limits a post uses, as the channel counts."""
    limits, parts = renderer.limits, rendering.parts
    limited = {"title": limits.title, "author": limits.author, "digest": limits.digest}
    found = [Tally(name, len(parts.get(name, "")), limit) for name, limit in limited.items() if limit]
    count = getattr(renderer, "count", None)
    if count is not None:
        found.append(Tally("text", int(count(rendering)), limits.text))
    elif limits.text:
        found.append(Tally("typeset", len(parts.get("body", "")), limits.text))
    return found


def tallies_of(renderers: Mapping[str, Renderer], renderings: Mapping[str, Rendering]) -> dict[str, list[Tally]]:
    """The same for every channel of a post."""
    return {
        name: tallies(renderers[name], rendering)
        for name, rendering in renderings.items()
        if not name.startswith(NOTICE)
    }


def _field(finding: Finding) -> str:
    if finding.where.startswith("variants."):
        return finding.where
    return finding.where.partition(".")[0].partition("[")[0]
