"""What workers read stands in content/ or a template, never in the code; and nothing said is missing there."""

import re
from pathlib import Path

import pytest

from bot.ops.wording_use import fields_given, missing_fields, named_in, said_in, unsaid, unused
from bot.wording import load_wording
from tests.architecture.source import PROGRAM, literals, modules, name_of
from tests.builders import ROOT

WORDS = load_wording(ROOT / "content" / "replies")

HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[\u4e00-\u9fff][，。！？；]|[\u4e00-\u9fff]{12}")

NOT_SAID_TO_WORKERS = {
    "bot/answers/check.py": "headings of entries that it looks for; its findings are for editors",
    "bot/laws/citing.py": "names of kinds of law, as they stand in citations",
    "bot/answers/compose.py": "how a place in a law is written: 第30、85条",
    "bot/answers/content.py": "the skeleton of a new entry, for editors",
    "bot/answers/entries.py": "the fixed headings of entry files and how citations are written in them",
    "bot/laws/citation.py": "how citations are written",
    "bot/laws/front_matter.py": "how front matter is written, for editors",
    "bot/laws/register_files.py": "how inserted articles are written in law files",
    "bot/laws/register.py": "the kinds and states of laws, as the law files have them",
    "bot/answers/lexicon.py": "an example in a finding for editors",
    "bot/laws/mentions.py": "patterns that find laws mentioned in texts",
    "bot/laws/numerals.py": "the numerals that it reads",
    "bot/answers/phrasings.py": "patterns that compare phrasings",
    "bot/answers/redact.py": "patterns and marks for what is removed before a question is recorded; read by staff",
    "bot/laws/typed_citation.py": "how people type citations, to be read",
    "bot/laws/statutes.py": "how places in statutes are written in findings for editors",
    "bot/channels/wechat/menu.py": "faults of the menu file, for its editor",
    "bot/commands/": "what commands print is for the operator at the terminal",
    "bot/complaint_settings.py": "faults of the settings, for the operator",
    "bot/complaints/quantities/amounts.py": "how people write amounts, to be read",
    "bot/complaints/quantities/dates.py": "how people write dates, to be read",
    "bot/complaints/quantities/durations.py": "how people write lengths of time, to be read",
    "bot/complaints/desk/employer_names.py": "legal forms and words around names of employers and sites, to be read",
    "bot/complaints/quantities/headcounts.py": "how people write numbers of people, to be read",
    "bot/complaints/quantities/in_year.py": "how people write times of the year, to be read",
    "bot/complaints/intake/answering.py": "words of agreement that a worker may type",
    "bot/complaints/intake/asides.py": "how people ask about registering, to be read",
    "bot/complaints/intake/commands.py": "command words that a worker may type",
    "bot/complaints/intake/contacts.py": "how people write their name and phone, to be read",
    "bot/complaints/intake/employers.py": "words that name a place of work or a complaint, to be read",
    "bot/complaints/intake/opening.py": "how people say that they want to complain, to be read",
    "bot/complaints/intake/picking.py": "numerals and words that pick an option, to be read",
    "bot/complaints/intake/reading.py": "a pattern that finds Chinese characters",
    "bot/complaints/intake/story.py": "how people correct themselves, to be read",
    "bot/complaints/intake/times.py": "how people refer back to a day, to be read",
    "bot/complaints/quantities/moments.py": "words that tell what a time belongs to, to be read",
    "bot/complaints/quantities/numerals.py": "the numerals that it reads",
    "bot/complaints/receipts.py": "numerals as they are read out, to be read",
    "bot/complaints/desk/redaction.py": "patterns and marks for what tells who a worker is; read by staff",
    "bot/complaints/quantities/relative.py": "how people write times seen from today, to be read",
    "bot/complaints/quantities/seasons.py": "names of seasons and festivals, to be read",
    "bot/complaints/desk/template_texts.py": "the mark of a gap in a template text, for the cadre to fill in",
    "bot/complaints/quantities/vague.py": "how people write what they are not sure of, to be read",
    "bot/console/": "names in the menu of the staff console, and the marks between parts of a list",
    "bot/faults.py": "faults of the configuration, for the operator",
    "bot/notice_settings.py": "faults and meanings of settings, for the operator",
    "bot/ops/doctor/": "findings of the doctor, for the operator",
    "bot/publishing/post_files.py": "an example in a fault of a file, for its editor",
    "bot/publishing_faults.py": "faults of the configuration, for the operator",
    "bot/publishing_settings.py": "faults and meanings of settings, for the operator",
    "bot/section.py": "faults of settings, for the operator",
    "bot/subscription_settings.py": "faults and meanings of settings, for the operator",
    "bot/telegram_settings.py": "faults and meanings of settings, for the operator",
    "bot/settings.py": "faults and meanings of settings, for the operator",
    "handlers/case_notices.py": "words by which a worker may choose what notices say",
    "handlers/choose.py": "numerals and words that a worker may type to pick something",
    "handlers/menu.py": "command words that a worker may type",
    "handlers/subscribing.py": "words that a worker may type to subscribe or stop",
    "handlers/track.py": "words that a worker may type about a registered case",
    "handlers/vote.py": "words by which a worker may vote",
}
"""Where Chinese may stand in the code, and why nobody is told it."""


def is_allowed(name: str) -> bool:
    return any(name == place or (place.endswith("/") and name.startswith(place)) for place in NOT_SAID_TO_WORKERS)


def test_no_chinese_stands_in_the_code_but_where_it_is_not_said_to_workers() -> None:
    found = {
        name_of(path): text
        for path in modules(*PROGRAM)
        for text in literals(path)
        if HAN.search(text) and not is_allowed(name_of(path))
    }
    assert found == {}


def test_the_list_of_exceptions_holds_no_place_without_chinese() -> None:
    names = [name_of(path) for path in modules(*PROGRAM) if any(HAN.search(text) for text in literals(path))]
    there = [place for place in NOT_SAID_TO_WORKERS if (ROOT / place).exists()]
    assert [place for place in there if not any(n == place or n.startswith(place) for n in names)] == []


@pytest.mark.parametrize("path", list(modules(ROOT / "handlers")), ids=lambda path: path.stem)
def test_no_handler_holds_a_sentence(path: Path) -> None:
    """Words that people type are short; what they are told is not here."""
    assert [text for text in literals(path) if SENTENCE.search(text)] == []


def test_everything_the_program_says_has_its_words() -> None:
    assert unsaid(WORDS.keys(), said_in(PROGRAM)) == {}


def test_every_sentence_is_said_somewhere() -> None:
    """A sentence that nobody says would be tended by an editor for nothing."""
    assert unused(sorted(WORDS.keys()), named_in(PROGRAM)) == []


def test_every_field_of_a_sentence_is_filled_in() -> None:
    assert missing_fields(fields_given(PROGRAM), {key: WORDS.fields(key) for key in sorted(WORDS.keys())}) == {}


def test_the_search_for_sentences_finds_what_is_missing_unused_and_unfilled(tmp_path: Path) -> None:
    """Guards the three tests above."""
    (tmp_path / "code.py").write_text(
        'def f(words, kind):\n    words("a.said", name=1)\n    words(f"kind.{kind}")\n    words("a.lost")\n'
        '    key = "a.handed_on"\n    return f"{kind}.{key}"\n',
        encoding="utf-8",
    )
    (tmp_path / "page.html").write_text('{{ say("page.said") }} {{ say("page.lost") }}', encoding="utf-8")
    keys = {"a.said", "a.handed_on", "kind.one", "page.said", "nobody.says", "other.one"}
    places = unsaid(keys, said_in([tmp_path]))
    assert {key.replace("\\", "") for key in places} == {"a.lost", "page.lost"}
    assert unused(sorted(keys), named_in([tmp_path])) == ["nobody.says", "other.one"]
    needed = {"a.said": frozenset({"name", "hotline"})}
    assert missing_fields(fields_given([tmp_path]), needed) == {"a.said": {"hotline"}}
