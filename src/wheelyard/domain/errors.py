"""What can go wrong, as values: a reason, a sentence and the single problems behind it.

Nothing here knows HTTP: `wheelyard.http.errors` maps each reason to a status, in one table.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a request was refused."""

    UNAUTHENTICATED = "unauthenticated"
    INVALID_TOKEN = "invalid_token"  # noqa: S105  an OAuth error code (RFC 6750), not a secret
    FORBIDDEN = "forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    UNPROCESSABLE = "unprocessable"  # what GitLab answers with 422 where others would with 400
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    TOO_MANY_REQUESTS = "too_many_requests"
    STORAGE_FULL = "storage_full"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, one sentence, and the field or member it concerns."""

    code: str
    message: str
    field: str | None = None


class Refused(Exception):  # noqa: N818  it names what happened, as the callers read it
    """A request that is refused, and why.

    `detail` is one clear sentence for the user; `problems` holds every single finding
    where there can be several (an upload), so that they can all be mended at once.
    `retry_after_seconds` is set where trying again later is the right thing to do, `scopes` where
    the token lacks one of these (insufficient scope).
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        problems: tuple[Problem, ...] = (),
        retry_after_seconds: int | None = None,
        scopes: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.problems = problems
        self.retry_after_seconds = retry_after_seconds
        self.scopes = scopes


def invalid(*problems: Problem) -> Refused:
    """Build the refusal for input that has these problems; its detail joins their sentences."""
    detail = " ".join(problem.message for problem in problems)
    return Refused(Reason.INVALID, detail, problems=problems)


def not_found(what: str) -> Refused:
    """Build the refusal for `what` ("Project", "Package", …) that is absent or hidden."""
    return Refused(Reason.NOT_FOUND, f"{what} Not Found")
