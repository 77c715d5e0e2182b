"""Posts as files: `content/explainers/<slug>.md`, YAML front matter and a Markdown body.

`parse_post` names file, line and field of every fault; `render_post` writes the canonical file, and parsing that
gives the same content back, provided that it is `tidied`: single-line fields on one line, no empty lines around texts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.laws.front_matter import FieldReader, flow_scalar, one_line, read_each, render_citation, scalar, split_file
from bot.laws.front_matter import trimmed as without_empty_lines
from bot.laws.marked import Marked, Step, load_marked
from bot.publishing.posts import Content, Cover, Season, Tone
from bot.publishing.rendering import Finding

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 80
PICTURE = re.compile(r"[0-9a-f]{64}")
CHANNEL = re.compile(r"(?=.{2,24}\Z)[a-z][a-z_]+(?:\.[a-z][a-z0-9]*)?")

_FIELDS = (
    "id",
    "title",
    "digest",
    "author",
    "tags",
    "region",
    "season",
    "effective_from",
    "effective_to",
    "checked_on",
    "review_by",
    "cover",
    "channels",
    "related",
    "citations",
    "correction",
    "variants",
)
_REQUIRED = ("id", "title")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_LEAP_YEAR = 2000
_STEPS = re.compile(r"[^.\[\]]+")
_BODY = "body"
_WIDE = float("inf")


@dataclass(frozen=True, slots=True)
class PostFile:
    """A post as it stands in its file, with the lines of its parts."""

    path: Path
    source: str
    content: Content
    front: Marked
    body_line: int

    def line_of(self, finding: Finding) -> int:
        """The line that the finding is about."""
        if finding.where == _BODY or (not finding.where and finding.line):
            return self.body_line + max(0, finding.line - 1)
        return self.front.line(*_steps(finding.where)) if finding.where else 1


def parse_post(source: str, path: str = "post") -> Content:
    """The post of that file. Raises ContentError with every fault, by file, line and field."""
    return read_post(source, Path(path)).content


def read_post(source: str, path: Path) -> PostFile:
    """The post with the lines of its parts. Raises ContentError with every fault."""
    front, body, body_line = split_file(source, str(path))
    marked = load_marked(front, str(path), 2)
    if not isinstance(marked.value, dict):
        raise ContentError([f"{path}:2: front matter must be a mapping"])
    reader = _PostReader(marked)
    values = reader.read()
    if not body.strip():
        reader.faults.append(f"{path}:{body_line}: the text is missing")
    if reader.faults:
        raise ContentError(reader.faults)
    blank = len(body) - len(body.lstrip("\n"))
    return PostFile(path, source, Content(**values, body=trimmed(body)), marked, body_line + blank)


def post_files(folder: Path) -> Iterator[Path]:
    """The files of posts in a folder, in order."""
    yield from sorted(folder.glob("*.md"))


def read_posts(folder: Path) -> tuple[list[PostFile], list[str]]:
    """The readable posts of a folder, and the faults of the others by file and line."""

    def misnamed(file: PostFile) -> str:
        slug, name = file.content.slug, file.path.stem
        return "" if slug == name else file.front.fault(f"id: {slug} must be {name}, as the file is named")

    return read_each(post_files(folder), read_post, misnamed)


def render_post(content: Content) -> str:
    """The canonical file; `parse_post` of it is equal to the content when that is tidied."""
    return "---\n" + "\n".join(_front(content)) + "\n---\n" + content.body + "\n"


def tidied(content: Content) -> Content:
    """The content without what means nothing: spaces around fields, empty lines around texts, empty variants."""
    variants = {channel: trimmed(text) for channel, text in content.variants.items()}
    return replace(
        content,
        slug=content.slug.strip(),
        title=one_line(content.title),
        digest=one_line(content.digest),
        author=one_line(content.author),
        region=one_line(content.region),
        correction=one_line(content.correction),
        body=trimmed(content.body),
        tags=_words(content.tags),
        channels=_words(content.channels),
        related=_words(content.related),
        cover=replace(content.cover, lines=_words(content.cover.lines)),
        citations=tuple(replace(citation, law=one_line(citation.law)) for citation in content.citations),
        variants={channel: text for channel, text in variants.items() if text},
    )


def _words(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, map(one_line, texts)))


def trimmed(text: str) -> str:
    """The text with plain line ends, without empty lines around it or spaces at its end."""
    return without_empty_lines(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _front(content: Content) -> Iterator[str]:
    yield f"id: {content.slug}"
    yield f"title: {scalar(content.title)}"
    for field in ("digest", "author"):
        yield from _line(field, scalar(getattr(content, field)) if getattr(content, field) else "")
    yield from _line("tags", _flow(content.tags))
    yield from _line("region", scalar(content.region) if content.region else "")
    if content.season:
        first, last = (f"{month:02}-{day:02}" for month, day in (content.season.first, content.season.last))
        yield f'season: {{from: "{first}", to: "{last}"}}'
    for field in ("effective_from", "effective_to", "checked_on", "review_by"):
        day: date | None = getattr(content, field)
        yield from _line(field, day.isoformat() if day else "")
    yield from _line("cover", _cover(content.cover))
    yield from _line("channels", _flow(content.channels))
    yield from _line("related", _flow(content.related))
    if content.citations:
        yield "citations:"
        yield from (f"  - {render_citation(citation)}" for citation in content.citations)
    yield from _line("correction", scalar(content.correction) if content.correction else "")
    if content.variants:
        yield "variants:"
        yield from (f"  {channel}: {_text(text)}" for channel, text in content.variants.items())


def _line(field: str, value: str) -> Iterator[str]:
    if value:
        yield f"{field}: {value}"


def _flow(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(flow_scalar, values))}]" if values else ""


def _cover(cover: Cover) -> str:
    if cover == Cover(lines=()):
        return ""
    parts = [f"lines: {_flow(cover.lines) or '[]'}", f"tone: {cover.tone.value}"]
    return "{" + ", ".join([*parts, *([f"image: {flow_scalar(cover.image)}"] if cover.image else [])]) + "}"


def _text(text: str) -> str:
    """A text that may have several lines: as a block where that keeps every character, else quoted."""
    mark = "|-" if "\n" in text else ">-"
    block = f"{mark}\n" + "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
    try:
        if yaml.safe_load(f"t:\n  t: {block}\n") == {"t": {"t": text}}:
            return block
    except yaml.YAMLError:
        pass
    return yaml.safe_dump(text, allow_unicode=True, width=_WIDE, default_style='"').strip()


def _steps(where: str) -> tuple[Step, ...]:
    """`citations[2].law` as the steps of a path."""
    field, _, channel = where.partition(".")
    if field == "variants":
        return (field, channel)
    field, *others = _STEPS.findall(where)
    return ("id" if field == "slug" else field, *(int(one) if one.isdecimal() else one for one in others))


class _PostReader(FieldReader):
    """Turns front matter into the fields of Content, collecting faults with their lines."""

    def read(self) -> dict[str, Any]:
        for field in self.fields:
            if field not in _FIELDS:
                self.fault(f"unknown field; known are {', '.join(_FIELDS)}", str(field))
        for field in _REQUIRED:
            if field not in self.fields:
                self.faults.append(f"{self.front.name}:1: {field}: is missing")
        return {
            "slug": self._slug(),
            **{field: self._said(field) for field in ("title", "digest", "author", "region", "correction")},
            **{field: self._codes(field) for field in ("tags", "channels", "related")},
            "season": self._season(),
            **{field: self._day(field) for field in ("effective_from", "effective_to", "checked_on", "review_by")},
            "cover": self._cover(),
            "citations": tuple(self.citation(raw, where) for raw, where in self.items("citations")),
            "variants": self._variants(),
        }

    def _has(self, field: str) -> bool:
        return self.fields.get(field) is not None

    def _said(self, field: str) -> str:
        return self.text(field) if field in self.fields else ""

    def _day(self, field: str) -> date | None:
        return self.date(field) if self._has(field) else None

    def _slug(self) -> str:
        value = self._said("id")
        if value and (not SLUG.fullmatch(value) or len(value) > LONGEST_SLUG):
            self.fault(f"{value!r} must be lower-case words and numbers with hyphens, such as winter-wages", "id")
        return value

    def _codes(self, field: str) -> tuple[str, ...]:
        words = []
        for value, where in self.items(field):
            if not isinstance(value, str) or not value.strip():
                self.fault(f"{value!r} must be text (put quotes around it)", *where)
            else:
                words.append(one_line(value))
        return tuple(words)

    def _season(self) -> Season | None:
        raw = self.fields.get("season")
        if raw is None:
            return None
        if not isinstance(raw, dict) or set(raw) != {"from", "to"}:
            self.fault('must look like {from: "11-15", to: "01-31"}', "season")
            return None
        first, last = (self._month_day(raw[name], name) for name in ("from", "to"))
        return Season(first, last) if first and last else None

    def _month_day(self, value: object, name: str) -> tuple[int, int] | None:
        match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.fault(f'{name}: {value!r} must be month and day in quotes, such as "11-15"', "season", name)
            return None
        month, day = int(match[1]), int(match[2])
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError:
            self.fault(f"{name}: there is no such day", "season", name)
            return None
        return month, day

    def _cover(self) -> Cover:
        raw = self.fields.get("cover")
        if raw is None:
            return Cover(lines=())
        if not isinstance(raw, dict) or set(raw) - {"lines", "tone", "image"}:
            self.fault("must look like {lines: [年底前, 把工资要到手], tone: red}", "cover")
            return Cover(lines=())
        lines = raw.get("lines") or []
        if not isinstance(lines, list) or not all(isinstance(line, str) and line.strip() for line in lines):
            self.fault("lines must be a list of texts", "cover", "lines")
            lines = []
        tone, image = raw.get("tone", Tone.RED.value), raw.get("image", "")
        if tone not in [one.value for one in Tone]:
            self.fault(f"tone must be one of {', '.join(Tone)}", "cover", "tone")
            tone = Tone.RED
        if image and not (isinstance(image, str) and PICTURE.fullmatch(image)):
            self.fault("image must be the SHA-256 of a picture", "cover", "image")
            image = ""
        return Cover(tuple(map(one_line, lines)), Tone(tone), image)

    def _variants(self) -> Mapping[str, str]:
        raw = self.fields.get("variants")
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.fault("must be a mapping of channels to texts", "variants")
            return {}
        texts: dict[str, str] = {}
        for channel, text in raw.items():
            if not isinstance(channel, str) or not CHANNEL.fullmatch(channel):
                self.fault(f"{channel!r} is not the code of a channel", "variants")
            elif not isinstance(text, str) or not text.strip():
                self.fault("must be text", "variants", channel)
            else:
                texts[channel] = trimmed(text)
        return texts
