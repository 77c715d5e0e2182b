"""The words of the limitation guard: `content/replies/limits.yaml`. It never says that a right is lost."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from bot.complaints.limits.guarding import Elsewhere, Guarding, GuardLine
from bot.complaints.limits.limitation import Standing
from bot.complaints.limits.rules import Note
from bot.wording import Wording

_CITATION = re.compile(r"(?P<law>[^:]+):(?P<article>\d+)(?P<suffix>[^\d:]*)(?::(?P<paragraph>\d+))?")

_PAST = frozenset({Standing.POSSIBLY_PAST, Standing.PARTLY_PAST})
_TOLD_IN_PAST = frozenset({Note.CONSULT_SOON, Note.DELAY_NOT_OWN_FAULT, Note.APPLY_YOURSELF})
_NEEDED = frozenset(
    {
        Note.CONSULT_SOON,
        Note.EMPLOYER_SHOULD_APPLY,
        Note.APPLY_YOURSELF,
        Note.RESTS_ON_INTERRUPTION,
        Note.RESTS_ON_SUSPENSION,
        Note.INSURANCE_LOSS_ONLY,
        Note.VAGUE_DATE_EARLIEST_DAY,
    }
)
"""What has to be said where there is room for little."""


class GuardWords:
    """Words for limits. hotline: where to ask."""

    def __init__(self, words: Wording, hotline: str) -> None:
        self._words = words
        self._hotline = hotline

    def lines(self, guarding: Guarding, *, brief: bool = False) -> tuple[str, ...]:
        """One paragraph per road with its articles, the most urgent first; `brief` leaves out how it was counted."""
        if guarding.doubt:
            return (self._words("limits.doubtful", doubt=self.doubt(guarding.doubt), hotline=self._hotline),)
        told = (self.line(line, brief=brief) for line in guarding.lines)
        return (*told, *(self._elsewhere(one) for one in guarding.elsewhere))

    def doubt(self, code: str) -> str:
        """Why what was said cannot be true, so that the worker looks at it again."""
        return self._words(f"limits.doubt.{code}")

    def line(self, line: GuardLine, *, brief: bool = False) -> str:
        """One road with its articles."""
        notes = _worth_telling(line)
        if line.until is None and notes:
            why, *notes = notes
            first = [self._headline(line, brief=brief) + self._note(why, line)]
        else:
            first = [self._headline(line, brief=brief)]
        more = [self._note(note, line) for note in notes if not brief or note in _NEEDED]
        citations = line.core if brief else line.citations
        return "".join([*first, *self._moved(line), *more, self._basis(citations)])

    def day(self, day: date) -> str:
        """A day as it is told."""
        return self._words("limits.date", year=day.year, month=day.month, day=day.day)

    def basis(self, citations: Iterable[str]) -> str:
        """The articles as people read them, each law named once; empty without any."""
        laws: dict[str, list[re.Match[str]]] = {}
        for citation in citations:
            if match := _CITATION.fullmatch(citation):
                laws.setdefault(match["law"], []).append(match)
        return self._words("limits.laws_between").join(
            self._words("limits.article", law=law, places=self._places(found)) for law, found in laws.items()
        )

    def _headline(self, line: GuardLine, *, brief: bool) -> str:
        claims = self._words("limits.claims_between").join(line.claims)
        if brief and len(line.claims) > 1:
            claims = self._words("limits.claims_more", claim=line.claims[0])
        if line.standing is Standing.POSSIBLY_PAST:
            return self._words(f"limits.past.{line.route}", claims=claims, road=line.road, years=line.years)
        until = self._told_day(line)
        return self._words(
            f"limits.line.{line.standing}", claims=claims, road=line.road, date=self.day(until) if until else ""
        )

    def _moved(self, line: GuardLine) -> Iterator[str]:
        """Where the law moves the day that was told."""
        day = line.moves_to
        if day is not None and day != line.until and line.standing in {Standing.OPEN, Standing.SOON}:
            yield self._words("limits.moved", date=self.day(day))

    def _told_day(self, line: GuardLine) -> date | None:
        return line.last_part_on if line.standing is Standing.PARTLY_PAST else line.until

    def _note(self, note: Note, line: GuardLine) -> str:
        certain = self.day(line.certain_on) if line.certain_on else ""
        return self._words(f"limits.note.{note}", hotline=self._hotline, certain=certain)

    def _elsewhere(self, one: Elsewhere) -> str:
        where = "".join(self._words(f"limits.note.{note}", hotline=self._hotline) for note in one.notes)
        return self._words("limits.elsewhere", claim=one.claim, where=where) + self._basis(one.citations)

    def _basis(self, citations: Iterable[str]) -> str:
        named = self.basis(citations)
        return self._words("limits.basis", basis=named) if named else ""

    def _places(self, found: list[re.Match[str]]) -> str:
        in_order = sorted(found, key=lambda match: (int(match["article"]), match["suffix"], match["paragraph"] or ""))
        return self._words("limits.places_between").join(self._place(match) for match in in_order)

    def _place(self, match: re.Match[str]) -> str:
        place = self._words("limits.place", article=match["article"], suffix=match["suffix"])
        return place + (self._words("limits.paragraph", paragraph=match["paragraph"]) if match["paragraph"] else "")


def _worth_telling(line: GuardLine) -> list[Note]:
    """The notes that the headline does not say already, and none that would be said for the wrong reason."""
    told = _TOLD_IN_PAST if line.standing in _PAST else frozenset()
    if Note.ASK_IF_CONTINUING in line.notes:
        told |= {Note.VAGUE_DATE_EARLIEST_DAY}  # the end is open, the day that was said may be exact
    return [note for note in line.notes if note not in told]
