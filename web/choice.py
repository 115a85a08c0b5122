"""What a request asks for > one Representation of one resource.

An address fixes a medium by its suffix, by `?_mediatype=` or `?format=`; a profile by `?_profile=`. What it leaves open
the headers choose: Accept, Accept-Profile, Accept-Language. What is asked for by name and is not there is refused.
Sources: RFC 9110, section 12; https://www.w3.org/TR/dx-prof-conneg/, sections 7.1 and 7.2 (headers, query string).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.errors import BadParameter
from web import negotiate
from web.negotiate import FORMS, JSON, JSONLD, PROFILES, Media, Profile, Representation
from web.problems import NotAcceptable

ALTERNATES = Profile("alt", "http://www.w3.org/ns/dx/connegp/altr")
OVERRIDES = ("lang", "format", "_mediatype", "_profile", "_context")


@dataclass(frozen=True)
class Offer:
    """What one resource is offered as: its address without suffix, its media, its profiles, its forms of JSON-LD."""

    path: str
    media: tuple[Media, ...]
    profiles: tuple[Profile, ...] = ()
    forms: tuple[str, ...] = FORMS


@dataclass(frozen=True)
class Choice:
    """A representation; whether the address alone chose it; whether it is the list of all that there are."""

    representation: Representation
    fixed: bool
    alternates: bool = False


def choose(
    asked: Mapping[str, str], headers: Mapping[str, str], offer: Offer, fixed: Media | None, language: str
) -> Choice:
    """The representation that a request asks for; raises NotAcceptable, or BadParameter for a word it cannot use."""
    fixed = _named_medium(asked, offer, fixed)
    profile = _named_profile(asked, headers, offer, fixed)
    form = profile if profile in FORMS else ""
    if form:
        if form not in offer.forms or fixed not in (None, JSONLD):
            raise _no_profile(offer, form)
        fixed = JSONLD
    media = fixed or negotiate.choose_media(headers.get("accept"), offer.media)
    if media is None:
        raise NotAcceptable(offer.path, offer.media)
    if media is JSONLD and not fixed:
        wished = negotiate.choose_form(headers.get("accept"))
        form = wished if wished in offer.forms else ""
    inline = _inline(asked) and media in (JSONLD, JSON)
    found = Representation(media, language if media.worded else "", form, inline)
    return Choice(found, fixed is not None, profile == ALTERNATES.token)


def _named_medium(asked: Mapping[str, str], offer: Offer, fixed: Media | None) -> Media | None:
    """The medium that the address fixes; a plus in an address may have been read as a space."""
    for name in ("_mediatype", "format"):
        if stated := asked.get(name, "").strip().replace(" ", "+").lower():
            found = next((m for m in offer.media if stated in (m.suffix, m.type)), None)
            if found is None or fixed not in (None, found):
                raise NotAcceptable(offer.path, offer.media)
            fixed = found
    if fixed is not None and fixed not in offer.media:
        raise NotAcceptable(offer.path, offer.media)
    return fixed


def _named_profile(asked: Mapping[str, str], headers: Mapping[str, str], offer: Offer, fixed: Media | None) -> str:
    """The token of the profile that is asked for; empty when none is. A header counts where no address rules."""
    offered = (*offer.profiles, ALTERNATES)
    if stated := asked.get("_profile", "").strip():
        form = stated.removeprefix(PROFILES)
        found = next((p.token for p in offered if stated in (p.token, p.iri)), form if form in FORMS else "")
        if not found:
            raise _no_profile(offer, stated)
        return found
    header = "" if fixed else headers.get("accept-profile", "")
    wanted, profile = negotiate.choose_profile(header, offered)
    if wanted and profile is None:
        raise _no_profile(offer, header)
    return profile.token if profile else ""


def _no_profile(offer: Offer, stated: str) -> NotAcceptable:
    tokens = ", ".join((*(profile.token for profile in offer.profiles), *offer.forms, ALTERNATES.token))
    return NotAcceptable(offer.path, offer.media, profile=stated, tokens=tokens)


def _inline(asked: Mapping[str, str]) -> bool:
    stated = asked.get("_context", "")
    if stated not in ("", "inline"):
        raise BadParameter(
            "{value} is no way to give a context.",
            remedy="Leave it out, or say inline.",
            where="_context",
            value=stated,
        )
    return bool(stated)
