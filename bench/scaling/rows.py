"""The rows of a corpus, table by table. Rows are numbered in the order they are made, from 1.

In SQLite's own form (moments as text, in UTC), for SQLAlchemy would take most of the time.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from scaling.corpus import NEWEST, Corpus, Name
from wheelyard.domain.audit import GENESIS_HASH, chain_hash
from wheelyard.domain.models.events import AuditEvent, EntityType
from wheelyard.domain.version_order import version_key
from wheelyard.sql.name_search import grams

Rows = Iterable[dict[str, Any]]

_FILES_PER_DUPLICATE = 50
_FILES_PER_YANK = 100
_FILE_BYTES = 65_536
_FORM = {
    "metadata_version": ["2.1"],
    "summary": ["A package that nobody wrote, for a benchmark that somebody runs"],
    "classifiers": ["Programming Language :: Python :: 3", "Operating System :: OS Independent"],
    "requires_dist": ["packaging>=24", "requests>=2.31"],
}


def name_rows(names: Sequence[Name], project_ids: Sequence[int]) -> Rows:
    """Make a row of `names` for each name."""
    times = Counter(name.normalised for name in names)
    for name in names:
        yield {
            "project_id": project_ids[name.project],
            "normalised": name.normalised,
            "status": "active",
            "serial": 1,
            "created_at": _moment(NEWEST),
            "has_files": True,
            "is_shared": times[name.normalised] > 1,
        }


def gram_rows(names: Sequence[Name]) -> Rows:
    """Make the rows of `name_grams` of each name."""
    for name_id, name in enumerate(names, start=1):
        for gram in grams(name.normalised):
            yield {"gram": gram, "name_id": name_id}


def package_rows(corpus: Corpus, project_ids: Sequence[int]) -> Rows:
    """Make a row of `packages` for each release."""
    for release in corpus.releases:
        name = corpus.names[release.name]
        yield {
            "name_id": release.name + 1,
            "project_id": project_ids[name.project],
            "name": name.normalised,
            "version": release.version,
            "version_key": version_key(release.version),
            "created_at": _moment(release.at),
        }


def file_rows(corpus: Corpus, project_ids: Sequence[int]) -> Rows:
    """Make a row of `files` for each file, some of them twice with other bytes: superseded."""
    chance = random.Random(1)  # noqa: S311  nothing secret
    count = 0
    for package_id, release in enumerate(corpus.releases, start=1):
        name = corpus.names[release.name]
        stem = f"{name.normalised.replace('-', '_')}-{release.version}"
        shared = {
            "package_id": package_id,
            "name_id": release.name + 1,
            "project_id": project_ids[name.project],
            "normalised_name": name.normalised,
            "version": release.version,
            "md5": "0" * 32,
            "blake2_256": "0" * 64,
            "uploaded_at": _moment(release.at),
        }
        for ending in release.endings:
            count += 1
            if count % _FILES_PER_DUPLICATE == 0:
                yield {**shared, **_file(stem + ending, count, chance), "is_superseded": True}
            yield {**shared, **_file(stem + ending, count, chance), "is_superseded": False}


def _file(filename: str, count: int, chance: random.Random) -> dict[str, Any]:
    is_wheel = filename.endswith(".whl")
    return {
        "filename": filename,
        "kind": "bdist_wheel" if is_wheel else "sdist",
        "sha256": chance.randbytes(32).hex(),
        "size_bytes": _FILE_BYTES,
        "requires_python": ">=3.9",
        "metadata_sha256": chance.randbytes(32).hex(),
        "yanked_reason": "broken on Windows" if count % _FILES_PER_YANK == 0 else None,
    }


def form_rows(file_ids: Iterable[int]) -> Rows:
    """Make a row of `file_forms` for each file: short ones."""
    form = json.dumps(_FORM)
    for file_id in file_ids:
        yield {"file_id": file_id, "fields": form}


def download_rows(file_ids: Iterable[int]) -> Rows:
    """Make a row of `downloads` for each file, on one of the last 60 days."""
    for file_id in file_ids:
        day = (NEWEST - timedelta(days=file_id % 60)).date().isoformat()
        yield {"file_id": file_id, "day": day, "count": 3}


def event_rows(corpus: Corpus, project_ids: Sequence[int], previous: str) -> Rows:
    """Make an event of the audit for each release, chained to the one with hash `previous`."""
    for release in corpus.releases:
        project = corpus.names[release.name].project
        event = AuditEvent(
            at=release.at,
            actor="publisher",
            user_id=1,
            token_id=1,
            address="192.0.2.1",
            action="file_published",
            target="scale/mirror",
            details={"filename": f"{corpus.names[release.name].normalised}.tar.gz"},
            entity_type=EntityType.PROJECT,
            entity_id=project_ids[project],
        )
        previous = chain_hash(previous or GENESIS_HASH, event)
        yield {
            "at": _moment(event.at),
            "actor": event.actor,
            "user_id": event.user_id,
            "token_id": event.token_id,
            "address": event.address,
            "action": event.action,
            "entity_type": event.entity_type.value,
            "entity_id": event.entity_id,
            "target": event.target,
            "details": json.dumps(event.details),
            "hash": previous,
        }


def project_rows(group_id: int, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Make a row of `projects` for each further project of the group `scale`."""
    for number in numbers:
        yield {
            "namespace_id": group_id,
            "path": f"team-{number}",
            "name": f"Team {number}",
            "full_path": f"scale/team-{number}",
            "path_key": f"scale/team-{number}",
            "visibility": "internal",
            "registry_access": "enabled",
            "duplicates": "allow",
            "description": "",
            "created_at": _moment(NEWEST),
        }


def user_rows(numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Make a row of `users` for each further user."""
    for number in numbers:
        yield {
            "username": f"user-{number}",
            "username_key": f"user-{number}",
            "name": f"User {number}",
            "email": f"user-{number}@example.org",
            "is_admin": False,
            "is_blocked": False,
            "is_bot": False,
            "created_at": _moment(NEWEST),
        }


def token_rows(user_ids: Iterable[int]) -> Rows:
    """Make a row of `tokens` for each user."""
    chance = random.Random(2)  # noqa: S311  nobody has these secrets
    for user_id in user_ids:
        yield {
            "kind": "personal",
            "name": "laptop",
            "description": "",
            "secret_sha256": chance.randbytes(32).hex(),
            "scopes": '["read_api"]',
            "user_id": user_id,
            "created_at": _moment(NEWEST),
        }


def member_rows(user_ids: Iterable[int], path_keys: Sequence[str]) -> Rows:
    """Make each user a developer of one of the projects."""
    for user_id in user_ids:
        yield {
            "user_id": user_id,
            "path_key": path_keys[user_id % len(path_keys)],
            "level": 30,
            "created_at": _moment(NEWEST),
        }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
