"""Two people wrote at the same time: what each changed is brought together, field by field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from bot.publishing.posts import Content


@dataclass(frozen=True, slots=True)
class Merged:
    """content: what only one of them changed is as they left it. contested: fields that both changed, as mine has them.

    Fields are named as findings name them: `title`, `variants.weibo`.
    """

    content: Content
    contested: tuple[str, ...]


def merge(base: Content, mine: Content, theirs: Content) -> Merged:
    """Mine and theirs brought together; base is what both began with."""
    contested: list[str] = []
    taken: dict[str, Any] = {}
    for name in (field.name for field in fields(Content) if field.name != "variants"):
        versions = getattr(base, name), getattr(mine, name), getattr(theirs, name)
        taken[name] = _decided(versions, name, contested)
    taken["variants"] = _variants(base.variants, mine.variants, theirs.variants, contested)
    return Merged(replace(mine, **taken), tuple(contested))


def _variants(
    base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str], contested: list[str]
) -> dict[str, str]:
    decided = {
        channel: _decided(
            (base.get(channel, ""), mine.get(channel, ""), theirs.get(channel, "")), f"variants.{channel}", contested
        )
        for channel in dict.fromkeys([*base, *theirs, *mine])
    }
    return {channel: text for channel, text in decided.items() if text}


def _decided(versions: tuple[Any, Any, Any], name: str, contested: list[str]) -> Any:
    base, mine, theirs = versions
    if mine == base:
        return theirs
    if theirs not in (base, mine):
        contested.append(name)
    return mine
