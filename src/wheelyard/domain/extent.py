"""How far an index reaches: all projects of a group and its subgroups, or of the instance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """The projects that an index draws on, and how it draws the line between them.

    group_id and path_key: the group's; None for the whole instance.
    has_subgroups: whether the projects of the group's subgroups belong to it.
    merges_names: whether the files of all projects with one name stand on one page, as in
        GitLab. Otherwise a name has one owner: the project that was chosen for it, else the one
        that published it first.
    """

    group_id: int | None = None
    path_key: str | None = None
    has_subgroups: bool = True
    merges_names: bool = False


INSTANCE = Extent()
"""Every project there is."""
