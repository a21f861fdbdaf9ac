"""Posted forms: read in bounds, and shown again with what was wrong beside each field.

A file that is uploaded does not come this way: its handler reads the body itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import parse_qs

from starlette.requests import Request

from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.http.asgi import Scope, header
from wheelyard.http.bodies import Body

TOKEN_FIELD = "authenticity_token"  # noqa: S105  the name of a field; GitLab's
MAX_FORM_BYTES = 256 * 1024
MAX_FIELDS = 1000

_SHOWN_AGAIN = frozenset(
    {Reason.INVALID, Reason.UNPROCESSABLE, Reason.CONFLICT, Reason.UNAUTHENTICATED}
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: as it was posted, or as it is shown at first.

    values: every value of each field. problems: what is wrong, with the field where it is known.
    """

    values: Mapping[str, list[str]] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """Return a field's value without spaces around it; `default` when it was not sent."""
        return self.raw(name, default).strip()

    def raw(self, name: str, default: str = "") -> str:
        """Return a field's value as it was sent: for passwords."""
        values = self.values.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """Return every value of a field: of check boxes with one name."""
        return self.values.get(name, [])

    def has(self, name: str, value: str | None = None) -> bool:
        """Tell whether a check box was ticked (the one with this value)."""
        return name in self.values if value is None else value in self.all(name)

    def day(self, name: str) -> date | None:
        """Return a date field; None when it is empty. Raises Refused (invalid)."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            message = "The expiration date is not a date, like 2030-12-31."
            raise invalid(Problem("invalid-date", message, name)) from error

    def errors(self, name: str) -> list[str]:
        """Return what is wrong with a field, a sentence each."""
        return [problem.message for problem in self.problems if problem.field == name]

    def refused(self, refused: Refused, fields: Mapping[str, str] | None = None) -> "Form":
        """Return the form with what an action said against it; raises what is not about it.

        fields: what a problem's field is called in the form, where that is another name.
        """
        if refused.reason not in _SHOWN_AGAIN:
            raise refused
        names = fields or {}
        problems = refused.problems or (Problem(refused.reason.value, refused.detail),)
        named = (
            replace(problem, field=names.get(problem.field or "", problem.field))
            for problem in problems
        )
        return replace(self, problems=(*self.problems, *named))


def initial(**values: str | bool | Iterable[str] | None) -> Form:
    """Return the form that is shown at first: a flag is a check box, None an empty field."""
    filled: dict[str, list[str]] = {}
    for name, value in values.items():
        if value is True:
            filled[name] = ["1"]
        elif isinstance(value, str):
            filled[name] = [value]
        elif value:
            filled[name] = list(value)
    return Form(filled)


async def read_form(request: Request) -> Form:
    """Read the form that was posted; another kind of body is left for its handler.

    Raises Refused: invalid (malformed), too large.
    """
    if not is_form(request.scope):
        return Form()
    content = bytearray()
    async for chunk in Body(request.scope, request.receive).chunks():
        content += chunk
        if len(content) > MAX_FORM_BYTES:
            raise Refused(Reason.TOO_LARGE, f"The form is over {MAX_FORM_BYTES} bytes.")
    try:
        text = content.decode("ascii")
        values = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise invalid(Problem("malformed-form", "The form is malformed.")) from error
    if any("\0" in value for some in values.values() for value in some):
        raise invalid(Problem("malformed-form", "The form holds a NUL character."))
    return Form({name: [_lines(value) for value in some] for name, some in values.items()})


def is_form(scope: Scope) -> bool:
    """Tell whether a request's body is a plain form."""
    media_type = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    return media_type == "application/x-www-form-urlencoded"


def _lines(value: str) -> str:
    return value.replace("\r\n", "\n")
