"""The pages of the console in the order of the menu: to add one, write its module and put its class here."""

from collections.abc import Sequence

from starlette_admin.views import BaseView, CustomView

from bot.console.ports import ConsoleParts
from bot.console.views.account import AccountPage
from bot.console.views.audit import AuditPage
from bot.console.views.broadcasts import BroadcastPage
from bot.console.views.call_backs import CallBackPages
from bot.console.views.callers import CallerPages
from bot.console.views.case import CasePages
from bot.console.views.case_acts import CaseActs
from bot.console.views.case_export import CaseExport
from bot.console.views.case_files import CaseFiles
from bot.console.views.cases import CaseListView, CaseViews
from bot.console.views.channels import ChannelPages
from bot.console.views.dashboard import Dashboard
from bot.console.views.deliveries import DeliveryPages
from bot.console.views.employers import EmployerPages
from bot.console.views.findings import FindingPages
from bot.console.views.hotline import CallPages
from bot.console.views.knowledge_acts import DraftActs
from bot.console.views.knowledge_confirming import ConfirmPages
from bot.console.views.knowledge_due import DuePages
from bot.console.views.knowledge_entries import EntryListPages
from bot.console.views.knowledge_entry import EntryPages
from bot.console.views.knowledge_hits import HitPages
from bot.console.views.knowledge_questions import QuestionPages
from bot.console.views.knowledge_versions import VersionPages
from bot.console.views.notices import NoticePages
from bot.console.views.post_corrections import PostCorrections
from bot.console.views.post_editor import PostEditor
from bot.console.views.post_law_reviews import LawReviewPages
from bot.console.views.post_planning import PostPlanning
from bot.console.views.post_previews import PostPreviews
from bot.console.views.post_review import PostReview
from bot.console.views.posts import PostList, PostPages
from bot.console.views.publishing_calendar import CalendarPage
from bot.console.views.quarantine import QuarantinePages
from bot.console.views.results import ResultPage
from bot.console.views.retention import RetentionPage
from bot.console.views.staff import StaffPages
from bot.console.views.start import StartPage

VIEWS = (
    CaseListView,
    CaseViews,
    CasePages,
    CaseActs,
    CaseFiles,
    CaseExport,
    FindingPages,
    QuarantinePages,
    EmployerPages,
    Dashboard,
    CallPages,
    CallerPages,
    CallBackPages,
    PostPages,  # before the others: of addresses that fit several, the one added last is asked first
    PostList,
    PostEditor,
    PostPreviews,
    PostReview,
    PostPlanning,
    PostCorrections,
    CalendarPage,
    DeliveryPages,
    ChannelPages,
    ResultPage,
    BroadcastPage,
    LawReviewPages,
    EntryPages,
    VersionPages,
    DraftActs,
    ConfirmPages,
    EntryListPages,
    QuestionPages,
    HitPages,
    DuePages,
    StaffPages,
    NoticePages,
    AuditPage,
    RetentionPage,
    AccountPage,
)
"""Every page but the first. Each is made of `ConsoleParts` and says itself who may open it."""


def make_start(parts: ConsoleParts) -> CustomView:
    """The page after signing in."""
    return StartPage(parts)


def make_views(parts: ConsoleParts) -> Sequence[BaseView]:
    """All the others."""
    return [view(parts) for view in VIEWS]
