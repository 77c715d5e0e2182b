"""What an emulated platform does wrong, around what it does."""

from collections.abc import Callable, Mapping

from tests.contract.sender_cases import Fault
from tests.emulators.served import Drop, Hang, Response

_HANGS = (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER)
_DROPS = (Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER)
_BEFORE = (Fault.TIMEOUT_BEFORE, Fault.DROPPED_BEFORE)


def misbehaving(fault: Fault | None, act: Callable[[], Response], answers: Mapping[Fault, Response]) -> Response:
    """The answer of a platform with that fault; `act` is called where the platform acts all the same.

    answers: what it says to ERROR_BEFORE, ERROR_AFTER, REFUSED, RATE_LIMITED. Raises Hang, Drop.
    """
    if fault in answers and fault is not Fault.ERROR_AFTER:
        return answers[fault]
    said = act() if fault not in _BEFORE else None
    if fault in _HANGS:
        raise Hang
    if fault in _DROPS:
        raise Drop
    if fault is Fault.ERROR_AFTER:
        return answers[fault]
    assert said is not None
    return said
