"""The tables. A change here comes with an Alembic revision in `migrations/versions`.

Everything that an index page says about a file stands on the `files` row: its files are one query.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from wheelyard.sql.types import Chars, Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

counters = Table(
    "counters",
    metadata,
    # One row, "serial": the number of the latest change. Bumping it first makes writers queue up,
    # which the audit chain needs anyway.
    Column("name", Chars(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

routes = Table(
    "routes",
    metadata,
    # Users, groups and projects share one space of addresses; this holds each once.
    Column("path_key", Chars(1024), primary_key=True),
)

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", Chars(255), nullable=False),
    Column("username_key", Chars(255), nullable=False, unique=True),
    Column("name", Chars(255), nullable=False),
    Column("email", Chars(320)),
    Column("password_hash", Chars(255)),
    Column("is_admin", Boolean, nullable=False),
    Column("is_blocked", Boolean, nullable=False),
    Column("is_bot", Boolean, nullable=False),  # stands behind a project or group access token
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

namespaces = Table(
    "namespaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Chars(8), nullable=False),  # NamespaceKind
    Column("parent_id", Id, ForeignKey("namespaces.id")),
    Column("path", Chars(255), nullable=False),
    Column("name", Chars(255), nullable=False),
    Column("full_path", Chars(1024), nullable=False),
    Column("path_key", Chars(1024), nullable=False, unique=True),
    Column("visibility", Chars(8), nullable=False),
    Column("description", Chars, nullable=False),
    Column("created_at", Instant, nullable=False),
    # What a group sets for the projects below it; NULL leaves it to them or to the group above.
    Column("packages_enabled", Boolean),
    Column("duplicates", Chars(8)),  # Duplicates
    Column("validation", Chars(8)),  # Strictness
    # The names of the settings above that nothing below the group may change.
    Column("locked_settings", JSON, nullable=False),
    # Whether the group's index mixes the files of several projects under one name, as GitLab.
    Column("merges_names", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

projects = Table(
    "projects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("namespace_id", Id, ForeignKey("namespaces.id"), nullable=False, index=True),
    Column("path", Chars(255), nullable=False),
    Column("name", Chars(255), nullable=False),
    Column("full_path", Chars(1024), nullable=False),
    Column("path_key", Chars(1024), nullable=False, unique=True),
    Column("visibility", Chars(8), nullable=False),
    # What holds in the end, worked out by `wheelyard.domain.inheritance` whenever the project, a
    # group above it or the instance changes, so that reading needs this row alone.
    Column("registry_access", Chars(8), nullable=False),
    Column("duplicates", Chars(8), nullable=False),
    Column("validation", Chars(8)),  # Strictness; NULL: as the instance
    # What the project chose; NULL takes what its groups hand down.
    Column("own_registry_access", Chars(8)),
    Column("own_duplicates", Chars(8)),
    Column("own_validation", Chars(8)),
    Column("description", Chars, nullable=False),
    Column("creator_id", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # The path, not the id, of the group or project: roles are inherited along paths.
    Column("path_key", Chars(1024), ForeignKey("routes.path_key", ondelete="CASCADE")),
    Column("level", Integer, nullable=False),
    Column("expires_at", Date),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("user_id", "path_key"),
    Index("ix_members_path_key", "path_key"),
    sqlite_autoincrement=True,
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Chars(8), nullable=False),  # TokenKind
    Column("name", Chars(255), nullable=False),
    Column("description", Chars(255), nullable=False),
    Column("secret_sha256", Chars(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("username", Chars(255)),
    Column("path_key", Chars(1024), ForeignKey("routes.path_key", ondelete="CASCADE"), index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Date),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    # Tokens that replaced one another by rotation are one family, named by its first token.
    Column("family_id", Id),
    Index("ix_tokens_family_id", "family_id"),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    # Browsers that somebody is signed in with; the cookie's secret is kept as its digest.
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("secret_sha256", Chars(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Column("address", Chars(64), nullable=False),
    Column("user_agent", Chars(255), nullable=False),
    sqlite_autoincrement=True,
)

names = Table(
    "names",
    metadata,
    # Ids are in order of first publication, which decides who owns a name in a group.
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("normalised", Chars(256), nullable=False),
    Column("status", Chars(12), nullable=False),
    Column("status_reason", Chars),
    Column("serial", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    # Whether a file of it is listed, so that a list of names is read from an index alone.
    Column("has_files", Boolean, nullable=False),
    # Whether other projects have published it as well, so that whose it is, and what collides,
    # is asked of few names. It may stay after the others are gone; it is never missing.
    Column("is_shared", Boolean, nullable=False),
    UniqueConstraint("project_id", "normalised"),
    Index("ix_names_normalised", "normalised"),
    Index(
        "ix_names_marked",
        *("project_id", "status"),
        sqlite_where=text("status != 'active'"),
        postgresql_where=text("status != 'active'"),
    ),
    Index(
        "ix_names_listed",
        *("project_id", "normalised", "is_shared"),
        sqlite_where=text("has_files = 1"),
        postgresql_where=text("has_files"),
    ),
    Index(
        "ix_names_shared",
        *("normalised", "project_id"),
        sqlite_where=text("is_shared = 1"),
        postgresql_where=text("is_shared"),
    ),
    sqlite_autoincrement=True,
)

name_grams = Table(
    "name_grams",
    metadata,
    # Every three characters that follow one another in a name: a search for a part of a name
    # looks at the names that share the rarest of them, not at all names.
    Column("gram", Chars(3), primary_key=True),
    Column("name_id", Id, ForeignKey("names.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_name_grams_name_id", "name_id"),
    sqlite_with_rowid=False,
)

packages = Table(
    "packages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name_id", Id, ForeignKey("names.id", ondelete="CASCADE"), nullable=False),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("name", Chars(256), nullable=False),
    Column("version", Chars(255), nullable=False),
    # Sorts as the version does, see `wheelyard.domain.version_order`.
    Column("version_key", Chars, nullable=False),
    Column("creator_id", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Instant, nullable=False),
    Column("last_downloaded_at", Instant),
    # A deleted release leaves its row, so that its version stays on the page (PEP 700).
    Column("deleted_at", Instant),
    # An upload finds its version, deleted or not; a page reads a name's from the index alone.
    Index("ix_packages_name_id_version_key", "name_id", "version_key", "version"),
    sqlite_autoincrement=True,
)
_live = packages.c.deleted_at.is_(None)
Index(
    "uq_packages_live",
    packages.c.name_id,
    packages.c.version_key,  # 1.0 and 1.0.0 are one version
    unique=True,
    sqlite_where=_live,
    postgresql_where=_live,
)
# A page of a listing is read in its order, whichever it is, of a project or of all of them.
for _order in (packages.c.created_at, packages.c.version_key):
    Index(f"ix_packages_{_order.name}", _order, sqlite_where=_live, postgresql_where=_live)
for _order in (packages.c.created_at, packages.c.version_key, packages.c.id):
    Index(
        f"ix_packages_project_id_{_order.name}",
        *(packages.c.project_id, _order),
        sqlite_where=_live,
        postgresql_where=_live,
    )

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("package_id", Id, ForeignKey("packages.id", ondelete="CASCADE"), nullable=False),
    Column("name_id", Id, ForeignKey("names.id", ondelete="CASCADE"), nullable=False),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("normalised_name", Chars(256), nullable=False),
    Column("version", Chars(255), nullable=False),
    Column("filename", Chars(512), nullable=False),
    Column("kind", Chars(12), nullable=False),  # DistributionKind
    Column("sha256", Chars(64), nullable=False),
    Column("md5", Chars(32), nullable=False),
    Column("blake2_256", Chars(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("requires_python", Chars),
    Column("metadata_sha256", Chars(64)),
    Column("uploaded_at", Instant, nullable=False),
    Column("uploader_id", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("yanked_reason", Chars),  # NULL: not yanked; empty: yanked without a reason
    Column("is_superseded", Boolean, nullable=False),
    # When the store was found without its bytes; such a file is superseded by nothing.
    Column("lost_at", Instant),
    UniqueConstraint("project_id", "filename", "sha256"),
    # Tells by itself whether a name has a listed file.
    Index("ix_files_name_id_is_superseded", "name_id", "is_superseded"),
    Index("ix_files_package_id", "package_id"),
    Index("ix_files_sha256", "sha256"),
    Index("ix_files_metadata_sha256", "metadata_sha256"),
    Index(
        "ix_files_yanked",
        *("project_id", "package_id"),
        sqlite_where=text("yanked_reason IS NOT NULL"),
        postgresql_where=text("yanked_reason IS NOT NULL"),
    ),
    Index(
        "ix_files_without_metadata",
        "id",
        sqlite_where=text("metadata_sha256 IS NULL"),
        postgresql_where=text("metadata_sha256 IS NULL"),
    ),
    sqlite_autoincrement=True,
)
# At most one file of a name is listed, whatever writers race.
Index(
    "uq_files_listed",
    files.c.project_id,
    files.c.filename,
    unique=True,
    sqlite_where=text("is_superseded = 0"),  # as queries have it, or SQLite does not use it
    postgresql_where=text("NOT is_superseded"),
)

file_forms = Table(
    "file_forms",
    metadata,
    # What the uploader's client said, every field and every repetition of it.
    Column("file_id", Id, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("fields", JSON, nullable=False),
)

downloads = Table(
    "downloads",
    metadata,
    # How often a file was served on a day (UTC); written in batches, never once per read.
    Column("file_id", Id, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

project_totals = Table(
    "project_totals",
    metadata,
    # What a project stores, superseded files included: counted as it changes, in the same
    # transaction. `packages` are the releases that are not deleted.
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("packages", BigInteger, nullable=False),
    Column("files", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

project_downloads = Table(
    "project_downloads",
    metadata,
    # `downloads` of all files of a project, those that were deleted since as well.
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

daily_totals = Table(
    "daily_totals",
    metadata,
    # What the whole instance took in and handed out on a day (UTC), whatever was deleted since.
    Column("day", Date, primary_key=True),
    Column("uploads", BigInteger, nullable=False),
    Column("downloads", BigInteger, nullable=False),
)

protection_rules = Table(
    "protection_rules",
    metadata,
    # GitLab's package protection rules; levels are Level numbers (60: administrators only).
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("package_name_pattern", Chars(255), nullable=False),
    Column("package_type", Chars(16), nullable=False),
    Column("push_level", Integer),
    Column("delete_level", Integer),
    UniqueConstraint("project_id", "package_type", "package_name_pattern"),
    sqlite_autoincrement=True,
)

name_owners = Table(
    "name_owners",
    metadata,
    # Which project a name belongs to in the index of a group, or (NULL) of the instance, where
    # somebody in charge has moved it.
    Column("id", Id, primary_key=True),
    Column("namespace_id", Id, ForeignKey("namespaces.id", ondelete="CASCADE")),
    Column("normalised", Chars(256), nullable=False),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("namespace_id", "normalised"),
    Index("ix_name_owners_project_id", "project_id"),
    sqlite_autoincrement=True,
)
# NULLs do not count as equal in a unique constraint.
Index(
    "uq_name_owners_instance",
    name_owners.c.normalised,
    unique=True,
    sqlite_where=name_owners.c.namespace_id.is_(None),
    postgresql_where=name_owners.c.namespace_id.is_(None),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Chars(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

chores = Table(
    "chores",
    metadata,
    # What is done now and then by one process for all, and when it was done last.
    Column("name", Chars(32), primary_key=True),
    Column("done_at", Instant, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Chars(255), nullable=False),
    Column("user_id", Id),
    Column("token_id", Id),
    Column("address", Chars(64), nullable=False),
    Column("action", Chars(64), nullable=False),
    Column("entity_type", Chars(32), nullable=False),  # EntityType
    Column("entity_id", BigInteger, nullable=False),
    Column("target", Chars(1024), nullable=False),
    Column("details", JSON, nullable=False),
    Column("hash", Chars(64), nullable=False),
    Index("ix_audit_events_entity", "entity_type", "entity_id"),
    Index("ix_audit_events_at", "at"),
    sqlite_autoincrement=True,
)
