"""A text for each version that sorts as the version does (PEP 440), code point by code point.

A database that knows nothing of versions can put them in order with it, and read one page of a
long list. `packaging` is the reference for the order; the tests hold the texts against it.
"""

from packaging.version import Version

from wheelyard.domain.form import parse_version

# Of the characters used, "!" comes before letters and digits, and "~" after them.
_FIRST, _LAST = "!", "~"
_UNREADABLE = _FIRST
_LETTERS = "abcdefghijklmnopqrstuvwxy"
_PRE_RELEASES = {"a": "a", "b": "b", "rc": "c"}


def version_key(version: str) -> str:
    """Return the text; what PEP 440 cannot read comes before all versions, by its spelling."""
    parsed = parse_version(version)
    if parsed is None:
        return _UNREADABLE + version
    release = "".join(map(_number, _without_zeros(parsed.release))) + _FIRST
    return "".join((_number(parsed.epoch), release, _pre(parsed), _post(parsed), _dev(parsed))) + (
        _local(parsed)
    )


def _number(number: int) -> str:
    """Write a number behind a letter that says how many digits it has."""
    digits = str(number)
    if len(digits) <= len(_LETTERS):
        return _LETTERS[len(digits) - 1] + digits
    return f"z{len(digits):03}{digits}"


def _without_zeros(release: tuple[int, ...]) -> tuple[int, ...]:
    """Drop zeros at the end: 1.0 is 1."""
    length = len(release)
    while length > 1 and release[length - 1] == 0:
        length -= 1
    return release[:length]


def _pre(version: Version) -> str:
    if version.pre is not None:
        return _PRE_RELEASES[version.pre[0]] + _number(version.pre[1])
    # 1.0.dev1 comes before 1.0a1.
    is_dev_alone = version.post is None and version.dev is not None
    return _FIRST if is_dev_alone else _LAST


def _post(version: Version) -> str:
    return _FIRST if version.post is None else _number(version.post)


def _dev(version: Version) -> str:
    return _LAST if version.dev is None else _number(version.dev)


def _local(version: Version) -> str:
    """Write a local version: none is first, words come before numbers."""
    if version.local is None:
        return _FIRST
    segments = (
        f"n{_number(int(segment))}" if segment.isdigit() else f"a{segment}"
        for segment in version.local.split(".")
    )
    return "+" + "".join(segment + _FIRST for segment in segments) + _FIRST
