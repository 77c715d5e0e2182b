"""Helpers for the tests of the dialogue: what surrounds it, and how it is said in the shortest channel."""

from datetime import UTC, date, datetime

from bot.channels.wechat.render import render_text
from bot.complaints.categories import load_categories
from bot.complaints.clocks.rule_files import load_limit_rules
from bot.complaints.intake import Draft, Frame, Option, Said, Turned, begin, take
from bot.complaints.limits.words import GuardWords
from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.worker.words import DeskWords
from bot.messages import Reply
from bot.settings import load_configuration
from bot.wording import load_wording
from handlers.speaking import asked, say
from tests.builders import ROOT

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
WORDS = load_wording(ROOT / "content" / "replies")
SETTINGS = load_configuration(ROOT / "config.yaml", {}).settings.complaints
BODIES = DeskWords(
    WORDS, GuardWords(WORDS, "12351"), "12351", {}, {body.id: (body.phone, body.note) for body in SETTINGS.bodies}
)
CATEGORIES = load_categories(
    ROOT / "content" / "complaints" / "categories.yaml",
    load_limit_rules(ROOT / "content" / "complaints" / "limits.yaml").claims,
)
ADDRESS = "https://ask.example.org"


def a_frame(**changes: object) -> Frame:
    """The shipped categories, districts and bodies, on WeChat with everything it can do."""
    values: dict[str, object] = {
        "today": TODAY,
        "lunar": TableLunarCalendar(),
        "categories": tuple(Option(code=one.id, label=one.title, hint=one.hint) for one in CATEGORIES),
        "districts": tuple(Option(code=d.id, label=d.name, also=tuple(d.also)) for d in SETTINGS.districts),
        "bodies": tuple(
            Option(code=body.id, label=body.name, hint=BODIES.about_body(body.id)) for body in SETTINGS.bodies
        ),
        "since": {one.id: one.since.value for one in CATEGORIES},
        "about_union_staff": frozenset(one.id for one in CATEGORIES if one.union_staff),
        "hotline": "12351",
        "takes_files": True,
        "may_notify": True,
        "knows_account": True,
        "web_form": "/complain",
    }
    return Frame(**{**values, **changes})  # type: ignore[arg-type]  # the changes name fields


def started(frame: Frame, text: str = "", **said: str) -> Draft:
    """A new draft."""
    turned = begin(frame, Said(text=text, new_id="d" * 32, **said), now=NOW, channel="wechat")
    assert turned.draft is not None
    return turned.draft


def after(draft: Draft, frame: Frame, *texts: str) -> Turned:
    """What has come of all the messages; none of the first may end the dialogue."""
    turned = Turned(draft=draft)
    for text in texts:
        assert turned.draft is not None, f"ended before {text}"
        turned = take(turned.draft, Said(text=text, new_id="e" * 32), frame)
    return turned


def draft_after(draft: Draft, frame: Frame, *texts: str) -> Draft:
    """The draft after the messages."""
    left = after(draft, frame, *texts).draft
    assert left is not None
    return left


def reply_of(turned: Turned) -> Reply:
    """What the worker reads."""
    assert turned.draft is not None
    heard = [say(line, WORDS) for line in turned.heard]
    reply = asked(turned.ask, turned.draft.mode, WORDS)
    text = "\n\n".join(part for part in ("\n".join(heard), reply.text) if part)
    return Reply(
        title=reply.title, text=text, links=reply.links, prompt=reply.prompt, choices=reply.choices, hint=reply.hint
    )


def shown(turned: Turned) -> str:
    """The WeChat message."""
    return render_text(reply_of(turned), ADDRESS)
