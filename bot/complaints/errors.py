"""What can go wrong with a case. Facts and codes only: sentences are chosen where they are shown."""

from bot.errors import GonghuiError, LostRace


class NumberTaken(LostRace):
    """Another case has this number or receipt already; the next one drawn will do."""


class Changed(LostRace):
    """Somebody else has saved this case meanwhile."""

    def __init__(self, case: str) -> None:
        self.case = case
        super().__init__(case)


class ContentGone(GonghuiError):
    """The content of this case has been deleted, and nothing can be added to it."""

    def __init__(self, case: str) -> None:
        self.case = case
        super().__init__(case)
