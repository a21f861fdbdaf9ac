"""GitLab's rule about visibility: nothing is more visible than the group that it is in."""

from collections.abc import Collection

from wheelyard.domain.access import Visibility
from wheelyard.domain.errors import Problem, invalid

_ORDER = (Visibility.PRIVATE, Visibility.INTERNAL, Visibility.PUBLIC)
_FIELD = "visibility_level"  # GitLab's name for it in the answer


def closest_allowed(wanted: Visibility, above: Visibility | None) -> Visibility:
    """Return `wanted`, or what the group above allows if that is less."""
    return wanted if above is None else min(wanted, above, key=_ORDER.index)


def beyond(limit: Visibility) -> frozenset[Visibility]:
    """Return the visibilities that are more than `limit`."""
    return frozenset(_ORDER[_ORDER.index(limit) + 1 :])


def check_visibility(wanted: Visibility, above: Visibility | None) -> None:
    """Refuse (invalid) a visibility that the group above does not allow."""
    if closest_allowed(wanted, above) is not wanted:
        message = f"{wanted} is not allowed in a {above} group."
        raise invalid(Problem("too-visible", message, _FIELD))


def check_covers(wanted: Visibility, below: Collection[Visibility]) -> None:
    """Refuse (invalid) a visibility of a group that is less than that of something below it."""
    if any(closest_allowed(inner, wanted) is not inner for inner in below):
        message = (
            f"{wanted} is not allowed since this group contains groups or projects "
            "with higher visibility."
        )
        raise invalid(Problem("too-visible", message, _FIELD))
