"""A template of the account, filled in for one follower: what every notice that WeChat carries is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SUBSCRIPTION_SEND = "/cgi-bin/message/subscribe/bizsend"
LONGEST_WORDS = 20
"""Characters of a field of the kind `thing`."""

NOBODY = frozenset({"40003", "43004"})
"""No such follower any more."""

NOT_GRANTED = frozenset({"43019", "43101"})
"""Refused by the follower, or the subscription was used up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """As the operator chose it. fields: what stands in each; page: where a tap leads; lasting: one grant is enough."""

    id: str
    fields: Mapping[str, str]
    federation: str
    page: str = ""
    lasting: bool = field(default=False)

    def fill(self, address: str, values: Mapping[str, str]) -> dict[str, object]:
        """The message to that follower. values: by what stands in the fields; the federation is known."""
        values = {**values, "federation": self.federation[:LONGEST_WORDS]}
        data = {name: {"value": values[what]} for name, what in self.fields.items()}
        return {"touser": address, "template_id": self.id, "data": data}
