"""Media types of GraphQL over HTTP: what a client accepts, and what it sends."""

from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
_LONGEST_ACCEPT = 1_000


@lru_cache(maxsize=256)
def choose(accept: str, offered: tuple[str, ...]) -> str | None:
    """The offered type that `accept` likes best, earlier ones winning a draw; None when it takes none.

    RFC 9110 §12.5.1: the most specific range that matches a type gives its weight.
    """
    if not accept.strip():
        return offered[0]
    if len(accept) > _LONGEST_ACCEPT:
        return None
    ranges = [_range(part) for part in accept.lower().split(",") if part.strip()]
    best, best_weight = None, 0.0
    for kind in offered:
        weight = _weight(kind, ranges)
        if weight > best_weight:
            best, best_weight = kind, weight
    return best


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip() for piece in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = min(1.0, max(0.0, float(value)))
            except ValueError:
                weight = 0.0
    return kind, weight


def _weight(kind: str, ranges: list[tuple[str, float]]) -> float:
    for wanted in (kind, kind.partition("/")[0] + "/*", "*/*"):
        for named, weight in ranges:
            if named == wanted:
                return weight
    return 0.0


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Is it application/json in UTF-8? Forms and text/plain are what another site could make a browser send."""
    kind, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    if kind != JSON:
        return False
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")]
    return all(charset in ("utf-8", "utf8") for charset in charsets)
