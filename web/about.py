"""About the registry: what it is and for whom, its data, how records are checked, how accessible its pages are.

Sources: 2005 report, paragraphs 1 to 5, 20 and 23; https://www.w3.org/WAI/standards-guidelines/wcag/.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.terms import Graph
from web.negotiate import DATA, HTML, split
from web.visit import Target, Visit, Visiting
from web.words import marked as _

router = APIRouter()

PAGES = {
    "": _("About the registry"),
    "data": _("Using the data"),
    "quality": _("How records are checked"),
    "accessibility": _("Accessibility"),
}


@router.get("/about")
def about(visit: Visiting) -> Response:
    """What the registry is, and for whom."""
    return visit.reply(_resource(visit, ""), None)


@router.get("/about.html")
def about_as(visit: Visiting) -> Response:
    """The same, in the one form it has."""
    return visit.reply(_resource(visit, ""), HTML)


@router.get("/about/{name}")
def about_more(visit: Visiting, name: str) -> Response:
    """One of the further pages."""
    key, fixed = split(name)
    if not key or key not in PAGES or fixed not in (None, HTML):
        raise NotFound("There is nothing called {name}.", name=name)
    return visit.reply(_resource(visit, key), fixed)


def _resource(visit: Visit, key: str) -> Target:
    registry = visit.registry
    schemes = (registry.concepts.scheme(registry.own.iri("vocabulary/information-source")),)
    return Target(
        path=f"about/{key}" if key else "about",
        html=lambda page: visit.site.renderer.draw(
            f"about-{key}.html" if key else "about.html",
            page,
            pages=[(f"about/{other}" if other else "about", title) for other, title in PAGES.items()],
            title=PAGES[key],
            classes=[iri for scheme in schemes if scheme for iri in scheme.concepts],
            forms=DATA,
            day=visit.site.day,
        ),
        graph=Graph,
        offers=(HTML,),
    )
