"""Whether this is a server that nobody has used yet."""

from wheelyard.domain.filters import EVERYWHERE, ProjectFilter
from wheelyard.domain.listing import Window
from wheelyard.ports.database import Transaction


async def is_first_run(tx: Transaction) -> bool:
    """Tell whether there is nobody but root, and no project."""
    if await tx.users.count() > 1:
        return False
    projects = await tx.projects.listing(ProjectFilter(EVERYWHERE), Window(limit=1, is_keyset=True))
    return not projects.items
