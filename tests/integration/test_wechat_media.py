"""Files that WeChat keeps: fetched from an emulated API, within limits, tried again, and told of when it fails."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from bot.app import Program
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.media import WeChatMedia
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.fetching import PAUSES, FileFetching
from bot.errors import VendorError
from bot.store.stored_value import StoredValue
from tests.evidence import AMR, a_bomb, a_jpeg, an_mp4
from tests.fakes import FakeClock
from tests.wechat import APP_ID

BASE = "https://api.weixin.qq.com"
PICTURE = "http://mmbiz.qpic.cn/mmbiz_jpg/invented/0"
OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
DRAFT = "d" * 32
REMOTE = {"channel": "wechat", "media": "MEDIA-1", "picture": PICTURE, "to": OPENID}
MOST = 10 * 2**20

Answering = Callable[[httpx.Request], httpx.Response]


class Chunks(httpx.AsyncByteStream):
    """A body that comes bit by bit; without an end it never says how long it is."""

    def __init__(self, chunk: bytes, number: int | None = None, *, hangs: bool = False) -> None:
        self.chunk, self.number, self.hangs = chunk, number, hangs
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.number is None or self.sent < self.number:
            self.sent += 1
            yield self.chunk
        if self.hangs:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        pass


@dataclass
class Vendor:
    """WeChat's servers as far as files go: answers by address, and what was asked."""

    answers: dict[str, Answering] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[dict] = field(default_factory=list)
    tokens: int = 0

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url.copy_with(query=None)))
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"token-{self.tokens}", "expires_in": 7200})
        if request.url.path == "/cgi-bin/message/custom/send":
            self.told.append(json.loads(request.content))
            return httpx.Response(200, json={"errcode": 0})
        answer = self.answers.get(str(request.url.copy_with(query=None)))
        return answer(request) if answer else httpx.Response(404)

    def says(self, url: str, *answers: httpx.Response) -> None:
        """These answers, one after the other; the last one again and again."""
        left = list(answers)
        self.answers[url] = lambda _: left.pop(0) if len(left) > 1 else left[0]


def file_answer(content: bytes, kind: str = "image/jpeg") -> httpx.Response:
    return httpx.Response(200, stream=Chunks(content, 1), headers={"content-type": kind})


def refusal(code: int) -> httpx.Response:
    return json_answer({"errcode": code, "errmsg": "said"})


def json_answer(tree: dict) -> httpx.Response:
    """WeChat sends JSON as plain text."""
    return file_answer(json.dumps(tree).encode(), "text/plain")


MEDIA = f"{BASE}/cgi-bin/media/get"
SECURE_PICTURE = PICTURE.replace("http:", "https:")


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def client(vendor: Vendor) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(vendor.handle)) as client:
        yield client


@pytest.fixture
def media(client: httpx.AsyncClient, program: Program) -> WeChatMedia:
    tokens = StoredValue(program.store, program.clock, f"wechat.access_token:{APP_ID}")
    api = WeChatApi(client=client, base=BASE, app_id=APP_ID, secret="s" * 32, tokens=tokens, clock=program.clock)
    return WeChatMedia(client=client, base=BASE, api=api, seconds=5)


@pytest.fixture
def without_secret(client: httpx.AsyncClient) -> WeChatMedia:
    return WeChatMedia(client=client, base=BASE, api=None)


async def fault_of(fetching: Awaitable[bytes]) -> VendorError:
    with pytest.raises(VendorError) as caught:
        await fetching
    assert "token-" not in str(caught.value)
    assert "invented" not in str(caught.value)
    return caught.value


async def test_a_picture_comes_from_the_api(vendor: Vendor, media: WeChatMedia) -> None:
    vendor.says(MEDIA, file_answer(a_jpeg()))
    assert await media.fetch(REMOTE, MOST) == a_jpeg()


async def test_without_a_secret_a_picture_comes_by_its_address_over_tls(
    vendor: Vendor, without_secret: WeChatMedia
) -> None:
    vendor.says(SECURE_PICTURE, file_answer(a_jpeg()))
    assert await without_secret.fetch(REMOTE, MOST) == a_jpeg()
    assert vendor.asked == [SECURE_PICTURE]


async def test_an_account_that_may_not_use_the_api_gets_pictures_by_their_address(
    vendor: Vendor, media: WeChatMedia
) -> None:
    vendor.says(MEDIA, refusal(48001), refusal(48001))
    vendor.says(SECURE_PICTURE, file_answer(a_jpeg()))
    assert await media.fetch(REMOTE, MOST) == a_jpeg()
    assert (await fault_of(media.fetch({**REMOTE, "picture": ""}, MOST))).permanent


async def test_a_refused_token_is_renewed_once(vendor: Vendor, media: WeChatMedia) -> None:
    vendor.says(MEDIA, refusal(40001), file_answer(AMR, "audio/amr"))
    assert await media.fetch(REMOTE, MOST) == AMR
    vendor.says(MEDIA, refusal(40001), refusal(40001))
    assert (await fault_of(media.fetch(REMOTE, MOST))).code == "40001"
    assert vendor.tokens == 3


async def test_a_film_comes_from_the_address_that_the_api_gives(vendor: Vendor, media: WeChatMedia) -> None:
    vendor.says(MEDIA, json_answer({"video_url": "http://vweixinp.tc.qq.com/film.mp4?vkey=1"}))
    vendor.says("https://vweixinp.tc.qq.com/film.mp4", file_answer(an_mp4(), "video/mp4"))
    assert await media.fetch(REMOTE, MOST) == an_mp4()


ELSEWHERE = [
    "http://127.0.0.1/admin",
    "http://169.254.169.254/latest/meta-data/",
    "https://mmbiz.qpic.cn.evil.example/0",
    "https://evil.example/mmbiz.qpic.cn/0",
    "https://mmbiz.qpic.cn@evil.example/0",
    "https://user:word@mmbiz.qpic.cn/0",
    "https://mmbiz.qpic.cn:8443/0",
    "file:///etc/passwd",
    "ftp://mmbiz.qpic.cn/0",
    "https://[::1]/0",
    "https://[/0",
    "//mmbiz.qpic.cn/0",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_no_host_but_wechats_own_is_asked(vendor: Vendor, without_secret: WeChatMedia, address: str) -> None:
    """An address in a message must not make us call our own network."""
    error = await fault_of(without_secret.fetch({**REMOTE, "picture": address}, MOST))
    assert (error.code, error.permanent) == ("host", True)
    assert vendor.asked == []


async def test_a_film_at_a_strange_host_is_not_fetched(vendor: Vendor, media: WeChatMedia) -> None:
    vendor.says(MEDIA, json_answer({"video_url": "http://10.0.0.1/film.mp4"}))
    assert (await fault_of(media.fetch(REMOTE, MOST))).code == "host"
    assert all(asked.startswith(BASE) for asked in vendor.asked)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
async def test_a_redirect_is_refused(vendor: Vendor, without_secret: WeChatMedia, status: int) -> None:
    vendor.says(SECURE_PICTURE, httpx.Response(status, headers={"location": "http://127.0.0.1/admin"}))
    error = await fault_of(without_secret.fetch(REMOTE, MOST))
    assert (error.code, error.permanent) == ("redirect", True)
    assert vendor.asked == [SECURE_PICTURE]


async def test_what_says_that_it_is_too_large_is_not_read(vendor: Vendor, without_secret: WeChatMedia) -> None:
    body = Chunks(bytes(1024), 1)
    headers = {"content-type": "image/jpeg", "content-length": str(MOST + 1)}
    vendor.says(SECURE_PICTURE, httpx.Response(200, stream=body, headers=headers))
    assert (await fault_of(without_secret.fetch(REMOTE, MOST))).code == "too_large"
    assert body.sent == 0


async def test_what_never_ends_is_cut_off_at_the_limit(vendor: Vendor, without_secret: WeChatMedia) -> None:
    body = Chunks(bytes(2**20))
    vendor.says(SECURE_PICTURE, httpx.Response(200, stream=body, headers={"content-type": "image/jpeg"}))
    assert (await fault_of(without_secret.fetch(REMOTE, MOST))).code == "too_large"
    assert body.sent == 11


async def test_a_packed_answer_is_refused(vendor: Vendor, without_secret: WeChatMedia) -> None:
    """Ten megabytes of zeros arrive as ten kilobytes."""
    headers = {"content-type": "image/jpeg", "content-encoding": "gzip"}
    vendor.says(SECURE_PICTURE, httpx.Response(200, stream=Chunks(b"x", 1), headers=headers))
    assert (await fault_of(without_secret.fetch(REMOTE, MOST))).code == "encoding"


async def test_a_server_that_stops_in_the_middle_is_left(vendor: Vendor, client: httpx.AsyncClient) -> None:
    media = WeChatMedia(client=client, base=BASE, api=None, seconds=0.05)
    headers = {"content-type": "image/jpeg"}
    vendor.says(SECURE_PICTURE, httpx.Response(200, stream=Chunks(b"x", 3, hangs=True), headers=headers))
    error = await fault_of(media.fetch(REMOTE, MOST))
    assert (error.code, error.permanent) == ("too_slow", False)


async def test_a_server_that_is_away_may_be_asked_again(vendor: Vendor, without_secret: WeChatMedia) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to the address of the token")

    vendor.answers[SECURE_PICTURE] = away
    error = await fault_of(without_secret.fetch(REMOTE, MOST))
    assert (error.code, error.permanent) == ("unreachable", False)
    vendor.says(SECURE_PICTURE, httpx.Response(502))
    assert not (await fault_of(without_secret.fetch(REMOTE, MOST))).permanent
    vendor.says(SECURE_PICTURE, file_answer(b"<html>", "text/html"))
    assert (await fault_of(without_secret.fetch(REMOTE, MOST))).code == "bad_answer"


# What becomes of a file


@pytest.fixture
def fetching(program: Program, media: WeChatMedia) -> FileFetching:
    return FileFetching(
        desk=program.files,
        write=program.store.write,
        sources={"wechat": media},
        clock=program.clock,
        wording=program.wording,
        upload_page="https://ask.example.org/complain",
    )


async def note(program: Program, remote: dict[str, str] | None = None) -> CaseFile:
    async with program.store.write() as work:
        file = await program.files.await_remote(
            work, REMOTE if remote is None else remote, by="worker", now=program.clock.now(), draft=DRAFT, person="p"
        )
        await work.commit()
    return file


async def now_of(program: Program, file: CaseFile) -> CaseFile:
    async with program.store.read() as work:
        found = await work.files.find(file.id)
    assert found is not None
    return found[0]


async def test_a_noted_file_is_fetched_checked_and_kept(
    program: Program, vendor: Vendor, fetching: FileFetching
) -> None:
    vendor.says(MEDIA, file_answer(a_jpeg()))
    file = await note(program)
    assert (await now_of(program, file)).state is FileState.WAITING
    assert await fetching.run() == {"kept": 1, "put_off": 0, "given_up": 0}
    kept = await now_of(program, file)
    assert (kept.state, kept.size, kept.meta.media_type) == (FileState.KEPT, len(a_jpeg()), "image/jpeg")
    assert kept.meta.remote == {}  # nothing of the account stays
    async with program.store.read() as work:
        assert (await program.files.open_original(work, file.id, draft=DRAFT)).content == a_jpeg()
    assert await fetching.run() == {"kept": 0, "put_off": 0, "given_up": 0}


async def test_a_file_that_is_not_taken_is_refused_and_told(
    program: Program, vendor: Vendor, fetching: FileFetching
) -> None:
    vendor.says(MEDIA, file_answer(a_bomb(), "image/png"))
    file = await note(program)
    assert (await fetching.run())["given_up"] == 1
    refused = await now_of(program, file)
    assert (refused.state, refused.meta.fault, refused.meta.remote) == (FileState.REFUSED, "huge", {})
    (told,) = vendor.told
    assert told["touser"] == OPENID
    assert "图片尺寸过大" in told["text"]["content"]
    assert "https://ask.example.org/complain" in told["text"]["content"]


async def test_a_file_that_wechat_has_no_more_is_given_up_at_once_and_told(
    program: Program, vendor: Vendor, fetching: FileFetching
) -> None:
    vendor.says(MEDIA, refusal(40007))
    file = await note(program)
    await fetching.run()
    assert (await now_of(program, file)).meta.fault == "gone"
    assert "没有这个文件了" in vendor.told[0]["text"]["content"]


async def test_a_failure_that_may_pass_is_tried_again_later_and_given_up_within_three_days(
    program: Program, vendor: Vendor, fetching: FileFetching, clock: FakeClock
) -> None:
    vendor.says(MEDIA, httpx.Response(503))
    file = await note(program)
    for pause in PAUSES:
        assert (await fetching.run())["put_off"] == 1
        clock.advance(seconds=pause.total_seconds() - 1)
        assert (await fetching.run())["put_off"] == 0
        clock.advance(seconds=1)
    assert vendor.told == []
    assert (await fetching.run())["given_up"] == 1
    assert (await now_of(program, file)).state is FileState.FAILED
    assert len(vendor.told) == 1
    assert sum(PAUSES, timedelta()) < timedelta(days=1)


async def test_a_failure_that_cannot_be_told_is_kept_with_the_file(
    program: Program, client: httpx.AsyncClient, fetching: FileFetching, without_secret: WeChatMedia
) -> None:
    """Without an AppSecret nothing can be said first: the dialogue and the tracking page say it."""
    fetching._sources = {"wechat": without_secret}
    file = await note(program)
    with capture_logs() as logs:
        await fetching.run()
    assert (await now_of(program, file)).meta.fault == "gone"
    assert [line["event"] for line in logs][-1] == "file.failure_not_told"
    assert OPENID not in str(logs)
    assert "MEDIA-1" not in str(logs)


async def test_two_processes_fetch_a_file_once(program: Program, vendor: Vendor, fetching: FileFetching) -> None:
    vendor.says(MEDIA, file_answer(a_jpeg()))
    await note(program)
    first, second = await asyncio.gather(fetching.run(), fetching.run())
    assert first["kept"] + second["kept"] == 1
    assert vendor.asked.count(MEDIA) == 1


async def test_a_process_that_died_while_fetching_is_followed_by_another(
    program: Program, vendor: Vendor, fetching: FileFetching, clock: FakeClock
) -> None:
    vendor.says(MEDIA, file_answer(a_jpeg()))
    file = await note(program)
    assert len(await fetching._claim()) == 1  # and dies
    assert await fetching.run() == {"kept": 0, "put_off": 0, "given_up": 0}
    clock.advance(minutes=4)
    assert (await fetching.run())["kept"] == 1
    assert (await now_of(program, file)).attempts == 2


async def test_a_file_of_a_case_that_was_deleted_meanwhile_is_dropped(
    program: Program, vendor: Vendor, fetching: FileFetching
) -> None:
    file = await note(program)

    async def gone() -> None:
        async with program.store.write() as work:
            await work.files.delete(file.id)
            await work.commit()

    claimed = await fetching._claim()
    await gone()
    vendor.says(MEDIA, file_answer(a_jpeg()))
    await fetching._take(*claimed[0])
    async with program.store.read() as work:
        assert await work.files.find(file.id) is None


async def test_a_file_from_nowhere_is_given_up(program: Program, fetching: FileFetching) -> None:
    file = await note(program, {"channel": "telegraph"})
    assert (await fetching.run())["given_up"] == 1
    assert (await now_of(program, file)).meta.fault == "unreachable"


async def test_where_a_file_is_and_whose_it_is_lies_nowhere_in_the_clear(program: Program) -> None:
    await note(program)
    folder = program.configuration.settings.data_dir
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for needle in (OPENID, "MEDIA-1", "mmbiz.qpic.cn"):
        assert needle.encode() not in everything
