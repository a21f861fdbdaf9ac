"""One project's index as its users know it: addresses and credentials, and what is in it."""

from dataclasses import dataclass, replace
from typing import Any

import requests

from distributions import upload_fields
from wheelyard.domain.models.places import Project

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@dataclass(frozen=True, slots=True)
class Index:
    """The index of `project` on the server at `address`.

    `username` and `secret` are what a client is given; `owner_secret` is what the test itself
    looks with, whatever the client may do.
    """

    address: str
    project: Project
    secret: str
    owner_secret: str
    username: str = "__token__"

    @property
    def upload_url(self) -> str:
        """Where clients upload to, as in GitLab's guide."""
        return f"{self.address}/api/v4/projects/{self.project.id}/packages/pypi"

    @property
    def simple_url(self) -> str:
        """The simple index without credentials."""
        return f"{self.upload_url}/simple"

    @property
    def simple_url_with_credentials(self) -> str:
        """The simple index as it is given to `pip install --index-url`; "" is no secret."""
        if not self.secret:
            return self.simple_url
        scheme, _, rest = self.simple_url.partition("://")
        return f"{scheme}://{self.username}:{self.secret}@{rest}"

    def used_with(self, secret: str, username: str = "__token__") -> "Index":
        """Return the same index for a client with other credentials."""
        return replace(self, secret=secret, username=username)

    def add(self, filename: str, content: bytes) -> None:
        """Put a file there without a client, as `curl` does: no metadata but in the file."""
        fields = upload_fields(filename, content)
        del fields["metadata_version"]
        answer = requests.post(
            self.upload_url,
            auth=("__token__", self.owner_secret),
            data=fields,
            files={"content": (filename, content)},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text

    def files(self, name: str) -> dict[str, dict[str, Any]]:
        """Return what the index lists for a package: file name to the entry; {} for none."""
        answer = self._get(f"{self.simple_url}/{name}/")
        if answer.status_code == 404:
            return {}
        assert answer.status_code == 200, answer.text
        return {file["filename"]: file for file in answer.json()["files"]}

    def file_url(self, filename: str, sha256: str) -> str:
        """Return the address of a file, as in GitLab's guide."""
        return f"{self.upload_url}/files/{sha256}/{filename}"

    def content(self, file_url: str) -> bytes:
        """Return the bytes at a file's address."""
        answer = self._get(file_url)
        assert answer.status_code == 200, answer.text
        return answer.content

    def _get(self, url: str) -> requests.Response:
        return requests.get(url, auth=("__token__", self.owner_secret), headers=JSON, timeout=60)
