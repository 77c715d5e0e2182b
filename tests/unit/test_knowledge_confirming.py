"""Which entries stand confirmed, whatever was changed, put back and confirmed in between."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.knowledge.confirming import Confirmation, LiveVersion, days, standing, taken_back
from bot.rights import Right, may
from bot.roles import Role

START = datetime(2026, 11, 22, 2, tzinfo=UTC)
TOPICS = ("wage.arrears", "wage.proof")
CONFIRM = "confirm"
HISTORIES = st.lists(st.tuples(st.sampled_from(TOPICS), st.sampled_from([*"一二三", CONFIRM])), max_size=30)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def live(**texts: str) -> dict[str, LiveVersion]:
    return {topic.replace("_", "."): LiveVersion(1, digest(text), START, "import") for topic, text in texts.items()}


def a_confirmation(text: str, topic: str = "wage.arrears", **fields: object) -> Confirmation:
    values = {"topic": topic, "digest": digest(text), "confirmed_at": START, "confirmed_by": "王律师", **fields}
    return Confirmation(**values)  # type: ignore[arg-type]


WITHDRAWN = {"withdrawn_at": START, "withdrawn_by": "李律师", "withdrawn_why": "算错了"}
CASES = {
    "never": ("一", [], False),
    "as it stands": ("一", [a_confirmation("一")], True),
    "edited since": ("二", [a_confirmation("一")], False),
    "edited and confirmed again": ("二", [a_confirmation("一"), a_confirmation("二")], True),
    "gone back to what was confirmed": ("一", [a_confirmation("一"), a_confirmation("二")], True),
    "the same text of another topic": ("一", [a_confirmation("一", "wage.proof")], False),
    "withdrawn": ("一", [a_confirmation("一", **WITHDRAWN)], False),
    "of another text withdrawn": ("一", [a_confirmation("一"), a_confirmation("二", **WITHDRAWN)], True),
}


@pytest.mark.parametrize(("text", "kept", "expected"), CASES.values(), ids=CASES)
def test_what_is_confirmed_is_the_text_that_is_live(text: str, kept: list[Confirmation], expected: bool) -> None:
    assert ("wage.arrears" in standing(live(wage_arrears=text), kept)) is expected


def test_what_is_not_live_is_not_confirmed() -> None:
    assert standing({}, [a_confirmation("一")]) == {}


def test_of_what_was_taken_back_only_that_of_the_live_text_is_told() -> None:
    kept = [a_confirmation("一", **WITHDRAWN), a_confirmation("二"), a_confirmation("一", "wage.proof", **WITHDRAWN)]
    assert taken_back(live(wage_arrears="一", wage_proof="二"), kept) == {"wage.arrears": kept[0]}
    assert taken_back(live(wage_arrears="二"), kept) == {}


@given(HISTORIES)
def test_an_entry_is_confirmed_exactly_while_it_says_what_somebody_has_confirmed(
    history: list[tuple[str, str]],
) -> None:
    texts: dict[str, str] = {}
    kept: list[Confirmation] = []
    confirmed: set[tuple[str, str]] = set()
    for number, (topic, act) in enumerate(history):
        if act != CONFIRM:
            texts[topic] = act
        elif topic in texts:
            kept.append(a_confirmation(texts[topic], topic, confirmed_at=START + timedelta(days=number)))
            confirmed.add((topic, texts[topic]))
        now = {topic: LiveVersion(1, digest(text), START, "import") for topic, text in texts.items()}
        expected = {topic for topic, text in texts.items() if (topic, text) in confirmed}
        assert set(standing(now, kept)) == expected


def test_the_day_of_a_confirmation_is_that_of_china() -> None:
    late = a_confirmation("一", confirmed_at=datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert days({"wage.arrears": late}) == {"wage.arrears": date(2026, 11, 23)}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_those_confirm_who_handle_rights_and_no_others(role: Role) -> None:
    assert may(role, Right.CONFIRM_KNOWLEDGE) is (role in {Role.CADRE, Role.SUPERVISOR})
