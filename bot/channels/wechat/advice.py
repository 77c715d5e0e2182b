"""What an operator should know about the WeChat settings: pure, for `gonghui doctor`."""

from datetime import timedelta


def warnings(  # noqa: PLR0913 - every fact has a name
    *,
    mode: str,
    base_url: str,
    original_id: str,
    has_secret: bool,
    has_previous_key: bool,
    window: timedelta,
    tolerance: timedelta,
) -> list[str]:
    """What works but should not stay so in service, in plain words."""
    found = {
        f"wechat.mode is {mode}: messages can be read on their way; use safe in service": mode != "safe",
        "web.base_url is not set: replies carry no link to the full page": not base_url,
        "wechat.original_id is not set: messages for another account with the same token would be taken": (
            not original_id
        ),
        "GONGHUI_WECHAT_SECRET is not set: the menu cannot be pushed": not has_secret,
        "GONGHUI_WECHAT_AES_KEY_PREVIOUS is still set: remove it a day after the change": has_previous_key,
        "wechat.retry_window_minutes is shorter than twice wechat.timestamp_tolerance_minutes: a recorded request "
        "could be sent again after its message is forgotten": window < 2 * tolerance,
    }
    return [sentence for sentence, holds in found.items() if holds]
