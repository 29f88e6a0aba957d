"""Trusted documents by hash; open ones within limits; each prepared once."""

import json
from pathlib import Path

import pytest
from graphql import OperationType, get_introspection_query

from schema.build import build, core_schema
from schema.documents import (
    OPEN_DOCUMENTS_KEPT,
    Documents,
    Invalid,
    document_hash,
    gateway_documents,
    page_documents,
)
from schema.limits import MAX_ALIASES, MAX_DEPTH, MAX_REPEATS, MAX_ROOT_FIELDS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
SCHOOL = "query School { school { name } }"


@pytest.fixture
def documents() -> Documents:
    return Documents(core_schema(build()))


def refused(documents: Documents, text: str, *, introspection: bool = True) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        documents.open(text, introspection=introspection)
    return caught.value.code, caught.value.errors[0].message


def test_a_trusted_document_is_found_by_its_hash_and_by_nothing_else(documents: Documents) -> None:
    documents.trust([(document_hash(SCHOOL), SCHOOL)])
    found = documents.find(document_hash(SCHOOL))
    assert found is not None
    assert found.operation_type("School") is OperationType.QUERY
    assert found.operation_type(None) is OperationType.QUERY
    assert found.operation_type("Other") is None
    assert documents.find(document_hash(SCHOOL + "#")) is None
    assert documents.find("sha256:") is None


def test_a_hash_that_is_not_its_document_s_is_refused_at_start(documents: Documents) -> None:
    with pytest.raises(ValueError, match="not the hash"):
        documents.trust([("sha256:" + "0" * 64, SCHOOL)])


def test_a_trusted_document_that_does_not_fit_the_schema_stops_the_start(documents: Documents) -> None:
    text = "query Q { school { motto } }"
    with pytest.raises(ValueError, match="motto"):
        documents.trust([(document_hash(text), text)])


def test_blanks_around_a_document_do_not_change_its_hash() -> None:
    assert document_hash(f"\n{SCHOOL}\n") == document_hash(SCHOOL)


def test_the_gateway_s_committed_documents_fit(documents: Documents) -> None:
    committed = gateway_documents(ROOT / "devices_gateway" / "documents")
    assert committed, "the gateway has documents"
    documents.trust(committed)


def test_the_page_s_committed_documents_fit(documents: Documents) -> None:
    committed = page_documents(ROOT / "webapp" / "src" / "graphql" / "persisted.json")
    assert committed, "the page has documents"
    documents.trust(committed)


def test_a_page_that_is_not_built_has_no_documents(tmp_path: Path) -> None:
    assert page_documents(tmp_path / "persisted.json") == []
    (tmp_path / "persisted.json").write_text(json.dumps([1]))
    with pytest.raises(ValueError, match="object"):
        page_documents(tmp_path / "persisted.json")


def test_an_open_document_is_prepared_once(documents: Documents) -> None:
    assert documents.open(SCHOOL, introspection=True) is documents.open(SCHOOL, introspection=True)


def test_the_cache_of_open_documents_is_bounded(documents: Documents) -> None:
    first = documents.open("{ school { name } } # 0", introspection=True)
    for number in range(1, OPEN_DOCUMENTS_KEPT + 1):
        documents.open(f"{{ school {{ name }} }} # {number}", introspection=True)
    assert documents.open("{ school { name } } # 0", introspection=True) is not first


def test_a_document_that_does_not_parse_says_where(documents: Documents) -> None:
    code, _ = refused(documents, "{ school { name }")
    assert code == "GRAPHQL_PARSE_FAILED"


def test_a_document_that_does_not_fit_says_why(documents: Documents) -> None:
    code, message = refused(documents, "{ school { motto } }")
    assert (code, "motto" in message) == ("GRAPHQL_VALIDATION_FAILED", True)


def nested(depth: int) -> str:
    text = "id"
    for _ in range(depth - 4):
        text = f"reversedBy {{ {text} }}"
    return f"{{ account {{ bills {{ edges {{ node {{ {text} }} }} }} }} }}"


def test_depth_has_a_bound(documents: Documents) -> None:
    documents.open(nested(MAX_DEPTH - 1), introspection=True)
    assert "deeper" in refused(documents, nested(MAX_DEPTH + 3))[1]


def test_depth_counts_through_fragments(documents: Documents) -> None:
    links = "".join(f"fragment F{n} on Bill {{ reversedBy {{ ...F{n + 1} }} }}\n" for n in range(MAX_DEPTH))
    text = links + f'fragment F{MAX_DEPTH} on Bill {{ id }} query {{ node(id: "bil_1") {{ ...F0 }} }}'
    assert "deeper" in refused(documents, text)[1]


def test_aliases_have_a_bound(documents: Documents) -> None:
    many = " ".join(f"n{n}: name" for n in range(MAX_ALIASES + 1))
    assert "aliases" in refused(documents, f"{{ school {{ {many} }} }}")[1]


def test_root_fields_have_a_bound(documents: Documents) -> None:
    many = " ".join(["school { name }"] * (MAX_ROOT_FIELDS + 1))
    assert "root" in refused(documents, f"{{ {many} }}")[1]
    assert "root" in refused(documents, f"{{ ...F }} fragment F on Query {{ {many} }}")[1]


def test_width_has_a_bound_even_when_fragments_multiply(documents: Documents) -> None:
    """Each fragment spreads the next one ten times: 10^8 fields in a few hundred characters."""
    parts = [f"fragment F{n} on School {{ {f'...F{n + 1} ' * 10} }}" for n in range(8)]
    text = "{ school { ...F0 } } " + " ".join(parts) + " fragment F8 on School { name }"
    code, message = refused(documents, text)
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert "same field" in message


@pytest.mark.parametrize(
    "text",
    [
        "{ account { " + "obstacles { code } " * (MAX_REPEATS + 1) + "} }",
        "{ account { " + "...F " * (MAX_REPEATS + 1) + "} } fragment F on Account { obstacles { code } }",
    ],
)
def test_a_field_stands_in_one_place_so_many_times(documents: Documents, text: str) -> None:
    """They are compared pair by pair."""
    assert "same field" in refused(documents, text)[1]


def test_a_field_may_stand_in_many_places(documents: Documents) -> None:
    """A union's members each ask for what they share."""
    members = " ".join(f"... on {name} {{ message remedy }}" for name in ("NotBound", "AccountFrozen") * 5)
    documents.open(f"mutation {{ paymentCodeIssue {{ {members} }} }}", introspection=True)


PAGE = "edges { node { id title merchant { name } changes { card transition electronic } } }"


@pytest.mark.parametrize("size", ["first: 100", "first: 5000", "first: $n"])
def test_an_answer_has_a_bound_by_the_pages_it_asks_for(documents: Documents, size: str) -> None:
    pages = " ".join(f"p{n}: bills({size}) {{ {PAGE} }}" for n in range(12))
    text = (
        f"query ($n: Int! = 1) {{ account {{ id {pages} }} me {{ ...F }} }} fragment F on Person {{ number }}"
    )
    assert "smaller pages" in refused(documents, text)[1]
    fragment = f"fragment F on Account {{ {pages} }}"
    assert (
        "smaller pages" in refused(documents, f"query ($n: Int! = 1) {{ account {{ ...F }} }} {fragment}")[1]
    )


def test_small_pages_are_within_it(documents: Documents) -> None:
    pages = " ".join(f"p{n}: bills {{ {PAGE} }}" for n in range(12))
    documents.open(f"{{ account {{ {pages} monthTotals(months: 24) {{ spent }} }} }}", introspection=True)


@pytest.mark.parametrize("text", [r"\u0000", r"\u{0}", r"bil_\u{00}1"])
def test_no_text_holds_what_the_database_cannot_keep(documents: Documents, text: str) -> None:
    code, message = refused(documents, f'{{ node(id: "{text}") {{ id }} }}')
    assert (code, "U+0000" in message) == ("GRAPHQL_VALIDATION_FAILED", True)


def test_a_fragment_within_itself_ends(documents: Documents) -> None:
    assert (
        refused(documents, "{ school { ...F } } fragment F on School { ...F }")[0]
        == "GRAPHQL_VALIDATION_FAILED"
    )


def test_tokens_have_a_bound(documents: Documents) -> None:
    assert refused(documents, "{ school { " + "name " * 3000 + "} }")[0] == "GRAPHQL_PARSE_FAILED"
    assert refused(documents, "{" * 5000)[0] == "GRAPHQL_PARSE_FAILED"


def test_introspection_is_by_permission(documents: Documents) -> None:
    documents.open(get_introspection_query(), introspection=True)
    assert "Introspection" in refused(documents, get_introspection_query(), introspection=False)[1]
    assert "Introspection" in refused(documents, '{ __type(name: "Bill") { name } }', introspection=False)[1]
    documents.open("{ __typename school { __typename } }", introspection=False)
