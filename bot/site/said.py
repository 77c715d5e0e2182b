"""What was said, as rows of a page, quantities with how they were understood."""

from dataclasses import dataclass, field
from datetime import date

from bot.complaints.cases import Statement
from bot.complaints.quantities.said_values import days_shown, money_shown, people_shown
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was said. `shown`: how its words were understood; `unclear`: that they were not."""

    label: str
    said: str = field(repr=False)
    shown: str = field(default="", repr=False)
    unclear: bool = False


def said_rows(said: Statement, today: date, words: Wording) -> list[Row]:
    """What was said, in the order of the form, without whose it is; nothing for what was not said."""
    employed = {True: words("site_complain.employed.yes"), False: words("site_complain.employed.no"), None: ""}[
        said.employed
    ]
    texts = {
        "narrative": said.narrative,
        "since": said.since.said,
        "employed": employed,
        "left": said.left.said,
        "accident": said.accident.said,
        "people": said.people.said,
        "money": said.money.said,
        "wish": said.wish,
        "employer": said.employer,
        "place": said.site,
    }
    shown = {
        "since": days_shown(said.since, today, words),
        "left": days_shown(said.left, today, words),
        "accident": days_shown(said.accident, today, words),
        "people": people_shown(said.people, words),
        "money": money_shown(said.money, words),
    }
    return [
        Row(words(f"site_complain.label.{name}"), text, shown.get(name, ""), unclear=name in shown and not shown[name])
        for name, text in texts.items()
        if text
    ]
