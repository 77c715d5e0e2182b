"""A platform's own events: no reply; what a worker grants or takes back for notices is kept."""

from bot.complaints.worker import reaching
from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.services import Services

POPUP, CHANGE, TEMPLATE_DONE = "subscribe_msg_popup_event", "subscribe_msg_change_event", "TEMPLATESENDJOBFINISH"
BLOCKED = "failed:user block"


class Notice:
    """Takes events that nobody waits on."""

    def matches(self, turn: Turn) -> bool:
        """Platform events."""
        return turn.message.kind is Kind.NOTICE

    async def handle(self, turn: Turn, services: Services) -> Reply | None:
        """Say nothing; keep what was granted and forget what was taken back."""
        data, settings = turn.message.data, services.complaints.settings.notices
        event, person = data.get("event", ""), turn.person
        if event == TEMPLATE_DONE and data.get("status") == BLOCKED:
            turn.then(lambda work: reaching.revoke(work, person, reaching.TEMPLATE))
        self._keep_bulletins(turn, services)
        if event not in (POPUP, CHANGE) or settings.wechat != "subscribe":
            return None
        decided = _decision(data.get("decisions", ""), settings.template_id)
        if decided == "reject" and event == CHANGE:
            turn.then(lambda work: reaching.revoke(work, person, reaching.SUBSCRIPTION))
        elif decided == "accept" and (event == POPUP or settings.lasting):
            turn.then(lambda work: reaching.grant(work, person, reaching.SUBSCRIPTION, lasting=settings.lasting))
        return None

    def _keep_bulletins(self, turn: Turn, services: Services) -> None:
        """Count a notice of new posts that the person has just agreed to; who takes it back has stopped."""
        subscriptions, data, message = services.subscriptions, turn.message.data, turn.message
        if subscriptions is None or not services.granting_template:
            return
        event, decided = data.get("event", ""), _decision(data.get("decisions", ""), services.granting_template)
        if event == CHANGE and decided == "reject":
            turn.then(lambda work: subscriptions.stop(work, message.channel, message.sender, turn.now))
        elif event == POPUP and decided == "accept":
            turn.then(lambda work: subscriptions.grant(work, message.channel, message.sender))


def _decision(decisions: str, template: str) -> str:
    """What was decided on our template: the last word on it counts."""
    ours = [decision for id, _, decision in (one.rpartition("=") for one in decisions.split()) if id == template]
    return ours[-1] if ours else ""
