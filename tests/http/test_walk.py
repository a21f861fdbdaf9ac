import requests

from distributions import build_sdist, build_wheel
from registry import Registry
from running import Server

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def test_publish_and_read_back(server: Server, registry: Registry) -> None:
    project, secret = registry.publisher()
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    auth = ("__token__", secret)
    for filename, content in (build_wheel("Some.Pkg", "1.0"), build_sdist("Some.Pkg", "1.0")):
        answer = requests.post(
            base,
            auth=auth,
            data={":action": "file_upload", "name": "Some.Pkg", "version": "1.0"},
            files={"content": (filename, content)},
            timeout=30,
        )
        assert (answer.status_code, answer.json()) == (201, {"message": "201 Created"})
        page = requests.get(f"{base}/simple/some-pkg/", auth=auth, headers=JSON, timeout=30)
        entry = next(file for file in page.json()["files"] if file["filename"] == filename)
        url = f"{base}/simple/some-pkg/{entry['url']}"
        assert requests.get(url, auth=auth, timeout=30).content == content
    listing = requests.get(f"{base}/simple/", auth=auth, headers=JSON, timeout=30).json()
    serial = int(page.headers["X-PyPI-Last-Serial"])
    assert listing["projects"] == [{"name": "some-pkg", "_last-serial": serial}]
    group = project.full_path.split("/")[0]
    of_group = f"{server.address}/api/v4/groups/{group}/-/packages/pypi/simple/some-pkg/"
    grouped = requests.get(of_group, auth=auth, headers=JSON, timeout=30).json()
    assert grouped == page.json()
