"""Planning one post: when it goes out where, seen before it is kept; pause, resume, cancel; publish now."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.clock import local_date
from bot.console.pages import clean, get_member, read_fields, read_form
from bot.console.views.newsroom_base import BAD_REQUEST, NOT_ALLOWED, actor_of
from bot.console.views.post_base import PostPage
from bot.console.views.post_plan_form import PlanForm, make_rule, read_plan
from bot.console.words import local
from bot.publishing.errors import Faulty
from bot.publishing.planning import NOT_PLANNED
from bot.publishing.posts import Post
from bot.publishing.rendering import Finding, Severity
from bot.publishing.schedules import Rule, Schedule, ScheduleState
from bot.publishing.summing import live_on
from bot.publishing.typesetting import NOTICE
from bot.rights import Right, may

NEXT = 5
SAVE = "save"
INVALID = 422


class PostPlanning(PostPage):
    """When and where a post goes out."""

    @route("/{id}/plan", methods=["GET", "POST"], name="post-plan")
    async def plan(self, request: Request) -> Response:
        """The plans there are, and the form of a new one: looked at first, then kept."""
        async with self.parts.read() as work:
            post = await self.post_of(work, request)
        if request.method != "POST":
            channels = tuple(name for name in post.approved if not name.startswith(NOTICE))
            form = PlanForm(on=self._tomorrow(), channels=channels)
            return await self._show(request, post, form)
        if not may(get_member(request).role, Right.SCHEDULE):
            raise HTTPException(NOT_ALLOWED)
        data = await read_form(request)
        several = {name: tuple(clean(str(one)) for one in data.getlist(name)) for name in ("weekdays", "channels")}
        texts = {name: clean(str(value)) for name, value in data.multi_items()}
        form = read_plan(texts, several["weekdays"], several["channels"])
        if texts.get("act") == SAVE:
            return await self._keep(request, post, form)
        return await self._show(request, post, form, looked=True)

    @route("/{id}/plan/{schedule}", methods=["POST"], name="post-plan-act")
    async def act(self, request: Request) -> Response:
        """Pause, resume or cancel a plan."""
        id, schedule = str(request.path_params["id"]), str(request.path_params["schedule"])
        fields, actor, now = await read_fields(request), actor_of(get_member(request)), self.parts.now()
        planner = self.room.planner
        acts = {"pause": planner.pause, "resume": planner.resume, "cancel": planner.cancel}
        act, version = fields.get("act", ""), fields.get("version", "")
        if act not in acts:
            raise HTTPException(BAD_REQUEST)
        with self.refusals_told(request):
            async with self.parts.write() as work:
                await acts[act](work, actor, schedule, int(version) if version.isdecimal() else 0, now)
                await work.commit()
            self.tell(request, self.parts.wording(f"console.newsroom.plan.{act}"), "success")
        return self.go(request, f"/posts/{id}/plan")

    @route("/{id}/publish", methods=["POST"], name="post-publish")
    async def publish(self, request: Request) -> Response:
        """Publish now: first a page that names the channels, then it is done."""
        id, data = str(request.path_params["id"]), await read_form(request)
        actor, words = actor_of(get_member(request)), self.room.room.words
        channels = [clean(str(channel)) for channel in data.getlist("channels")]
        if not may(actor.role, Right.SCHEDULE):
            raise HTTPException(NOT_ALLOWED)
        if not channels:
            self.tell(request, words.finding(Finding("no_channels")))
            return self.go(request, f"/posts/{id}/plan#now")
        if data.get("sure") != "1":
            async with self.parts.read() as work:
                post = await self.post_of(work, request)
            context = {"title": post.content.title, "post": post, "channels": channels, "ways": self.room.ways}
            return self.show(request, "post_publish.html", context)
        with self.refusals_told(request):
            async with self.parts.write() as work:
                new = await self.room.planner.publish_now(work, actor, id, channels, self.parts.now())
                await work.commit()
            self.say(request, "newsroom.publishing", channels="、".join(words.channel(one.channel) for one in new))
            return self.go(request, f"/posts/{id}")
        return self.go(request, f"/posts/{id}/plan")

    async def _keep(self, request: Request, post: Post, form: PlanForm) -> Response:
        actor, now, planner = actor_of(get_member(request)), self.parts.now(), self.room.planner
        with self.refusals_told(request):
            try:
                async with self.parts.write() as work:
                    made, found = await planner.plan(work, actor, post.id, make_rule(form), form.channels, now)
                    await work.commit()
            except Faulty as error:
                return await self._show(request, post, form, faults=list(error.findings))
            self._tell_kept(request, made, found)
        return self.go(request, f"/posts/{post.id}/plan")

    def _tell_kept(self, request: Request, made: Schedule, found: list[Finding]) -> None:
        if made.next_at is not None:
            self.say(request, "newsroom.planned", at=local(made.next_at))
        for one in self.told(found):
            self.tell(request, one.text)

    async def _show(
        self, request: Request, post: Post, form: PlanForm, *, looked: bool = False, faults: list[Finding] | None = None
    ) -> Response:
        now, findings = self.parts.now(), list(faults or [])
        rule = make_rule(form)
        async with self.parts.read() as work:
            schedules = await work.schedules.of_post(post.id)
            deliveries = await work.deliveries.of_post(post.id)
            names = await self.names(work)
            if looked and post.state not in NOT_PLANNED:
                findings += await self.room.planner.findings(work, post.id, rule, form.channels, now)
        blocked = any(one.severity is Severity.ERROR for one in findings)
        context = {
            "title": post.content.title,
            "post": post,
            "form": form,
            "told": self.told(findings),
            "looked": looked and not blocked,
            "dates": self._dates(rule) if looked and not blocked else [],
            "schedules": sorted(schedules, key=lambda one: one.state is ScheduleState.ENDED),
            "approved": [name for name in post.approved if not name.startswith(NOTICE)],
            "open": post.state not in NOT_PLANNED,
            "live": live_on(deliveries),
            "names": names,
            "ways": self.room.ways,
        }
        return self.show(request, "post_plan.html", context, status=INVALID if blocked else 200)

    def _dates(self, rule: Rule) -> list[dict[str, object]]:
        """The next times of a rule, each with the day from which it was moved."""
        found = self.room.planner.first(rule, self.parts.now(), NEXT)
        return [
            {
                "at": one.at,
                "moved_from": local_date(one.plain_at) if local_date(one.plain_at) != local_date(one.at) else None,
                "unknown_year": one.unknown_year,
            }
            for one in found
        ]

    def _tomorrow(self) -> str:
        return (self.parts.today() + timedelta(days=1)).isoformat()
