"""Puts the answering side together from settings and content, for the program and for look-ups.

Apart from `bot.app`, so that a look-up on the command line need not import a web server and a
database layer to answer within its time.
"""

from concurrent.futures import ThreadPoolExecutor

from bot.answers.calibration import ANSWER_FROM, LABOUR_FROM
from bot.answers.compose import Composer
from bot.answers.encoders import FastEncoder, SlowEncoder, slow_encoder_runs_here
from bot.answers.keeper import RankerFactory
from bot.answers.materials import load_materials
from bot.answers.outcome import Policy
from bot.answers.ranking import SlowPolicy
from bot.answers.rules import RuleBook, load_rules
from bot.answers.service import AnswerService
from bot.settings import Settings
from bot.wording import Wording


def make_answers(settings: Settings, wording: Wording) -> AnswerService:
    """The answering service; it has no base yet."""
    lexicon = settings.content_dir / "lexicon"
    federation = settings.federation
    rules = RuleBook(
        load_rules(lexicon / "emergencies.yaml"),
        load_rules(lexicon / "small_talk.yaml"),
        wording,
        federation.hotline,
    )
    return AnswerService(
        composer=Composer(
            wording, federation.hotline, federation.regions, takes_complaints=settings.complaints.enabled
        ),
        rules=rules,
        policy=Policy(answer=ANSWER_FROM, labour=LABOUR_FROM),
        regions=federation.regions,
        hot=wording("hot.topics").split(),
        longest_question=settings.answers.longest_question,
        executor=ThreadPoolExecutor(1, "answer"),
    )


def make_rankers(settings: Settings, *, patient: bool = False) -> RankerFactory:
    """The real encoders over the data folder; loads no model yet.

    `patient` rankers always wait for the slow encoder, so that a measurement does not depend
    on what else the machine does.
    """
    answers = settings.answers
    slow = SlowEncoder() if answers.slow_encoder and slow_encoder_runs_here() else None
    return RankerFactory(
        materials=load_materials(settings.content_dir / "lexicon"),
        folder=settings.data_dir,
        fast=FastEncoder(),
        slow=slow,
        policy=SlowPolicy(at_once=answers.slow_encoder_at_once, patient=patient),
    )
