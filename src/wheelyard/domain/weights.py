"""Quality values: the weighted lists of `Accept` and `Accept-Encoding` (RFC 9110, section 12.4.2).

What the names of a list mean is left to `wheelyard.domain.negotiate`.
"""

from math import isnan

_MAX_ELEMENTS = 100  # clients send up to ten; the rest of a longer header is not read
_MAX_WEIGHT_CHARS = 16  # "0.123" is the longest legal one; the bound keeps absurd digits cheap


def read_weights(header: str) -> dict[str, float]:
    """Read a list of names with `;q=` weights, in little time however long the header is.

    Parameters other than q are skipped. A comma in a quoted parameter splits it: the pieces are
    names that nobody knows, so they change nothing.
    """
    weights: dict[str, float] = {}
    for element in header.lower().split(",", _MAX_ELEMENTS)[:_MAX_ELEMENTS]:
        name, *parameters = element.split(";")
        name = name.strip()
        if name:
            weights[name] = stronger(_weight(parameters), weights.get(name))
    return weights


def _weight(parameters: list[str]) -> float:
    """Return q (0 to 1) out of the parameters; 1 when it is absent or unreadable."""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        number = float(text.strip()[:_MAX_WEIGHT_CHARS])
    except ValueError:
        return 1.0
    return 1.0 if isnan(number) else min(max(number, 0.0), 1.0)


def stronger(weight: float, other: float | None) -> float:
    """Merge two weights of one thing: a refusal (0) holds, otherwise the higher is meant."""
    if other is None:
        return weight
    return max(weight, other) if weight and other else 0.0
