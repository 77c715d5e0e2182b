"""Voice, pictures, places and whatever else is not text."""

from bot.inbox import Turn
from bot.messages import Kind, Link, Reply
from handlers.draft_files import take_draft_file
from handlers.services import Services
from handlers.tracked import tracked

_KINDS = (Kind.VOICE, Kind.IMAGE, Kind.VIDEO, Kind.LOCATION, Kind.UNSUPPORTED)


class Media:
    """Hands files to a complaint that is being taken down; else says honestly what cannot be understood."""

    def matches(self, turn: Turn) -> bool:
        """Anything that carries no text."""
        return turn.message.kind in _KINDS

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """The dialogue goes on with the file, or one sentence by kind."""
        taken = await take_draft_file(turn, services)
        if taken is not None:
            return taken
        if tracked(turn):
            return _for_open_case(services)
        return Reply(text=services.wording(f"media.{turn.message.kind.value}", hotline=services.hotline))


def _for_open_case(services: Services) -> Reply:
    """Whoever follows a case means it for the case, and must not think that it is there."""
    words = services.wording
    links = (Link(words("track.option.add_files"), "/track"),) if services.complaints.base_url else ()
    return Reply(text=words("track.not_here", hotline=services.hotline), links=links, private=True)
