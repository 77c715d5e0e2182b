"""What `doctor` says about the WeChat settings."""

from datetime import timedelta

import pytest

from bot.channels.wechat.advice import warnings

GOOD: dict[str, object] = {
    "mode": "safe",
    "base_url": "https://ask.example.org",
    "original_id": "gh_7f083739789a",
    "has_secret": True,
    "has_previous_key": False,
    "window": timedelta(minutes=10),
    "tolerance": timedelta(minutes=5),
}


def test_good_settings_give_no_warning() -> None:
    assert warnings(**GOOD) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mode": "plain"}, "wechat.mode is plain"),
        ({"mode": "compatible"}, "wechat.mode is compatible"),
        ({"base_url": ""}, "web.base_url"),
        ({"original_id": ""}, "wechat.original_id"),
        ({"has_secret": False}, "GONGHUI_WECHAT_SECRET"),
        ({"has_previous_key": True}, "AES_KEY_PREVIOUS"),
        ({"tolerance": timedelta(minutes=6)}, "retry_window_minutes"),
    ],
    ids=["plain", "compatible", "no-address", "no-account", "no-secret", "old-key", "replay"],
)
def test_each_weakness_is_one_warning(change: dict[str, object], word: str) -> None:
    (warning,) = warnings(**{**GOOD, **change})  # type: ignore[arg-type]
    assert word in warning
