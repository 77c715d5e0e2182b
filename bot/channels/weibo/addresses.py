"""The address at which a post of Weibo is read. Pure."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DECIMALS, _LETTERS = 7, 4


def status_address(uid: str, id: str) -> str:
    """The page of a post on weibo.com; empty where the id is none."""
    return f"https://weibo.com/{uid}/{_short(id)}" if uid and id.isdecimal() else ""


def _short(id: str) -> str:
    """The id as pages name it: every seven decimal digits, from the right, are four digits of base 62."""
    pieces = []
    while id:
        id, group = id[:-_DECIMALS], id[-_DECIMALS:]
        piece = _base62(int(group))
        pieces.append(piece.rjust(_LETTERS, "0") if id else piece)
    return "".join(reversed(pieces))


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits or "0"
