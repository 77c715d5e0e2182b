"""The base of lists: the library's list page over a service. Nothing else of the library's model views is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette_admin import BaseModelView

from bot.console.pages import find_member
from bot.console.ports import ConsoleParts
from bot.staff.members import StaffMember

FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, how many there are in all, and what else the template shows."""

    rows: Sequence[Any]
    total: int
    extra: dict[str, Any] = field(default_factory=dict)


class GuardedList(BaseModelView):
    """A list that shows rows and links, and does nothing by itself: no form, no export, no look-up, no deletion.

    A subclass says who may open it and makes `listing`; rows are named by their fields.
    """

    group = ""
    exporters = ()
    importers = ()
    actions = ()
    row_actions = ()
    searchable_fields = ()
    column_visibility = False
    row_click_navigate = False
    page_size_options = (25, 50, 100)
    page_size = 25

    def __init__(self, parts: ConsoleParts) -> None:
        self.parts = parts
        super().__init__()

    def allows(self, member: StaffMember) -> bool:
        """Whether this member may open the list."""
        return False

    async def listing(self, request: Request, *, offset: int, limit: int, sort: str, descending: bool) -> Listing:
        """One page of the list for whoever asks."""
        raise NotImplementedError

    def is_accessible(self, request: Request) -> bool:
        """Whether whoever asks may open it."""
        member = find_member(request)
        return member is not None and self.allows(member)

    async def find_all(  # noqa: PLR0913, PLR0917 - as the base class
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: object = None,
    ) -> Sequence[Any]:
        """The rows of the page."""
        sort, direction = (sorts or [(str(self.pk_attr), "asc")])[0]
        found = await self.listing(request, offset=skip, limit=limit, sort=sort, descending=direction == "desc")
        request.state.listing = found
        return found.rows

    async def count(self, request: Request, q: str | None = None, filters: object = None) -> int:
        """How many there are, as found with the rows."""
        listing: Listing = request.state.listing
        return listing.total

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        """Nothing: a single thing has a page of its own."""
        return None

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        """Nothing."""
        return []

    async def serialize(
        self,
        obj: Any,
        request: Request,
        include_relationships: bool = True,  # noqa: FBT001, FBT002 - as the base class
        include_select2: bool = False,  # noqa: FBT001, FBT002 - as the base class
    ) -> dict[str, Any]:
        """The row as it is, for our own templates."""
        return {str(self.pk_attr): getattr(obj, str(self.pk_attr)), "it": obj}

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Never."""
        raise HTTPException(FORBIDDEN)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        """Never."""
        raise HTTPException(FORBIDDEN)

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Never."""
        raise HTTPException(FORBIDDEN)

    def can_view_detail(self, request: Request) -> bool:
        """No."""
        return False

    can_create = can_edit = can_delete = can_export = can_import = can_view_detail
