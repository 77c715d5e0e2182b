"""A message that was changed after it was sent: a question is answered anew, an answer in a dialogue stays."""

from bot.inbox import Turn
from bot.messages import Reply
from handlers.drafts import running_draft
from handlers.services import Services
from handlers.tracked import tracked

_EDITED = "edited"


class Edited:
    """Takes what was changed while a complaint is being taken down or a case is open."""

    def matches(self, turn: Turn) -> bool:
        """It has been changed, and the dialogue has gone on from what it said before."""
        in_dialogue = running_draft(turn) is not None or tracked(turn) is not None
        return bool(turn.message.data.get(_EDITED)) and in_dialogue

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """That it changes nothing, and how to correct."""
        return Reply(text=services.wording("edited"))
