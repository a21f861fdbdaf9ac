"""A reach says what the permission table says, for anybody and any project."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.access import Action, Level, RegistryAccess, Scope, Visibility
from wheelyard.domain.authorise import may, may_in_group
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.places import Duplicates, Project
from wheelyard.domain.reach import group_reach, reach

TODAY = date(2026, 11, 22)
PATHS = ["a", "a/b", "a/b/c", "a/b-c", "a-b", "b", "b/c"]

grants = st.builds(
    Grant,
    st.sampled_from(PATHS),
    st.sampled_from([level for level in Level if level >= Level.GUEST]),
    st.sampled_from([None, TODAY, date(2026, 11, 23)]),
)
actors = st.builds(
    Actor,
    user_id=st.sampled_from([None, 1]),
    username=st.sampled_from(["", "ann"]),
    is_admin=st.booleans(),
    scopes=st.none() | st.frozensets(st.sampled_from(list(Scope)), max_size=2),
    grants=st.lists(grants, max_size=6).map(tuple),
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    path = draw(st.sampled_from(PATHS)) + "/" + draw(st.sampled_from(["b", "c", "b-c"]))
    return Project(
        id=1,
        namespace_id=1,
        path=path.rpartition("/")[2],
        name="x",
        full_path=path,
        visibility=draw(st.sampled_from(Visibility)),
        registry_access=draw(st.sampled_from(RegistryAccess)),
        duplicates=Duplicates.ALLOW,
        validation=None,
        description="",
        creator_id=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@given(actors, projects())
def test_reading_through_a_group(actor: Actor, project: Project) -> None:
    expected = may_in_group(actor, project, TODAY)
    assert group_reach(actor, TODAY).holds(project.key, project.target) is expected


@given(actors, projects(), st.sampled_from([Action.DESTROY_PACKAGE, Action.READ_PACKAGE]))
def test_any_action(actor: Actor, project: Project, action: Action) -> None:
    expected = may(actor, action, project, TODAY)
    assert reach(actor, TODAY, action).holds(project.key, project.target) is expected


@given(actors, projects())
def test_several_actions_must_all_be_allowed(actor: Actor, project: Project) -> None:
    both = Action.READ_PROJECT, Action.CREATE_PACKAGE
    expected = all(may(actor, action, project, TODAY) for action in both)
    assert reach(actor, TODAY, *both).holds(project.key, project.target) is expected
