"""What passes through: routes, bodies byte for byte, headers; models, health and metrics."""

import json
import re
import threading

import pytest
from conftest import running
from tollgate_stack import MODEL, PRICE, REQUEST_ID, ScriptedProvider, Stack, wait_until
from tollgate_stack.client import Connection, request_bytes, text_of
from tollgate_stack.configuration import model
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head, whole

TOKEN = "metrics-token-of-the-tests"

CHANGES = {
    "metrics": {"token": "env:TOLLGATE_METRICS_TOKEN"},
    "models": [
        model(MODEL),
        model("second"),
        model("renamed", "the-upstream-name"),
        model("any/*", {"provider": "mock"}),
    ],
}
STACK_OPTIONS = {"environment": {"TOLLGATE_METRICS_TOKEN": TOKEN}}


@pytest.fixture(scope="module")
def provider():
    with ScriptedProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def scripted_stack(request, provider):
    """A stack whose provider is a script: `same` is passed on under its own name, `other` under another."""
    changes = {
        "providers": {
            "scripted": {"base_url": provider.url, "api_key": "file:provider.key"},
            "claude": {"base_url": provider.url, "api_key": "file:provider.key", "like": "anthropic"},
        },
        "models": [
            model("same", {"provider": "scripted", "model": "same"}),
            model("other", {"provider": "scripted", "model": "upstream/name-β"}),
            model("claude", {"provider": "claude", "model": "claude"}),
            # It is left alone after a while that a provider named: for one test only.
            model("unwell", {"provider": "scripted", "model": "unwell"}),
        ],
    }
    with running(Stack(changes), request, "test_routes.scripted") as stack:
        yield stack


@pytest.fixture
def scripted(scripted_stack, provider):
    provider.requests.clear()
    return scripted_stack


USAGE = b'"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}'
REPLY = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"same","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"h\\u00e9 \\ud83d\\ude00","unknown_in_message":[1.0,2e3]},"finish_reason":"stop"}],'
    + USAGE
    + b',"x_unknown":{"deep":[{"er":null}]} , "system_fingerprint" :  "fp" }\n'
)

# Every oddity that a rewriting proxy would smooth out: spaces, escapes, number formats, member order, unknown members.
ODD_BODY = (
    b' { "temperature":1.0 ,\n"messages":[ {"role":"user","content":"caf\\u00e9 \xf0\x9f\x98\x80 \\/ \\n"} ],'
    b'"model" : "%s", "x_unknown":{"b":1e2,"a":[ ]} ,"seed":12345678901234567890,"top_p":0.10,"max_tokens":16 } '
)


# Bodies


def test_a_request_reaches_the_provider_byte_for_byte(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY))
    body = ODD_BODY % b"same"
    answer = scripted.caller().post("/v1/chat/completions", body)
    assert answer.status == 200
    assert provider.requests[0].body == body
    assert (provider.requests[0].method, provider.requests[0].path) == ("POST", "/v1/chat/completions")


def test_a_prompt_that_is_only_scored_passes(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY))
    body = b'{"model":"same","prompt":"hello","max_tokens":0,"echo":true,"logprobs":0}'
    assert scripted.caller().post("/v1/completions", body).status == 200
    assert provider.requests[0].body == body


def test_a_prompt_that_is_only_read_goes_to_no_other_dialect(scripted, provider):
    body = {"model": "claude", "prompt": "hello", "max_tokens": 0}
    answer = scripted.caller().post("/v1/completions", body)
    assert answer.status == 400
    assert json.loads(answer.body)["error"]["param"] == "max_tokens"
    assert not provider.requests


def test_of_a_request_for_a_renamed_model_only_the_name_changes(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY))
    assert scripted.caller().post("/v1/chat/completions", ODD_BODY % b"other").status == 200
    sent = provider.requests[0].body
    name = re.search(rb'"model" : ("[^"]*")', sent)[1]
    assert json.loads(name) == "upstream/name-β"
    assert sent.replace(name, b'"%s"') == ODD_BODY


def test_a_whole_answer_reaches_the_client_byte_for_byte(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY))
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"same")
    assert answer.body == REPLY


def stream_of(*events, usage=True, headers=()):
    blocks = [b"data: " + event + b"\n\n" for event in events]
    if usage:
        blocks.append(
            b'data: {"id":"c","object":"chat.completion.chunk","model":"same","choices":[],' + USAGE + b"}\n\n"
        )
    blocks.append(b"data: [DONE]\n\n")

    def script(request, peer):
        peer.sendall(stream_head(headers))
        for block in blocks:
            peer.sendall(chunk(block))
        peer.sendall(LAST_CHUNK)

    return script, b"".join(blocks)


DELTA = (
    b'{"id":"c", "object":"chat.completion.chunk","model":"same",'
    b'"choices":[{"index":0,"delta":{"content":"h\\u00e9"},"x":1.0}]}'
)


def test_a_stream_with_usage_asked_for_passes_byte_for_byte_both_ways(scripted, provider):
    provider.script, sent = stream_of(DELTA, DELTA)
    body = (ODD_BODY % b"same").replace(
        b'"max_tokens"', b'"stream" : true, "stream_options":{ "include_usage":true },"max_tokens"'
    )
    with scripted.caller().open_stream("/v1/chat/completions", body) as stream:
        stream.events()
        assert bytes(stream.raw) == sent
        assert stream.headers["content-type"].startswith("text/event-stream")
    assert provider.requests[0].body == body


def test_a_stream_without_usage_asked_for_hides_the_usage_chunk_and_asks_for_it_itself(scripted, provider):
    provider.script, sent = stream_of(DELTA, DELTA)
    body = (ODD_BODY % b"same").replace(b'"max_tokens"', b'"stream" : true, "max_tokens"')
    with scripted.caller().open_stream("/v1/chat/completions", body) as stream:
        stream.events()
        received = bytes(stream.raw)
    assert received == b"data: " + DELTA + b"\n\n" + b"data: " + DELTA + b"\n\n" + b"data: [DONE]\n\n"
    upstream = json.loads(provider.requests[0].body)
    assert upstream.pop("stream_options") == {"include_usage": True}
    assert upstream == json.loads(body)
    # What was added is all that changed.
    assert re.sub(rb',?\s*"stream_options"\s*:\s*\{[^}]*\}\s*,?', b"", provider.requests[0].body).replace(
        b" ", b""
    ) == body.replace(b" ", b"")


@pytest.mark.parametrize("options", ['{"include_usage":false}', '{"include_usage":false,"unknown":1}', '{"unknown":1}'])
def test_other_stream_options_survive_when_usage_is_asked_for_behind_the_client(scripted, provider, options):
    provider.script, _ = stream_of(DELTA)
    body = {"model": "same", "stream": True, "stream_options": json.loads(options), "max_tokens": 5}
    body["messages"] = [{"role": "user", "content": "x"}]
    with scripted.caller().open_stream("/v1/chat/completions", body) as stream:
        events = stream.events()
    assert not any(b'"usage":{' in event for event in events)
    assert json.loads(provider.requests[0].body)["stream_options"] == {**json.loads(options), "include_usage": True}


def test_a_stream_with_crlf_and_comments_keeps_its_meaning(stack):
    with stack.caller().stream("x", mock="crlf=1,comments=1,tokens=5,chunk_bytes=3,say=abcdefghijklmno") as stream:
        events = stream.events()
    assert text_of(events) == "abcdefghijklmno"
    assert events[-1] == b"[DONE]"


def test_a_100_kb_body_and_a_100_kb_answer_pass_unharmed(stack):
    text = "".join(f"{number:06d} " for number in range(15_000))
    answer = stack.caller().chat(text, mock="echo=1,chunk_bytes=64", max_tokens=4000)
    assert answer.json()["choices"][0]["message"]["content"] == text


def test_a_5_mb_body_passes_unharmed(stack):
    text = "0123456789abcdef" * (5 << 16)
    answer = stack.caller().chat(text, mock="echo=1,chunk_bytes=1024", max_tokens=10_000, timeout=60)
    assert answer.status == 200
    assert answer.json()["choices"][0]["message"]["content"] == text


def test_a_chunked_upload_is_served(stack):
    body = json.dumps(stack.client.chat_body("Hello")).encode()
    data = b"".join(b"%x\r\n%s\r\n" % (1, body[index : index + 1]) for index in range(len(body))) + b"0\r\n\r\n"
    client = stack.caller()
    answer = client.request("POST", "/v1/chat/completions", data, headers=[("Transfer-Encoding", "chunked")])
    assert answer.status == 200


# Headers


def test_the_provider_gets_its_own_key_and_none_of_the_callers_headers(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY))
    record = scripted.key()
    headers = [("Cookie", "session=1"), ("X-Forwarded-For", "10.1.2.3"), ("X-Api-Key", record["key"])]
    headers += [("Proxy-Authorization", "Basic eA=="), ("X-Private", "x"), ("Forwarded", "for=1.2.3.4")]
    client = scripted.client.with_key(record["key"])
    assert client.post("/v1/chat/completions", ODD_BODY % b"same", headers=headers).status == 200
    received = provider.requests[0]
    assert received.headers["authorization"] == "Bearer sk-provider-key-of-the-tests"
    assert received.headers["content-type"] == "application/json"
    assert record["key"].encode() not in received.raw_head
    for name in ("cookie", "x-forwarded-for", "x-api-key", "proxy-authorization", "x-private", "forwarded"):
        assert name not in received.headers


def test_provider_headers_worth_having_pass_and_the_rest_does_not(scripted, provider):
    headers = ["x-ratelimit-limit-requests: 5000", "x-ratelimit-remaining-tokens: 77", "openai-processing-ms: 12"]
    headers += ["Set-Cookie: a=b", "Server: secret-server/1", "X-Accel-Redirect: /etc/passwd", "X-Accel-Limit-Rate: 1"]
    headers += ["X-Internal: 1", "Strict-Transport-Security: max-age=1"]
    provider.script = lambda request, peer: peer.sendall(whole(REPLY, headers=headers))
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"same")
    assert answer.status == 200 and answer.body == REPLY
    assert answer.headers["openai-processing-ms"] == "12"
    seen = {name: value for name, value in answer.headers.items() if "ratelimit" in name}
    assert "5000" in seen.values() and "77" in seen.values(), answer.headers
    for name in ("set-cookie", "x-internal", "x-accel-redirect", "strict-transport-security"):
        assert name not in answer.headers
    assert answer.headers["server"] == "nginx"


PROVIDER_ERROR = json.dumps({"error": {"message": "no", "type": "some_error", "param": None, "code": None}}).encode()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("status", ["400 Bad Request", "429 Too Many Requests", "500 Internal Server Error"])
def test_a_providers_error_has_its_headers_too(scripted, provider, status, stream):
    headers = ["x-ratelimit-remaining-tokens: 77", "x-request-id: req_of_the_provider", "openai-processing-ms: 12"]
    headers += ["X-Internal: 1", "Set-Cookie: a=b"]
    provider.script = lambda request, peer: peer.sendall(whole(PROVIDER_ERROR, status, headers))
    body = {"model": "same", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    answer = scripted.caller().post("/v1/chat/completions", body)
    assert answer.status == int(status[:3])
    assert answer.headers["x-ratelimit-remaining-tokens"] == "77"
    assert answer.headers["llm_provider-x-request-id"] == "req_of_the_provider"
    assert answer.headers["openai-processing-ms"] == "12"
    for name in ("x-internal", "set-cookie", "x-should-retry"):
        assert name not in answer.headers
    # A key with limits of its own has those.
    answer = scripted.caller(rpm_limit=50).post("/v1/chat/completions", body)
    assert answer.headers["llm_provider-x-ratelimit-remaining-tokens"] == "77"
    assert answer.headers["x-ratelimit-remaining-requests"] == "49"
    assert "x-ratelimit-remaining-tokens" not in answer.headers


def test_an_error_without_a_providers_answer_has_none(scripted, provider):
    provider.script = lambda request, peer: peer.close()
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"same")
    assert answer.status == 502
    assert not any(name.startswith(("llm_provider-", "x-ratelimit-")) for name in answer.headers)


def test_a_provider_that_wants_no_retry_or_a_long_wait_is_not_asked_again(scripted, provider):
    headers = ["x-should-retry: false"]
    provider.script = lambda request, peer: peer.sendall(whole(PROVIDER_ERROR, "500 Internal Server Error", headers))
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"same")
    assert (answer.status, answer.headers["x-should-retry"]) == (500, "false")
    headers = ["retry-after: 90", "x-should-retry: true"]
    provider.script = lambda request, peer: peer.sendall(whole(PROVIDER_ERROR, "429 Too Many Requests", headers))
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"unwell")
    assert answer.status == 429
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("90", "false")


def test_each_answer_has_an_id_of_its_own_that_the_ledger_knows(stack):
    client = stack.caller()
    identities = [client.chat().headers["x-request-id"] for _ in range(3)]
    assert len(set(identities)) == 3
    wait_until(lambda: set(identities) <= {row["request_id"] for row in stack.ledger.rows()}, what="the requests' rows")


def test_the_providers_own_request_id_passes_too(scripted, provider):
    provider.script = lambda request, peer: peer.sendall(whole(REPLY, headers=["x-request-id: req_of_the_provider"]))
    answer = scripted.caller().post("/v1/chat/completions", ODD_BODY % b"same")
    assert answer.headers["llm_provider-x-request-id"] == "req_of_the_provider"
    assert re.fullmatch(REQUEST_ID, answer.headers["x-request-id"])


def test_an_answer_of_the_gateways_own_has_an_id_too(stack):
    assert re.fullmatch(REQUEST_ID, stack.client.get("/health/liveliness").headers["x-request-id"])
    assert re.fullmatch(REQUEST_ID, stack.client.get("/nothing").headers["x-request-id"])


# Routes


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_chat_completions_whole_and_streamed_with_and_without_v1(stack, prefix):
    client = stack.caller()
    answer = client.post(f"{prefix}/chat/completions", client.chat_body("x", mock="say=Hello"))
    assert answer.status == 200
    content = answer.json()
    assert content["choices"][0]["message"]["content"] == "Hello" and content["usage"]["completion_tokens"] >= 1
    with client.open_stream(
        f"{prefix}/chat/completions", client.chat_body("x", mock="say=Hello", stream=True)
    ) as stream:
        events = stream.events()
    assert text_of(events) == "Hello" and events[-1] == b"[DONE]"


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_completions_whole_and_streamed_with_and_without_v1(stack, prefix):
    client = stack.caller()
    body = {"model": MODEL, "prompt": "Once", "x_mock": "say=Hello"}
    answer = client.post(f"{prefix}/completions", body)
    assert answer.status == 200 and answer.json()["choices"][0]["text"] == "Hello"
    with client.open_stream(f"{prefix}/completions", {**body, "stream": True}) as stream:
        events = stream.events()
    assert text_of(events) == "Hello" and events[-1] == b"[DONE]"


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("content", ["one text", ["two", "texts"], [1, 2, 3], [[1, 2], [3]]])
def test_embeddings_of_texts_and_tokens_with_and_without_v1(stack, prefix, content):
    answer = stack.caller().post(f"{prefix}/embeddings", {"model": MODEL, "input": content})
    assert answer.status == 200
    count = len(content) if isinstance(content, list) and not isinstance(content[0], int) else 1
    assert len(answer.json()["data"]) == count and answer.json()["usage"]["prompt_tokens"] >= 1


def test_completions_and_embeddings_are_in_the_ledger_at_their_price(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    since = stack.mock.last_sequence()
    client.post("/v1/completions", {"model": MODEL, "prompt": "Once", "max_tokens": 9})
    client.post("/v1/embeddings", {"model": MODEL, "input": "abcd" * 50})
    rows = stack.ledger.wait_for(2, key_id=stack.key_id(record))
    bills = [attempt["bill_nanos"] for attempt in stack.mock.attempts(since)]
    assert sorted(row["cost_nanos"] for row in rows) == sorted(bills)
    assert {row["endpoint"] for row in rows} == {"completions", "embeddings"}


def is_billed_as_the_mock_says(stack, record, since, count):
    rows = stack.ledger.wait_for(count, key_id=stack.key_id(record))
    bills = [attempt["bill_nanos"] for attempt in stack.mock.attempts(since)]
    return sorted(row["cost_nanos"] for row in rows) == sorted(bills)


@pytest.mark.parametrize("prompt", [["a", "another"], [[1, 2], [3]]], ids=["texts", "tokens"])
def test_each_of_several_prompts_is_answered_and_billed(stack, prompt):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    since = stack.mock.last_sequence()
    body = {"model": MODEL, "prompt": prompt, "n": 2, "max_tokens": 5}
    answer = client.post("/v1/completions", body).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    texts = [choice["text"] for choice in answer["choices"]]
    assert texts[0] == texts[1] != texts[2] == texts[3]
    assert answer["usage"]["completion_tokens"] == 4 * 5
    streamed = ["", "", "", ""]
    with client.open_stream("/v1/completions", {**body, "stream": True}) as stream:
        for event in stream.events()[:-1]:
            for choice in json.loads(event)["choices"]:
                streamed[choice["index"]] += choice["text"]
    assert streamed == texts
    assert is_billed_as_the_mock_says(stack, record, since, 2)


FUNCTIONS = [{"name": "a", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}]


def test_functions_pass_and_their_calls_are_billed(stack):
    """What OpenAI had before tools."""
    record = stack.key()
    client = stack.client.with_key(record["key"])
    since = stack.mock.last_sequence()
    body = client.chat_body('call a {"n": 1}', functions=FUNCTIONS)
    choice = client.post("/v1/chat/completions", body).json()["choices"][0]
    call = {"name": "a", "arguments": '{"n":1}'}
    assert (choice["finish_reason"], choice["message"]["function_call"]) == ("function_call", call)
    assert "tool_calls" not in choice["message"]
    with client.open_stream("/v1/chat/completions", {**body, "stream": True}) as stream:
        choices = [choice for event in stream.events()[:-1] for choice in json.loads(event)["choices"]]
    deltas = [choice["delta"]["function_call"] for choice in choices if "function_call" in choice["delta"]]
    assert "".join(delta.get("name", "") for delta in deltas) == "a"
    assert "".join(delta["arguments"] for delta in deltas) == call["arguments"]
    assert choices[-1]["finish_reason"] == "function_call"
    body["messages"] += [choice["message"], {"role": "function", "name": "a", "content": "r"}]
    answer = client.post("/v1/chat/completions", body).json()
    assert answer["choices"][0]["message"]["content"] == "tool results: [a] r"
    assert is_billed_as_the_mock_says(stack, record, since, 3)


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_models_lists_what_the_key_may_use(stack, prefix):
    everything = stack.master.get(f"{prefix}/models").json()
    assert everything["object"] == "list"
    assert {MODEL, "second", "renamed"} <= {entry["id"] for entry in everything["data"]}
    for entry in everything["data"]:
        assert {"id", "object", "created", "owned_by"} <= set(entry) and entry["object"] == "model"
    caller = stack.caller(models=["second"])
    assert [entry["id"] for entry in caller.get(f"{prefix}/models").json()["data"]] == ["second"]
    assert caller.get(f"{prefix}/models/second").json()["id"] == "second"
    assert caller.get(f"{prefix}/models/{MODEL}").status in (403, 404)
    assert caller.get(f"{prefix}/models/nothing").error["code"] == "model_not_found"
    assert stack.client.get(f"{prefix}/models").status == 401


def test_models_of_a_wildcard_are_listed_by_the_names_that_clients_use(new_stack):
    stack = new_stack(
        {
            "providers": {
                "anthropic": {"base_url": "mock:/v1", "api_key": "file:provider.key"},
                "second-account": {"like": "anthropic", "base_url": "mock:/v1", "api_key": "file:provider.key"},
            },
            "models": [
                model("claude-*", {"provider": "anthropic", "model": "claude-*"}),
                model("a/*", {"provider": "anthropic"}),
                model("b/*", {"provider": "second-account"}),
            ],
        }
    )
    names = {entry["id"] for entry in stack.master.get("/v1/models").json()["data"]}
    assert {"claude-sonnet-4-5", "a/claude-sonnet-4-5", "b/claude-sonnet-4-5"} <= names
    assert not any(name.startswith("claude-claude") for name in names)


def test_google_is_told_of_no_model_that_makes_embeddings_alone(new_stack):
    stack = new_stack(
        {
            "providers": {
                "mock": {"base_url": "mock:/v1", "api_key": "file:provider.key"},
                "openai": {"base_url": "mock:/v1", "api_key": "file:provider.key"},
            },
            "models": [
                model(MODEL),
                model("embedder", price={"input": 0.02}),
                model("embed-small", {"provider": "openai", "model": "text-embedding-3-small"}),
                model("openai/*", {"provider": "openai"}),
            ],
        }
    )
    names = {entry["id"] for entry in stack.master.get("/v1/models").json()["data"]}
    assert {MODEL, "embedder", "embed-small", "openai/gpt-4o", "openai/text-embedding-3-small"} <= names
    listed = {entry["name"] for entry in stack.master.get("/v1beta/models").json()["models"]}
    assert {f"models/{MODEL}", "models/openai/gpt-4o"} <= listed
    assert not [name for name in listed if "embed" in name]
    for name, methods in ((MODEL, ["generateContent", "countTokens"]), ("embedder", []), ("embed-small", [])):
        assert stack.master.get(f"/v1beta/models/{name}").json()["supportedGenerationMethods"] == methods, name


@pytest.fixture(scope="module")
def listing(request):
    """A stack with five models, one of which makes embeddings alone."""
    names = ["one", "two/half", "three", "embedder", "four"]
    models = [model(name, **({"price": {"input": 0.02}} if name == "embedder" else {})) for name in names]
    with running(Stack({"models": models}), request, "test_routes.listing") as stack:
        yield stack


ANTHROPICS_PAGES = {
    "": (["one", "two/half", "three", "embedder", "four"], False),
    "limit=2": (["one", "two/half"], True),
    "limit=2&after_id=two%2Fhalf": (["three", "embedder"], True),
    "limit=2&after_id=embedder": (["four"], False),
    "after_id=four": ([], False),
    "limit=1&before_id=three": (["two/half"], True),
    "limit=2&before_id=three": (["one", "two/half"], False),
}


@pytest.mark.parametrize("query", list(ANTHROPICS_PAGES))
def test_anthropics_list_of_models_has_pages(listing, query):
    names, has_more = ANTHROPICS_PAGES[query]
    page = listing.master.get(f"/v1/models?{query}", headers=[("anthropic-version", "2023-06-01")]).json()
    assert [entry["id"] for entry in page["data"]] == names
    ends = (names[0], names[-1]) if names else (None, None)
    assert (page["has_more"], page["first_id"], page["last_id"]) == (has_more, *ends)


def test_googles_list_of_models_has_pages(listing):
    def page(query):
        answer = listing.master.get(f"/v1beta/models?{query}").json()
        return [entry["name"].removeprefix("models/") for entry in answer["models"]], answer.get("nextPageToken")

    everything = ["one", "two/half", "three", "four"]
    assert page("") == page("pageSize=0") == page("pageSize=5000") == (everything, None)
    names, token = page("pageSize=3")
    assert names == everything[:3] and token
    assert page(f"pageSize=3&pageToken={token}") == (everything[3:], None)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after_id=nothing", "after_id=one&before_id=three"]
)
def test_a_wrong_page_of_anthropics_list_is_refused(listing, query):
    answer = listing.master.get(f"/v1/models?{query}", headers=[("anthropic-version", "2023-06-01")])
    error = answer.json()
    assert (answer.status, error["type"], error["error"]["type"]) == (400, "error", "invalid_request_error")
    assert query.split("=")[0] in error["error"]["message"]
    # OpenAI's list has no pages.
    assert len(listing.master.get(f"/v1/models?{query}").json()["data"]) == 5


@pytest.mark.parametrize("query", ["pageSize=-1", "pageSize=x", "pageToken=x", "pageToken=4", "pageToken=-1"])
def test_a_wrong_page_of_googles_list_is_refused(listing, query):
    answer = listing.master.get(f"/v1beta/models?{query}")
    error = answer.json()["error"]
    assert (answer.status, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert query.split("=")[0] in error["message"]


def test_a_model_whose_name_has_a_slash_is_found_by_its_path(stack):
    for path in ("/v1/models/any/thing", "/v1/models/any%2Fthing"):
        answer = stack.master.get(path)
        assert answer.status == 200 and answer.json()["id"] == "any/thing", (path, answer)


def test_a_wildcard_model_is_passed_on_under_what_the_star_matched(stack):
    since = stack.mock.last_sequence()
    assert stack.caller().chat(model="any/some-model").status == 200
    assert [attempt["model"] for attempt in stack.mock.attempts(since)] == ["some-model"]


def test_health_needs_no_key(stack):
    assert stack.client.get("/health/liveliness").status == 200
    readiness = stack.client.get("/health/readiness")
    assert readiness.status == 200 and readiness.json()["status"] in ("healthy", "ready", "ok")


def test_head_on_health_has_no_body(stack):
    answer = stack.client.request("HEAD", "/health/liveliness")
    assert answer.status == 200 and answer.body == b""


def test_metrics_need_the_master_key_or_their_own_token(stack):
    assert stack.client.get("/metrics").status == 401
    assert stack.caller().get("/metrics").status in (401, 403)
    assert stack.client.with_key("wrong").get("/metrics").status == 401
    for key in (TOKEN, stack.master.key):
        answer = stack.client.with_key(key).get("/metrics")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    # The token opens nothing else.
    assert stack.client.with_key(TOKEN).chat().status == 401
    assert stack.client.with_key(TOKEN).get("/key/list").status == 401


def test_metrics_are_valid_and_junk_from_clients_adds_no_series(stack):
    client = stack.caller()
    client.chat()
    client.chat(model="any/first")
    before = set(stack.metrics())
    for number in range(50):
        client.chat(model=f"junk-{number}")
        client.chat(model=f"any/junk-{number}")
        client.get(f"/junk/{number}")
        stack.client.with_key(f"sk-junk-{number}").chat()
        client.chat(user=f"user-{number}")
        client.request(f"JUNK{number}", "/v1/models")
    after = stack.metrics()
    new = {name for name in set(after) - before if "junk" in name or "user-" in name}
    assert not new
    assert len(set(after) - before) < 40, set(after) - before
    types = [line for line in stack.master.get("/metrics").body.decode().splitlines() if line.startswith("# TYPE")]
    assert len(types) >= 5


def test_metrics_name_the_model_of_a_refused_call(stack):
    client = stack.caller(max_budget=0)

    def refused():
        return sum(
            value
            for name, value in stack.metrics().items()
            if "requests_total" in name and f'model="{MODEL}"' in name and 'status_class="4xx"' in name
        )

    before = refused()
    assert client.chat().status == 429
    wait_until(lambda: refused() == before + 1, what="the refusal in the metrics")


def test_metrics_count_requests(stack):
    """Each once. Of a model that has no request still under way from another test, as `MODEL` may have."""
    client = stack.caller()

    def count():
        names = stack.metrics().items()
        return sum(value for name, value in names if "requests_total" in name and 'model="second"' in name)

    before = count()
    for _ in range(5):
        assert client.chat(model="second").status == 200
    with client.stream(model="second") as stream:
        stream.events()
    wait_until(lambda: count() >= before + 6, what="the requests in the metrics")
    assert count() == before + 6


# Several at once


def test_answers_never_cross_between_requests_on_shared_connections(stack):
    """The mock tags its text with a hash of the last message: echo=1 gives each caller its own words back."""
    client = stack.caller()
    wrong = []

    def ask(worker):
        for turn in range(30):
            text = f"worker {worker} turn {turn} " + "x" * (turn * 50)
            if turn % 2:
                with client.stream(text, mock="echo=1,chunk_bytes=7", max_tokens=4000) as stream:
                    got = text_of(stream.events())
            else:
                got = client.chat(text, mock="echo=1", max_tokens=4000).json()["choices"][0]["message"]["content"]
            if got != text:
                wrong.append((text, got))

    threads = [threading.Thread(target=ask, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


def test_several_requests_on_one_kept_alive_connection(stack):
    client = stack.caller()
    connection = Connection(stack.port)
    for number in range(20):
        body = json.dumps(client.chat_body(f"number {number}", mock="echo=1")).encode()
        connection.send(request_bytes("POST", "/v1/chat/completions", client.credentials(), body))
        status, headers = connection.read_head()
        content = json.loads(connection.read_body(headers))
        assert status == 200 and content["choices"][0]["message"]["content"] == f"number {number}"
    connection.close()


def test_the_price_used_is_the_configured_one(stack):
    record = stack.key()
    answer = stack.client.with_key(record["key"]).chat("x" * 400, mock="tokens=10")
    usage = answer.json()["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (100, 10)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == 100 * 150 + 10 * 600 == round((100 * PRICE["input"] + 10 * PRICE["output"]) * 1000)


def test_tokens_by_class_are_in_the_ledger_as_the_provider_reported_them(stack):
    record = stack.key()
    answer = stack.client.with_key(record["key"]).chat("x" * 400, mock="tokens=10,cached=40,reasoning=4")
    assert answer.status == 200
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert (row["input_tokens"], row["cached_input_tokens"]) == (100, 40)
    assert (row["output_tokens"], row["reasoning_tokens"]) == (answer.json()["usage"]["completion_tokens"], 4)
    assert row["cost_nanos"] == 60 * 150 + 40 * 75 + row["output_tokens"] * 600
    assert (row["source"], row["outcome"], row["status"], row["attempt"]) == ("provider", "complete", 200, 1)


def test_every_attempt_row_names_its_request(stack):
    record = stack.key()
    answer = stack.client.with_key(record["key"]).chat(model="any/named", user="end-user-7")
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["request_id"] == answer.headers["x-request-id"]
    assert (row["model"], row["provider"], row["upstream_model"]) == ("any/named", "mock", "named") or (
        row["model"], row["provider"], row["upstream_model"]
    ) == ("any/*", "mock", "named")  # fmt: skip
    assert row["end_user"] == "end-user-7"
    assert row["started_at"] <= row["first_byte_at"] <= row["ended_at"]
