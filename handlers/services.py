"""What handlers may use."""

from dataclasses import dataclass

from bot.answers.service import AnswerService
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Services:
    """The capabilities, and the words the bot says itself."""

    answers: AnswerService
    wording: Wording
    federation: str
    hotline: str
    office_hours: str
