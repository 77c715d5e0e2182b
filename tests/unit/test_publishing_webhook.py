"""What a receiver gets, how it is signed, and which machines are never called."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.by_hand.render import ByHandRenderer
from bot.channels.webhook.document import body_of, signature
from bot.channels.webhook.reaching import way_to
from bot.channels.webhook.render import WebhookRenderer
from bot.errors import VendorError
from bot.laws.citation import Citation
from bot.publishing.deliveries import Kind
from bot.publishing.ports import Frame, Parcel
from bot.publishing.posts import Content
from tests.builders import ROOT

GOLDEN = ROOT / "tests" / "golden"
COVER, PICTURE = "c0ffee" + "0" * 58, "ab" * 32
FRAME = Frame(
    federation="菏泽市总工会", short_name="菏泽工会", hotline="12351", base_url="https://union.test", cover=COVER
)
CONTENT = Content(
    slug="winter-wages",
    title="年底前，把工资要到手",
    digest="被欠薪怎么留证据",
    author="菏泽市总工会",
    region="全国",
    tags=("欠薪", "农民工"),
    body=f"先留证据。\n\n## 找谁\n- 打**12333**\n- [投诉](https://union.test/c)\n\n![工资条](media:{PICTURE})",
    citations=(Citation("劳动合同法", 30, paragraph=2),),
    variants={"by_hand.toutiao": "头条的短文"},
)
AT = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
RENDERER = WebhookRenderer("paper")


def golden(name: str) -> object:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def a_parcel(kind: Kind = Kind.PUBLISH, content: Content = CONTENT, frame: Frame = FRAME, earlier: str = "") -> Parcel:
    rendering = RENDERER.render(content, frame)
    pictures = {PICTURE: b"a picture"}
    return Parcel(delivery="d1", key="d1", kind=kind, rendering=rendering, pictures=pictures, earlier=earlier)


def test_the_golden_rendering() -> None:
    assert json.loads(RENDERER.render(CONTENT, FRAME).document()) == golden("webhook.json")


def test_the_golden_body() -> None:
    assert json.loads(body_of(a_parcel(), AT)) == golden("webhook_body.json")


def test_the_golden_pack_for_a_platform_without_an_api() -> None:
    content = Content(**{field: getattr(CONTENT, field) for field in ("slug", "title", "tags", "body")})
    assert json.loads(ByHandRenderer("douyin").render(content, FRAME).document()) == golden("by_hand.json")


def test_pictures_are_named_by_address_and_sent_along_only_when_that_is_set() -> None:
    told = json.loads(body_of(a_parcel(), AT))["post"]
    assert f'<img src="https://union.test/media/{PICTURE}.jpg" alt="工资条">' in told["html"]
    assert all("data" not in picture for picture in told["pictures"])
    embedded = json.loads(body_of(a_parcel(), AT, embed=True))["post"]["pictures"]
    assert [picture.get("data") for picture in embedded] == [None, "YSBwaWN0dXJl"]


def test_what_is_withdrawn_is_named_and_not_told_again() -> None:
    told = json.loads(body_of(a_parcel(Kind.WITHDRAW, earlier="77"), AT))
    assert (told["event"], told["earlier"]) == ("withdraw", "77")
    assert told["post"] == {
        "slug": "winter-wages",
        "title": "年底前，把工资要到手",
        "link": "https://union.test/posts/winter-wages",
    }


def test_a_notice_is_a_post_that_names_the_earlier_one() -> None:
    told = json.loads(body_of(a_parcel(Kind.NOTICE, earlier="77"), AT))
    assert (told["event"], told["earlier"]) == ("publish", "77")


def test_the_signature_covers_the_instant_and_the_body() -> None:
    expected = hmac.new(b"key", b"1796086800." + b'{"a":1}', hashlib.sha256).hexdigest()
    assert signature("key", AT, b'{"a":1}') == f"t=1796086800,v1={expected}"


def test_the_example_that_the_manual_gives_receivers_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    manual = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import hashlib, hmac, time.*?)```", manual, re.DOTALL)
    given: dict[str, Any] = {}
    exec(example, given)
    monkeypatch.setattr("time.time", lambda: AT.timestamp() + 299)
    header, body = signature("key", AT, b"{}"), b"{}"
    assert given["is_ours"]("key", header, body)
    assert not given["is_ours"]("key", header, b"{ }")
    assert not given["is_ours"]("other", header, body)
    assert not given["is_ours"]("key", "", body)
    assert not given["is_ours"]("key", header.replace("t=1", "t=2"), body)
    monkeypatch.setattr("time.time", lambda: AT.timestamp() + 301)
    assert not given["is_ours"]("key", header, body)


def test_html_of_the_author_is_text_for_the_receiver() -> None:
    content = Content(slug="a", title="a", body='<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src="x">')
    html = RENDERER.render(content, FRAME).parts["html"]
    assert "<script" not in html
    assert "href" not in html
    assert "<img" not in html


def test_without_a_site_staff_are_told_that_pictures_are_nowhere() -> None:
    frame = Frame(federation="菏泽市总工会", short_name="市总", hotline="12351", cover=COVER)
    assert [finding.code for finding in RENDERER.check(RENDERER.render(CONTENT, frame), CONTENT)] == [
        "pictures_nowhere"
    ]
    assert RENDERER.check(RENDERER.render(CONTENT, FRAME), CONTENT) == ()


def test_the_pack_is_the_platforms_own_text_and_is_checked_by_its_limits() -> None:
    renderer = ByHandRenderer("toutiao", title=5, text=3)
    rendering = renderer.render(CONTENT, FRAME)
    assert rendering.parts["text"] == "头条的短文"
    found = [(finding.code, finding.where) for finding in renderer.check(rendering, CONTENT)]
    assert found == [("too_long", "title"), ("too_long", "variants.by_hand.toutiao")]
    preview = renderer.preview(rendering, {})
    assert preview.text == (
        "年底前，把工资要到手\n\n头条的短文\n\n#欠薪 #农民工\n\nhttps://union.test/posts/winter-wages"
    )


@pytest.mark.parametrize("body", ["正文。", "更正：标准是每月200元。\n\n正文。"], ids=["post", "notice"])
def test_the_pack_says_once_what_is_put_right(body: str) -> None:
    content = Content(slug="a", title="a", body=body, correction="标准是每月200元。\n")
    text = ByHandRenderer("toutiao").render(content, FRAME).parts["text"]
    assert (text.count("标准是每月200元。"), text.endswith("正文。")) == (1, True)


async def way(url: str, *addresses: str, private: bool = False) -> str:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return (await way_to(url, private=private, resolve=resolve)).url


async def test_the_address_that_was_checked_is_the_one_that_is_called() -> None:
    """A name server that answers differently a moment later changes nothing."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("paper.example", 8443)
        return ["93.184.216.34"]

    found = await way_to("https://paper.example:8443/in?x=1", private=False, resolve=resolve)
    assert found.url == "https://93.184.216.34:8443/in?x=1"
    assert (found.headers, found.extensions) == ({"host": "paper.example:8443"}, {"sni_hostname": "paper.example"})
    assert await way("https://paper.example/in", "2606:2800:220:1::1") == "https://[2606:2800:220:1::1]:443/in"


NEVER = [
    "127.0.0.1",
    "::1",
    "169.254.169.254",
    "fe80::1%eth0",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]
PRIVATE = ["10.1.2.3", "172.16.0.9", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "100.64.0.1"]


@pytest.mark.parametrize("private", [False, True], ids=["public_only", "private_allowed"])
@pytest.mark.parametrize("address", NEVER)
async def test_no_name_leads_to_this_machine_or_its_link(address: str, private: bool) -> None:
    with pytest.raises(VendorError) as caught:
        await way("https://paper.example/in", address, private=private)
    assert (caught.value.code, caught.value.permanent) == ("private_address", True)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_network_is_called_only_when_that_is_set(address: str) -> None:
    with pytest.raises(VendorError):
        await way("https://paper.example/in", address)
    assert await way("https://paper.example/in", address, private=True)


async def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(VendorError):
        await way("https://paper.example/in", "93.184.216.34", "10.0.0.1")


async def test_only_this_machine_is_called_without_encryption() -> None:
    assert await way("http://127.0.0.1:9000/in", "127.0.0.1") == "http://127.0.0.1:9000/in"
    assert await way("http://localhost/in", "::1") == "http://[::1]:80/in"
    with pytest.raises(VendorError) as caught:
        await way("http://paper.example/in", "93.184.216.34")
    assert caught.value.code == "insecure_address"
    with pytest.raises(VendorError):
        await way("http://localhost/in", "10.0.0.1")


async def test_a_host_that_does_not_exist_may_exist_later() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(VendorError) as caught:
        await way_to("https://paper.example/in", private=False, resolve=resolve)
    assert (caught.value.code, caught.value.permanent) == ("unreachable", False)
