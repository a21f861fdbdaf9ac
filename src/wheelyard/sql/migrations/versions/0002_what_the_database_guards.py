"""What the database itself guards and tells: triggers, and the first rows.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COUNTERS = ("serial", "access", "listing")

# No statement changes the history by accident. Whoever drops these breaks the hash chain still.
_SQLITE = [
    f"CREATE TRIGGER audit_events_no_{change.lower()} BEFORE {change} ON audit_events "
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for change in ("UPDATE", "DELETE")
]
# The second tells every node that listens of each transaction that changed something, once: it
# fires at the commit, and equal notifications of one transaction are one.
_POSTGRESQL = [
    """
    CREATE FUNCTION audit_events_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are append-only';
    END $$
    """,
    """
    CREATE TRIGGER audit_events_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_are_final()
    """,
    """
    CREATE FUNCTION tell_counters() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('wheelyard', (SELECT json_object_agg(name, value)::text FROM counters));
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER counters_told AFTER INSERT OR UPDATE ON counters
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell_counters()
    """,
]


def upgrade() -> None:
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in _COUNTERS])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_events_no_update")
        op.execute("DROP TRIGGER audit_events_no_delete")
    else:
        op.execute("DROP TRIGGER counters_told ON counters")
        op.execute("DROP FUNCTION tell_counters()")
        op.execute("DROP TRIGGER audit_events_final ON audit_events")
        op.execute("DROP FUNCTION audit_events_are_final()")
    op.execute("DELETE FROM counters")
