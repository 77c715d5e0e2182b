"""The hit test says what a worker would get, and its parts add up to the ranking."""

import math

import pytest

from bot.answers.index import Encoders, Index, build_index
from bot.answers.knowledge.hit_test import explain, nearest
from bot.answers.outcome import Outcome, Policy
from bot.answers.ranking import EnsembleRanker, SlowPolicy
from tests.fakes import FakeEncoder, ScriptedRanker
from tests.unit.test_ranking import ASK, a_base, materials

POLICY = Policy(answer=0.5, labour=0.05)
QUESTIONS = ["老板拖欠我工资", "工伤怎么申请认定", "没签合同", "离婚孩子归谁", "公资不发"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("vectors")
    return build_index(a_base(), materials(), Encoders(FakeEncoder("fast"), FakeEncoder("slow"), folder))


def a_ranker(index: Index, **policy: object) -> EnsembleRanker:
    slow = SlowPolicy(per_second=1000, **policy)  # type: ignore[arg-type]
    return EnsembleRanker(index, materials(), FakeEncoder("fast"), FakeEncoder("slow"), slow)


@pytest.mark.parametrize("sure", [0.0, 1.1], ids=["fast-alone", "slow-too"])
@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_report_says_what_a_worker_would_get(index: Index, question: str, sure: float) -> None:
    """Whether the slow encoder is asked changes the outcome: the report follows the same rule."""
    ranker = a_ranker(index, sure=sure, unlikely=0.0)
    report = explain(ranker, POLICY, a_base().entries, question)
    ranked = ranker.rank(question, a_base().entries)
    assert (report.certainty, report.labour) == pytest.approx((ranked.certainty, ranked.labour))
    assert tuple(hit.topic for hit in report.hits) == ranked.topics[:5]
    assert (report.outcome, report.reason) == POLICY.decide(ranked)
    assert ("slow" in report.asked) is (sure > 1)


def test_what_the_components_add_is_the_ranking(index: Index) -> None:
    report = explain(a_ranker(index), POLICY, a_base().entries, "老板拖欠我工资")
    odds = [sum(hit.parts.values()) for hit in report.hits]
    assert odds == sorted(odds, reverse=True)
    first, second = report.hits[:2]
    assert math.log(first.share / second.share) == pytest.approx(odds[0] - odds[1], abs=1e-3)


def test_the_question_is_shown_as_it_was_read(index: Index) -> None:
    assert explain(a_ranker(index), POLICY, a_base().entries, "公资 不发").read_as == "工资 不发"


def test_the_nearest_phrasings_come_first_and_share_most() -> None:
    assert nearest("一直不发工资", ASK["wage.arrears"])[0] == ("一直不发工资咋办", pytest.approx(0.833, abs=0.001))
    assert nearest("", ("一",)) == (("一", 0.0),)


@pytest.mark.parametrize("question", ["", "   "])
def test_nothing_asked_finds_nothing(index: Index, question: str) -> None:
    report = explain(a_ranker(index), POLICY, a_base().entries, question)
    assert (report.hits, report.outcome) == ((), Outcome.NONE)


def test_an_empty_base_and_no_ranker_find_nothing(index: Index) -> None:
    assert explain(a_ranker(index), POLICY, {}, "工资").hits == ()
    assert explain(None, POLICY, a_base().entries, "工资").hits == ()


def test_small_talk_gets_no_entry(index: Index) -> None:
    report = explain(a_ranker(index), POLICY, a_base().entries, "你好", small_talk="greeting")
    assert (report.outcome, report.reason) == (Outcome.NONE, "small_talk.greeting")


def test_a_ranker_of_another_kind_is_asked_for_its_ranking() -> None:
    report = explain(ScriptedRanker({"工资": "wage.arrears"}, {}), POLICY, a_base().entries, "工资")
    assert report.outcome is Outcome.ANSWER
    assert report.hits[0].parts == {}
