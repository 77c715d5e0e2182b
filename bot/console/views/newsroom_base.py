"""What every page of the newsroom shares: who may open it, words for codes, and refusals said in a sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.flash import flash

from bot.console.pages import Page, get_member
from bot.console.ports import NewsroomParts
from bot.errors import GonghuiError
from bot.publishing.errors import (
    AlreadyReviewed,
    Changed,
    Faulty,
    LeaseLost,
    NotAllowed,
    NotNow,
    SlugTaken,
    UnknownDelivery,
    UnknownLawReview,
    UnknownPost,
    UnknownSchedule,
)
from bot.rights import Actor, Right, may
from bot.staff.members import StaffMember

NOT_ALLOWED, NOT_FOUND, BAD_REQUEST = 403, 404, 400
TONES = {
    "draft": "secondary",
    "in_review": "orange",
    "approved": "azure",
    "scheduled": "blue",
    "publishing": "indigo",
    "published": "green",
    "partly": "orange",
    "failed": "red",
    "expired": "secondary",
    "withdrawn": "secondary",
    "planned": "blue",
    "claimed": "indigo",
    "sending": "indigo",
    "waiting": "orange",
    "sent": "green",
    "refused": "red",
    "unknown": "red",
    "held": "orange",
    "cancelled": "secondary",
    "active": "green",
    "paused": "orange",
    "ended": "secondary",
    "ready": "green",
    "unauthorised": "red",
    "not_granted": "red",
    "unreachable": "orange",
    "faulty": "red",
}
"""The colour of each state's badge."""


def actor_of(member: StaffMember) -> Actor:
    """Who acts, as publishing sees it."""
    return Actor(member.id, member.role)


class NewsroomPage(Page):
    """One page of the newsroom. Where publishing is switched off nobody may open it."""

    group = "宣传"
    right = Right.SEE_POSTS

    def allows(self, member: StaffMember) -> bool:
        """Whoever has the right of the page."""
        return self.parts.newsroom is not None and member.active and may(member.role, self.right)

    @property
    def room(self) -> NewsroomParts:
        """The newsroom. Raises HTTPException 404 where there is none."""
        if self.parts.newsroom is None:
            raise HTTPException(NOT_FOUND)
        return self.parts.newsroom

    def show(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> Response:
        """The page, with the words of publishing at hand."""
        words, role = self.room.room.words, get_member(request).role
        common: dict[str, object] = {
            "word": words.label,
            "channel_name": words.channel,
            "tone_of": lambda state: TONES.get(str(state), "secondary"),
            "may": lambda right: may(role, Right(right)),
        }
        return super().show(request, f"publishing/{template}", {**common, **(context or {})}, status=status)

    def tell(self, request: Request, sentence: str, kind: str = "warning") -> None:
        """Show a sentence on the next page."""
        flash(request, sentence, kind)

    @contextmanager
    def refusals_told(self, request: Request) -> Iterator[None]:
        """Say in a sentence on the next page what publishing refuses. Raises HTTPException for what is not there."""
        try:
            yield
        except (UnknownPost, UnknownDelivery, UnknownSchedule, UnknownLawReview):
            raise HTTPException(NOT_FOUND) from None
        except NotAllowed as error:
            if error.why in set(Right):
                raise HTTPException(NOT_ALLOWED) from None
            self.tell(request, self.room.room.words.refused(error.why))
        except (NotNow, Changed, LeaseLost, AlreadyReviewed, SlugTaken, Faulty) as error:
            for sentence in self._sentences(error):
                self.tell(request, sentence)

    def _sentences(self, error: GonghuiError) -> list[str]:
        words = self.room.room.words
        match error:
            case NotNow():
                return [words.not_now(error.what)]
            case SlugTaken():
                return [words.label("finding", "slug_taken")]
            case Faulty():
                return [
                    "：".join(filter(None, (words.where(finding), words.finding(finding))))
                    for finding in error.findings
                ]
            case _:
                return [words.not_now("changed")]
