"""Wrong parameters, as FastAPI finds them, in GitLab's words."""

from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def answer_invalid_parameters(_request: Request, error: Exception) -> Response:
    """Answer wrong parameters as GitLab's parameter validator does: 400 and `error`."""
    if not isinstance(error, RequestValidationError):
        raise error
    sentence = ", ".join(_sentence(problem) for problem in error.errors())
    return JSONResponse({"error": sentence, "message": f"400 Bad request - {sentence}"}, 400)


def _sentence(problem: dict[str, Any]) -> str:
    field = ".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0])
    if problem["type"] == "missing":
        return f"{field} is missing"
    if problem["type"] in {"enum", "literal_error"}:
        return f"{field} does not have a valid value"
    return f"{field} is invalid"
