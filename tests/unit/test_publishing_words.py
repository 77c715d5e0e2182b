"""Everything that staff are told about posts has words, and the words need nothing that is not there."""

import ast
import re
from enum import StrEnum

import pytest

from bot.publishing.correcting import Mode
from bot.publishing.deliveries import DeliveryEvent, DeliveryState, Kind
from bot.publishing.outcomes import Awaited
from bot.publishing.ports import HealthState
from bot.publishing.posts import Decision, PostState, Tone
from bot.publishing.rendering import Finding
from bot.publishing.schedules import Every, OnDayOff, ScheduleState
from bot.publishing.words import PublishingWords
from bot.publishing_settings import CHANNELS
from bot.rights import Right
from bot.wording import load_wording
from tests.builders import ROOT
from tests.newsroom_desk import the_newsroom

WORDING = load_wording(ROOT / "content" / "replies")
FOLDERS = [ROOT / "bot" / name for name in ("publishing", "channels", "site")]
SOURCES = [path.read_text(encoding="utf-8") for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]


RENDERERS = [
    (ROOT / "bot" / "channels" / name).read_text(encoding="utf-8") for name in ("wechat/article.py", "weibo/render.py")
]


def codes(pattern: str, *sources: str) -> list[str]:
    """The codes that the source names in that place."""
    return sorted({code for source in sources or SOURCES for code in re.findall(pattern, source)})


def law_codes() -> list[str]:
    """The codes of what is wrong with citations."""
    trees = [
        ast.parse((ROOT / "bot" / "laws" / name).read_text(encoding="utf-8")) for name in ("citing.py", "statutes.py")
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) == 4]
    named = [call.args[3] for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("error", "warning")]
    return sorted({str(node.value) for node in named if isinstance(node, ast.Constant)})


@pytest.mark.parametrize("code", codes(r'\b(?:Finding|_dated)\(\s*"([a-z_]+)"'))
def test_every_finding_has_words(code: str) -> None:
    assert WORDING.has(f"publishing.finding.{code}")


@pytest.mark.parametrize("code", codes(r'\b_(?:finding|error|warning)\("([a-z_]+)", (?:where|text|"|f")', *RENDERERS))
def test_every_finding_of_a_renderer_has_words(code: str) -> None:
    assert WORDING.has(f"publishing.finding.{code}")


@pytest.mark.parametrize(
    "code", [*law_codes(), "repealed", "uncertain", "unknown_law", "not_in_force", "no_such_article"]
)
def test_every_finding_on_citations_has_words(code: str) -> None:
    assert WORDING.has(f"publishing.finding.citation_{code}")


@pytest.mark.parametrize("code", codes(r'NotNow\([^,]+, "([a-z_]+)"\)'))
def test_everything_that_is_refused_for_now_has_words(code: str) -> None:
    assert WORDING.has(f"publishing.not_now.{code}")


@pytest.mark.parametrize(
    "code", [*Right, *codes(r'return "(not_in_review|not_this_level|own_post|changed_it|reviewed_already)"')]
)
def test_everything_that_somebody_may_not_has_words(code: str) -> None:
    assert WORDING.has(f"publishing.refused.{code}")


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("state", PostState),
        ("decision", Decision),
        ("tone", Tone),
        ("kind", Kind),
        ("delivery", DeliveryState),
        ("event", DeliveryEvent),
        ("awaited", Awaited),
        ("health", HealthState),
        ("every", Every),
        ("day_off", OnDayOff),
        ("schedule", ScheduleState),
        ("mode", Mode),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_code_has_a_label(kind: str, members: type[StrEnum]) -> None:
    assert [code for code in members if not WORDING.has(f"publishing.{kind}.{code}")] == []


def test_every_channel_has_a_name() -> None:
    assert [code for code in CHANNELS if not WORDING.has(f"publishing.channel.{code}")] == []
    words = PublishingWords(WORDING, {"webhook.portal": "市政府门户"})
    assert (words.channel("webhook.portal"), words.channel("weibo")) == ("市政府门户", "微博")


def test_a_finding_is_told_with_its_place_and_its_facts() -> None:
    words = the_newsroom().words
    finding = Finding("too_long", channel="weibo", where="variants.weibo", data={"count": "150", "limit": "140"})
    assert (words.where(finding), words.finding(finding)) == ("微博 · 渠道专用文字", "写了 150，最多 140")
    assert words.finding(Finding("nobody_knows")) == "nobody_knows"
    assert words.finding(Finding("too_long")) == "too_long", "without its facts there is no sentence"
    assert words.where(Finding("no_channels")) == ""
