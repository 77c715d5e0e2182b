"""The fields of the editor as they are typed, and the post that they make: each from the other. Pure.

What cannot be read is a finding, and what was typed stays in its field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from bot.console.pages import clean, words_of
from bot.laws.citation import Citation
from bot.laws.typed_citation import parse_typed
from bot.publishing.post_files import PICTURE, tidied
from bot.publishing.posts import Content, Cover, Season, Tone
from bot.publishing.rendering import Finding

PLAIN = ("slug", "title", "digest", "author", "region", "correction", "body")
DAYS = ("effective_from", "effective_to", "checked_on", "review_by")
SEASON = ("first_month", "first_day", "last_month", "last_day")
COVER = ("cover_line_1", "cover_line_2", "tone", "cover_image", "cover_drawn")
TYPED = (*PLAIN, *DAYS, *SEASON, *COVER, "tags", "citations", "note")
VARIANT = "variant."
RELATED_FIELDS = 4
_LEAP_YEAR = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class PostForm:
    """What stands in the fields. related: titles of answers, or their topics; version: of the post that was seen."""

    texts: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    def __getitem__(self, name: str) -> str:
        """What stands in that field."""
        return self.texts.get(name, "")

    def with_text(self, name: str, text: str) -> "PostForm":
        """The same with another text in that field."""
        return PostForm(
            texts={**self.texts, name: text},
            channels=self.channels,
            related=self.related,
            variants=self.variants,
            version=self.version,
        )


def form_of_fields(data: FormData) -> PostForm:
    """The form that a browser sent."""
    texts = {name: value for name, value in data.multi_items() if isinstance(value, str)}
    version = texts.get("version", "")
    return PostForm(
        texts={name: clean(texts.get(name, "")) for name in TYPED},
        channels=tuple(dict.fromkeys(_several(data, "channels"))),
        related=tuple(filter(None, _several(data, "related"))),
        variants={
            name.removeprefix(VARIANT): clean(value) for name, value in texts.items() if name.startswith(VARIANT)
        },
        version=int(version) if version.isdecimal() else 0,
    )


def form_of_content(content: Content, version: int, titles: Mapping[str, str]) -> PostForm:
    """The form that shows a post. titles: of answers by topic."""
    texts = {name: getattr(content, name) for name in PLAIN}
    texts |= {name: day.isoformat() if (day := getattr(content, name)) else "" for name in DAYS}
    texts |= {"tags": " ".join(content.tags), "citations": "\n".join(one.label for one in content.citations)}
    lines = [*content.cover.lines, "", ""]
    texts |= {"cover_line_1": lines[0], "cover_line_2": lines[1]}
    texts |= {"tone": content.cover.tone.value, "cover_image": content.cover.image}
    if content.season:
        days = (*content.season.first, *content.season.last)
        texts |= {name: str(number) for name, number in zip(SEASON, days, strict=True)}
    return PostForm(
        texts=texts,
        channels=content.channels,
        related=tuple(titles.get(topic, topic) for topic in content.related),
        variants=content.variants,
        version=version,
    )


def empty_form(channels: Sequence[str], today: date) -> PostForm:
    """The form of a new post: for every channel that is switched on."""
    texts = {"tone": Tone.RED.value, "checked_on": today.isoformat()}
    return PostForm(texts=texts, channels=tuple(channels))


def read_content(form: PostForm, titles: Mapping[str, str], slug: str) -> tuple[Content, list[Finding]]:
    """The post that was typed, and what could not be read of it. slug: the short address where none was typed."""
    faults: list[Finding] = []
    texts: dict[str, Any] = {name: form[name] for name in PLAIN if name != "slug"}
    texts |= {name: _day(form, name, faults) for name in DAYS}
    content = Content(
        **texts,
        slug=form["slug"].strip().lower() or slug,
        tags=words_of(form["tags"]),
        cover=_cover(form),
        season=_season(form, faults),
        channels=form.channels,
        related=_related(form, titles, faults),
        citations=_citations(form, faults),
        variants={channel: text for channel, text in form.variants.items() if text},
    )
    return tidied(content), faults


def _several(data: FormData, name: str) -> list[str]:
    return [clean(value) for value in data.getlist(name) if isinstance(value, str)]


def _day(form: PostForm, name: str, faults: list[Finding]) -> date | None:
    if not form[name]:
        return None
    try:
        return date.fromisoformat(form[name])
    except ValueError:
        faults.append(Finding("date_form", where=name, data={"text": form[name]}))
        return None


def _season(form: PostForm, faults: list[Finding]) -> Season | None:
    typed = [form[name] for name in SEASON]
    if not any(typed):
        return None
    try:
        first_month, first_day, last_month, last_day = map(int, typed)
        for month, day in ((first_month, first_day), (last_month, last_day)):
            date(_LEAP_YEAR, month, day)
    except ValueError:
        faults.append(Finding("season_form", where="season"))
        return None
    return Season((first_month, first_day), (last_month, last_day))


def _cover(form: PostForm) -> Cover:
    lines = tuple(filter(None, (form["cover_line_1"], form["cover_line_2"])))
    tone = Tone(form["tone"]) if form["tone"] in set(Tone) else Tone.RED
    image = form["cover_image"] if PICTURE.fullmatch(form["cover_image"]) and not form["cover_drawn"] else ""
    return Cover(lines, tone, image)


def _related(form: PostForm, titles: Mapping[str, str], faults: list[Finding]) -> tuple[str, ...]:
    topics = {title: topic for topic, title in titles.items()}
    found = []
    for typed in form.related:
        topic = typed if typed in titles else topics.get(typed, "")
        if topic:
            found.append(topic)
        else:
            faults.append(Finding("topic_form", where="related", data={"text": typed}))
    return tuple(dict.fromkeys(found))


def _citations(form: PostForm, faults: list[Finding]) -> tuple[Citation, ...]:
    found = []
    for line in filter(None, map(str.strip, form["citations"].splitlines())):
        citation = parse_typed(line)
        if citation is None:
            faults.append(Finding("citation_form", where="citations", data={"line": line}))
        else:
            found.append(citation)
    return tuple(dict.fromkeys(found))
