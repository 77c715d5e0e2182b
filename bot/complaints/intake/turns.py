"""What goes into one turn of the dialogue and what comes of it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.complaints.intake.draft import Draft, Mode
from bot.complaints.intake.frame import Frame, Line
from bot.complaints.intake.questions import Question, question


class End(StrEnum):
    """How the dialogue ended, or stopped for now."""

    SENT = "sent"  # 提交
    DELETED = "deleted"  # 删掉
    REFUSED = "refused"  # 不同意处理个人信息
    REFUSED_ABROAD = "refused_abroad"  # 不同意信息经过境外服务器
    PAUSED = "paused"  # 先放着


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One message. pick: `step:code` of an option that was tapped.

    category: what its words seem to be about, as the answering side sees it. new_id: for a draft that begins with it.
    """

    text: str = field(default="", repr=False)
    pick: str = ""
    category: str = ""
    new_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """What came of a message. `draft` None: nothing is kept. `dropped`: the draft whose files have to go."""

    draft: Draft | None
    heard: tuple[Line, ...] = ()
    ask: Question | None = None
    end: End | None = None
    dropped: str = ""


def asking(draft: Draft, frame: Frame, *heard: Line) -> Turned:
    """The draft with its open question, behind what is to be said first."""
    return Turned(draft=draft, heard=heard, ask=question(draft, frame))


def paused(draft: Draft) -> Turned:
    """The draft put away until it is taken up again."""
    return Turned(draft=replace(draft, mode=Mode.PAUSED), heard=(Line("intake.put_away"),), end=End.PAUSED)
