"""The lexicon: what is shipped is sound, mends nothing that is right, and faults say where."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.lexicon import Lexicon, load_lexicon
from bot.answers.text import normalise
from bot.errors import ContentError
from tests.builders import ROOT

SHIPPED = ROOT / "content/lexicon"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "userdict.txt").write_text("停工留薪期 5000 n\n打官司 5000 v\n", encoding="utf-8")
    (tmp_path / "synonyms.yaml").write_text("synonyms:\n  - {lay: [炒鱿鱼], law: [辞退, 解除]}\n", encoding="utf-8")
    (tmp_path / "stopwords.txt").write_text("的\n了\n", encoding="utf-8")
    (tmp_path / "typos.yaml").write_text("typos:\n  陪偿: 赔偿\n", encoding="utf-8")
    return tmp_path


def test_how_often_a_topic_is_asked_is_a_number_and_may_be_unsaid(folder: Path) -> None:
    assert load_lexicon(folder).asked == {}
    (folder / "how_often_asked.yaml").write_text("hourly: [wage.arrears]\nseldom:\n  - union.dues\n", encoding="utf-8")
    assert load_lexicon(folder).asked == {"wage.arrears": 4, "union.dues": 0}


def test_what_is_shipped_is_said_of_topics_that_are_there(lexicon: Lexicon) -> None:
    shipped = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "content/faq").glob("*/*.md")}
    assert lexicon.asked.keys() <= shipped


def test_words_hold_terms_lay_words_and_what_they_stand_for(folder: Path) -> None:
    lexicon = load_lexicon(folder)
    assert lexicon.words == ("停工留薪期", "打官司", "炒鱿鱼", "辞退", "解除")
    assert lexicon.synonyms == {"炒鱿鱼": ("辞退", "解除")}
    assert lexicon.stop_words == {"的", "了"}
    assert lexicon.correct("陪偿多少") == "赔偿多少"


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("userdict.txt", "停工 留薪 期 x\n", "userdict.txt:1: must be a word"),
        ("userdict.txt", "停工 5000 n\n停工 5000 n\n", "userdict.txt:2:"),
        ("stopwords.txt", "的\n的\n", "stopwords.txt:2: 的 stands twice"),
        ("synonyms.yaml", "synonyms:\n  - {lay: [炒], law: [辞退]}\n", "synonyms.yaml:2: synonyms: must be"),
        ("synonyms.yaml", "synonyms:\n  - {lay: [996], law: [加班]}\n", "synonyms.yaml:2: synonyms: must be"),
        ("synonyms.yaml", "synonyms:\n  - {lay: [炒人]}\n", "synonyms.yaml:2: synonyms: must be"),
        ("synonyms.yaml", "synonyms: {}\n", "must be a mapping with synonyms in it"),
        ("typos.yaml", "typos:\n  陪偿: 赔偿\n  赔偿: 赔付\n", "typos.yaml:2: typos: 赔偿 holds a wrong word itself"),
        ("typos.yaml", "typos:\n  陪偿: 7\n", "typos.yaml:2: typos: 陪偿 must be text"),
        ("typos.yaml", "typos: [\n", "typos.yaml:2:"),
        ("how_often_asked.yaml", "daily: [wage.arrears]\nweekly: [wage.bonus]\n", "yaml:2: weekly: must be a list"),
        ("how_often_asked.yaml", "daily:\n  - a.b\nseldom:\n  - a.b\n", "yaml:4: seldom: a.b stands twice"),
        ("how_often_asked.yaml", "daily:\n  - 7\n", "yaml:2: daily: 7 is not a topic"),
        ("how_often_asked.yaml", "- wage.arrears\n", "must be a mapping with lists of topics"),
        ("how_often_asked.yaml", "daily:\n  - 工资\n", "yaml:2: daily: 工资 is not a topic"),
        ("how_often_asked.yaml", "daily: [\n", "how_often_asked.yaml:2:"),
    ],
    ids=range(16),
)
def test_a_fault_names_file_and_line(folder: Path, file: str, text: str, fault: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_lexicon(folder)
    assert any(fault in found for found in error.value.faults), error.value.faults


@pytest.mark.parametrize("file", ["typos.yaml", "how_often_asked.yaml", "stopwords.txt"])
def test_what_is_not_utf8_is_a_fault_of_that_file(folder: Path, file: str) -> None:
    (folder / file).write_bytes("工资\n".encode("gb18030"))
    with pytest.raises(ContentError) as error:
        load_lexicon(folder)
    assert error.value.faults == [f"{folder / file}:1: cannot be read (UnicodeDecodeError)"]


def test_a_missing_file_is_a_fault(folder: Path) -> None:
    (folder / "typos.yaml").unlink()
    with pytest.raises(ContentError, match="cannot be read"):
        load_lexicon(folder)


def test_the_shipped_lexicon_is_rich_enough(lexicon: Lexicon) -> None:
    groups = (SHIPPED / "synonyms.yaml").read_text(encoding="utf-8").count("{lay:")
    assert groups >= 150
    assert len(lexicon.terms) >= 500
    assert len(lexicon.typos) >= 150
    assert len(lexicon.stop_words) >= 150


def test_words_are_written_as_matching_sees_them(lexicon: Lexicon) -> None:
    """Everything is compared with normalised text; a word in another form would never be met."""
    words = (*lexicon.synonyms, *lexicon.stop_words, *lexicon.typos, *lexicon.typos.values())
    assert [word for word in words if normalise(word) != word] == []


def test_no_word_stands_for_itself_and_no_law_word_is_a_stop_word(lexicon: Lexicon) -> None:
    assert [word for word, law in lexicon.synonyms.items() if word in law] == []
    assert [word for law in lexicon.synonyms.values() for word in law if word in lexicon.stop_words] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("工商认定要多久", "工伤认定要多久"),
        ("老板不给陪偿", "老板不给赔偿"),
        ("劳动种裁怎么申请", "劳动仲裁怎么申请"),
        ("合同到其了不续签", "合同到期了不续签"),
        ("打中裁，公司拖千工资", "打仲裁，公司拖欠工资"),
        ("炒尤鱼有补尝吗", "炒鱿鱼有补偿吗"),
    ],
    ids=range(6),
)
def test_slips_are_mended(lexicon: Lexicon, typed: str, meant: str) -> None:
    assert lexicon.correct(typed) == meant


@pytest.mark.parametrize(
    "right",
    [
        "合同到其他公司去签",
        "去工商局查公司，在工商申请执照",
        "试用其他人顶我的岗",
        "领了办公资料不还",
        "加班非自愿",
        "上班时接受商业培训",
        "看病价格太高",
        "没签和同事一样的合同",
        "失业经历",
        "儿童公园保洁员",
        "仲裁为什么不受理",
        "交通是故意堵的",
    ],
    ids=range(12),
)
def test_what_is_right_stays(lexicon: Lexicon, right: str) -> None:
    assert lexicon.correct(right) == right


@cache
def shipped() -> Lexicon:
    """Loaded once: properties may not ask for fixtures."""
    return load_lexicon(SHIPPED)


PIECES = st.deferred(lambda: st.sampled_from(list(shipped().typos))).flatmap(
    lambda wrong: st.integers(0, len(wrong)).map(lambda cut: wrong[:cut])
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_mending_twice_changes_nothing_more(text: str) -> None:
    once = shipped().correct(text)
    assert shipped().correct(once) == once
