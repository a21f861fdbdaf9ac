"""What is read from a metadata document for people, and what changed between two of them."""

import time
from dataclasses import replace

import pytest

from distributions import build_metadata
from wheelyard.domain.models.packages import Digests, DistributionKind, PackageFile
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.release_changes import Change, compare
from wheelyard.domain.release_facts import Link, ReleaseFacts, read_facts, speaking_file
from wheelyard.domain.requirements import read_dependencies

FIELDS = [
    ("Summary", "A package"),
    ("Author", "Ann"),
    ("Author-email", "Ann <ann@example.org>"),
    ("Maintainer", "Bob"),
    ("License-Expression", "MIT"),
    ("License", "something else"),
    ("Keywords", "one,two,,one"),
    ("Home-page", "https://example.org/"),
    ("Project-URL", "Source, https://example.org/source"),
    ("Project-URL", "Chat, irc://example.org/chat"),
    ("Classifier", "Programming Language :: Python :: 3"),
    ("Classifier", "Programming Language :: Python"),
    ("Classifier", "Topic :: Utilities"),
    ("Classifier", "Odd"),
    ("Requires-Dist", "attrs>=23"),
    ("Requires-Dist", "sphinx; extra == 'docs'"),
    ("Provides-Extra", "docs"),
    ("Description-Content-Type", "text/markdown"),
]


def document(*fields: tuple[str, str], description: str = "") -> bytes:
    return build_metadata("pkg", "1.0", fields=fields, description=description)


def test_everything_that_a_document_says() -> None:
    content = build_metadata(
        "pkg", "1.0", requires_python=">=3.11", fields=FIELDS, description="# Hello\n"
    )
    facts = read_facts(content)
    assert facts == ReleaseFacts(
        summary="A package",
        requires_python=">=3.11",
        license="MIT",
        author="Ann <ann@example.org>",
        maintainer="Bob",
        keywords=("one", "two"),
        links=(
            Link("Homepage", "https://example.org/"),
            Link("Source", "https://example.org/source"),
            Link("Chat", "irc://example.org/chat"),
        ),
        classifiers={
            "Odd": ["Odd"],
            "Programming Language": ["Python", "Python :: 3"],
            "Topic": ["Utilities"],
        },
        dependencies=read_dependencies(["attrs>=23", "sphinx; extra == 'docs'"], ["docs"]),
        description="# Hello\n",
        description_type="text/markdown",
        format_version="2.1",
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Name: x", b"Version: 1\n\nbody", b"\0"])
def test_what_cannot_be_read_says_nothing(content: bytes) -> None:
    assert read_facts(content) == ReleaseFacts()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("License", "MIT")], "MIT"),
        ([("License", "x" * 101)], "x" * 100),
        ([("License", "MIT License\n        \n        Permission is")], "MIT License"),
        (
            [("License", "x" * 200), ("Classifier", "License :: OSI Approved :: MIT License")],
            "MIT License",
        ),
        ([("Classifier", "License :: Other/Proprietary License")], "Other/Proprietary License"),
        ([("License", "UNKNOWN")], ""),
        ([], ""),
    ],
)
def test_the_licence_has_a_name(fields: list[tuple[str, str]], expected: str) -> None:
    assert read_facts(document(*fields)).license == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("Keywords", "one two")], ("one", "two")),
        ([("Keywords", "one word, two")], ("one word", "two")),
        ([("Keywords", " ")], ()),
    ],
)
def test_keywords(fields: list[tuple[str, str]], expected: tuple[str, ...]) -> None:
    assert read_facts(document(*fields)).keywords == expected


@pytest.mark.parametrize(
    ("address", "is_web"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:", False),
        ("http://[malformed", False),
        ("example.org", False),
    ],
)
def test_which_links_may_be_followed(address: str, *, is_web: bool) -> None:
    assert Link("x", address).is_web is is_web


def file(number: int, kind: DistributionKind, digest: str | None, **changed: bool) -> PackageFile:
    made = PackageFile(
        id=number,
        project_id=1,
        package_id=1,
        normalised_name=NormalisedName("pkg"),
        version="1.0",
        filename=f"{number}",
        kind=kind,
        digests=Digests("", "", ""),
        size_bytes=1,
        requires_python=None,
        metadata_sha256=digest,
        uploaded_at=None,  # type: ignore[arg-type]  # not looked at
        yanked_reason=None,
        is_superseded=False,
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # mypy knows no kinds of keywords


def test_the_file_that_speaks_for_a_release() -> None:
    sdist = file(1, DistributionKind.SDIST, "a")
    old = file(2, DistributionKind.WHEEL, "b", is_superseded=True)
    bare = file(3, DistributionKind.WHEEL, None)
    wheel = file(4, DistributionKind.WHEEL, "c")
    assert speaking_file([sdist, old, bare, wheel]) == wheel
    assert speaking_file([sdist, old, bare]) == sdist
    assert speaking_file([old, bare]) is None
    assert speaking_file([]) is None


def test_nothing_changed() -> None:
    facts = read_facts(document(*FIELDS, description="text"))
    changes = compare(facts, facts)
    nothing = (changes.dependencies, changes.fields, changes.lists, changes.description)
    assert (*nothing, changes.is_description_changed) == ([], [], [], [], False)


def test_dependencies_that_changed() -> None:
    before = read_dependencies(
        ["gone", "Kept>=1", "moved<2", "sphinx; extra == 'docs'", "same; os_name == 'nt'"]
    )
    after = read_dependencies(
        ["kept>=1", "moved<3", "new", "same", "sphinx>5; extra == 'docs'", "x; extra == 'new'"]
    )
    changes = compare(ReleaseFacts(dependencies=before), ReleaseFacts(dependencies=after))
    found = [
        (each.extra, each.name, each.change, each.before, each.after)
        for each in changes.dependencies
    ]
    assert found == [
        ("", "gone", Change.REMOVED, "any version", ""),
        ("", "moved", Change.CHANGED, "<2", "<3"),
        ("", "new", Change.ADDED, "", "any version"),
        ("", "same", Change.CHANGED, '; os_name == "nt"', "any version"),
        ("docs", "sphinx", Change.CHANGED, "any version", ">5"),
        ("new", "x", Change.ADDED, "", "any version"),
    ]
    (extras,) = changes.lists
    assert (extras.label, extras.added, extras.removed) == ("Extras", ["new"], [])


def test_one_dependency_under_several_conditions() -> None:
    before = read_dependencies(["x<2; os_name == 'nt'", "x<3; os_name != 'nt'"])
    after = read_dependencies(["x<3"])
    (change,) = compare(
        ReleaseFacts(dependencies=before), ReleaseFacts(dependencies=after)
    ).dependencies
    assert (change.before, change.after) == ('<3; os_name != "nt" | <2; os_name == "nt"', "<3")


def test_statements_that_changed() -> None:
    before = ReleaseFacts(summary="Old", requires_python=">=3.9", keywords=("a", "b"))
    after = ReleaseFacts(
        summary="New",
        license="MIT",
        requires_python=">=3.9",
        keywords=("b", "c"),
        links=(Link("Source", "https://example.org/"),),
        classifiers={"Topic": ["Utilities"]},
    )
    changes = compare(before, after)
    assert [(each.label, each.before, each.after) for each in changes.fields] == [
        ("Summary", "Old", "New"),
        ("Licence", "", "MIT"),
    ]
    assert [(each.label, list(each.added), list(each.removed)) for each in changes.lists] == [
        ("Keywords", ["c"], ["a"]),
        ("Links", ["Source: https://example.org/"], []),
        ("Classifiers", ["Topic :: Utilities"], []),
    ]


def test_the_lines_of_a_description_that_changed() -> None:
    lines = [f"line {number}" for number in range(20)]
    before = ReleaseFacts(description="\n".join(lines))
    lines[10] = "another"
    changes = compare(before, ReleaseFacts(description="\n".join(lines)))
    assert changes.is_description_changed
    shown = [(each.text, each.change) for each in changes.description if not each.is_gap]
    assert shown == [
        ("line 8", None),
        ("line 9", None),
        ("line 10", Change.REMOVED),
        ("another", Change.ADDED),
        ("line 11", None),
        ("line 12", None),
    ]
    assert changes.description[0].is_gap


def test_long_descriptions_are_not_compared_by_lines() -> None:
    long = "\n" * 2000
    changes = compare(ReleaseFacts(), ReleaseFacts(description=long))
    assert (changes.is_description_changed, changes.description) == (True, ())


def test_comparing_is_bounded() -> None:
    lines = [str(number % 100) for number in range(1000)]
    ugly = (
        ReleaseFacts(description="\n".join(lines)),
        ReleaseFacts(description="\n".join(reversed(lines))),
    )
    began = time.process_time()
    compare(*ugly)
    assert time.process_time() - began < 5
