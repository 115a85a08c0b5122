"""The desk: from a draft to a published record, who may do what, and what each act leaves behind."""

import re
from datetime import timedelta

import pytest

from registry import audit, database, desk, drafts, footing, outbox, people, receipts, submission, upkeep
from registry.decisions import approve, decline, publish, published, send_back, submit, withdraw
from registry.desk import Actor
from registry.drafts import Draft
from registry.errors import Conflict, Forbidden, NotFound, RegistryError, Stale, Unfit
from registry.exchange import reading
from registry.formats import Format
from registry.people import Account
from registry.records import author_side
from registry.registry import Entry, Registry
from registry.rivals import rivals
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, Graph, Literal, NamedNode, Triple
from tests.conftest import ROOT, TODAY
from tests.sending import office

__all__ = ["office"]

KENYA = {"country": "KE"}
ORGANISATION = "http://localhost:8000/id/BCH-ORG-SCBD-401"


def person(registry: Registry, name: str, role: str, **bound: str) -> Account:
    with database.writing(registry.ledger.engine) as connection:
        made = people.create(
            connection, email=f"{name}@example.org", name=name, language="en", at=TODAY, by="test", confirmed=True
        )
        people.appoint(connection, made.id, role=role, by="test", at=TODAY, **bound)
        found = people.account(connection, made.id)
    assert found
    return found


def described(registry: Registry, draft: Draft, case: str = "valid-minimal", **words: str) -> Graph:
    """A valid record of the shape tests under the name of a draft; `words` replace words of it."""
    text = (ROOT / "tests" / "data" / "shapes" / draft.format / f"{case}.ttl").read_text(encoding="utf-8")
    name = next(line.split(">")[0][4:] for line in text.splitlines() if line.startswith("<id/"))
    text = (
        text.replace("BCH-ORG-SCBD-1>", "BCH-ORG-SCBD-401>")
        .replace(name, draft.identifier)
        .replace("countries/ML", f"countries/{draft.country}")
    )
    for old, new in words.items():
        text = text.replace(old, new)
    read = reading.read(text.encode(), "text/turtle", registry.own.base, {})
    return submission.taken(registry, read)


def written(registry: Registry, account: Account, format: str, **words: str) -> Draft:
    """A draft of a new record with a valid text in it."""
    actor = Actor(account)
    draft = desk.begin(registry, actor, registry.formats[format], at=TODAY)
    return desk.save(registry, actor, draft.id, described(registry, draft, **words), revision=draft.revision, at=TODAY)


def test_a_national_record_goes_from_the_user_to_the_focal_point_and_out(office: Registry) -> None:
    user = person(office, "user", "national-authorized-user", **KENYA)
    point = person(office, "point", "bch-national-focal-point", **KENYA)
    draft = written(office, user, "need")
    assert draft.identifier.startswith("BCH-NEED-KE-")
    with pytest.raises(Forbidden):
        publish(office, Actor(user), draft.id, revision=draft.revision, at=TODAY)
    sent = submit(office, Actor(user), draft.id, revision=draft.revision, at=TODAY)
    with pytest.raises(Forbidden):
        approve(office, Actor(user), draft.id, revision=sent.draft.revision, at=TODAY)
    done = approve(office, Actor(point), draft.id, revision=sent.draft.revision, at=TODAY)
    entry = office.record(draft.identifier)
    assert entry is not None and done.event is not None and entry.number == 1
    assert path_name(entry.graph.iris(entry.doc, office.own.reg.sourceClass)[0]) == "government-obligation"
    with database.reading(office.ledger.engine) as connection:
        receipt = receipts.opened(connection, sent.secret, at=TODAY)
        assert (receipt.outcome, receipt.version, receipt.seq) == ("published", 1, done.event.seq)
        kinds = [(letter.kind, letter.address) for letter in outbox.letters(connection)]
        assert sorted(kinds) == [("published", "user@example.org"), ("submitted", "point@example.org")]
        texts = {letter.kind: letter.text for letter in outbox.letters(connection)}
        assert "/receipt/" not in texts["submitted"], "a reviewer has no business with it"
        (told,) = re.findall(r"http://localhost:8000/receipt/([\w-]{43})\n", texts["published"])
        assert told != sent.secret, "what was shown once is kept nowhere"
        assert receipts.opened(connection, told, at=TODAY) == receipt
        actions = [act.action for act in audit.acts(connection, subject=draft.identifier)]
        assert actions == ["approve", "submit", "save", "begin"]
        audit.verify(connection)
    office.ledger.verify()


def test_a_reference_record_needs_a_second_person(office: Registry) -> None:
    secretary = person(office, "secretary", "secretariat")
    validator = person(office, "validator", "validator", format="news")
    draft = written(office, secretary, "news")
    sent = submit(office, Actor(secretary), draft.id, revision=draft.revision, at=TODAY)
    with pytest.raises(Forbidden):
        approve(office, Actor(secretary), draft.id, revision=sent.draft.revision, at=TODAY)
    approve(office, Actor(validator), draft.id, revision=sent.draft.revision, at=TODAY)
    assert office.record(draft.identifier)


def test_the_source_class_of_a_reference_record_is_that_of_its_author(office: Registry) -> None:
    author = person(office, "author", "registered-user", institution=ORGANISATION)
    validator = person(office, "validator", "validator")
    draft = written(office, author, "news")
    sent = submit(office, Actor(author), draft.id, revision=draft.revision, at=TODAY)
    approve(office, Actor(validator), draft.id, revision=sent.draft.revision, at=TODAY)
    entry = office.record(draft.identifier)
    assert entry
    assert path_name(entry.graph.iris(entry.doc, office.own.reg.sourceClass)[0]) == "other-organisation"
    assert entry.graph.iris(entry.doc, DCTERMS.publisher) == (NamedNode(ORGANISATION),)
    other = person(office, "other", "registered-user", institution=ORGANISATION.replace("401", "402"))
    with pytest.raises(Forbidden):
        desk.amend(office, Actor(other), entry, at=TODAY)
    mine = desk.amend(office, Actor(author), entry, at=TODAY)
    assert mine.graph == author_side(entry.iri, entry.graph, office.own)


def test_what_is_not_yours_is_not_there(office: Registry) -> None:
    author = person(office, "author", "registered-user", institution=ORGANISATION)
    other = person(office, "other", "registered-user", institution=ORGANISATION.replace("401", "402"))
    draft = written(office, author, "news")
    for act in (desk.discard, submit, approve, withdraw):
        with pytest.raises(NotFound):
            act(office, Actor(other), draft.id, revision=draft.revision, at=TODAY)
    with pytest.raises(NotFound):
        desk.save(office, Actor(other), draft.id, Graph(), revision=draft.revision, at=TODAY)
    with database.reading(office.ledger.engine) as connection:
        assert [one.id for one in drafts.belonging(connection, author)] == [draft.id]
        assert not drafts.belonging(connection, other)
    assert draft.identifier not in "".join(office.graphs.dump())


def test_an_unsound_draft_is_kept_and_not_sent(office: Registry) -> None:
    author = person(office, "author", "registered-user")
    draft = written(office, author, "news")
    bad = Graph(t for t in draft.graph if t.predicate != DCTERMS.title)
    kept = desk.save(office, Actor(author), draft.id, bad, revision=draft.revision, at=TODAY)
    assert kept.graph == bad
    with pytest.raises(Unfit) as refused:
        submit(office, Actor(author), draft.id, revision=kept.revision, at=TODAY)
    assert [finding.key for finding in refused.value.findings if finding.blocks] == ["title"]


def test_a_submission_is_returned_with_remarks_and_comes_again(office: Registry) -> None:
    author = person(office, "author", "registered-user")
    validator = Actor(person(office, "validator", "validator"))
    draft = written(office, author, "news")
    sent = submit(office, Actor(author), draft.id, revision=draft.revision, at=TODAY)
    with pytest.raises(Conflict):
        submit(office, Actor(author), draft.id, revision=sent.draft.revision, at=TODAY)
    with pytest.raises(RegistryError):
        send_back(office, validator, draft.id, revision=sent.draft.revision, at=TODAY, reason=" ")
    for bad in ("a\u202eb", "a\x01b", "x" * 2001):
        with pytest.raises(RegistryError):
            send_back(office, validator, draft.id, revision=sent.draft.revision, at=TODAY, reason=bad)
        remarked = [("title", bad)]
        with pytest.raises(RegistryError):
            send_back(
                office, validator, draft.id, revision=sent.draft.revision, at=TODAY, reason="Why?", remarks=remarked
            )
    remarks = [("title.en", "Which laboratory?")]
    back = send_back(
        office, validator, draft.id, revision=sent.draft.revision, at=TODAY, reason="Nearly there.", remarks=remarks
    )
    assert back.draft.status == "changes-requested"
    with database.reading(office.ledger.engine) as connection:
        said = [(remark.field, remark.text) for remark in drafts.remarks(connection, back.draft)]
        assert said == [("title.en", "Which laboratory?"), ("", "Nearly there.")]
        assert receipts.opened(connection, sent.secret, at=TODAY).outcome == "changes-requested"
    again = submit(office, Actor(author), draft.id, revision=back.draft.revision, at=TODAY)
    gone = decline(office, validator, draft.id, revision=again.draft.revision, at=TODAY, reason="Not about biosafety.")
    assert not gone.draft.open
    with database.reading(office.ledger.engine) as connection:
        for kind in ("returned", "declined"):
            (letter,) = [one for one in outbox.letters(connection) if one.kind == kind]
            assert letter.text.count("/receipt/") == 1


def test_nobody_overwrites_what_they_have_not_seen(office: Registry) -> None:
    author = Actor(person(office, "author", "registered-user", institution=ORGANISATION))
    colleague = Actor(person(office, "colleague", "registered-user", institution=ORGANISATION))
    draft = written(office, author.account, "news")
    with pytest.raises(Conflict, match="Somebody else is writing"):
        desk.save(office, colleague, draft.id, draft.graph, revision=draft.revision, at=TODAY)
    later = TODAY + drafts.HELD + timedelta(minutes=1)
    saved = desk.save(office, colleague, draft.id, draft.graph, revision=draft.revision, at=later)
    with pytest.raises(Stale):
        desk.save(office, author, draft.id, draft.graph, revision=draft.revision, at=later + drafts.HELD)
    assert saved.revision == draft.revision + 1


def test_a_draft_made_from_an_older_version_is_not_published(office: Registry) -> None:
    point = Actor(person(office, "point", "bch-national-focal-point", **KENYA))
    draft = written(office, point.account, "need")
    publish(office, point, draft.id, revision=draft.revision, at=TODAY)
    entry = office.record(draft.identifier)
    assert entry
    second = desk.amend(office, point, entry, at=TODAY)
    with office.ledger.writing() as writer:
        writer.append(
            "revised",
            entry.iri.value,
            by="another door",
            version=2,
            graph=submission.form_of(office, entry.iri, second.graph),
        )
    office.follow()
    more = Triple(entry.iri, DCTERMS.description, Literal("More.", language="en"))
    changed = second.graph | Graph([more])
    kept = desk.save(office, point, second.id, changed, revision=second.revision, at=TODAY)
    with pytest.raises(Stale):
        publish(office, point, kept.id, revision=kept.revision, at=TODAY)
    with pytest.raises(Stale):
        footing.renew(office, point, kept.id, changed, revision=second.revision, at=TODAY)
    based = footing.renew(office, point, kept.id, changed, revision=kept.revision, at=TODAY)
    assert (based.base, based.graph) == (2, changed)
    again = footing.renew(office, point, kept.id, changed, revision=based.revision, at=TODAY)
    assert again.base == 2
    with database.reading(office.ledger.engine) as connection:
        acts = audit.acts(connection, subject=draft.identifier)
    assert [(act.old, act.new) for act in acts if act.action == "rebase"] == [("version 1", "version 2")]
    done = publish(office, point, again.id, revision=again.revision, at=TODAY)
    assert done.event and done.event.version == 3


def test_of_two_drafts_of_a_countrys_one_record_one_is_published_and_the_second_author_is_told(
    office: Registry,
) -> None:
    point = Actor(person(office, "point", "bch-national-focal-point", **KENYA))
    other = Actor(person(office, "other", "bch-national-focal-point", country="ML"))
    acting, foreign = (actor.account.actings[0] for actor in (point, other))
    need, news = office.formats["need"], office.formats["news"]

    def stands(format: Format, acting: people.Acting) -> dict[NamedNode, str | None]:
        with database.reading(office.ledger.engine) as connection:
            found = rivals(office, connection, format, acting, day=TODAY.date())
        return {record: draft.id if draft else None for record, draft in found.items()}

    assert stands(need, acting) == {}
    one, two = (written(office, point.account, "need") for _number in range(2))
    assert stands(need, acting) == {one.record: one.id, two.record: two.id}
    assert stands(need, foreign) == stands(news, acting) == {}
    publish(office, point, one.id, revision=one.revision, at=TODAY)
    assert stands(need, acting) == {one.record: None, two.record: two.id}
    with pytest.raises(Unfit) as refused:
        publish(office, point, two.id, revision=two.revision, at=TODAY)
    assert [finding.component for finding in refused.value.findings if finding.blocks] == [
        "checks/need-one-per-country"
    ]
    # whoever checked before the first was published is told in the transaction itself
    before = office.ledger.last()
    with pytest.raises(Unfit), office.ledger.writing() as writer:
        published(office, writer, point, two, (), at=TODAY)
    assert office.ledger.last() == before


def test_a_published_record_is_confirmed_archived_restored_and_retired(office: Registry) -> None:
    point = Actor(person(office, "point", "bch-national-focal-point", **KENYA))
    draft = written(office, point.account, "need")
    publish(office, point, draft.id, revision=draft.revision, at=TODAY)
    name = draft.identifier

    def entry() -> Entry:
        found = office.record(name)
        assert found
        return found

    upkeep.change(office, point, entry(), "confirm", at=TODAY)
    assert entry().graph.text(entry().doc, office.own.reg.confirmed)
    upkeep.change(office, point, entry(), "archive", at=TODAY)
    assert entry().status == "archived"
    with pytest.raises(Conflict):
        upkeep.change(office, point, entry(), "archive", at=TODAY)
    upkeep.change(office, point, entry(), "restore", at=TODAY)
    assert entry().status == "published"
    upkeep.retire(office, point, entry(), {"en": "A test."}, at=TODAY)
    assert office.record(name) is None and office.ending(name)


def test_a_contributor_asks_and_the_secretariat_retires(office: Registry) -> None:
    author = Actor(person(office, "author", "registered-user", institution=ORGANISATION))
    secretary = Actor(person(office, "secretary", "secretariat"))
    draft = written(office, author.account, "news")
    sent = submit(office, author, draft.id, revision=draft.revision, at=TODAY)
    approve(office, secretary, draft.id, revision=sent.draft.revision, at=TODAY)
    entry = office.record(draft.identifier)
    assert entry
    with pytest.raises(Forbidden):
        upkeep.retire(office, author, entry, {"en": "Old."}, at=TODAY)
    asked = upkeep.ask_to_retire(office, author, entry, {"en": "Old.", "fr": "Ancien."}, at=TODAY)
    assert office.record(draft.identifier)
    approve(office, secretary, asked.draft.id, revision=asked.draft.revision, at=TODAY)
    ending = office.ending(draft.identifier)
    assert ending and ending.reasons == {"en": "Old.", "fr": "Ancien."}


def test_numbers_of_new_records_are_given_once(office: Registry) -> None:
    author = person(office, "author", "registered-user")
    names = {desk.begin(office, Actor(author), office.formats["news"], at=TODAY).identifier for _ in range(3)}
    assert len(names) == 3
    assert all(int(name.rsplit("-", 1)[1]) > drafts.FIRST for name in names)


def test_a_duplicate_says_the_same_under_its_own_name(office: Registry) -> None:
    author = Actor(person(office, "author", "registered-user"))
    entry = office.record("BCH-ORG-SCBD-401")
    assert entry
    draft = desk.duplicate(office, author, entry, at=TODAY)
    assert draft.record != entry.iri
    assert draft.graph.iris(draft.record, RDF.type) == (entry.format.target,)
    assert all(subject.value.startswith(draft.record.value) for subject in draft.graph.subjects)
    assert len(draft.graph) == len(author_side(entry.iri, entry.graph, office.own))


def test_a_failure_in_the_middle_leaves_nothing(office: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    author = Actor(person(office, "author", "registered-user"))
    validator = Actor(person(office, "validator", "validator"))
    draft = written(office, author.account, "news")
    sent = submit(office, author, draft.id, revision=draft.revision, at=TODAY)
    last = office.ledger.last()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("registry.decisions.notices.tell", broken)
        with pytest.raises(RuntimeError):
            approve(office, validator, draft.id, revision=sent.draft.revision, at=TODAY)
    assert office.ledger.last() == last
    with database.reading(office.ledger.engine) as connection:
        assert drafts.draft(connection, draft.id).status == "pending-approval"
        assert receipts.opened(connection, sent.secret, at=TODAY).outcome == "pending-approval"
    approve(office, validator, draft.id, revision=sent.draft.revision, at=TODAY)
    assert office.record(draft.identifier)
