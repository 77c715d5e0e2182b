"""What can go wrong with rows of publishing: codes and fields; the words are chosen where they are shown."""

from bot.errors import GonghuiError


class UnknownSchedule(GonghuiError):
    """There is no such schedule."""


class UnknownDelivery(GonghuiError):
    """There is no such delivery."""


class SlugTaken(GonghuiError):
    """Another post has this short address already."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(slug)


class AlreadyReviewed(GonghuiError):
    """This person has said their word on this version."""


class LeaseLost(GonghuiError):
    """Somebody else has this delivery by now: nothing more may be done with it here."""
