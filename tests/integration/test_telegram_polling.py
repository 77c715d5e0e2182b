"""Asking for updates: one process at a time, the place moved on once they are kept, whatever Telegram answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.telegram.answering import Answering
from bot.channels.telegram.parse import BotName
from bot.channels.telegram.polling import ASK_AGAIN, Polling
from tests.fakes import FakeClock
from tests.integration.test_telegram_webhook import asked, replaced
from tests.telegram import Talk, a_talk


class Source:
    """Telegram, as far as it is asked for updates."""

    def __init__(self, *answers: Sequence[Mapping[str, Any]] | TelegramError) -> None:
        self.answers, self.offsets, self.dropped = list(answers), [], 0

    async def updates(self, offset: int, wait: timedelta) -> Sequence[Mapping[str, Any]]:
        self.offsets.append(offset)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, TelegramError):
            raise answer
        return answer

    async def drop_webhook(self) -> None:
        self.dropped += 1


def polling(talk: Talk, source: Source, owner: str) -> Polling:
    assert talk.channel.answering
    answering = Answering(replaced(talk.channel.answering, owner), BotName(7001))  # type: ignore[arg-type]
    talk.polled.append(answering)
    return Polling(
        source=source, answering=answering, write=talk.program.store.write, clock=talk.program.clock, owner=owner
    )


async def test_updates_are_kept_answered_and_confirmed_by_the_next_question(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        update = talk.chat.text("公司三个月没发工资")
        source = Source([update], [update])
        mine = polling(talk, source, "a")
        assert [await mine.ask_once() for _ in range(3)] == [0.0, 0.0, 0.0]
        await talk.settled()
        assert source.offsets == [0, update["update_id"] + 1, update["update_id"] + 1]
        assert (await asked(talk), len(talk.chat.sent), source.dropped) == (1, 1, 1)


async def test_one_process_asks_and_another_takes_over_where_it_was(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        source = Source([talk.chat.text("你好")])
        first, second = polling(talk, source, "a"), polling(talk, source, "b")
        await first.ask_once()
        assert await second.ask_once() == ASK_AGAIN
        await first.leave()
        await second.ask_once()
        assert source.offsets == [0, 1001]
        clock.advance(minutes=2)
        await first.ask_once()
        assert source.offsets == [0, 1001, 1001]
        await talk.settled()


async def test_whatever_telegram_answers_the_next_question_comes(tmp_path: Path, clock: FakeClock) -> None:
    async with a_talk(tmp_path, clock) as talk:
        errors = [NetworkError("away")] * 3 + [Conflict("two"), RetryAfter(7), InvalidToken("no")]
        mine = polling(talk, Source(*errors, [{"update_id": "no number"}], [talk.chat.text("你好")]), "a")
        pauses = [await mine.ask_once() for _ in range(8)]
        assert pauses == [1.0, 2.0, 5.0, 15.0, 7.0, 60.0, 60.0, 0.0]
        await talk.settled()
        assert len(talk.chat.sent) == 1
