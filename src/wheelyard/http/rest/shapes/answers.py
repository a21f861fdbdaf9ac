"""The JSON of answers that show no thing."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

Nothing = Annotated[list[str], Field(max_length=0)]
"""An empty list of what GitLab has and a package registry has not."""


class MessageJson(TypedDict):
    """What was done, in words."""

    message: str


ACCEPTED: MessageJson = {"message": "202 Accepted"}
"""GitLab's answer to a deletion; here it is done by then."""
