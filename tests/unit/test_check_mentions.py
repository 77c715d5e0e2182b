"""Finding the provisions that a text mentions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.laws.mentions import MentionFinder, bracketed_titles
from bot.laws.numerals import parse_numeral

FINDER = MentionFinder(["劳动合同法", "劳动法", "刑法", "工伤保险条例", "山东省实施《工会法》办法"])


def found(text: str) -> list[str]:
    """The mentions as law:article之N.paragraph.item, with ? where no law is named."""
    texts = []
    for m in FINDER.find(text):
        place = f"{m.law}:{m.article or ''}" + (f"之{m.suffix}" if m.suffix else "")
        place += f".{m.paragraph}" if m.paragraph else ""
        texts.append(("" if m.named else "?") + place + (f"#{m.item}" if m.item else ""))
    return texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《劳动合同法》第85条第1款第2项", ["劳动合同法:85.1#2"]),
        ("《劳动合同法》第八十五条第（二）项", ["劳动合同法:85#2"]),
        ("《劳动合同法》第30、85条", ["劳动合同法:30", "劳动合同法:85"]),
        (
            "《超龄暂行规定》（下面简称暂行规定）第2条，《劳动法》第41条，暂行规定第13条",
            ["超龄暂行规定:2", "劳动法:41", "超龄暂行规定:13"],
        ),
        ("《劳动合同法》第36条、第46条和第47条", ["劳动合同法:36", "劳动合同法:46", "劳动合同法:47"]),
        ("《劳动合同法》第十九条至第二十一条", ["劳动合同法:19", "劳动合同法:20", "劳动合同法:21"]),
        ("《劳动合同法》第3至5条", ["劳动合同法:3", "劳动合同法:4", "劳动合同法:5"]),
        ("《刑法》第276条之一", ["刑法:276之1"]),
        ("《劳动合同法》（2012修正）第８２条", ["劳动合同法:82"]),
        ("依《劳动合同法》的第82条第一款、第二款和第85条", ["劳动合同法:82.1", "劳动合同法:85"]),
        ("劳动合同法第38条，刑法第3条", ["劳动合同法:38", "刑法:3"]),
        ("山东省劳动合同法第38条", ["?:38"]),
        ("《劳动法》第3条，《工伤保险条例》第17条，该法第4条", ["劳动法:3", "工伤保险条例:17", "?劳动法:4"]),
        ("《工伤保险条例》第17条，《劳动法》第3条，该条例第18条", ["工伤保险条例:17", "劳动法:3", "?工伤保险条例:18"]),
        ("《劳动法》第3条。（第4条、第5条）", ["劳动法:3", "?劳动法:4", "?劳动法:5"]),
        ("《甲解释（一）》《乙解释（二）》，该解释（一）第3条", ["甲解释（一）:", "乙解释（二）:", "?甲解释（一）:3"]),
        ("第9条没有前文", ["?:9"]),
        ("《劳动法》规定，合同第5条、员工手册第3条不算", ["劳动法:"]),
        ("《实施《工会法》办法》第2条", ["实施《工会法》办法:2"]),
        ("山东省实施《工会法》办法第11、13条", ["山东省实施《工会法》办法:11", "山东省实施《工会法》办法:13"]),
        ("《山东省实施《工会法》办法》第14条，《工会法》第3条", ["山东省实施《工会法》办法:14", "工会法:3"]),
        ("没有引用", []),
    ],
    ids=range(22),
)
def test_mentions_are_found_in_every_form(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_mentions_know_where_they_stand() -> None:
    text = "先看。\n再看《劳动法》第3条。"
    (mention,) = FINDER.find(text)
    assert text[mention.start :].startswith("第3条")


def test_brackets_do_not_reach_across_lines() -> None:
    assert [title for title, _, _ in bracketed_titles("《劳动\n合同法》《劳动法》")] == ["劳动法"]


PIECES = ["《劳动法》", "第", "3", "十", "条", "款", "、", "至", "该法", "（", "）", "之一", "\n", "第十至3条"]


@given(st.lists(st.sampled_from(PIECES)))
def test_no_text_breaks_the_finder(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert all(0 <= mention.start < len(text) for mention in FINDER.find(text))


@given(st.integers(1, 9999))
def test_arabic_numerals_are_read(number: int) -> None:
    assert parse_numeral(str(number)) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [("四十七", 47), ("十", 10), ("一百零七", 107), ("一千二百六十", 1260), ("二\u3007五", 205), ("两百", 200)],
    ids=["47", "10", "107", "1260", "205", "200"],
)
def test_chinese_numerals_are_read(text: str, value: int) -> None:
    assert parse_numeral(text) == value


def test_what_is_no_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        parse_numeral("甲")
