"""Updates of every kind as messages: pure, and nothing of it raises."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import BadUpdate, BotName, Parsed, parse_update, update_id
from bot.messages import Kind
from tests.emulators.telegram_chat import TelegramChat

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BOT = BotName(7001, "heze_union_bot")
CHAT = TelegramChat()

NAMES = (
    "message", "edited_message", "callback_query", "my_chat_member", "from", "chat", "id", "type", "text", "data",
    "photo", "date", "edit_date", "message_id", "entities", "reply_to_message", "document", "file_id",
    "new_chat_member", "status",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=30,
)


def parse(update: dict) -> Parsed:
    return parse_update(update, NOW, BOT)


@given(content=st.dictionaries(st.sampled_from(NAMES[:4]), JSON))
def test_no_update_makes_it_raise(content: dict) -> None:
    parse({"update_id": 1, **content})


@pytest.mark.parametrize(
    ("text", "kind", "action", "said"),
    [
        ("没发工资", Kind.TEXT, "", "没发工资"),
        ("/start", Kind.FOLLOW, "", ""),
        ("/start faq_wage_arrears", Kind.FOLLOW, "faq_wage_arrears", ""),
        ("/start track", Kind.MENU, "track", ""),
        ("/help", Kind.MENU, "ask", ""),
        ("/ask", Kind.MENU, "ask", ""),
        ("/ask@heze_union_bot 没发工资", Kind.TEXT, "", "没发工资"),
        ("/complain", Kind.MENU, "complain", ""),
        ("/track 3847 2910 4856 1028", Kind.TEXT, "", "3847 2910 4856 1028"),
        ("/stop", Kind.MENU, "stop", ""),
        ("/nonsense", Kind.MENU, "ask", ""),
    ],
)
def test_commands_and_deep_links(text: str, kind: Kind, action: str, said: str) -> None:
    (message,) = parse(CHAT.text(text)).messages
    assert (message.kind, message.action, message.text, message.sender) == (kind, action, said, "7")


def test_a_photo_names_its_largest_size_and_its_caption_is_said_too() -> None:
    photo, caption = parse(CHAT.photo("f1", b"", caption="工资条")).messages
    assert (photo.kind, photo.data["media"]) == (Kind.IMAGE, "f1")
    assert (caption.kind, caption.text) == (Kind.TEXT, "工资条")
    assert photo.key != caption.key


def test_a_document_that_is_a_picture_is_one() -> None:
    (picture,) = parse(CHAT.message(document={"file_id": "d", "mime_type": "image/png"})).messages
    (paper,) = parse(CHAT.message(document={"file_id": "d", "mime_type": "application/pdf"})).messages
    assert (picture.kind, paper.kind, paper.data["media"]) == (Kind.IMAGE, Kind.UNSUPPORTED, "d")


def test_whoever_writes_in_a_group_is_another_person_than_in_private() -> None:
    group = {"id": -100, "type": "supergroup"}
    parsed = parse(CHAT.text("@heze_union_bot 没发工资", chat=group))
    assert parsed.sender == "-100:7"
    assert parsed.address is not None
    assert (parsed.address.chat, parsed.address.reply_to > 0) == (-100, True)
    assert parsed.messages[0].text == "没发工资"


@pytest.mark.parametrize("update", [None, [], {}, {"update_id": True}, {"update_id": -1}, {"update_id": 1 << 70}, "x"])
def test_what_has_no_number_is_no_update(update: object) -> None:
    with pytest.raises(BadUpdate):
        update_id(update)
