"""A finished draft -> what is registered."""

from bot.complaints.cases import Consent, Filing, Nature, SaidDays, SaidQuantity, Statement
from bot.complaints.intake.answers import Chosen, Contact, Told
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame
from bot.complaints.intake.options import SHOWN
from bot.complaints.intake.path import YES, agrees_to_sensitive, chosen, is_about_union_staff, meaning_of_since, path
from bot.complaints.intake.reading import is_still_employed
from bot.complaints.intake.steps import Step
from bot.complaints.roles import Confidentiality
from bot.complaints.sensitive import without_sensitive


def make_statement(draft: Draft, frame: Frame) -> Statement:
    """What the worker said, nothing sensitive without the consent to it.

    What does not belong to the category any more is left out of its field, not lost.
    """
    asked = set(path(draft, frame))

    def days(step: Step) -> SaidDays:
        answer = draft.answers.get(step)
        return answer if isinstance(answer, SaidDays) and step in asked else SaidDays()

    def quantity(step: Step) -> SaidQuantity:
        answer = draft.answers.get(step)
        return answer if isinstance(answer, SaidQuantity) and step in asked else SaidQuantity()

    contact = draft.answers.get(Step.CONTACT)
    contact = contact if isinstance(contact, Contact) else Contact()
    accident = meaning_of_since(draft, frame) == "accident"
    said = Statement(
        narrative=draft.story,
        wish=_text(draft, Step.WISH),
        employer=_text(draft, Step.EMPLOYER),
        site=_place(draft),
        # who stays unknown leaves no name, as on the page
        name="" if chosen(draft, Step.CONFIDENTIALITY) == Confidentiality.ANONYMOUS else contact.name,
        phone=contact.phone,
        contact=contact.other,
        since=SaidDays() if accident else days(Step.SINCE),
        accident=days(Step.SINCE if accident else Step.ACCIDENT),
        employed=is_still_employed(draft) if Step.EMPLOYED in asked else None,
        left=days(Step.LEFT),
        people=quantity(Step.PEOPLE),
        money=quantity(Step.MONEY),
    )
    return said if agrees_to_sensitive(draft) else without_sensitive(said)


def make_filing(
    draft: Draft, frame: Frame, *, files: tuple[str, ...] = (), person: str = "", notify: str = ""
) -> Filing:
    """What is registered. notify: the vendor's name of the person, used only where notices were asked for."""
    consents = {Consent.PERSONAL_DATA}
    bodies = draft.answers.get(Step.PASSING_ON)
    passing_on = bodies.codes if isinstance(bodies, Chosen) and Step.PASSING_ON in path(draft, frame) else ()
    shown = shows_content(draft, frame)
    notices = shown or (chosen(draft, Step.NOTICES) == YES and frame.may_notify)
    consents |= {Consent.ABROAD} if chosen(draft, Step.ABROAD) == YES and frame.abroad else set()
    consents |= {Consent.SENSITIVE_DATA} if agrees_to_sensitive(draft) else set()
    consents |= {Consent.PASSING_ON} if passing_on else set()
    consents |= {Consent.NOTICES} if notices else set()
    consents |= {Consent.CONTENT} if shown else set()
    return Filing(
        nature=Nature.CLAIM,
        category=chosen(draft, Step.CATEGORY),
        district=chosen(draft, Step.DISTRICT),
        confidentiality=Confidentiality(chosen(draft, Step.CONFIDENTIALITY)),
        channel=draft.channel,
        statement=make_statement(draft, frame),
        consents=frozenset(consents),
        passing_on=passing_on,
        topic=draft.topic,
        urgent=draft.urgent,
        about_union_staff=is_about_union_staff(draft, frame),
        files=files,
        person=person,
        notify=notify if notices else "",
    )


def shows_content(draft: Draft, frame: Frame) -> bool:
    """Whether the worker wants notices that say what a cadre wrote."""
    return chosen(draft, Step.NOTICES) == SHOWN and frame.may_notify and frame.may_show


def _text(draft: Draft, step: Step) -> str:
    answer = draft.answers.get(step)
    return answer.text if isinstance(answer, Told) else ""


def _place(draft: Draft) -> str:
    answer = draft.answers.get(Step.DISTRICT)
    return answer.said if isinstance(answer, Chosen) else ""
