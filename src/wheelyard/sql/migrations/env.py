"""Alembic's entry: run the revisions on the connection that `wheelyard.sql.migrate` opened."""

from typing import Any, Literal

from alembic import context

from wheelyard.sql.schema import metadata
from wheelyard.sql.types import Chars, Id, Instant


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own types in new revisions as the template imports them."""
    if kind != "type":
        return False
    if item is Id:
        return "Id"
    if isinstance(item, Instant):
        return "Instant()"
    return f"Chars({item.length or ''})" if isinstance(item, Chars) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
