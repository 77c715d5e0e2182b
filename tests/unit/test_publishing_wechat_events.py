"""WeChat's events about publishing, as they were recorded."""

from datetime import UTC, datetime

import pytest

from bot.channels.wechat.document import read
from bot.channels.wechat.parse import parse_message
from bot.channels.wechat.publish_events import PublishEvents, outcome_of
from bot.errors import StoreUnavailable
from bot.messages import Message, Reply
from bot.publishing.outcomes import Outcome, Refused, Sent
from tests.builders import a_message
from tests.wechat import a_payload

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def an_event(name: str, **changes: str) -> Message:
    document = a_payload(name)
    for old, new in changes.items():
        document = document.replace(old, new)
    return parse_message(read(document.encode()), NOW)


def test_a_finished_publication_names_its_address() -> None:
    assert outcome_of(an_event("event_published")) == (
        "publish:2247503051",
        Sent(
            vendor_id="publish:2247503051",
            address="http://mp.weixin.qq.com/s?__biz=invented&mid=2247503051&idx=1",
        ),
    )


def test_a_failed_publication_is_refused_for_good() -> None:
    told = outcome_of(an_event("event_publish_failed"))
    assert told is not None
    job, outcome = told
    assert job.startswith("publish:")
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code.startswith("publish_status_")) == (True, True)


def test_a_sent_mass_message_names_its_address() -> None:
    address = "http://mp.weixin.qq.com/s?__biz=invented&mid=2247483901&idx=1"
    assert outcome_of(an_event("event_mass_sent")) == (
        "mass:3147483655",
        Sent(vendor_id="mass:3147483655", address=address),
    )


def test_a_refused_mass_message_says_why() -> None:
    told = outcome_of(an_event("event_mass_refused"))
    assert told is not None
    assert isinstance(told[1], Refused)
    assert told[1].code.startswith("mass_err")


def test_other_messages_say_nothing_about_publishing() -> None:
    assert outcome_of(a_message()) is None
    assert outcome_of(an_event("event_template_sent")) is None
    assert outcome_of(an_event("event_click")) is None


class Desk:
    """Publishing and the inbox behind it."""

    def __init__(self, failing: bool = False) -> None:
        self.failing = failing
        self.said: list[tuple[str, str, Outcome]] = []
        self.received: list[Message] = []

    async def hear(self, channel: str, job: str, outcome: Outcome) -> None:
        if self.failing:
            raise StoreUnavailable
        self.said.append((channel, job, outcome))

    async def receive(self, message: Message) -> Reply | None:
        self.received.append(message)
        return None


async def test_publishing_hears_of_its_jobs_and_the_inbox_of_everything() -> None:
    desk = Desk()
    door = PublishEvents(desk.hear, desk.receive)
    await door.receive(an_event("event_published"))
    await door.receive(a_message())
    assert [(channel, job) for channel, job, _ in desk.said] == [("wechat", "publish:2247503051")]
    assert len(desk.received) == 2


async def test_an_event_that_cannot_be_written_is_no_failed_message() -> None:
    """WeChat is asked for it anyway."""
    desk = Desk(failing=True)
    assert await PublishEvents(desk.hear, desk.receive).receive(an_event("event_mass_sent")) is None
    assert len(desk.received) == 1


@pytest.mark.parametrize("name", ["event_published", "event_mass_sent"])
async def test_a_repeated_event_is_told_again_in_the_same_words(name: str) -> None:
    """The ledger takes an outcome once; nothing here remembers."""
    desk = Desk()
    door = PublishEvents(desk.hear, desk.receive)
    await door.receive(an_event(name))
    await door.receive(an_event(name))
    assert desk.said[0] == desk.said[1]
