"""What the times in a worker's story belong to."""

import time

import pytest

from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.quantities.moments import About, about_what, find_moments, the_one
from tests.intake import TODAY

LUNAR = TableLunarCalendar()
STORIES = [
    ("去年腊月开始拖了仨月工资，包工头跑了", "since 2026-01-19; since 2026-08-06"),
    ("上个月离开的", "left 2026-10-01"),
    ("2024年5月入职，去年10月底离职", "started 2024-05-01; left 2025-10-21"),
    ("入职2025年3月 离职2026年9月", "started 2025-03-01; left 2026-09-01"),
    ("离职时间：10月8号", "left 2026-10-08"),
    ("去年 10月 25号 走的", "left 2025-10-25"),
    ("10月5号，我在工地干活，从架子上摔下来", "accident 2026-10-05"),
    ("受伤那天是10月5号", "accident 2026-10-05"),
    ("十月一号上班的时候砸着脚了", "accident 2026-10-01"),
    ("受伤已经两个月了，上周五把我开除了", "accident 2026-09-06; dismissed 2026-11-13"),
    ("住院一个月，9月3号出的事", "other 2026-10-06; accident 2026-09-03"),
    ("8月、9月、10月没发工资", "since 2026-08-01"),
    ("8月9月10月工资都没发", "since 2026-08-01"),
    ("干了三年，三个月没发工资", "started 2023-07-06; since 2026-08-06"),
    ("走了俩月了还没给结账", "left 2026-09-06"),
    ("2020年3月进厂就没交过社保", "since 2020-03-01"),
    ("上个月老板走了，从8月起没发钱", "other 2026-10-01; since 2026-08-01"),
    ("同事上个月走的", "other 2026-10-01"),
    ("老板答应上个月15号给，到现在没给", "other 2026-10-15"),
    ("俺从年初干到国庆节就不干了", "started 2026-01-01; left 2026-10-01"),
    ("今年3月开始干到9月，一分钱没给", "since 2026-03-01"),
    ("上周五主管让我明天别来了", "dismissed 2026-11-13"),
    ("7月公司把我开了", "dismissed 2026-07-01"),
    ("俺去年麦收时候来的", "started 2025-05-20"),
    ("去年腊月", "plain 2026-01-19"),
    (
        "从六月开始就没给工资 七月十号从架子上摔下来 腿断了 八月底不干了",
        "since 2026-06-01; accident 2026-07-10; left 2026-08-21",
    ),
    ("不在那干了\n上个月\n工资从8月就没发", "plain 2026-10-01; since 2026-08-01"),
]


@pytest.mark.parametrize(("text", "told"), STORIES, ids=range(len(STORIES)))
def test_each_time_is_told_by_the_words_around_it(text: str, told: str) -> None:
    found = [(m.about, m.when.begins) for m in find_moments(text, TODAY, LUNAR)]
    assert "; ".join(f"{about} {days.first}" for about, days in found if days is not None) == told


def test_called_the_beginning_counts_before_how_long_it_lasted() -> None:
    moments = about_what(find_moments("去年腊月开始拖了仨月工资", TODAY, LUNAR), About.SINCE)
    one = the_one(moments)
    assert one is not None
    assert one.when.said == "去年腊月"


def test_of_two_beginnings_none_is_guessed() -> None:
    moments = about_what(find_moments("3月没发工资，后来给了点，8月又没发", TODAY, LUNAR), About.SINCE)
    assert len(moments) == 2
    assert the_one(moments) is None


def test_long_story_is_read_to_its_end() -> None:
    story = "老板总说没钱让我们等着。" * 60 + "我上个月20号离开的。"
    [one] = find_moments(story, TODAY, LUNAR)
    assert (one.about, str(one.when.begins and one.when.begins.first)) == (About.LEFT, "2026-10-20")


@pytest.mark.parametrize("piece", ["上个月", "3月没发", "不干", "老板都", " 了 ", "从"])
def test_no_story_takes_long(piece: str) -> None:
    began = time.perf_counter()
    find_moments(piece * 1000, TODAY, LUNAR)
    assert time.perf_counter() - began < 2
