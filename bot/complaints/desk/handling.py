"""The desk of the cadres: everything that staff do with cases, in one service.

Every method takes an open unit of work that may write (looks are logged too), the viewer and `now`; none commits.
Refusals (`desk_refusals`): CaseHidden for a case that the viewer may not open or that does not exist, NotAllowed,
Faulty for the form, Conflict when somebody else changed the case since `seen`; StepRefused of the lifecycle,
ClockRefused of the clocks. After any of them the caller leaves the unit of work without commit.
"""

from bot.complaints.desk.assigning import Assigning
from bot.complaints.desk.case_pages import Pages
from bot.complaints.desk.caseload import Caseload
from bot.complaints.desk.clock_work import ClockWork
from bot.complaints.desk.exporting import Exporting
from bot.complaints.desk.findings import Findings
from bot.complaints.desk.referral import Referral
from bot.complaints.desk.reporting import Reporting
from bot.complaints.desk.triage import Triage
from bot.complaints.desk.writing import Writing


class Handler(Caseload, Pages, Writing, Assigning, Triage, Referral, Findings, ClockWork, Exporting, Reporting):
    """All of the desk.

    Lists: rows, badges, view, export, export_identities. Figures: report, log_report. One case: page,
    find_number, reveal, print_sheet. Steps: take_step, refer, merge, split. Writing: message, note,
    record_contact. Who has it: take_on, assign, move_district, release, delete_content. Triage: triage. Clocks
    by hand: startable_clocks, start_clock, stop_clock, extend_clock. The register of employers: employers,
    add_employer, change_employer, merge_employers. The radar: findings, decide_finding.
    """
