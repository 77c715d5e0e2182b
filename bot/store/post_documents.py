"""What a post says as JSON in a column, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.laws.citation import Citation
from bot.publishing.posts import Content, Cover, Season, Tone
from bot.store.encoding import read_mapping, write_mapping

_DAYS = ("effective_from", "effective_to", "checked_on", "review_by")
_LISTS = ("tags", "channels", "related")
_TEXTS = ("slug", "title", "body", "digest", "author", "region", "correction")


def content_document(content: Content) -> str:
    """The content as JSON; `parse_content` reads it back without loss."""
    return write_mapping(
        {name: getattr(content, name) for name in _TEXTS}
        | {name: list(getattr(content, name)) for name in _LISTS}
        | {name: day.isoformat() if (day := getattr(content, name)) else None for name in _DAYS}
        | {
            "cover": {
                "lines": list(content.cover.lines),
                "tone": content.cover.tone.value,
                "image": content.cover.image,
            },
            "season": [list(content.season.first), list(content.season.last)] if content.season else None,
            "citations": [asdict(citation) for citation in content.citations],
            "variants": dict(content.variants),
        }
    )


def parse_content(document: str) -> Content:
    """The content of that JSON."""
    read = read_mapping(document)
    plain: dict[str, Any] = {name: read[name] for name in _TEXTS}
    plain |= {name: date.fromisoformat(day) if (day := read[name]) else None for name in _DAYS}
    return Content(
        **plain,
        tags=tuple(read["tags"]),
        channels=tuple(read["channels"]),
        related=tuple(read["related"]),
        cover=_cover(read["cover"]),
        season=_season(read["season"]),
        citations=tuple(Citation(**citation) for citation in read["citations"]),
        variants=read["variants"],
    )


def _cover(read: Mapping[str, Any]) -> Cover:
    return Cover(lines=tuple(read["lines"]), tone=Tone(read["tone"]), image=read["image"])


def _season(read: list[list[int]] | None) -> Season | None:
    if not read:
        return None
    (first_month, first_day), (last_month, last_day) = read
    return Season((first_month, first_day), (last_month, last_day))
