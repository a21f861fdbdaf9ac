"""The dashboard and the documentation speak of the metrics that there are, of all of them."""

import json
import re
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

from docs.markdown import ROOT
from running import Server
from wheelyard.domain.metrics import FAMILIES, Kind

DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
NAME = re.compile(r"wheelyard_[a-z_]+")


def targets() -> list[dict[str, Any]]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target for panel in panels for target in panel["targets"]]


def exposed(server: Server) -> dict[str, set[str]]:
    """Return the names that may be asked for, by family, as the server itself tells them."""
    text = requests.get(f"{server.address}/-/metrics", timeout=60).text
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
        names[family.name] = {family.name + end for end in suffixes.get(family.type, [""])}
    return names


def test_every_expression_asks_for_metrics_that_there_are(server: Server) -> None:
    there_are = exposed(server)
    asked = {name for target in targets() for name in NAME.findall(target["expr"])}
    assert asked <= set().union(*there_are.values())
    assert [family for family, names in there_are.items() if not names & asked] == []


def test_labels_of_the_expressions_are_those_of_the_metrics() -> None:
    labels = {family.name: {*family.labels, "job", "instance"} for family in FAMILIES}
    labels["wheelyard_build_info"] = {"version", "job", "instance"}
    for target in targets():
        named = {
            re.sub("_(total|bucket|count|sum)$", "", name) for name in NAME.findall(target["expr"])
        }
        used = set(re.findall(r"(\w+)=~?\"", target["expr"]))
        for group in re.findall(r"by \(([^)]*)\)", target["expr"]):
            used |= set(group.replace(" ", "").split(",")) - {"le"}
        assert used <= set.intersection(*(labels[name] for name in named)), target["expr"]
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= used


def test_panels_have_a_place_of_their_own() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_the_documentation_has_a_row_for_every_metric() -> None:
    text = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(wheelyard_\w+)` \| ([^|]*) \|", text, re.MULTILINE)
    expected = {
        family.name + ("_total" if family.kind is Kind.COUNTER else ""): ", ".join(family.labels)
        for family in FAMILIES
    }
    assert {name: labels.strip() for name, labels in rows} == {
        **expected,
        "wheelyard_build_info": "version",
    }
