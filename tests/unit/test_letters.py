"""Notices to staff in words: only what is known to be harmless is ever said."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.templates import LONGEST_WORDS
from bot.complaints.notices import WORDS_ONLY, Road, StaffNotice
from bot.staff.letters import LetterWriter
from bot.wording import load_wording
from tests.builders import ROOT

WORDING = load_wording(ROOT / "content" / "replies")
WRITER = LetterWriter(WORDING, federation="菏泽工会", page="https://ask.example.org/console")
KINDS = sorted(key.rpartition(".")[2] for key in sorted(WORDING.keys()) if key.startswith("notices.line."))
SECRET = "张三13812345678"


def a_notice(kind: str = "overdue", number: str = "HZ261122-048213", **data: str) -> StaffNotice:
    return StaffNotice(key="k", road=Road.MAIL, kind=kind, staff="a" * 32, number=number, data=data)


def test_a_mail_says_which_cases_and_what_is_due_the_first_due_first() -> None:
    later = a_notice("due", "HZ261122-000002", title="受理", due="2026-12-01")
    sooner = a_notice("overdue", "HZ261122-000001", title="首次联系职工", due="2026-11-20")
    letter = WRITER.mail([later, sooner])
    assert letter.subject == "【菏泽工会】维权工作提醒 2 条"
    assert letter.lines == (
        "HZ261122-000001 “首次联系职工” 2026-11-20 已经到期，还没有办",
        "HZ261122-000002 “受理” 2026-12-01 到期",
    )
    assert "https://ask.example.org/console" in letter.foot


def test_the_group_is_told_once_what_concerns_several() -> None:
    letter = WRITER.group([a_notice("collective", "", cases="3")] * 3, ["anna", "", "bert", "anna"])
    assert letter.lines == ("可能是集体事项（3 件），请到工作台查看",)
    assert letter.mentions == ("anna", "bert")


def test_a_kind_without_words_is_still_told() -> None:
    assert WRITER.mail([a_notice("a_kind_of_tomorrow")]).lines == ("HZ261122-048213 有事项要看",)


@given(kind=st.sampled_from([*KINDS, "unknown"]), names=st.sets(st.text("abcdefghijklmnop_", min_size=1), max_size=5))
def test_nothing_but_what_is_allowed_gets_into_the_words(kind: str, names: set[str]) -> None:
    data = {name: SECRET for name in names | {"name", "phone", "employer", "narrative"} if name not in WORDS_ONLY}
    notice = replace(a_notice(kind), data=data)
    for letter in (WRITER.mail([notice]), WRITER.group([notice], [])):
        assert SECRET not in "\n".join((letter.subject, *letter.lines, letter.foot))


def test_what_a_worker_reads_in_wechat_fits_and_names_nothing() -> None:
    for kind in ("news", "verdict"):
        words = WORDING(f"notices.worker.{kind}")
        assert len(words) <= LONGEST_WORDS
        assert "凭证" in words
        assert "投诉" not in words, "who looks at somebody's phone reads it too"
