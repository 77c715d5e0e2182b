"""What readers of a channel see of a post now, told from what the ledger says was sent. Pure.

Nothing counts that has not been sent: a page is public because its delivery is, and gone because its withdrawal is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.publishing.deliveries import Kind

_CORRECTIONS = (Kind.EDIT, Kind.NOTICE)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentLine:
    """One delivery that was sent. rendering: digest of what was sent; at: when it was."""

    delivery: str
    post: str
    kind: Kind
    rendering: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """Tells whether more has been sent since: what was sent stays so, hence the number of it grows."""

    number: int = 0
    latest: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What stands there now. first_at: when the post first came out; published_at: when it last did.

    corrected_at: of a correction since then, `notice` where it came as a notice of its own. withdrawn_at: when it was
    taken back; None while it is public.
    """

    post: str
    rendering: str
    first_at: datetime
    published_at: datetime
    corrected_at: datetime | None = None
    notice: bool = False
    withdrawn_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """When readers last saw something new."""
        return self.withdrawn_at or self.corrected_at or self.published_at


def find_standing(lines: Sequence[SentLine]) -> Standing | None:
    """Where one post stands after these lines, the oldest first; None when it has never come out."""
    issues = [number for number, line in enumerate(lines) if line.kind is Kind.PUBLISH]
    if not issues:
        return None
    first, issue = lines[issues[0]], lines[issues[-1]]
    since = lines[issues[-1] + 1 :]
    # only a new issue brings back what was taken back, never a late correction of it
    gone = [line.at for line in since if line.kind is Kind.WITHDRAW]
    corrected = next((line for line in reversed(since) if line.kind in _CORRECTIONS), None)
    return Standing(
        post=issue.post,
        rendering=(corrected or issue).rendering,
        first_at=first.at,
        published_at=issue.at,
        corrected_at=corrected.at if corrected else None,
        notice=corrected is not None and corrected.kind is Kind.NOTICE,
        withdrawn_at=gone[-1] if gone else None,
    )
