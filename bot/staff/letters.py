"""Notices to staff in words: which case and what is due, and nothing else whatever a notice holds.

Whoever reads over somebody's shoulder learns no name, no employer and nothing of what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.complaints.notices import WORDS_ONLY, StaffNotice
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one member of staff, or to the group. mentions: names by which the group robot calls people."""

    subject: str
    lines: tuple[str, ...]
    foot: str = ""
    mentions: tuple[str, ...] = field(default=(), repr=False)


class LetterWriter:
    """Writes letters. page: the address of the console; empty where there is no public one."""

    def __init__(self, wording: Wording, *, federation: str, page: str) -> None:
        self._wording = wording
        self._federation = federation
        self._page = page

    def mail(self, notices: Sequence[StaffNotice]) -> Letter:
        """A mail with what these notices say."""
        subject = self._wording("notices.subject", federation=self._federation, count=len(notices))
        foot = self._wording("notices.foot", page=self._page) if self._page else self._wording("notices.foot_plain")
        return Letter(subject, self._lines(notices), foot)

    def group(self, notices: Sequence[StaffNotice], mentions: Sequence[str]) -> Letter:
        """A message to the group with what these notices say; one about several members says it once."""
        subject = self._wording("notices.group")
        return Letter(subject, self._lines(notices), mentions=tuple(dict.fromkeys(name for name in mentions if name)))

    def _lines(self, notices: Sequence[StaffNotice]) -> tuple[str, ...]:
        ordered = sorted(notices, key=lambda notice: (notice.data.get("due", ""), notice.number))
        return tuple(dict.fromkeys(self._line(notice) for notice in ordered))

    def _line(self, notice: StaffNotice) -> str:
        known = {name: notice.data.get(name, "") for name in WORDS_ONLY}
        key = f"notices.line.{notice.kind}"
        if not self._wording.has(key):
            key = "notices.line.other"
        return self._wording(key, number=notice.number, **known).strip()
