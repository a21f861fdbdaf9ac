"""The order of the tour's steps, and what is said about each."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wheelyard.cli.common import show
from wheelyard.cli.tour import further, guide
from wheelyard.cli.tour.instance import running_server
from wheelyard.cli.tour.programs import StepFailedError
from wheelyard.cli.tour.shell import Shell
from wheelyard.cli.tour.transcript import Transcript
from wheelyard.cli.tour.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that GitLab's guide promises; `item` is its number in docs and tests."""

    item: str
    title: str
    take: Callable[[Visitor], str]
    """Does it and returns the sentence to tick; raises StepFailedError."""


STEPS = (
    Step("B7", "A user, a project and a token", guide.sign_up),
    Step("B6", "Write and build MyPyPiPackage", guide.build_package),
    Step("B8", "Tell twine where to publish: ~/.pypirc", guide.write_pypirc),
    Step("B12", "Publish", guide.publish),
    Step("B13", "See it listed", guide.list_package),
    Step("B14", "Install", guide.install),
    Step("B15", "Where the wheel came from", guide.find_file_address),
    Step("B11", "Publish the same version again, with other content", further.publish_again),
    Step("B14", "Tokens may do what their scopes say", further.use_scopes),
    Step("B9", "A deploy token instead of a user's", further.use_deploy_token),
    Step("B10", "A file over the limit", further.publish_too_large),
)


def walk(root: Path) -> None:
    """Take all steps, in `root`; print each command and its output.

    Raises StepFailedError at the first step that does not come to what it should.
    """
    begin = time.monotonic()
    transcript = Transcript()
    shell = Shell(transcript, root)
    transcript.title("A server to throw away, and the tools of the guide")
    transcript.command(None, f"wheelyard serve --port 0 --data {shell.data}")
    with running_server(shell.data) as address:
        transcript.done(f"Wheelyard is serving at http://{address}")
        shell.make_environment("tools")
        shell.install_from_pypi("tools", "twine build setuptools wheel")
        visitor = Visitor(shell, address)
        for step in STEPS:
            _take(step, visitor)
    seconds = time.monotonic() - begin
    show(
        {"steps": [step.item for step in STEPS], "seconds": round(seconds, 1)},
        f"\nAll of it worked, in {seconds:.0f} seconds. The server and its data are gone.",
    )


def _take(step: Step, visitor: Visitor) -> None:
    transcript = visitor.shell.transcript
    transcript.title(step.title)
    try:
        transcript.done(f"{step.item}  {step.take(visitor)}")
    except StepFailedError as error:
        transcript.failed(f"{step.item}  {step.title}")
        raise StepFailedError(f"{step.item}, {step.title}: {error}") from error
