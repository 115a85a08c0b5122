"""A text in any of the six languages becomes the tokens by which it is found; what is typed becomes what is wanted."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.analysis import LONGEST, highlight, spans, tokens
from registry.errors import BadParameter
from registry.language import LANGUAGES
from registry.wanted import MOST, Wanted, read

FOUND = [
    ("en", "risk LMOs", "Assessing the risks of a living modified organism (LMO)"),
    ("en", "lmos", "Handling of the LMO"),
    ("en", "lmo", "Handling of LMOs"),
    ("en", "nfps ngo", "NGOs and the NFP"),
    ("en", "organization", "Organisations' roles in handling"),
    ("en", "utilisation", "Utilization of genetic resources"),
    ("en", "analyze", "Analysed samples"),
    ("en", "program", "Programmes of work"),
    ("en", "country’s laboratories", "Laboratory capacities of the countries"),
    ("en", "country's", "The country"),
    ("en", "COUNTRY'S", "The country"),
    ("en", "naive", "A naïve test"),
    ("en", "biosafety", "bio\u00adsafety"),
    ("en", "café", "Cafe\u0301"),
    ("en", "socio economic", "socio-economic considerations"),
    ("en", "18.2", "Article 18.2 of the Protocol"),
    ("fr", "evaluation genetiquement", "L’évaluation des organismes génétiquement modifiés"),
    ("fr", "oeuvre national", "Mise en œuvre des cadres nationaux"),
    ("fr", "MISE EN ŒUVRE", "mise en oeuvre"),
    ("fr", "l'emballage", "Emballage des OVM"),
    ("fr", "information", "Centre d’échange d’informations"),
    ("fr", "ivoire", "Côte d'Ivoire"),
    ("fr", "autorite", "Les autorités qu'elles désignent"),
    ("es", "capacitacion", "Capacitaciones en bioseguridad"),
    ("es", "OVM ong", "Los OVMs y las ONGs"),
    ("es", "evaluaciones del riesgo", "Evaluación del riesgo"),
    ("es", "ninos", "Niños"),
    ("ru", "ученые районы", "Учёный из района"),
    ("ru", "безопасность измененный организм", "О безопасности живых изменённых организмов"),
    ("ru", "район", "раи\u0306он"),
    ("ru", "жио", "Обнаружение ЖИО"),
    ("ar", "بروتوكول", "البروتوكولات الملحقة"),
    ("ar", "السلامه الاحيائيه", "بروتوكول قرطاجنة للسلامة الإحيائية"),
    ("ar", "معدل", "الكائنات الحية المُعَدَّلة وراثياً"),
    ("ar", "قدره", "بناء القدرات في مجال السلامة"),
    ("ar", "السلامة", "الســـلامة"),
    ("ar", "دنا DNA", "اختبار الـDNA والدنا"),
    ("ar", "2004", "عام ٢٠٠٤"),
    ("ar", "التزام إلكتروني", "الالتزام الالكتروني"),
    ("ar", "الكتروني", "للالكترونيات والإلكترونية"),
    ("zh", "生物安全", "卡塔赫纳生物安全议定书"),
    ("zh", "议定书 能力", "根据议定书开展能力建设"),
    ("zh", "ＤＮＡ检测", "转基因DNA检测方法"),
    ("zh", "二〇〇四", "二〇〇四年"),
    ("zh", "⽣物", "生物"),  # the first of them as old PDF files write it
    ("zh", "法", "法"),
    ("", "sondergaard", "Zoë O'Brien-Søndergaard"),
    ("", "o'brien", "Zoë O'Brien-Søndergaard"),
    ("", "فاطمه", "فاطمة الزهراء"),
    ("", "安全", "生物安全"),
]
PARTED = [
    ("en", "universe", "university"),
    ("en", "organ", "organization"),
    ("es", "año", "mano"),
    ("ru", "война", "воина"),
    ("zh", "安全生物", "生物安全"),
    ("zh", "法", "方法"),
    ("ar", "علم", "عمل"),
    ("", "risks", "risk"),
]


@pytest.mark.parametrize(("lang", "query", "text"), FOUND)
def test_every_word_of_the_query_is_in_the_text(lang: str, query: str, text: str) -> None:
    assert set(tokens(query, lang)) <= set(tokens(text, lang))
    assert tokens(query, lang)


@pytest.mark.parametrize(("lang", "query", "text"), PARTED)
def test_what_is_not_the_same_stays_apart(lang: str, query: str, text: str) -> None:
    assert not set(tokens(query, lang)) <= set(tokens(text, lang))


@pytest.mark.parametrize(
    ("lang", "text", "where"),
    [
        ("en", "The country’s labs", ["The", "country", "labs"]),
        ("fr", "L’évaluation d'aujourd'hui", ["évaluation", "aujourd", "hui"]),
        ("fr", "Cafe\u0301s", ["Cafe\u0301s"]),
        ("ar", "المُعَدَّلة، وراثياً", ["المُعَدَّلة", "وراثياً"]),
        ("zh", "改性活LMO检测。法", ["改性", "性活", "LMO", "检测", "法"]),
        ("zh", "葛\ufe00城市", ["葛\ufe00城", "城市"]),
        ("zh", "𠀀𠀁", ["𠀀𠀁"]),
        ("en", "👩\u200d🔬 tests\x00maize 🌽", ["tests", "maize"]),
        ("ar", "LMO الكائنات (ЖИО) 生物", ["LMO", "الكائنات", "ЖИО", "生物"]),
        ("en", "بروتوكول\u200fProtocol", ["بروتوكول", "Protocol"]),
        ("en", "\u0301 - _ ' ’’ ¿", []),
        ("ar", "ـــ", []),
        ("", "", []),
    ],
)
def test_spans_point_to_the_words(lang: str, text: str, where: list[str]) -> None:
    assert [text[start:end] for _, start, end in spans(text, lang)] == where


@pytest.mark.parametrize("lang", [*LANGUAGES, ""])
def test_a_word_without_end_is_found_by_its_begin(lang: str) -> None:
    (token,) = tokens("ы" * 10_000, lang)
    assert len(token) <= LONGEST
    assert len(tokens("生" * 10_000, lang)) == 9_999
    assert len(tokens("a\u0301" * 10_000, lang)) == 1
    assert len(tokens("أ ب\x00" * 10_000, lang)) == 20_000


@example("0\U000112c9", "en", 1)
@given(st.text(), st.sampled_from([*LANGUAGES, ""]), st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_tokens_and_a_passage(text: str, lang: str, width: int) -> None:
    found = list(spans(text, lang))
    assert all(token and not any(sign.isspace() for sign in token) for token, _, _ in found)
    assert all(0 <= start < end <= len(text) for _, start, end in found)
    passage, places = highlight(text, lang, {token for token, _, _ in found}, width)
    assert len(passage) <= width + 2
    assert bool(places) == bool(found)
    edges = [0, *(edge for place in places for edge in place), len(passage)]
    assert edges == sorted(edges)


@example("Œuvre œ ŉow ʼn 생 生物 Ⅻ ½x _under a\u0301b ٣ x’y", "fr", "œʼsix3")
@given(st.text(), st.sampled_from(sorted({*LANGUAGES, ""} - {"ar"})), st.text())
@settings(max_examples=300, deadline=None)
def test_who_looks_for_some_letters_finds_the_same(text: str, lang: str, letters: str) -> None:
    begins = frozenset(token[0] for token in tokens(letters, ""))
    whole, some = (
        [one for one in found if one[0][0] in begins] for found in (spans(text, lang), spans(text, lang, begins))
    )
    assert list(some) == list(whole)


def test_threads_do_not_mix_their_words() -> None:
    words = [f"assess{i}ing организаци{i}ями" for i in range(2_000)]
    alone = [tokens(word, "ru") + tokens(word, "en") for word in words[:50]]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda word: tokens(word, "ru") + tokens(word, "en"), words * 3))
    assert together[:50] == together[2_000:2_050] == alone


LONG = "Nothing of note stands here at all. " * 20


@pytest.mark.parametrize(
    ("lang", "text", "query", "passage"),
    [
        ("en", "Handling of LMOs", "handled lmo", "[Handling] of [LMOs]"),
        ("en", "Handling of LMOs", "seeds", "Handling of LMOs"),
        (
            "en",
            LONG + "Risk assessment. " + LONG,
            "assessing",
            "…all. Risk [assessment]. Nothing of note stands here at all.…",
        ),
        (
            "en",
            LONG + "Risk. " + LONG + "Assessing risks. ",
            "risk assess",
            "…all. Nothing of note stands here at all. [Assessing] [risks].",
        ),
        ("en", LONG, "seeds", "Nothing of note stands here at all. Nothing of note stands…"),
        ("fr", "L’évaluation de l'emballage", "evaluer emballages", "L’[évaluation] de l'[emballage]"),
        ("zh", "根据卡塔赫纳生物安全议定书开展能力建设", "生物安全 能力", "根据卡塔赫纳[生物安全]议定书开展[能力]建设"),
        ("zh", "为实验室人员提供检测方法" * 9 + "。《议定书》，" + "能力建设" * 30, "议定书", None),
        ("zh", "方法与立法", "法", "方[法]与立[法]"),
        ("ar", "بناء القدرات في مجال السلامة", "قدره", "بناء [القدرات] في مجال السلامة"),
        ("ar", "الكائنات الحية المُعَدَّلة وراثياً", "معدل", "الكائنات الحية [المُعَدَّلة] وراثياً"),
        ("en", "Capacities of Côte d’Ivoire", "capacit* cot*", "[Capacities] of [Côte] d’Ivoire"),
        ("en", "x" * 200, "y", "x" * 60 + "…"),
    ],
)
def test_the_passage_shows_where_it_was_found(lang: str, text: str, query: str, passage: str | None) -> None:
    terms = {word for part in query.split() for word in ([part] if part.endswith("*") else tokens(part, lang))}
    shown, places = highlight(text, lang, terms, 60)
    for start, end in reversed(places):
        shown = f"{shown[:start]}[{shown[start:end]}]{shown[end:]}"
    if passage is None:
        assert "[议定书]" in shown and shown[0] == shown[-1] == "…"
    else:
        assert shown == passage


def test_a_passage_never_parts_a_letter_from_its_marks() -> None:
    shown, places = highlight("كَتَبَ" * 40, "ar", tokens("كَتَبَ" * 40, "ar"), 21)
    assert places == [(0, len(shown) - 1)]
    assert unicodedata.category(("كَتَبَ" * 40)[len(shown) - 1])[0] != "M"


def word(text: str, **how: bool) -> Wanted:
    return Wanted(text, **how)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", []),
        (" \t\x00\x7f ", []),
        ("risk assessment", [word("risk"), word("assessment")]),
        ("risk\x00assessment", [word("risk"), word("assessment")]),
        ('"risk assessment" maize', [word("risk assessment", phrase=True), word("maize")]),
        ("« mise en œuvre »", [word("mise en œuvre", phrase=True)]),
        ("„живых организмов“ “а б”", [word("живых организмов", phrase=True), word("а б", phrase=True)]),
        ("「能力建设」『生物』", [word("能力建设", phrase=True), word("生物", phrase=True)]),
        ("biosaf* био* 生＊", [word("biosaf", prefix=True), word("био", prefix=True), word("生", prefix=True)]),
        ("(biosaf*),", [word("biosaf", prefix=True)]),
        ("maize -cotton", [word("maize"), word("cotton", excluded=True)]),
        ('maize -"gene drive"', [word("maize"), word("gene drive", phrase=True, excluded=True)]),
        ("maize -«gene drive»", [word("maize"), word("gene drive", phrase=True, excluded=True)]),
        ("-cott*", [word("cott", prefix=True, excluded=True)]),
        ("−cotton －棉花", [word("cotton", excluded=True), word("棉花", excluded=True)]),
        ("\u200f-القدرات", [word("القدرات", excluded=True)]),
        ("socio-economic", [word("socio-economic")]),
        ("BCH-ORG-SCBD-7001", [word("BCH-ORG-SCBD-7001")]),
        ("maize - cotton", [word("maize"), word("cotton")]),
        ('"risk assessment', [word("risk"), word("assessment")]),
        ('risk" assessment', [word("risk"), word("assessment")]),
        ("«risk assessment", [word("risk"), word("assessment")]),
        ('"a b" c" d', [word("a b", phrase=True), word("c"), word("d")]),
        ('5" maize', [word("5"), word("maize")]),
        ('ab"c d"e', [word("ab"), word("c d", phrase=True), word("e")]),
        ("O'Brien l’évaluation", [word("O'Brien"), word("l’évaluation")]),
        ("المُعَدَّلةٌ، (LMO)?", [word("المُعَدَّلةٌ"), word("LMO")]),
        ('- * -- "" -"" «» () & | + ! 🌽 *-*', []),
        ('"🌽 -"', []),
        ("AND OR NOT title:x", [word("AND"), word("OR"), word("NOT"), word("title:x")]),
    ],
)
def test_what_is_typed_becomes_what_is_wanted(typed: str, wanted: list[Wanted]) -> None:
    assert list(read(typed)) == wanted


def test_a_question_has_an_end() -> None:
    assert len(read("a " * 500)) == MOST
    with pytest.raises(BadParameter) as refused:
        read("a" * 1_001)
    assert refused.value.where == "q"
    assert "1001" in refused.value.say()


@given(st.text(max_size=1_000) | st.text(alphabet='ab"«»“”„「」-* \x00é生ا', max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_is_read(typed: str) -> None:
    for wanted in read(typed):
        assert wanted.text == wanted.text.strip() != ""
        assert "\x00" not in wanted.text and '"' not in wanted.text
        assert tokens(wanted.text, "") or not any(sign.isalpha() for sign in wanted.text)
