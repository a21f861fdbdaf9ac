"""Every code has an upload that shows it, and that upload is judged by its severity."""

import pytest

from hostile_uploads import CASES, GOOD
from wheelyard.domain.findings import CODES, SEVERITIES, Severity, Strictness, judge


def test_every_code_has_a_case() -> None:
    assert set(CASES) == set(CODES)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_upload_has_no_findings(kind: str) -> None:
    inspection = GOOD[kind].inspect()
    assert inspection.findings == ()
    assert inspection.facts is not None
    assert inspection.facts.normalised_name == "my-pkg"


@pytest.mark.parametrize("code", CASES)
def test_case_is_found(code: str) -> None:
    inspection = CASES[code]().inspect()
    found = [finding for finding in inspection.findings if finding.code == code]
    assert found, [finding.message for finding in inspection.findings]
    assert found[0].severity is SEVERITIES[code]
    assert found[0].message.endswith((".", "'"))
    assert found[0].message.isprintable()


@pytest.mark.parametrize("code", CASES)
def test_case_is_refused_as_its_severity_says(code: str) -> None:
    findings = CASES[code]().inspect().findings
    refused = {
        strictness: any(finding.code == code for finding in judge(findings, strictness).refusing)
        for strictness in Strictness
    }
    fatal = SEVERITIES[code] is Severity.FATAL
    assert refused == {
        Strictness.STRICT: SEVERITIES[code] is not Severity.WARNING,
        Strictness.WARN: fatal,
        Strictness.OFF: fatal,
    }
