"""The API's own description, and whether an answer is what it says."""

from typing import Any

import requests
import schemathesis
from schemathesis.specs.openapi.schemas import OpenApiSchema


class Description:
    """`openapi.json` of a running server."""

    def __init__(self, address: str) -> None:
        url = f"{address}/api/v4/openapi.json"
        self.document: dict[str, Any] = requests.get(url, timeout=30).json()
        self._schema: OpenApiSchema = schemathesis.openapi.from_dict(self.document)

    def check(self, method: str, path: str, answer: requests.Response) -> None:
        """Fail unless the status is described for this address, and the body as it is."""
        operation = self._schema[path][method]
        described = self.document["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in described, (method, path, answer.status_code)
        operation.validate_response(answer)
