"""How the sending of one message of a conversation ends."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there. plain: without its marks and buttons, which Telegram would not take."""

    plain: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """It is to be sent again, after that time where Telegram said so.

    halts: nothing else may be sent before. chat: where to, when the group has moved.
    """

    after: timedelta | None
    code: str = "429"
    halts: bool = False
    chat: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """Whom it was for takes nothing from us any more."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Telegram will never take it."""

    code: str


SendOutcome = Sent | Later | Gone | NotTaken
