"""The guided dialogue by which a complaint is taken down: pure rules, the same on every channel.

`begin` and `take` turn a draft and a message into the next draft, what was understood and the next question.
A draft is plain JSON, so it rests in the conversation and goes on after hours, after a restart, on another process.
Sentences are named by key; handlers say them.
"""

from bot.complaints.intake.answers import Answer, Chosen, Contact, Files, Told
from bot.complaints.intake.asides import question_about_us, reads_as_question, tells_own_story
from bot.complaints.intake.commands import read_order, reads_as_resuming, says_done
from bot.complaints.intake.dialogue import MOST_FILES, ask, begin, begin_again, move_on, take, take_file
from bot.complaints.intake.draft import Draft, Mode, draft_from_json, draft_to_json
from bot.complaints.intake.filing import make_filing, make_statement, shows_content
from bot.complaints.intake.frame import Frame, Line, Option
from bot.complaints.intake.opening import content_of, opens
from bot.complaints.intake.path import current_step
from bot.complaints.intake.questions import Question
from bot.complaints.intake.steps import Step
from bot.complaints.intake.turns import End, Said, Turned

__all__ = [
    "MOST_FILES",
    "Answer",
    "Chosen",
    "Contact",
    "Draft",
    "End",
    "Files",
    "Frame",
    "Line",
    "Mode",
    "Option",
    "Question",
    "Said",
    "Step",
    "Told",
    "Turned",
    "ask",
    "begin",
    "begin_again",
    "content_of",
    "current_step",
    "draft_from_json",
    "draft_to_json",
    "make_filing",
    "make_statement",
    "move_on",
    "opens",
    "question_about_us",
    "read_order",
    "reads_as_question",
    "reads_as_resuming",
    "says_done",
    "shows_content",
    "take",
    "take_file",
    "tells_own_story",
]
