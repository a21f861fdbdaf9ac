"""PyPI's shape: how many files the names of a registry have.

Half of the names have up to 4 files, nine tenths up to 35, 99 % up to 262, and the largest has
43,145. Between these points the count grows evenly on a logarithmic scale; above the last but one
it follows a power law, as PyPI's does.
"""

import itertools
import math

_POINTS = ((0.0, 1.0), (0.5, 4.0), (0.9, 35.0), (0.99, 262.0))
_TAIL_EXPONENT = 0.587
"""Takes 262 files at 99 % to 43,145 for the first of the 600,000 names of PyPI."""

LARGEST = 43_145
LARGEST_OF = 1_000_000
"""How many files a registry has whose largest name is `LARGEST`; smaller ones have their share."""

MEDIAN_FILES, P99_FILES = 4, 262


def files_per_name(total: int) -> list[int]:
    """Return the number of files of each name, fewest first; their sum is about `total`."""
    share = LARGEST * total // LARGEST_OF
    largest = min(max(P99_FILES + 1, share), LARGEST)
    rest = total - largest - MEDIAN_FILES - P99_FILES
    names = 1
    while sum(_counts(names * 2, largest)) <= rest:
        names *= 2
    step = names
    while step > 1:
        step //= 2
        if sum(_counts(names + step, largest)) <= rest:
            names += step
    return [*_counts(names, largest), MEDIAN_FILES, P99_FILES, largest]


def _counts(names: int, largest: int) -> list[int]:
    return [min(_files_at((number + 0.5) / names), largest) for number in range(names)]


def _files_at(share: float) -> int:
    """Return how many files the name has below which lies this share of all names."""
    for (low, few), (high, many) in itertools.pairwise(_POINTS):
        if share < high:
            part = (share - low) / (high - low)
            return round(math.exp(math.log(few) + part * math.log(many / few)))
    last, files = _POINTS[-1]
    rarity = math.pow((1 - last) / (1 - share), _TAIL_EXPONENT)
    return round(files * rarity)
