"""How a worker says what notices of a case shall show."""

import pytest

from bot.complaints.worker.reaching import Chosen
from handlers.case_notices import _read


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("不写内容", Chosen.NEUTRAL),
        ("只要提醒", Chosen.NEUTRAL),
        ("提醒我不要写内容", Chosen.NEUTRAL),
        ("提醒，不要内容", Chosen.NEUTRAL),
        ("提醒但不要写内容", Chosen.NEUTRAL),
        ("提醒时别写内容", Chosen.NEUTRAL),
        ("不要内容", Chosen.NEUTRAL),
        ("写内容", Chosen.SHOWN),
        ("提醒我要写内容", Chosen.SHOWN),
        ("不要提醒了", Chosen.NONE),
        ("今天天气好", None),
    ],
)
def test_whoever_says_no_to_the_content_never_gets_it(said: str, chosen: Chosen | None) -> None:
    """To be shown content is a consent of its own: it is never read out of a sentence that denies something."""
    assert _read(said) is chosen
