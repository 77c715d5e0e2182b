"""WeChat's XML, read and written: pure.

Reading refuses any DOCTYPE before its contents are looked at, which leaves no room for entity
bombs or external entities. Writing makes any text safe inside CDATA.
"""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from bot.channels.wechat.refusal import Refused

DEEPEST = 16
"""WeChat nests four levels at most."""

_ILLEGAL = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Builder(TreeBuilder):
    """Builds the tree, and stops at what WeChat never sends."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Refused("too_deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise Refused("doctype")


def read(body: bytes | str) -> Element:
    """The root `<xml>` of a document. Raises Refused for anything else, whatever is wrong with it."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - DOCTYPE and with it every entity is refused above
    try:
        parser.feed(body)
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise Refused("broken_xml") from error
    if root.tag != "xml":
        raise Refused("not_wechat_xml")
    return root


def field(root: Element, name: str) -> str:
    """The text of a direct child, stripped; empty when there is none. Raises Refused when it is doubled."""
    found = root.findall(name)
    if len(found) > 1:
        raise Refused("doubled_field")
    return (found[0].text or "").strip() if found else ""


def legal(text: str) -> str:
    """The text as an XML reader gives it back: line ends unified, characters that XML forbids left out."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """A CDATA section whose content reads back as `legal(text)`, whatever the text is."""
    return f"<![CDATA[{legal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
