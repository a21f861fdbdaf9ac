"""The first tables.

Revision 0001, the start.
"""

import sqlalchemy as sa
from alembic import op

from wheelyard.sql.types import Chars, Id, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Chars(255), nullable=False),
        sa.Column("user_id", Id, nullable=True),
        sa.Column("token_id", Id, nullable=True),
        sa.Column("address", Chars(64), nullable=False),
        sa.Column("action", Chars(64), nullable=False),
        sa.Column("entity_type", Chars(32), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("target", Chars(1024), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("hash", Chars(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_index(
        "ix_audit_events_entity", "audit_events", ["entity_type", "entity_id"], unique=False
    )
    op.create_table(
        "chores",
        sa.Column("name", Chars(32), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.create_table(
        "counters",
        sa.Column("name", Chars(32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "daily_totals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("uploads", sa.BigInteger(), nullable=False),
        sa.Column("downloads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_totals")),
    )
    op.create_table(
        "namespaces",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", Chars(8), nullable=False),
        sa.Column("parent_id", Id, nullable=True),
        sa.Column("path", Chars(255), nullable=False),
        sa.Column("name", Chars(255), nullable=False),
        sa.Column("full_path", Chars(1024), nullable=False),
        sa.Column("path_key", Chars(1024), nullable=False),
        sa.Column("visibility", Chars(8), nullable=False),
        sa.Column("description", Chars(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("packages_enabled", sa.Boolean(), nullable=True),
        sa.Column("duplicates", Chars(8), nullable=True),
        sa.Column("validation", Chars(8), nullable=True),
        sa.Column("locked_settings", sa.JSON(), nullable=False),
        sa.Column("merges_names", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["namespaces.id"], name=op.f("fk_namespaces_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_namespaces")),
        sa.UniqueConstraint("path_key", name=op.f("uq_namespaces_path_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "routes",
        sa.Column("path_key", Chars(1024), nullable=False),
        sa.PrimaryKeyConstraint("path_key", name=op.f("pk_routes")),
    )
    op.create_table(
        "settings",
        sa.Column("key", Chars(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "users",
        sa.Column("id", Id, nullable=False),
        sa.Column("username", Chars(255), nullable=False),
        sa.Column("username_key", Chars(255), nullable=False),
        sa.Column("name", Chars(255), nullable=False),
        sa.Column("email", Chars(320), nullable=True),
        sa.Column("password_hash", Chars(255), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "members",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("path_key", Chars(1024), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Date(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_key"], ["routes.path_key"], name=op.f("fk_members_path_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_members_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("user_id", "path_key", name=op.f("uq_members_user_id_path_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_members_path_key", "members", ["path_key"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", Id, nullable=False),
        sa.Column("namespace_id", Id, nullable=False),
        sa.Column("path", Chars(255), nullable=False),
        sa.Column("name", Chars(255), nullable=False),
        sa.Column("full_path", Chars(1024), nullable=False),
        sa.Column("path_key", Chars(1024), nullable=False),
        sa.Column("visibility", Chars(8), nullable=False),
        sa.Column("registry_access", Chars(8), nullable=False),
        sa.Column("duplicates", Chars(8), nullable=False),
        sa.Column("validation", Chars(8), nullable=True),
        sa.Column("own_registry_access", Chars(8), nullable=True),
        sa.Column("own_duplicates", Chars(8), nullable=True),
        sa.Column("own_validation", Chars(8), nullable=True),
        sa.Column("description", Chars(), nullable=False),
        sa.Column("creator_id", Id, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["users.id"], name=op.f("fk_projects_creator_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name=op.f("fk_projects_namespace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("path_key", name=op.f("uq_projects_path_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_projects_namespace_id"), "projects", ["namespace_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("secret_sha256", Chars(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
        sa.Column("address", Chars(64), nullable=False),
        sa.Column("user_agent", Chars(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_sessions_secret_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", Chars(8), nullable=False),
        sa.Column("name", Chars(255), nullable=False),
        sa.Column("description", Chars(255), nullable=False),
        sa.Column("secret_sha256", Chars(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("user_id", Id, nullable=True),
        sa.Column("username", Chars(255), nullable=True),
        sa.Column("path_key", Chars(1024), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", sa.Date(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("family_id", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["path_key"], ["routes.path_key"], name=op.f("fk_tokens_path_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_tokens_secret_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_family_id", "tokens", ["family_id"], unique=False)
    op.create_index(op.f("ix_tokens_path_key"), "tokens", ["path_key"], unique=False)
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.create_table(
        "name_owners",
        sa.Column("id", Id, nullable=False),
        sa.Column("namespace_id", Id, nullable=True),
        sa.Column("normalised", Chars(256), nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["namespace_id"],
            ["namespaces.id"],
            name=op.f("fk_name_owners_namespace_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_name_owners_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_owners")),
        sa.UniqueConstraint(
            "namespace_id", "normalised", name=op.f("uq_name_owners_namespace_id_normalised")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_name_owners_project_id", "name_owners", ["project_id"], unique=False)
    op.create_index(
        "uq_name_owners_instance",
        "name_owners",
        ["normalised"],
        unique=True,
        sqlite_where=sa.text("namespace_id IS NULL"),
        postgresql_where=sa.text("namespace_id IS NULL"),
    )
    op.create_table(
        "names",
        sa.Column("id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("normalised", Chars(256), nullable=False),
        sa.Column("status", Chars(12), nullable=False),
        sa.Column("status_reason", Chars(), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("has_files", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_names_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_names")),
        sa.UniqueConstraint(
            "project_id", "normalised", name=op.f("uq_names_project_id_normalised")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_names_listed",
        "names",
        ["project_id", "normalised", "is_shared"],
        unique=False,
        sqlite_where=sa.text("has_files = 1"),
        postgresql_where=sa.text("has_files"),
    )
    op.create_index(
        "ix_names_marked",
        "names",
        ["project_id", "status"],
        unique=False,
        sqlite_where=sa.text("status != 'active'"),
        postgresql_where=sa.text("status != 'active'"),
    )
    op.create_index("ix_names_normalised", "names", ["normalised"], unique=False)
    op.create_index(
        "ix_names_shared",
        "names",
        ["normalised", "project_id"],
        unique=False,
        sqlite_where=sa.text("is_shared = 1"),
        postgresql_where=sa.text("is_shared"),
    )
    op.create_table(
        "project_downloads",
        sa.Column("project_id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_downloads_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "day", name=op.f("pk_project_downloads")),
    )
    op.create_table(
        "project_totals",
        sa.Column("project_id", Id, nullable=False),
        sa.Column("packages", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_totals_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_totals")),
    )
    op.create_table(
        "protection_rules",
        sa.Column("id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("package_name_pattern", Chars(255), nullable=False),
        sa.Column("package_type", Chars(16), nullable=False),
        sa.Column("push_level", sa.Integer(), nullable=True),
        sa.Column("delete_level", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_protection_rules_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protection_rules")),
        sa.UniqueConstraint(
            "project_id",
            "package_type",
            "package_name_pattern",
            name=op.f("uq_protection_rules_project_id_package_type_package_name_pattern"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "name_grams",
        sa.Column("gram", Chars(3), nullable=False),
        sa.Column("name_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["name_id"], ["names.id"], name=op.f("fk_name_grams_name_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gram", "name_id", name=op.f("pk_name_grams")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_grams_name_id", "name_grams", ["name_id"], unique=False)
    op.create_table(
        "packages",
        sa.Column("id", Id, nullable=False),
        sa.Column("name_id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("name", Chars(256), nullable=False),
        sa.Column("version", Chars(255), nullable=False),
        sa.Column("version_key", Chars(), nullable=False),
        sa.Column("creator_id", Id, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_downloaded_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["users.id"], name=op.f("fk_packages_creator_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["name_id"], ["names.id"], name=op.f("fk_packages_name_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_packages_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_packages_created_at",
        "packages",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_packages_name_id_version_key",
        "packages",
        ["name_id", "version_key", "version"],
        unique=False,
    )
    op.create_index(
        "ix_packages_project_id_created_at",
        "packages",
        ["project_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_packages_project_id_id",
        "packages",
        ["project_id", "id"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_packages_project_id_version_key",
        "packages",
        ["project_id", "version_key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_packages_version_key",
        "packages",
        ["version_key"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_packages_live",
        "packages",
        ["name_id", "version_key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "files",
        sa.Column("id", Id, nullable=False),
        sa.Column("package_id", Id, nullable=False),
        sa.Column("name_id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("normalised_name", Chars(256), nullable=False),
        sa.Column("version", Chars(255), nullable=False),
        sa.Column("filename", Chars(512), nullable=False),
        sa.Column("kind", Chars(12), nullable=False),
        sa.Column("sha256", Chars(64), nullable=False),
        sa.Column("md5", Chars(32), nullable=False),
        sa.Column("blake2_256", Chars(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("requires_python", Chars(), nullable=True),
        sa.Column("metadata_sha256", Chars(64), nullable=True),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.Column("uploader_id", Id, nullable=True),
        sa.Column("yanked_reason", Chars(), nullable=True),
        sa.Column("is_superseded", sa.Boolean(), nullable=False),
        sa.Column("lost_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["name_id"], ["names.id"], name=op.f("fk_files_name_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["packages.id"], name=op.f("fk_files_package_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_files_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploader_id"], ["users.id"], name=op.f("fk_files_uploader_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint(
            "project_id", "filename", "sha256", name=op.f("uq_files_project_id_filename_sha256")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_files_metadata_sha256", "files", ["metadata_sha256"], unique=False)
    op.create_index(
        "ix_files_name_id_is_superseded", "files", ["name_id", "is_superseded"], unique=False
    )
    op.create_index("ix_files_package_id", "files", ["package_id"], unique=False)
    op.create_index("ix_files_sha256", "files", ["sha256"], unique=False)
    op.create_index(
        "ix_files_without_metadata",
        "files",
        ["id"],
        unique=False,
        sqlite_where=sa.text("metadata_sha256 IS NULL"),
        postgresql_where=sa.text("metadata_sha256 IS NULL"),
    )
    op.create_index(
        "ix_files_yanked",
        "files",
        ["project_id", "package_id"],
        unique=False,
        sqlite_where=sa.text("yanked_reason IS NOT NULL"),
        postgresql_where=sa.text("yanked_reason IS NOT NULL"),
    )
    op.create_index(
        "uq_files_listed",
        "files",
        ["project_id", "filename"],
        unique=True,
        sqlite_where=sa.text("is_superseded = 0"),
        postgresql_where=sa.text("NOT is_superseded"),
    )
    op.create_table(
        "downloads",
        sa.Column("file_id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name=op.f("fk_downloads_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "day", name=op.f("pk_downloads")),
    )
    op.create_table(
        "file_forms",
        sa.Column("file_id", Id, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name=op.f("fk_file_forms_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_forms")),
    )


def downgrade() -> None:
    op.drop_table("file_forms")
    op.drop_table("downloads")
    op.drop_index(
        "uq_files_listed",
        table_name="files",
        sqlite_where=sa.text("is_superseded = 0"),
        postgresql_where=sa.text("NOT is_superseded"),
    )
    op.drop_index(
        "ix_files_yanked",
        table_name="files",
        sqlite_where=sa.text("yanked_reason IS NOT NULL"),
        postgresql_where=sa.text("yanked_reason IS NOT NULL"),
    )
    op.drop_index(
        "ix_files_without_metadata",
        table_name="files",
        sqlite_where=sa.text("metadata_sha256 IS NULL"),
        postgresql_where=sa.text("metadata_sha256 IS NULL"),
    )
    op.drop_index("ix_files_sha256", table_name="files")
    op.drop_index("ix_files_package_id", table_name="files")
    op.drop_index("ix_files_name_id_is_superseded", table_name="files")
    op.drop_index("ix_files_metadata_sha256", table_name="files")
    op.drop_table("files")
    op.drop_index(
        "uq_packages_live",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_packages_version_key",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_packages_project_id_version_key",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_packages_project_id_id",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_packages_project_id_created_at",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_packages_name_id_version_key", table_name="packages")
    op.drop_index(
        "ix_packages_created_at",
        table_name="packages",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("packages")
    op.drop_index("ix_name_grams_name_id", table_name="name_grams")
    op.drop_table("name_grams")
    op.drop_table("protection_rules")
    op.drop_table("project_totals")
    op.drop_table("project_downloads")
    op.drop_index(
        "ix_names_shared",
        table_name="names",
        sqlite_where=sa.text("is_shared = 1"),
        postgresql_where=sa.text("is_shared"),
    )
    op.drop_index("ix_names_normalised", table_name="names")
    op.drop_index(
        "ix_names_marked",
        table_name="names",
        sqlite_where=sa.text("status != 'active'"),
        postgresql_where=sa.text("status != 'active'"),
    )
    op.drop_index(
        "ix_names_listed",
        table_name="names",
        sqlite_where=sa.text("has_files = 1"),
        postgresql_where=sa.text("has_files"),
    )
    op.drop_table("names")
    op.drop_index(
        "uq_name_owners_instance",
        table_name="name_owners",
        sqlite_where=sa.text("namespace_id IS NULL"),
        postgresql_where=sa.text("namespace_id IS NULL"),
    )
    op.drop_index("ix_name_owners_project_id", table_name="name_owners")
    op.drop_table("name_owners")
    op.drop_index(op.f("ix_tokens_user_id"), table_name="tokens")
    op.drop_index(op.f("ix_tokens_path_key"), table_name="tokens")
    op.drop_index("ix_tokens_family_id", table_name="tokens")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_projects_namespace_id"), table_name="projects")
    op.drop_table("projects")
    op.drop_index("ix_members_path_key", table_name="members")
    op.drop_table("members")
    op.drop_table("users")
    op.drop_table("settings")
    op.drop_table("routes")
    op.drop_table("namespaces")
    op.drop_table("daily_totals")
    op.drop_table("counters")
    op.drop_table("chores")
    op.drop_index("ix_audit_events_entity", table_name="audit_events")
    op.drop_index("ix_audit_events_at", table_name="audit_events")
    op.drop_table("audit_events")
