"""Names that several projects publish, as whoever looks after their group sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

from wheelyard.domain.names import NormalisedName


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project, as far as it is named by something else."""

    id: int
    full_path: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A name with more than one publisher, and the one it belongs to.

    `others` are in the order in which they began to publish it. `id` grows with the names.
    """

    id: int
    normalised_name: NormalisedName
    owner: ProjectRef
    others: Sequence[ProjectRef]
