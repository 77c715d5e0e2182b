"""The titles of the answers that are live, so that staff choose among titles and not among codes."""

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_TITLE = "title:"


async def live_titles(work: "UnitOfWork") -> dict[str, str]:
    """Title by topic."""
    return {topic: title_of(source) or topic for topic, source in (await work.entries.current()).items()}


def title_of(source: str) -> str:
    """The title in the front matter of an entry; empty where it cannot be found."""
    line = next((line for line in source.split("\n") if line.startswith(_TITLE)), "")
    value = line.removeprefix(_TITLE).strip()
    if not value.startswith(('"', "'", "|", ">")):
        return value.partition(" #")[0].strip()
    try:
        return str(yaml.safe_load(value))
    except yaml.YAMLError:
        return ""
