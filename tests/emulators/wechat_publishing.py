"""WeChat's drafts, publishing and mass sending as its documentation has them, with what it does wrong.

It tells repetitions only by `clientmsgid`, as WeChat does: the same draft submitted twice is published twice.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from bot.clock import Clock
from tests.contract.sender_cases import Fault
from tests.emulators.faults import misbehaving
from tests.emulators.served import Drop, Hang, Request, Response, _fields

SECRET = "a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3"
TOKEN = "88_token-of-the-tests"
PUBLIC = ("/cgi-bin/freepublish/submit", "/cgi-bin/message/mass/sendall")
ARTICLES = "https://mp.weixin.qq.com/s/"


@dataclass
class Article:
    """What is out there."""

    id: str
    news: dict[str, Any]
    updated: int
    url: str
    mass: bool = False
    deleted: bool = False


@dataclass
class Job:
    """One call that was taken. status: of freepublish/get, or msg_status."""

    name: int
    draft: str
    news: dict[str, Any]
    status: Any
    article: Article | None = None


@dataclass
class WeChatPlatform:
    """One account. verdict: how jobs end (0 published; 2, 3, 4 and SEND_FAIL not)."""

    clock: Clock
    drafts: dict[str, tuple[dict[str, Any], int]] = field(default_factory=dict)
    articles: list[Article] = field(default_factory=list)
    jobs: dict[int, Job] = field(default_factory=dict)
    messages: dict[int, Job] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    materials: set[str] = field(default_factory=set)
    uploads: list[tuple[str, bytes]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    codes: dict[str, list[int]] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    verdict: int = 0
    away: bool = False
    unauthorised: bool = False
    numbers: "count[int]" = field(default_factory=lambda: count(100_000_001))

    @property
    def asked(self) -> int:
        return sum(self.calls.count(path) for path in PUBLIC)

    @property
    def taken(self) -> int:
        """How often something was made public, or is about to be."""
        running = [job for job in self.jobs.values() if job.status == 1]
        running += [job for job in self.messages.values() if job.status == "SENDING"]
        return len(self.articles) + len(running)

    @property
    def there(self) -> list[str]:
        return [f"{one.news['title']}\n{one.news['content']}" for one in self.articles if not one.deleted]

    def fail(self, fault: Fault, *paths: str) -> None:
        """Do that to the next call of each path."""
        for path in paths:
            self.faults.setdefault(path, []).append(fault)

    def finish(self) -> None:
        """Bring what was taken to its end."""
        for job in self.jobs.values():
            if job.status == 1:
                job.status = self.verdict
                self._out(job, mass=False)
        for job in self.messages.values():
            if job.status == "SENDING":
                job.status = "SEND_FAIL" if self.verdict else "SEND_SUCCESS"
                self._out(job, mass=True)

    def publish_by_hand(self, draft: str) -> Article:
        """Somebody publishes a draft in WeChat's console."""
        job = Job(next(self.numbers), draft, self.drafts[draft][0], 0)
        self._out(job, mass=False)
        assert job.article
        return job.article

    def answer(self, request: Request) -> Response:
        """What WeChat says to a call."""
        path = request.path
        self.calls.append(path)
        if path == "/cgi-bin/stable_token":
            tree = request.json
            if self.unauthorised or tree["secret"] != SECRET:
                return Response({"errcode": 40001, "errmsg": f"invalid credential {SECRET} rid: 65aa-token"})
            return Response({"access_token": TOKEN, "expires_in": 7200})
        if self.unauthorised or request.query.get("access_token") != TOKEN:
            return self._refused(40001)
        if path in self.lacking:
            return self._refused(48001)
        if self.codes.get(path):
            return self._refused(self.codes[path].pop(0))
        faults = self.faults.get(path)
        fault = faults.pop(0) if faults else None
        failing = {
            Fault.ERROR_BEFORE: Response({}, 500),
            Fault.ERROR_AFTER: Response({}, 500),
            Fault.REFUSED: self._refused(53503),
            Fault.RATE_LIMITED: self._refused(53501),
        }
        return misbehaving(fault, lambda: self._act(path, request), failing)

    def _act(self, path: str, request: Request) -> Response:
        does = {
            "/cgi-bin/media/uploadimg": self._upload_inline,
            "/cgi-bin/material/add_material": self._add_material,
            "/cgi-bin/draft/add": self._draft_add,
            "/cgi-bin/draft/get": self._draft_get,
            "/cgi-bin/draft/delete": self._draft_delete,
            "/cgi-bin/draft/batchget": self._draft_list,
            "/cgi-bin/draft/count": lambda _: Response({"total_count": len(self.drafts)}),
            "/cgi-bin/freepublish/submit": self._submit,
            "/cgi-bin/freepublish/get": self._job,
            "/cgi-bin/freepublish/batchget": self._published,
            "/cgi-bin/freepublish/delete": self._delete,
            "/cgi-bin/message/mass/sendall": self._mass,
            "/cgi-bin/message/mass/get": self._message,
            "/cgi-bin/message/mass/delete": self._mass_delete,
            "/cgi-bin/openapi/quota/get": lambda _: Response(
                {"errcode": 0, "quota": {"daily_limit": 100, "used": 3, "remain": 97}}
            ),
        }
        return does[path](request)

    def _refused(self, code: int, **more: Any) -> Response:
        said = f"refused {SECRET} hint: [{TOKEN}] rid: 65aa-{code}"
        return Response({"errcode": code, "errmsg": said, **more})

    def _upload_inline(self, request: Request) -> Response:
        data = request.files["media"]
        self.uploads.append(("inline", data))
        return Response({"url": f"http://mmbiz.qpic.cn/mmbiz_png/{len(self.uploads)}/0"})

    def _add_material(self, request: Request) -> Response:
        assert request.query["type"] == "image"
        self.uploads.append(("cover", request.files["media"]))
        media = f"material-{len(self.uploads)}"
        self.materials.add(media)
        return Response({"media_id": media, "url": "http://mmbiz.qpic.cn/x"})

    def _draft_add(self, request: Request) -> Response:
        assert b"\\u" not in request.body
        news = request.json["articles"][0]
        if news["thumb_media_id"] not in self.materials:
            return self._refused(40007)
        for name, most, code in (("title", 32, 45003), ("digest", 128, 45004), ("author", 16, 45110)):
            if len(news[name]) > most:
                return self._refused(code)
        media = f"draft-{next(self.numbers)}"
        self.drafts[media] = (news, self._now())
        return Response({"media_id": media})

    def _draft_get(self, request: Request) -> Response:
        draft = self.drafts.get(request.json["media_id"])
        return Response({"news_item": [draft[0]]}) if draft else self._refused(40007)

    def _draft_delete(self, request: Request) -> Response:
        gone = self.drafts.pop(request.json["media_id"], None)
        return Response({"errcode": 0}) if gone else self._refused(40007)

    def _draft_list(self, request: Request) -> Response:
        newest = sorted(self.drafts.items(), key=lambda item: item[1][1], reverse=True)
        return Response({"total_count": len(newest), "item": [_item("media_id", m, n, at) for m, (n, at) in newest]})

    def _submit(self, request: Request) -> Response:
        draft = self.drafts.get(request.json["media_id"])
        if draft is None:
            return self._refused(40007)
        name = next(self.numbers)
        self.jobs[name] = Job(name, request.json["media_id"], draft[0], 1)
        return Response({"errcode": 0, "errmsg": "ok", "publish_id": str(name), "msg_data_id": str(name + 7)})

    def _job(self, request: Request) -> Response:
        job = self.jobs.get(int(request.json["publish_id"]))
        if job is None:
            return self._refused(53600)
        tree: dict[str, Any] = {"publish_id": str(job.name), "publish_status": job.status, "fail_idx": []}
        if job.article and job.article.deleted:
            tree["publish_status"] = 5
        elif job.status == 0 and job.article:
            items = [{"idx": 1, "article_url": job.article.url}]
            tree |= {"article_id": job.article.id, "article_detail": {"count": 1, "item": items}}
        return Response(tree)

    def _published(self, request: Request) -> Response:
        listed = [one for one in reversed(self.articles) if not one.mass and not one.deleted]
        items = []
        for one in listed:
            item = _item("article_id", one.id, one.news, one.updated)
            item["content"]["news_item"][0] |= {"url": one.url, "is_deleted": False}
            items.append(item)
        return Response({"total_count": len(items), "item": items})

    def _delete(self, request: Request) -> Response:
        for one in self.articles:
            if one.id == request.json["article_id"] and not one.deleted:
                one.deleted = True
                return Response({"errcode": 0, "errmsg": "ok"})
        return self._refused(53600)

    def _mass(self, request: Request) -> Response:
        tree = request.json
        assert tree["filter"] == {"is_to_all": True}
        key = tree["clientmsgid"]
        assert 0 < len(key.encode()) <= 64
        if key in self.keys:
            return self._refused(45065, msg_id=self.keys[key])
        draft = self.drafts.get(tree["mpnews"]["media_id"])
        if draft is None:
            return self._refused(40007)
        name = self.keys[key] = next(self.numbers)
        self.messages[name] = Job(name, tree["mpnews"]["media_id"], draft[0], "SENDING")
        return Response({"errcode": 0, "errmsg": "ok", "msg_id": name, "msg_data_id": name + 7})

    def _message(self, request: Request) -> Response:
        job = self.messages[int(request.json["msg_id"])]
        return Response({"msg_id": job.name, "msg_status": job.status})

    def _mass_delete(self, request: Request) -> Response:
        job = self.messages[int(request.json["msg_id"])]
        if job.article:
            job.article.deleted = True
        return Response({"errcode": 0, "errmsg": "ok"})

    def _out(self, job: Job, *, mass: bool) -> None:
        if self.verdict:
            return
        name = next(self.numbers)
        job.article = Article(f"article-{name}", job.news, self._now(), f"{ARTICLES}{name}", mass)
        self.articles.append(job.article)
        self.drafts.pop(job.draft, None)

    def _now(self) -> int:
        return int(self.clock.now().timestamp())


class Direct(httpx.AsyncBaseTransport):
    """Calls a platform without a socket: what hangs or breaks does so at once."""

    def __init__(self, platform: WeChatPlatform) -> None:
        self._platform = platform

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._platform.away:
            raise httpx.ConnectError("nobody listens", request=request)
        body = await request.aread()
        headers = {name.lower(): value for name, value in request.headers.items()}
        lists, files = _fields(headers.get("content-type", ""), body)
        form = {name: values[-1] for name, values in lists.items()}
        url = request.url
        asked = Request(request.method, url.path, dict(url.params), headers, body, form, lists, files)
        try:
            said = self._platform.answer(asked)
        except Hang:
            raise httpx.ReadTimeout("no answer", request=request) from None
        except Drop:
            raise httpx.RemoteProtocolError("broken", request=request) from None
        return httpx.Response(said.status, content=said.wire().partition(b"\r\n\r\n")[2], request=request)


def _item(name: str, id: str, news: dict[str, Any], updated: int) -> dict[str, Any]:
    shown = {key: value for key, value in news.items() if key != "content"}
    return {name: id, "content": {"news_item": [shown]}, "update_time": updated}
