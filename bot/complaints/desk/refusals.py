"""What the desk of the cadres refuses, and how: codes for the console to put into words.

A case that the viewer may not open and a case that does not exist are refused by the same error without any fact.
"""

from bot.complaints.desk.values import ChangeView
from bot.complaints.roles import Action
from bot.errors import GonghuiError


class CaseHidden(GonghuiError):
    """There is no such case for this person."""


class NotAllowed(GonghuiError):
    """The person sees the case but may not do this."""

    def __init__(self, action: Action | str) -> None:
        self.action = action
        super().__init__(f"[{action}]")


class Faulty(GonghuiError):
    """Something in the form is missing or does not fit.

    `field` names the part of the form, `code` what is wrong with it; the word stands at `handling.fault.<code>`.
    """

    def __init__(self, field: str, code: str) -> None:
        self.field = field
        self.code = code
        super().__init__(f"[{field}.{code}]")


class Conflict(GonghuiError):
    """Somebody else changed the case meanwhile; nothing was written.

    `changes` tells what happened since the viewer looked, as far as the viewer may know; it may be empty
    where only a clock or a flag changed. `version` is the present one.
    """

    def __init__(self, case_id: str, version: int, changes: tuple[ChangeView, ...]) -> None:
        self.case_id = case_id
        self.version = version
        self.changes = changes
        super().__init__(case_id)
