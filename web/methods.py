"""What may be done at an address: the methods of all routes that lead there, and what the interface reads there.

Sources: RFC 9110, section 10.2.1; RFC 5789, section 3.1; https://www.w3.org/TR/ldp/, section 7.1 (Accept-Post); the
Fetch standard (CORS protocol).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from registry.arrivals import MEDIA as READS

ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
INTERFACE = "interface"  # the tag of the routes that programs of others may use, with a token of their own
QUERIES = "queries"  # the tag of the query service, which programs of others use without a token
ASKING = ("application/sparql-query", "application/x-www-form-urlencoded")
ANYTHING = "anything"  # beside it, the tag of a route that takes files of many kinds
PATCHES = ("application/merge-patch+json",)

__all__ = ["ANYTHING", "ASKING", "INTERFACE", "ORDER", "PATCHES", "QUERIES", "READS", "allowed", "elsewhere", "reads"]


def allowed(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """The methods of an address, as an Allow header lists them; of one that leads nowhere, those of reading."""
    return _listed(method for route in _leading(routes, scope) for method in _methods(route))


def elsewhere(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """The methods that pages of other sites may use here: reading and the interface, for forms are for ours alone."""
    found = [method for route in _leading(routes, scope) if _open(route) for method in _methods(route)]
    return _listed([*found, "GET"])


def reads(routes: Iterable[BaseRoute], scope: Scope) -> dict[str, str]:
    """What the interface reads at an address, as headers tell it."""
    found = [route for route in _leading(routes, scope) if _open(route)]
    methods = {method for route in found for method in _methods(route)}
    if any(ANYTHING in getattr(route, "tags", ()) for route in found):
        return {"Accept-Post": "*/*"}
    if any(QUERIES in getattr(route, "tags", ()) for route in found):
        return {"Accept-Post": ", ".join(ASKING)}
    told = {"POST": ("Accept-Post", READS), "PATCH": ("Accept-Patch", PATCHES)}
    return {name: ", ".join(kinds) for method, (name, kinds) in told.items() if method in methods}


def _leading(routes: Iterable[BaseRoute], scope: Scope) -> Iterator[BaseRoute]:
    yield from (route for route in routes if route.matches({**scope, "type": "http"})[0] is not Match.NONE)


def _open(route: BaseRoute) -> bool:
    return bool({INTERFACE, QUERIES} & set(getattr(route, "tags", ())))


def _methods(route: BaseRoute) -> set[str]:
    return getattr(route, "methods", None) or set()


def _listed(methods: Iterable[str]) -> str:
    found = {"OPTIONS", *methods}
    if "GET" in found or found == {"OPTIONS"}:
        found |= {"GET", "HEAD"}
    return ", ".join(method for method in ORDER if method in found)
