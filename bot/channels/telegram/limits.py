"""What one message of Telegram holds, for answers, notices and posts alike."""

TEXT = 4096
"""Characters of one message, in UTF-16 units."""


def utf16(text: str) -> int:
    """The weight of a text in Telegram's unit."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
