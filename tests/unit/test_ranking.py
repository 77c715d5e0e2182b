"""Index and ranking over a small base with fake encoders."""

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.base import FaqBase
from bot.answers.index import Encoders, Index, Materials, build_index, fingerprint
from bot.answers.index_files import load_index, save_index
from bot.answers.ranking import EnsembleRanker, SlowPolicy
from bot.answers.segment import Segmenter
from bot.answers.training import Linear
from tests.builders import an_entry
from tests.fakes import FakeEncoder

ASK = {
    "wage.arrears": ("公司三个月没发工资", "老板拖着工资不给", "工资拖欠半年了", "一直不发工资咋办"),
    "injury.apply": ("工伤认定怎么申请", "受伤了到哪里申请工伤", "工伤申请要什么材料", "单位不给报工伤"),
    "contract.double-wage": ("没签劳动合同能要双倍工资吗", "入职一年没签合同", "双倍工资怎么算", "不签合同赔两倍"),
}
OTHERS = ("借钱不还怎么起诉", "离婚孩子归谁", "今天天气怎么样", "邻居漏水赔不赔")
SEGMENTER = Segmenter(("劳动合同",), ("的",), {"炒鱿鱼": ("辞退",)})


def a_base() -> FaqBase:
    entries = {topic: an_entry(topic, title=ask[0], ask=ask) for topic, ask in ASK.items()}
    return FaqBase(entries, "revision-1")


def materials() -> Materials:
    return Materials(OTHERS, SEGMENTER, lambda text: text.replace("公资", "工资"), "digest-1")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("vectors")
    return build_index(a_base(), materials(), Encoders(FakeEncoder("fast"), FakeEncoder("slow"), folder))


def ranker(index: Index, **policy: object) -> EnsembleRanker:
    return EnsembleRanker(
        index,
        materials(),
        FakeEncoder("fast"),
        FakeEncoder("slow"),
        SlowPolicy(**policy),  # type: ignore[arg-type]
    )


def test_the_fitting_topic_comes_first(index: Index) -> None:
    assert ranker(index).rank("老板拖欠我工资", ASK).topics[0] == "wage.arrears"
    assert ranker(index).rank("工伤怎么申请认定", ASK).topics[0] == "injury.apply"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_ranking_in_order_whose_shares_sum_to_one(index: Index, text: str) -> None:
    ranked = ranker(index).rank(text, ASK)
    assert list(ranked.scores) == sorted(ranked.scores, reverse=True)
    assert len(set(ranked.topics)) == len(ranked.topics)
    assert not ranked.topics or sum(ranked.scores) == pytest.approx(1, abs=1e-4)
    assert 0 <= ranked.certainty <= 1
    assert 0 <= ranked.labour <= 1


def test_a_topic_that_may_not_be_served_is_never_ranked(index: Index) -> None:
    ranked = ranker(index).rank("老板拖欠我工资", {"injury.apply": 1, "contract.double-wage": 1})
    assert set(ranked.topics) == {"injury.apply", "contract.double-wage"}


def test_a_slip_of_the_pen_is_mended_before_ranking(index: Index) -> None:
    assert ranker(index).rank("老板拖欠我公资", ASK) == ranker(index).rank("老板拖欠我工资", ASK)


def test_of_two_topics_that_fit_as_well_the_one_asked_more_often_comes_first() -> None:
    twins = {topic: an_entry(topic, title="工资的事", ask=("工资怎么办", "工资问题")) for topic in ("a.one", "a.two")}
    base = FaqBase({**a_base().entries, **twins}, "twins")
    for more, less in (("a.one", "a.two"), ("a.two", "a.one")):
        asked = dataclasses.replace(materials(), asked={more: 4, less: 0}, digest=more)
        made = build_index(base, asked, Encoders())
        ranked = EnsembleRanker(made, asked).rank("工资怎么办", base.entries)
        assert ranked.topics.index(more) < ranked.topics.index(less)


def test_certainty_does_not_grow_with_how_often_a_topic_is_asked(index: Index) -> None:
    levels = np.array([4 if topic == "wage.arrears" else 0 for topic in index.topics], np.float32)
    often = dataclasses.replace(index, asked=levels)
    seldom = dataclasses.replace(index, asked=np.zeros_like(levels))
    one, other = (ranker(made).rank("老板拖欠我工资", ASK) for made in (often, seldom))
    assert one.topics[0] == other.topics[0] == "wage.arrears"
    assert one.scores[0] > other.scores[0]
    assert one.certainty == pytest.approx(other.certainty)


def test_nothing_allowed_gives_nothing(index: Index) -> None:
    assert ranker(index).rank("老板拖欠我工资", {}).topics == ()


def test_the_slow_encoder_is_not_asked_when_the_fast_ranking_is_sure(index: Index) -> None:
    slow = FakeEncoder("slow")
    quick = EnsembleRanker(index, materials(), FakeEncoder("fast"), slow, SlowPolicy(sure=0.0))
    quick.rank("老板拖欠我工资", ASK)
    assert slow.encoded == []


def test_a_busy_slow_encoder_is_gone_without_rather_than_waited_for(index: Index) -> None:
    """Under load an answer a little less sure beats an answer too late for WeChat."""
    entered, leave = threading.Event(), threading.Event()

    class Stuck(FakeEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            entered.set()
            leave.wait(10)
            return super().encode(texts)

    slow = Stuck("slow")
    busy = EnsembleRanker(index, materials(), FakeEncoder("fast"), slow, SlowPolicy(sure=1.1, unlikely=0.0))
    first = threading.Thread(target=busy.rank, args=("老板拖欠我工资", ASK))
    first.start()
    assert entered.wait(10)
    assert busy.rank("工伤怎么申请认定", ASK).topics[0] == "injury.apply"
    leave.set()
    first.join(10)
    assert len(slow.encoded) == 1


def test_while_many_questions_come_in_the_slow_encoder_is_left_alone(index: Index) -> None:
    """It would take the processor from those who wait; when it is quiet again it helps again."""
    time = [0.0]
    slow = FakeEncoder("slow")
    policy = SlowPolicy(sure=1.1, unlikely=0.0, per_second=3)
    crowded = EnsembleRanker(index, materials(), FakeEncoder("fast"), slow, policy, now=lambda: time[0])
    for _ in range(8):
        crowded.rank("老板拖欠我工资", ASK)
    assert len(slow.encoded) == 3
    time[0] = 5.0
    crowded.rank("老板拖欠我工资", ASK)
    assert len(slow.encoded) == 4


def test_the_gate_of_an_encoder_weighs_all_topics_together_against_other_matters(index: Index) -> None:
    """Even odds of three topics against other matters that score as high as each of them: log 3."""
    assert index.fast is not None
    assert index.fast.rival
    level = Linear(np.zeros_like(index.fast.topics.weights), np.full(3, 2.0, np.float32))
    rival = Linear(np.zeros_like(index.fast.gate.weights), np.full(1, 2.0, np.float32))
    even = dataclasses.replace(index, fast=dataclasses.replace(index.fast, topics=level, gate=rival))
    assert ranker(even).evidence("工资").gates["fast"] == pytest.approx(np.log(3))


def test_questions_on_other_matters_are_told_from_those_on_labour(index: Index) -> None:
    labour, other = (ranker(index).rank(text, ASK).labour for text in ("老板拖欠我工资", "邻居借钱不还怎么离婚"))
    assert labour > other


def test_without_encoders_the_words_alone_rank() -> None:
    lexical = build_index(a_base(), materials(), Encoders())
    assert EnsembleRanker(lexical, materials()).rank("工资被拖欠", ASK).topics[0] == "wage.arrears"


def test_an_index_comes_back_from_disk_and_ranks_alike(index: Index, tmp_path: Path) -> None:
    save_index(index, tmp_path)
    loaded = load_index(tmp_path, index.fingerprint)
    assert loaded is not None
    assert ranker(loaded).rank("没签合同", ASK) == ranker(index).rank("没签合同", ASK)


def test_an_index_of_another_base_is_not_loaded(index: Index, tmp_path: Path) -> None:
    save_index(index, tmp_path)
    other = dataclasses.replace(a_base(), revision="revision-2")
    assert load_index(tmp_path, fingerprint(other, materials(), [])) is None


@pytest.mark.parametrize("damaged", [b"damaged", b""], ids=["rubbish", "empty"])
def test_a_damaged_index_counts_as_absent(index: Index, tmp_path: Path, damaged: bytes) -> None:
    """An empty file is what a power cut leaves."""
    place = save_index(index, tmp_path)
    (place / "words.idf.npy").write_bytes(damaged)
    assert load_index(tmp_path, index.fingerprint) is None


def test_saving_an_index_removes_the_ones_before(index: Index, tmp_path: Path) -> None:
    save_index(dataclasses.replace(index, fingerprint="old"), tmp_path)
    save_index(index, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [index.fingerprint]


def test_a_single_entry_makes_a_base_that_answers() -> None:
    base = FaqBase({"wage.arrears": an_entry()}, "one")
    small = build_index(base, materials(), Encoders())
    assert EnsembleRanker(small, materials()).rank("欠工资", base.entries).topics == ("wage.arrears",)
