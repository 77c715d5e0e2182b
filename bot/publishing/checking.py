"""Checking a post: its fields, dates, links, words, citations, and what each of its channels would not take.

Changes nothing and asks nobody outside; whether pictures and other posts exist is looked up by `check_stored`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.laws.citing import CitationChecker
from bot.laws.register import LawRegister
from bot.publishing.citations import citation_findings
from bot.publishing.field_checks import date_findings, field_findings
from bot.publishing.lexicon import SensitiveLexicon
from bot.publishing.markdown_text import Target, html_lines, targets
from bot.publishing.post_files import SLUG
from bot.publishing.posts import Content
from bot.publishing.rendering import Finding, Severity
from bot.publishing.typesetting import NOTICE, Typesetter

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

POSTS = "/posts/"
MOST_DAYS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What there is to point at; None: nobody has looked, so nothing is said of it."""

    slugs: Collection[str] | None = None
    pictures: Collection[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PostChecker:
    """Checks posts for one installation. topics: of the FAQ; regions: whose rules apply here.

    enabled: the channels that are switched on; none named means all. What another channel would not take is a warning:
    nothing goes there, and nothing is approved for it.
    """

    register: LawRegister
    typesetter: Typesetter
    lexicon: SensitiveLexicon
    topics: Collection[str]
    regions: Sequence[str]
    enabled: Collection[str] = field(default_factory=tuple)
    _by_day: dict[date, CitationChecker] = field(default_factory=dict, repr=False, compare=False)

    def check(self, content: Content, on: date, known: Known | None = None) -> list[Finding]:
        """Everything that is wrong with the post on that day, errors first."""
        known = known or Known()
        found = [
            *field_findings(content),
            *self._channels(content),
            *date_findings(content, on),
            *self._region(content),
            *self._pointers(content, known),
            *self._words(content),
            *self._citations(content, on),
            *self._limits(content),
        ]
        told = {(finding.code, finding.where) for finding in found if finding.channel}
        found = [finding for finding in found if finding.channel or (finding.code, finding.where) not in told]
        return sorted(dict.fromkeys(map(_hashable, found)), key=_rank)

    async def check_stored(self, work: "UnitOfWork", content: Content, on: date) -> list[Finding]:
        """The same, with a look at which pictures and posts there are."""
        await self.typesetter.prepare(content)
        pointed = [target for _, text in _pointing(content) for target in targets(text)]
        linked = {slug for target in pointed if (slug := self._linked_post(target.address))}
        slugs = {slug for slug in linked if await work.posts.find_slug(slug) is not None} | {content.slug}
        wanted = {*(target.picture for target in pointed), content.cover.image} - {""}
        there = {digest for digest in wanted if await work.pictures.get(digest) is not None}
        return self.check(content, on, Known(slugs=slugs, pictures=there))

    def _channels(self, content: Content) -> Iterator[Finding]:
        if not content.channels:
            yield Finding("no_channels", where="channels")
        for number, channel in enumerate(content.channels):
            where = f"channels[{number}]"
            if channel in content.channels[:number]:
                yield Finding("twice", Severity.WARNING, where=where, data={"what": channel})
            elif channel not in self.typesetter.renderers:
                yield Finding("unknown_channel", where=where, data={"channel": channel})
            elif self.enabled and channel not in self.enabled:
                yield Finding("channel_off", Severity.WARNING, channel, where)
        if content.channels and self.enabled and not set(content.channels) & set(self.enabled):
            yield Finding("no_channel_on", where="channels")
        yield from self._variants(content)

    def _variants(self, content: Content) -> Iterator[Finding]:
        for channel in content.variants:
            if channel not in self.typesetter.renderers:
                yield Finding("unknown_channel", where=f"variants.{channel}", data={"channel": channel})
            elif channel not in content.channels:
                yield Finding("variant_unused", Severity.WARNING, channel, f"variants.{channel}")

    def _region(self, content: Content) -> Iterator[Finding]:
        if content.region and content.region not in self.regions:
            yield Finding("unknown_region", where="region", data={"region": content.region})

    def _pointers(self, content: Content, known: Known) -> Iterator[Finding]:
        for number, topic in enumerate(content.related):
            if topic not in self.topics:
                yield Finding("unknown_topic", where=f"related[{number}]", data={"topic": topic})
        for where, text in _pointing(content):
            for target in targets(text):
                yield from (replace(finding, where=where) for finding in self._target(target, known))
        for line in html_lines(content.body):
            yield Finding("html", where="body", line=line)
        image = content.cover.image
        if image and known.pictures is not None and image not in known.pictures:
            yield Finding("picture_unknown", where="cover.image", data={"picture": image[:12]})

    def _target(self, target: Target, known: Known) -> Iterator[Finding]:
        data = {"address": target.address}
        slug = self._linked_post(target.address)
        if target.is_picture:
            yield from _picture(target, known)
        elif slug:
            if known.slugs is not None and slug not in known.slugs:
                yield Finding("link_unknown", where="body", line=target.line, data=data)
        else:
            scheme = _web_scheme(target.address)
            if not scheme:
                yield Finding("link_form", where="body", line=target.line, data=data)
            elif scheme == "http":
                yield Finding("link_insecure", Severity.WARNING, where="body", line=target.line, data=data)

    def _linked_post(self, address: str) -> str:
        """The post of ours that the address leads to; empty for every other address."""
        base = self.typesetter.house.base_url
        path = address.removeprefix(base) if base else address
        slug = path.removeprefix(POSTS).partition("#")[0] if path.startswith(POSTS) else ""
        return slug if SLUG.fullmatch(slug) else ""

    def _words(self, content: Content) -> Iterator[Finding]:
        for where, text in texts(content):
            for hit in self.lexicon.find(text):
                line = text.count("\n", 0, hit.start) + 1 if where == "body" else 0
                data = {"word": hit.text, "rule": hit.rule.id, "hint": hit.rule.hint}
                yield Finding("sensitive", hit.rule.severity, where=where, line=line, data=data)

    def _citations(self, content: Content, on: date) -> Iterator[Finding]:
        # what is written ahead of a law is checked as of the day on which it begins to hold
        day = max(on, content.effective_from or on)
        if day not in self._by_day:  # made of a thousand titles: worth keeping
            while len(self._by_day) >= MOST_DAYS:
                del self._by_day[next(iter(self._by_day))]
            self._by_day[day] = CitationChecker(self.register, day)
        yield from citation_findings(self._by_day[day], content)

    def _limits(self, content: Content) -> Iterator[Finding]:
        for name, rendering in self.typesetter.renderings(content).items():
            about = self.typesetter.notice(content) if name.startswith(NOTICE) else content
            channel = rendering.channel
            is_off = bool(self.enabled) and channel not in self.enabled
            for finding in self.typesetter.renderers[channel].check(rendering, about):
                severity = Severity.WARNING if is_off else finding.severity
                yield replace(finding, channel=finding.channel or channel, severity=severity)


def errors_of(findings: Sequence[Finding]) -> list[Finding]:
    """Those that stop the post."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def texts(content: Content) -> Iterator[tuple[str, str]]:
    """Every text that readers see, under the name of its field."""
    yield from (("title", content.title), ("digest", content.digest), ("correction", content.correction))
    yield from ((f"cover.lines[{number}]", line) for number, line in enumerate(content.cover.lines))
    yield from ((f"tags[{number}]", tag) for number, tag in enumerate(content.tags))
    yield "body", content.body
    yield from ((f"variants.{channel}", text) for channel, text in content.variants.items())


def _pointing(content: Content) -> Iterator[tuple[str, str]]:
    """The texts that may have links and pictures, under the names of their fields."""
    yield "body", content.body
    yield from ((f"variants.{channel}", text) for channel, text in content.variants.items())


def _web_scheme(address: str) -> str:
    """`http` or `https`; empty for what is no address of the web."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.scheme if parts.scheme in ("http", "https") and parts.netloc else ""


def _picture(target: Target, known: Known) -> Iterator[Finding]:
    if not target.picture:
        yield Finding("picture_elsewhere", where="body", line=target.line, data={"address": target.address})
    elif known.pictures is not None and target.picture not in known.pictures:
        yield Finding("picture_unknown", where="body", line=target.line, data={"picture": target.picture[:12]})
    elif not target.text:
        yield Finding("picture_untold", Severity.WARNING, where="body", line=target.line)


class _Facts(dict[str, str]):
    """Data of a finding that can be compared: equal facts are one finding."""

    def __hash__(self) -> int:  # type: ignore[override]  # never changed once made
        return hash(tuple(sorted(self.items())))


def _hashable(finding: Finding) -> Finding:
    return replace(finding, data=_Facts(finding.data))


def _rank(finding: Finding) -> tuple[bool, bool]:
    return finding.severity is not Severity.ERROR, bool(finding.channel)
