"""GraphQL over HTTP, as its specification says, on the real app."""

from __future__ import annotations

import asyncio
import json

import pytest
from support.campus import GRAPHQL, Campus, trust

from api import graphql_http

SCHOOL = "query School { school { name } }"
JSON = "application/json"


def code_of(response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


async def test_a_query_by_post(campus: Campus) -> None:
    response = await campus.post({"query": SCHOOL})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.headers["x-request-id"]
    assert response.json() == {"data": {"school": {"name": campus.parts.settings.school_name}}}


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{GRAPHQL};q=0.1, */*;q=0.5", JSON),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; q=0.9", GRAPHQL),
        ("", GRAPHQL),
    ],
)
async def test_the_client_chooses_the_media_type(campus: Campus, accept: str, media: str) -> None:
    response = await campus.post({"query": SCHOOL}, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "image/png", f"{JSON};q=0", "application/xml, text/*"])
async def test_406_when_it_takes_neither(campus: Campus, accept: str) -> None:
    assert (await campus.post({"query": SCHOOL}, accept=accept)).status_code == 406


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/graphql",
        "application/json; charset=latin-1",
        "",
    ],
)
async def test_415_for_what_another_site_could_make_a_browser_send(campus: Campus, content_type: str) -> None:
    response = await campus.http.post(
        "/graphql",
        content=json.dumps({"query": SCHOOL}),
        headers={"content-type": content_type, "accept": GRAPHQL},
    )
    assert response.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"query"',
        b"null",
        b"{}",
        b'{"query": 5}',
        b'{"query": "{ school { name } }", "variables": []}',
        b'{"query": "{ school { name } }", "operationName": 5}',
        b'{"query": "{ school { name } }", "documentId": "sha256:0"}',
        b'[{"query": "{ school { name } }"}]',
        b'{"query": "{ school { name } }", "variables": {"x": "\\u0000"}}',
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_400_for_what_is_no_request(campus: Campus, body: bytes, accept: str) -> None:
    response = await campus.http.post(
        "/graphql", content=body, headers={"content-type": JSON, "accept": accept}
    )
    assert response.status_code == 400
    assert code_of(response) == "BAD_USER_INPUT"
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{ school {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ school { motto } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($n: ID!) { node(id: $n) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
        ({"query": SCHOOL, "operationName": "Other"}, "BAD_USER_INPUT"),
    ],
)
async def test_a_wrong_document_is_4xx_or_200_as_the_media_type_wants(
    campus: Campus, request_: dict, code: str
) -> None:
    modern = await campus.post(request_)
    assert (modern.status_code, code_of(modern)) == (400, code)
    older = await campus.post(request_, accept=JSON)
    assert (older.status_code, code_of(older)) == (200, code)
    assert "data" not in older.json()


async def test_413_for_a_body_too_large(campus: Campus) -> None:
    assert (await campus.post({"query": SCHOOL, "variables": {"x": "y" * 300_000}})).status_code == 413

    async def chunks():
        for _ in range(300):
            yield b" " * 1024

    response = await campus.http.post(
        "/graphql", content=chunks(), headers={"content-type": JSON, "accept": GRAPHQL}
    )
    assert response.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_http, "BODY_WITHIN_S", 0.05)

    async def drops():
        yield b"{"
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        response = await campus.http.post(
            "/graphql", content=drops(), headers={"content-type": JSON, "accept": GRAPHQL}
        )
    assert (response.status_code, code_of(response)) == (408, "BAD_USER_INPUT")
    assert response.headers["connection"] == "close"


async def test_a_query_by_get(campus: Campus) -> None:
    response = await campus.http.get(
        "/graphql",
        params={"query": "query Q($c: String!) { me { id } }", "variables": json.dumps({"c": "x"})},
        headers={"accept": GRAPHQL, **campus.bearer("student")},
    )
    # An unused variable is a mistake: the parameters were read.
    assert (response.status_code, code_of(response)) == (400, "GRAPHQL_VALIDATION_FAILED")
    response = await campus.http.get("/graphql", params={"query": SCHOOL}, headers={"accept": GRAPHQL})
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["query=a&query=b", "variables={", "query=%00", "query=%ff", "x"])
async def test_400_for_an_odd_address(campus: Campus, query: str) -> None:
    response = await campus.http.get(f"/graphql?{query}", headers={"accept": GRAPHQL})
    assert response.status_code == 400
    assert "codec" not in response.text


async def test_414_for_an_address_too_long(campus: Campus) -> None:
    response = await campus.http.get("/graphql?query=" + "a" * 20_000, headers={"accept": GRAPHQL})
    assert response.status_code == 414


@pytest.mark.parametrize("nul", [r"\u0000", r"\u005cu0000", r"\u005cu{0}"])
async def test_a_nul_is_a_mistake_in_whatever_escape_it_comes(campus: Campus, nul: str) -> None:
    body = f'{{"query": "{{ recharge(id: \\"{nul}\\") {{ id }} }}"}}'
    response = await campus.http.post(
        "/graphql",
        content=body,
        headers={"accept": GRAPHQL, "content-type": JSON, **campus.bearer("student")},
    )
    assert response.status_code == 400
    assert "U+0000" in response.json()["errors"][0]["message"]


async def test_a_mutation_by_get_is_405_and_does_nothing(campus: Campus) -> None:
    response = await campus.http.get(
        "/graphql",
        params={"query": "mutation { paymentCodeIssue { __typename } }"},
        headers={"accept": GRAPHQL, **campus.bearer("student")},
    )
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405(campus: Campus, method: str) -> None:
    response = await campus.http.request(method, "/graphql", headers={"accept": GRAPHQL})
    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers


async def test_subscriptions_do_not_go_over_http(campus: Campus) -> None:
    response = await campus.post({"query": "subscription { accountChanged { balance } }"}, who="student")
    assert response.status_code == 400


async def test_a_trusted_document_by_its_hash(production: Campus) -> None:
    document_id = trust(production, SCHOOL)
    for response in (
        await production.post({"documentId": document_id}),
        await production.http.get(
            "/graphql", params={"documentId": document_id}, headers={"accept": GRAPHQL}
        ),
    ):
        assert response.json()["data"]["school"]["name"]


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_an_unknown_hash_is_400(production: Campus, accept: str) -> None:
    for document_id in ("sha256:" + "0" * 64, "", "sha256:x", "md5:0"):
        response = await production.post({"documentId": document_id}, accept=accept)
        assert (response.status_code, code_of(response)) == (400, "DOCUMENT_UNKNOWN")


async def test_production_takes_no_open_documents(production: Campus) -> None:
    for who in (None, "student", "operator", production.gateway):
        response = await production.post({"query": SCHOOL}, who=who)
        assert (response.status_code, code_of(response)) == (400, "DOCUMENT_REQUIRED")


async def test_a_scoped_token_may_send_its_own(production: Campus) -> None:
    login = production.people["auditor"].login_id
    token = production.house.tokens.sign_person(login, scopes=frozenset({"open-documents"}))
    response = await production.post({"query": SCHOOL}, authorization=f"Bearer {token}")
    assert response.status_code == 200


async def test_the_document_s_limits_hold_for_open_ones(campus: Campus) -> None:
    deep = "reversedBy { " * 20 + "id" + " }" * 20
    query = f'{{ node(id: "bil_1") {{ ... on Bill {{ {deep} }} }} }}'
    assert (await campus.post({"query": query})).status_code == 400


async def test_the_explorer_is_for_the_sandbox(campus: Campus) -> None:
    response = await campus.http.get(
        "/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "http://" not in response.text.replace("http://campus.test", "")
    assert "https://" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_there_is_no_explorer_in_production(production: Campus) -> None:
    response = await production.http.get("/graphql", headers={"accept": "text/html"})
    assert response.status_code == 406
