"""What publishing refuses, as codes and fields. Which words that becomes is the console's to choose."""

from collections.abc import Sequence

from bot.errors import GonghuiError
from bot.publishing.ledger_errors import AlreadyReviewed, LeaseLost, SlugTaken, UnknownDelivery, UnknownSchedule
from bot.publishing.rendering import Finding

__all__ = [
    "AlreadyReviewed",
    "BadPicture",
    "Changed",
    "Faulty",
    "LeaseLost",
    "NotAllowed",
    "NotAuthorised",
    "NotNow",
    "SlugTaken",
    "UnknownDelivery",
    "UnknownLawReview",
    "UnknownPost",
    "UnknownSchedule",
]


class NotAllowed(GonghuiError):
    """This person may not do that.

    why: a code; `publishing.refused.<why>` has its words.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class UnknownPost(GonghuiError):
    """There is no such post."""

    def __init__(self, post: str) -> None:
        self.post = post
        super().__init__(post)


class UnknownLawReview(GonghuiError):
    """There is no such review, or it has been done."""


class Changed(GonghuiError):
    """Somebody else has changed it meanwhile: what was seen is not what is there.

    post: id of the post (or of the schedule); version: the one that is there now; by: who changed it last.
    """

    def __init__(self, post: str, version: int, by: str = "") -> None:
        self.post, self.version, self.by = post, version, by
        super().__init__(f"{post} is at version {version}")


class Faulty(GonghuiError):
    """It cannot go on with what is wrong with it.

    findings: what that is.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(", ".join(finding.code for finding in self.findings))


class NotNow(GonghuiError):
    """Where it stands this cannot be done.

    state: where it stands; what: what was wanted, as a code. `publishing.not_now.<what>` has its words.
    """

    def __init__(self, state: str, what: str) -> None:
        self.state, self.what = state, what
        super().__init__(f"{what} in {state}")


class NotAuthorised(GonghuiError):
    """The authorisation of an account did not come about. why: a code, or the platform's number."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class BadPicture(GonghuiError):
    """That is no picture that can be published."""
