"""The base of every page: who may open it, how it is rendered, how its forms are read and answered."""

from collections.abc import Mapping

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import CustomView
from starlette_admin.flash import flash, get_flashed_messages

from bot.complaints.roles import TABLE, Action
from bot.console.ports import ConsoleParts
from bot.staff.members import StaffMember

SEE_OTHER, NOT_FOUND = 303, 404
MOST_FIELDS = 60


def find_member(request: Request) -> StaffMember | None:
    """Who is signed in; None where nobody is."""
    member: StaffMember | None = getattr(request.state, "member", None)
    return member


def get_member(request: Request) -> StaffMember:
    """Who is signed in. Raises HTTPException 403 where nobody is."""
    member = find_member(request)
    if member is None:
        raise HTTPException(403)
    return member


def can_ever(member: StaffMember, action: Action) -> bool:
    """Whether the role grants the action within any reach; of each single case the service still asks."""
    viewer = member.viewer()
    return viewer.active and bool(TABLE[viewer.role].get(action))


async def read_fields(request: Request) -> dict[str, str]:
    """The text fields of a form, trimmed; the last of equal names counts."""
    form = await read_form(request)
    return {name: clean(value) for name, value in form.multi_items() if isinstance(value, str)}


async def read_form(request: Request) -> FormData:
    """The form with its files. Raises HTTPException 400 when there are too many parts."""
    return await request.form(max_files=1, max_fields=MOST_FIELDS)


def clean(text: str) -> str:
    """What was typed, with plain line ends and without control characters."""
    text = text.replace("\r\n", "\n")
    return "".join(char for char in text if char in "\n\t" or char.isprintable()).strip()


def uploaded(form: FormData, name: str) -> UploadFile | None:
    """The file of that field, if one was chosen."""
    upload = form.get(name)
    return upload if isinstance(upload, UploadFile) and upload.filename else None


def words_of(value: str) -> tuple[str, ...]:
    """The parts of what was typed as a list: 、 , ; or spaces or lines between them."""
    for mark in "、，,；;\n\t":
        value = value.replace(mark, " ")
    return tuple(dict.fromkeys(value.split()))


class Page(CustomView):
    """One page of the console. Refused to everybody until `allows` says otherwise."""

    group = ""
    """The heading in the menu under which it stands."""

    def __init__(self, parts: ConsoleParts) -> None:
        super().__init__(add_to_menu=bool(self.menu_label))
        self.parts = parts

    def allows(self, member: StaffMember) -> bool:
        """Whether this member may open the page at all."""
        return False

    def is_accessible(self, request: Request) -> bool:
        """Whether whoever asks may open the page."""
        member = find_member(request)
        return member is not None and self.allows(member)

    def is_active(self, request: Request) -> bool:
        """Whether the page is the one that is shown, or leads to it."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        return bool(path == self.path or (self.path != "/" and path.startswith(f"{self.path}/")))

    async def index(self, request: Request) -> Response:
        """Nothing: what a page shows, its own routes say; the library's index would be one more address."""
        raise HTTPException(NOT_FOUND)

    def show(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> Response:
        """The page."""
        if self.templates is None:
            raise RuntimeError("the page has not been added to a console")
        common = {"title": self.menu_label, "flashed_messages": get_flashed_messages(request)}
        return self.templates.TemplateResponse(request, template, {**common, **(context or {})}, status_code=status)

    def say(self, request: Request, key: str, kind: str = "success", **fields: object) -> None:
        """Show a sentence on the next page. It goes through the browser: it never holds anything personal."""
        flash(request, self.parts.wording(f"console.{key}", **fields), kind)

    def go(self, request: Request, path: str) -> Response:
        """Lead to another page of the console, by GET."""
        return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", SEE_OTHER)
