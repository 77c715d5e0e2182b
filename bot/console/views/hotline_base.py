"""What the pages of the 12351 desk have in common."""

from starlette.requests import Request
from starlette_admin.flash import flash

from bot.complaints.desk.hotline import WorkersWord
from bot.complaints.desk.refusals import Faulty
from bot.complaints.lifecycle import Verdict
from bot.console.pages import Page

NOT_ALLOWED, NOT_FOUND, CONFLICT, INVALID, TOO_MANY = 403, 404, 409, 422, 429


class HotlinePage(Page):
    """Base of the pages below the heading 12351."""

    group = "12351"

    def done(self, request: Request, what: str) -> None:
        """Say on the next page what has been done."""
        flash(request, self.parts.wording(f"hotline.done.{what}"), "success")

    def warn(self, request: Request, what: str) -> None:
        """Say on the next page why something was not done."""
        flash(request, self.parts.wording(f"hotline.{what}"), "warning")


def word_of(fields: dict[str, str]) -> WorkersWord:
    """What the worker said came of it, as the form has it. Raises Faulty."""
    try:
        verdict = Verdict(fields.get("verdict", ""))
    except ValueError:
        raise Faulty("verdict", "missing") from None
    again = fields.get("again", "") if verdict is not Verdict.SOLVED else ""
    return WorkersWord(verdict=verdict, said=fields.get("said", ""), again=again)
