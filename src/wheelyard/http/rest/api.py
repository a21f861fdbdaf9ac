"""The REST API as one FastAPI application, mounted at `/api/v4`."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from wheelyard import __version__
from wheelyard.domain.errors import Refused
from wheelyard.http.rest import (
    access_tokens,
    associations,
    audit,
    deploy_tokens,
    group_packages,
    groups,
    instance,
    members,
    name_owners,
    namespaces,
    packages,
    personal_tokens,
    projects,
    protection,
    statistics,
    users,
    yanks,
)
from wheelyard.http.rest.docs import add_docs
from wheelyard.http.rest.errors import answer_bug, answer_http_error, answer_refused
from wheelyard.http.rest.wrong_parameters import answer_invalid_parameters
from wheelyard.http.services import Services


def build_api(services: Services) -> FastAPI:
    """Return the API with all its routes and GitLab's error bodies."""
    api = FastAPI(
        title="Wheelyard",
        version=__version__,
        redirect_slashes=False,  # `Segments` has taken the one at the end away
        openapi_url=None,  # `add_docs` serves a description that knows more
        exception_handlers={
            Refused: answer_refused,
            RequestValidationError: answer_invalid_parameters,
            HTTPException: answer_http_error,
            Exception: answer_bug,
        },
    )
    api.state.services = services
    api.include_router(statistics.router)  # its literal segments come before packages' ids
    api.include_router(protection.router)  # likewise
    api.include_router(packages.router)
    api.include_router(yanks.router)
    api.include_router(group_packages.router)
    api.include_router(name_owners.router)
    api.include_router(audit.router)
    api.include_router(associations.router)
    api.include_router(personal_tokens.router)
    api.include_router(access_tokens.router)
    api.include_router(deploy_tokens.router)
    api.include_router(instance.router)
    api.include_router(users.router)
    api.include_router(groups.router)
    api.include_router(projects.router)
    api.include_router(members.router)
    api.include_router(namespaces.router)
    add_docs(api)
    return api
