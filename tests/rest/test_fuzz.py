"""Made-up requests to every address, by four kinds of people: no 5xx, nothing undocumented."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ensure_resource_availability,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from running import Server
from worlds import World, build_world

BUDGET_SECONDS = 30
EXAMPLES, FEW_EXAMPLES = 8, 2
# All there are, but `positive_data_acceptance`: whether a path is taken, a group is visible enough
# or a file is a wheel is in no schema.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
    use_after_free,
    ensure_resource_availability,
]
# What takes things away from the people of this test comes last, and their own tokens last of all.
LATE = ("delete", "/rotate", "/block", "/application/", "/transfer", "self")


AnyCase = Case[Any]
Operation = APIOperation[Any, Any, Any, Any]


@dataclass
class Attempts:
    """Requests as everybody, and what was wrong with the answers."""

    world: World
    session: requests.Session = field(default_factory=requests.Session)
    failures: list[str] = field(default_factory=list)

    def send(self, case: AnyCase) -> None:
        """Send a request as everybody and check the answers."""
        for who, headers in self.world.callers.items():
            response = case.call(
                base_url=self.world.people.api, session=self.session, headers=dict(headers)
            )
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as group:
                told = "; ".join(str(failure) for failure in group.exceptions)
                self.failures.append(f"{who}: {told}\n{case.as_curl_command(dict(headers))}")


@pytest.fixture
def attempts(start_server: Callable[..., Server]) -> Attempts:
    made = Attempts(build_world(start_server()))
    made.session.trust_env = False  # also quicker: no look at the environment for each request
    return made


@pytest.mark.filterwarnings("ignore::Warning:schemathesis")
def test_made_up_requests(attempts: Attempts) -> None:
    schema = schemathesis.openapi.from_url(f"{attempts.world.people.api}/openapi.json")
    results = list(schema.get_all_operations())
    operations = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(operations) == len(results)
    operations.sort(key=_lateness)
    assert len(operations) > 100
    begin = time.monotonic()
    for number, operation in enumerate(operations):
        # On a busy machine there are fewer requests to each address, but every one is tried.
        is_late = time.monotonic() - begin > BUDGET_SECONDS * number / len(operations)
        _try(attempts, operation, FEW_EXAMPLES if is_late else EXAMPLES)
    assert not attempts.failures, "\n\n".join(dict.fromkeys(attempts.failures))


def _lateness(operation: Operation) -> int:
    text = f"{operation.method} {operation.path}".lower()
    return max((1 + rank for rank, part in enumerate(LATE) if part in text), default=0)


def _try(attempts: Attempts, operation: Operation, examples: int) -> None:
    """Send made-up requests: to a real thing, to a real thing with a mistake, to anything."""
    real = attempts.world.real_ids(operation.path)
    cases: st.SearchStrategy[AnyCase] = st.one_of(
        operation.as_strategy(GenerationMode.POSITIVE, path_parameters=real),
        operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=real),
        operation.as_strategy(GenerationMode.POSITIVE),
    )

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def send(case: AnyCase) -> None:
        attempts.send(case)

    send()
