"""PyPI's JSON API: the addresses and fields that Dependabot, pip-tools and bandersnatch use."""

from urllib.parse import urlsplit

import requests

from distributions import build_sdist, build_wheel
from registry import Registry
from running import Server
from uploading import upload

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def test_project_and_version_documents(server: Server, registry: Registry) -> None:
    project, secret = registry.publisher()
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    auth = ("__token__", secret)
    for name, content in (
        build_wheel("Some.Pkg", "1.0"),
        build_sdist("Some.Pkg", "1.0"),
        build_wheel("Some.Pkg", "2.0rc1"),
    ):
        assert upload(base, auth, name, content).status_code == 201
    document = requests.get(f"{base}/pypi/Some_Pkg/json", auth=auth, timeout=30).json()
    assert document["info"]["name"] == "Some.Pkg"
    assert document["info"]["version"] == "1.0", "a final version comes before a candidate"
    assert list(document["releases"]) == ["1.0", "2.0rc1"]
    assert [file["packagetype"] for file in document["urls"]] == ["bdist_wheel", "sdist"]
    for file in document["urls"]:
        assert urlsplit(file["url"]).path.startswith("/packages/"), "bandersnatch takes no others"
        answer = requests.get(file["url"], auth=auth, timeout=30)
        assert len(answer.content) == file["size"]
        assert requests.get(file["url"], timeout=30).status_code == 401
    candidate = requests.get(f"{base}/pypi/some-pkg/2.0RC1/json", auth=auth, timeout=30).json()
    assert "releases" not in candidate
    assert candidate["info"]["version"] == "2.0rc1"
    assert requests.get(f"{base}/pypi/some-pkg/9/json", auth=auth, timeout=30).status_code == 404
    assert requests.get(f"{base}/pypi/some-pkg/json", timeout=30).status_code == 401


def test_the_list_tells_what_has_changed(server: Server, registry: Registry) -> None:
    """As bandersnatch asks: it fetches the names whose serial has grown, and wants no older one."""
    project, secret = registry.publisher()
    api, auth = f"{server.address}/api/v4", ("__token__", secret)
    base = f"{api}/projects/{project.id}/packages/pypi"
    group = f"{api}/groups/{project.full_path.split('/')[0]}/-/packages/pypi"
    everything = f"{api}/packages/pypi"

    def serials(index: str) -> dict[str, int]:
        answer = requests.get(f"{index}/simple", auth=auth, headers=JSON, timeout=30)
        return {entry["name"]: entry["_last-serial"] for entry in answer.json()["projects"]}

    def publish(name: str, version: str) -> None:
        assert upload(base, auth, *build_wheel(name, version)).status_code == 201

    publish("one", "1.0")
    publish("two", "1.0")
    before = serials(base)
    assert before == serials(base), "from memory"
    for name, serial in before.items():
        document = requests.get(f"{base}/pypi/{name}/json", auth=auth, timeout=30)
        assert int(document.headers["x-pypi-last-serial"]) == serial
    publish("one", "2.0")
    after = serials(base)
    assert after["one"] > max(before.values())
    assert after["two"] == before["two"]
    assert serials(group) == after
    assert serials(everything).items() >= after.items()


def test_hatch_asks_below_the_upload_address(server: Server, registry: Registry) -> None:
    project, secret = registry.publisher()
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    auth = ("__token__", secret)
    assert upload(base, auth, *build_wheel("some-pkg", "1.0")).status_code == 201
    page = requests.get(f"{base}/%2Bsimple/some-pkg/", auth=auth, timeout=30)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert ">some_pkg-1.0-py3-none-any.whl</a>" in page.text
