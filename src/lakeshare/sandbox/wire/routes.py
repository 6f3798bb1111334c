"""From method, path and query to an operation, for the REST protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from lakeshare.sandbox.wire.http import Request
from lakeshare.sandbox.wire.models import OperationModel, operation_models, protocol, wire_name


@dataclass(frozen=True, slots=True)
class Route:
    """
    An operation and what a request must show to mean it.

    ``labels`` are the names in the path in their order; ``query`` are literals of the request URI (``list-type=2``);
    ``needs_query`` and ``needs_headers`` are members without which the call would be another one (``uploadId``).
    """

    operation: str
    labels: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    needs_query: frozenset[str]
    needs_headers: frozenset[str]
    is_deprecated: bool

    @property
    def rank(self) -> tuple[int, bool]:
        """The more a route asks for, the more a request that has it all means that route."""
        return len(self.query) + len(self.needs_query) + len(self.needs_headers), not self.is_deprecated

    def fits(self, request: Request) -> bool:
        """Say whether *request* shows everything this route asks for."""
        if not (self.query or self.needs_query or self.needs_headers):
            return True
        return (
            all(request.query.get(name) == value for name, value in self.query)
            and self.needs_query <= request.query.keys()
            and all(name in request.headers for name in self.needs_headers)
        )


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request means, and the values its path carries, decoded."""

    operation: str
    values: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    """A step of the path: literal segments first, then one label, then a greedy one."""

    literals: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: list[Route] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


def match(service: str, request: Request) -> Match | None:
    """Return the operation of *service* that *request* means; None, too, where paths mean nothing to the service."""
    if not protocol(service).startswith("rest-"):
        return None
    tree = _tree(service).get(request.method)
    if tree is None:
        return None
    return _walk(tree, request.path.strip("/").split("/"), (), request)


def _walk(node: _Node, segments: list[str], values: tuple[str, ...], request: Request) -> Match | None:
    if not segments:
        return _choose(node.routes, values, request)
    head, rest = segments[0], segments[1:]
    if head in node.literals and (found := _walk(node.literals[head], rest, values, request)):
        return found
    if node.label and head and (found := _walk(node.label, rest, (*values, unquote(head)), request)):
        return found
    if any(segments):
        return _choose(node.greedy, (*values, unquote("/".join(segments))), request)
    return None


def _choose(routes: list[Route], values: tuple[str, ...], request: Request) -> Match | None:
    # What else a request could mean is told apart by what it has beside its path; where it can mean nothing else, what
    # it lacks is a parameter, and missed as one.
    fitting = routes if len(routes) == 1 and not routes[0].query else [each for each in routes if each.fits(request)]
    if not fitting:
        return None
    best = fitting[0] if len(fitting) == 1 else max(fitting, key=lambda route: route.rank)
    return Match(best.operation, dict(zip(best.labels, values, strict=True)))


@lru_cache(maxsize=64)
def _tree(service: str) -> dict[str, _Node]:
    trees: dict[str, _Node] = {}
    for operation in operation_models(service):
        path, _, query = operation.http["requestUri"].partition("?")
        node = trees.setdefault(operation.http["method"], _Node())
        segments = path.strip("/").split("/")
        route = _route(operation, segments, query)
        if segments[-1].endswith("+}"):
            _descend(node, segments[:-1]).greedy.append(route)
        else:
            _descend(node, segments).routes.append(route)
    return trees


def _descend(node: _Node, segments: list[str]) -> _Node:
    for segment in segments:
        if segment.startswith("{"):
            node.label = node.label or _Node()
            node = node.label
        else:
            node = node.literals.setdefault(segment, _Node())
    return node


def _route(operation: OperationModel, segments: list[str], query: str) -> Route:
    shape = operation.input_shape
    required = {} if shape is None else {name: shape.members[name] for name in shape.required_members}
    return Route(
        operation=operation.name,
        labels=tuple(segment.strip("{+}") for segment in segments if segment.startswith("{")),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        needs_query=_located(required, "querystring"),
        needs_headers=_located(required, "header"),
        is_deprecated=operation.deprecated,
    )


def _located(members: Mapping[str, object], location: str) -> frozenset[str]:
    return frozenset(
        wire_name(name, member)
        for name, member in members.items()
        if getattr(member, "serialization", {}).get("location") == location
    )
