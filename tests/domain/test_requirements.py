"""Dependencies as people read them: what they ask for, and which extra they belong to."""

import pytest

from wheelyard.domain.requirements import read_dependencies


def shown(lines: list[str], *extras: str) -> dict[str, list[str]]:
    found = read_dependencies(lines, extras)
    return {
        extra: [f"{each.name} {each.wanted}".strip() for each in needed]
        for extra, needed in found.items()
    }


@pytest.mark.parametrize(
    ("line", "group", "expected"),
    [
        ("requests", "", "requests"),
        ("Requests >=2,<3", "", "Requests >=2,<3"),
        ("requests (>=2.0)", "", "requests >=2.0"),
        ("x!=2.1,<3,>1,~=1.5,==1.*", "", "x >1,~=1.5,==1.*,!=2.1,<3"),
        ("requests[socks,http2]~=2.1", "", "requests [http2,socks] ~=2.1"),
        ("pip @ https://example.org/pip.whl", "", "pip @ https://example.org/pip.whl"),
        ("x; python_version < '3.9'", "", 'x ; python_version < "3.9"'),
        ("x>1; extra == 'docs'", "docs", "x >1"),
        ('x; extra=="Type_Check"', "type-check", "x"),
        ("x; python_version < '4' and extra == 'a'", "a", 'x ; python_version < "4"'),
        ("x; extra == 'a' and os_name == 'nt'", "a", 'x ; os_name == "nt"'),
        (
            "x; (os_name == 'nt' or os_name == 'os2') and extra == 'a'",
            "a",
            'x ; os_name == "nt" or os_name == "os2"',
        ),
        (
            "x; os_name == 'nt' or os_name == 'os2' and extra == 'a'",
            "a",
            'x ; os_name == "nt" or os_name == "os2" and extra == "a"',
        ),
        ("no requirement at all!", "", "no requirement at all!"),
        ("x; nonsense == 'a'", "", "x; nonsense == 'a'"),
        ("x==1." + "9" * 5000, "", "x ==1." + "9" * 5000),
    ],
)
def test_one_dependency(line: str, group: str, expected: str) -> None:
    groups = shown([line])
    assert groups[group] == [expected]
    assert sum(map(len, groups.values())) == 1


def test_an_extra_that_is_one_of_several() -> None:
    lines = ["x; extra == 'a' or extra == 'b'"]
    condition = 'x ; extra == "a" or extra == "b"'
    assert shown(lines) == {"": [], "a": [condition], "b": [condition]}


def test_dependencies_are_sorted_and_each_is_there_once() -> None:
    lines = ["zope.interface", "Attrs>=1", "attrs>=1; os_name == 'nt'", "zope.interface"]
    assert shown(lines, "docs", "Empty_One") == {
        "": ["Attrs >=1", 'attrs >=1; os_name == "nt"', "zope.interface"],
        "docs": [],
        "empty-one": [],
    }


def test_names_in_their_normal_form() -> None:
    (zope,) = read_dependencies(["Zope.Interface>=5"])[""]
    assert (zope.normalised_name, zope.specifier, zope.url) == ("zope-interface", ">=5", None)
    (broken,) = read_dependencies(["not valid!"])[""]
    assert broken.normalised_name is None
