"""`/conformance`: the service held against the standards it keeps to, run on itself, as a page and as EARL.

It is run when somebody asks and something has changed since, at most once a minute. Source: https://www.w3.org/TR/EARL10-Schema/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.standing import moment
from registry.terms import DCTERMS, FOAF, RDF, Graph, Literal, NamedNode, Namespace, Own, Triple
from web.known import examples
from web.negotiate import Media
from web.render import Page
from web.services import services
from web.trial import FAILED, INAPPLICABLE, PASSED, UNTESTED, Trial, run
from web.visit import Target, Visit, Visiting, fixed_by
from web.whole import NAME, Said, sentence, texts
from web.words import marked as _

router = APIRouter()

PAUSE = 60.0  # seconds from one trial to the next
EARL = Namespace("http://www.w3.org/ns/earl#")
OUTCOMES = {PASSED: _("Passed"), FAILED: _("Failed"), UNTESTED: _("Not run"), INAPPLICABLE: _("Does not apply")}


@router.get("/conformance")
async def conformance(visit: Visiting, request: Request) -> Response:
    """The standards that the service keeps to, and whether it does."""
    return await _reply(visit, request, None)


@router.get("/conformance.{suffix}")
async def conformance_as(visit: Visiting, request: Request, suffix: str) -> Response:
    """The same in the form that the address fixes."""
    return await _reply(visit, request, fixed_by(suffix, "conformance"))


async def _reply(visit: Visit, request: Request, fixed: Media | None) -> Response:
    trial = await _trial(visit, request)
    target = Target(
        path="conformance",
        html=lambda page: _draw(visit, page, trial),
        graph=lambda: Graph(Triple(*said) for said in _said(visit.registry.own, trial)),
        passing=lambda: trial.sequence != visit.registry.sequence,
    )
    return await run_in_threadpool(visit.reply, target, fixed)


async def _trial(visit: Visit, request: Request) -> Trial:
    """The trial of this event and day, or one that is not old; whoever comes while it runs waits for the same."""
    state = request.app.state
    if not hasattr(state, "trying"):
        state.trial, state.trying, state.tried = None, asyncio.Lock(), 0.0
    async with state.trying:
        registry = await run_in_threadpool(visit.site.followed)
        found: Trial | None = state.trial
        outdated = found is None or (found.sequence, found.at.date()) != (registry.sequence, visit.site.day)
        if found is None or (outdated and monotonic() - state.tried > PAUSE):
            places = await run_in_threadpool(examples, registry)
            offered = {service.path for service in services(visit)}
            results = await run(request.app, visit.site.settings.base, places, offered)
            state.trial = found = Trial(registry.sequence, visit.site.now, results)
            state.tried = monotonic()
        return found


def _draw(visit: Visit, page: Page, trial: Trial) -> bytes:
    return visit.site.renderer.draw("conformance.html", page, trial=trial, outcomes=OUTCOMES)


def _said(own: Own, trial: Trial) -> Iterator[Said]:
    here, subject = own.iri("conformance"), NamedNode(own.base)
    asserter = own.iri("conformance#software")
    yield asserter, RDF.type, EARL.Software
    yield from texts(asserter, DCTERMS.title, sentence(NAME))
    yield subject, RDF.type, EARL.TestSubject
    yield here, FOAF.primaryTopic, subject
    yield here, DCTERMS.modified, moment(trial.at)
    yield here, own.reg.sequence, Literal(trial.sequence)
    for result in trial.results:
        check = result.check
        test, assertion, outcome = (own.iri(f"conformance#{check.key}{part}") for part in ("", "-assertion", "-result"))
        yield test, RDF.type, EARL.TestCase
        yield test, DCTERMS.title, Literal(check.of[0])
        yield test, DCTERMS.description, Literal(f"{check.asked}\n\n{check.expected}")
        yield test, DCTERMS.isPartOf, NamedNode(check.of[1])
        yield assertion, RDF.type, EARL.Assertion
        yield assertion, EARL.assertedBy, asserter
        yield assertion, EARL.subject, subject
        yield assertion, EARL.test, test
        yield assertion, EARL.mode, EARL.automatic
        yield assertion, EARL.result, outcome
        yield outcome, RDF.type, EARL.TestResult
        yield outcome, EARL.outcome, EARL[result.outcome]
        yield outcome, DCTERMS.date, moment(trial.at)
        if result.found:
            yield outcome, EARL.info, Literal(result.found)
