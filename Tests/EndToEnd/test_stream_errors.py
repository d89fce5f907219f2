"""Errors that a provider reports inside its stream: where another target may still answer, what is written down, and
that no rule is passed by."""

import json
import time

import pytest
from conftest import running
from tollgate_stack import ScriptedProvider, Stack
from tollgate_stack.client import Connection, request_bytes, text_of
from tollgate_stack.configuration import model
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head, whole

WORDS = {"name": "words", "rule": "banned_words", "words": ["secretword"], "action": "redact", "on": ["answer"]}
REFUSING = WORDS | {"action": "refuse"}


CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def data(value, name=None, end=b"\n\n"):
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(value).encode() + end


def piece(text, finish=None, **members):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return data({**CHUNK, "choices": [choice], **members})


def ended(error=None):
    """The last chunk of an answer that failed, as OpenRouter writes it."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "error"}
    return data({**CHUNK, "choices": [choice | ({"error": error} if error else {})]})


def completion(text, finish=None, **members):
    choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": None}
    return data({**CHUNK, "object": "text_completion", "choices": [choice], **members})


def of_messages(type, **members):
    return data({"type": type, **members}, type)


def of_responses(type, number, **members):
    return data({"type": type, "sequence_number": number, **members}, type)


def response(status, **members):
    body = {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m", "output": []}
    return body | members


def created(id):
    return of_responses("response.created", 0, response=response("in_progress", id=id))


def failed(error, number):
    # Words that a reader of the whole event would take for the error's.
    body = response("failed", instructions="Mind the context length.", error=error)
    return of_responses("response.failed", number, response=body)


BUSY = {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}
BROKEN = {"error": {"message": "it broke", "type": "server_error", "code": None}}
AZURE = data({"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []})
COUNTS = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
USED = data({**CHUNK, "choices": [], "usage": COUNTS})
OF_USE = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
GOOD = [piece("hello"), piece("", "stop"), b"data: [DONE]\n\n"]
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
STARTED = of_messages("message_start", message=MESSAGE | {"usage": {"input_tokens": 1, "output_tokens": 1}})
OF_RESPONSES = {"code": "rate_limit_exceeded", "message": "slow down"}
OF_MESSAGES = {"type": "rate_limit_error", "message": "slow down"}

TEXT = of_messages("content_block_start", index=0, content_block={"type": "text", "text": ""})
HALF = b'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"con'
SPENT = "sk-provider-key-of-the-tests is spent"
KEY_TOLD = f"event: error\ndata: {SPENT}\n\n".encode()
NO_JSON = b'data: {"cut":\n\n'
STRAY = b"upstream failed: " + SPENT.encode() + b"\n\n"
BARE = b'{"error":{"message":"slow down, ' + SPENT.encode() + b'","type":"rate_limit_error","code":"rate_limit_exceeded"}}\n\n'
HALF_OF_MESSAGES = b'event: content_block_delta\ndata: {"type":"content_bl'


def text_delta(text):
    return of_messages("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


# The model at the provider → the pieces of its stream; a number is a pause.
STREAMS = {
    "good": GOOD,
    "chat/split": [piece("he"), data(BUSY)[:20], data(BUSY)[20:]],
    "chat/twice": [piece("he"), data(BUSY), data(BROKEN)],
    "chat/machine": [piece("he"), data({"error": {"message": "away:\ngpu-7.corp.internal", "code": "x"}})],
    "messages/twice": [
        STARTED,
        of_messages("error", error=OF_MESSAGES),
        of_messages("error", error={"type": "api_error", "message": "it broke"}),
    ],
    "responses/twice": [created("resp_2"), of_responses("error", 1, **OF_RESPONSES, param=None), failed(None, 2)],
    "responses/silent": [created("resp_3"), failed(None, 1)],
    "responses/first": [failed(OF_RESPONSES, 0)],
    "chat/choices": [piece("", "error", **BUSY)],
    "chat/choice_error": [piece("he"), ended({"code": 502, "message": "it broke"}), b"data: [DONE]\n\n"],
    "chat/choice_error_first": [ended({"code": 502, "message": "it broke"}), b"data: [DONE]\n\n"],
    "chat/choice_word_first": [ended(), b"data: [DONE]\n\n"],
    "chat/blank": [b"event: error\ndata:\n\n"],
    "chat/words": [b"event: error\ndata: upstream overloaded\n\n"],
    "chat/message": [data(OF_RESPONSES, "error")],
    "chat/status": [data({"error": {"message": "slow down", "status": "RESOURCE_EXHAUSTED"}})],
    "chat/array": [data([BUSY])],
    "chat/type": [data({"type": "error", **OF_RESPONSES})],
    "chat/goes_on": [piece("he"), data(BUSY), piece("never"), USED, b"data: [DONE]\n\n"],
    "completions/goes_on": [completion("he"), data(BUSY), completion("never"), USED, b"data: [DONE]\n\n"],
    "messages/goes_on": [
        STARTED,
        TEXT,
        text_delta("he"),
        of_messages("error", error=OF_MESSAGES),
        text_delta("never"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
        of_messages("message_stop"),
    ],
    "responses/goes_on": [
        created("resp_9"),
        of_responses("error", 1, **OF_RESPONSES, param=None),
        of_responses("response.output_text.delta", 2, delta="never", item_id="i", output_index=0, content_index=0),
        failed(OF_RESPONSES, 3),
    ],
    "chat/after_end": [piece("he"), piece("", "stop"), b"data: [DONE]\n\n", piece("never"), USED],
    "completions/after_end": [completion("he", "stop"), b"data: [DONE]\n\n", completion("never"), USED],
    "messages/after_end": [
        STARTED,
        TEXT,
        text_delta("he"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        of_messages("message_stop"),
        text_delta("never"),
        of_messages("message_delta", delta={}, usage={"input_tokens": 7, "output_tokens": 3}),
    ],
    "responses/after_end": [
        created("resp_10"),
        of_responses("response.completed", 1, response=response("completed", id="resp_10")),
        of_responses("response.output_text.delta", 2, delta="never", item_id="i", output_index=0, content_index=0),
        of_responses("response.completed", 3, response=response("completed", id="resp_10", usage=OF_USE)),
    ],
    "chat/usage_beside": [piece("he"), piece("", "stop", usage=COUNTS), b"data: [DONE]\n\n"],
    "chat/usage_own": [piece("he"), piece("", "stop"), USED, b"data: [DONE]\n\n"],
    "chat/usage_both": [piece("he"), piece("", "stop", usage=COUNTS), USED, b"data: [DONE]\n\n"],
    "chat/usage_twice": [piece("he", "stop"), USED, piece("", "stop"), USED, b"data: [DONE]\n\n"],
    "chat/usage_groq": [piece("he"), piece("", "stop", x_groq={"usage": COUNTS}), b"data: [DONE]\n\n"],
    "chat/usage_open": [piece("he"), piece("", "stop", usage=COUNTS)],
    "chat/usage_bare": [piece("he"), piece("", "stop", usage=COUNTS)[:-2]],
    "chat/usage_own_bare": [piece("he"), piece("", "stop"), USED[:-2]],
    "chat/usage_cut": [piece("he"), USED],
    "chat/usage_failed": [piece("he"), USED, data(BUSY)],
    "chat/usage_beside_failed": [piece("he"), piece("", "stop", usage=COUNTS), data(BUSY)],
    "chat/usage_no_json": [piece("he"), piece("", "stop"), USED, NO_JSON],
    "chat/words_open": [b"event: error\ndata: upstream overloaded\n"],
    "chat/done_cut": [piece("he"), piece("", "stop"), b"data: [DON"],
    "chat/after_done": [piece("he"), piece("", "stop"), b"data: [DONE]\n\n", data(BUSY, "error")],
    "chat/key_after_done": [piece("he"), piece("", "stop"), b"data: [DONE]\n\n", KEY_TOLD],
    "chat/unclosed": GOOD,
    "messages/unclosed": [
        STARTED,
        TEXT,
        text_delta("hello"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        of_messages("message_stop"),
    ],
    "chat/bare": [piece("he"), BARE],
    "chat/bare_first": [BARE],
    "chat/bare_cut": [piece("he"), BARE[:-2]],
    "messages/bare": [STARTED, TEXT, text_delta("he"), BARE],
    "responses/bare": [created("resp_11"), BARE],
    "chat/stray": [STRAY, piece("he"), STRAY, piece("", "stop"), b"data: [DONE]\n\n"],
    "messages/stray": [
        STRAY,
        STARTED,
        TEXT,
        text_delta("he"),
        STRAY,
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        of_messages("message_stop"),
    ],
    "messages/key_after_stop": [
        STARTED,
        TEXT,
        text_delta("he"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        of_messages("message_stop"),
        KEY_TOLD,
    ],
    "messages/unnamed_key_after_stop": [
        STARTED,
        TEXT,
        text_delta("he"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        of_messages("message_stop"),
        data({"type": "error", "error": {"type": "api_error", "message": "sk-provider-key-of-the-tests is spent"}}),
    ],
    "chat/comments": [1.0, b": wait\n\n"],
    "chat/long_word": [data({"error": {"message": "SECRETWORD is too much", "code": "context_length_exceeded"}})],
    "chat/flagged_word": [data({"error": {"message": "flagged for moderation: SECRETWORD", "code": 403}})],
    "chat/no_message": [data({"error": {"metadata": {"raw": "x"}, "code": "c"}})],
    "chat/half": [piece("he"), HALF],
    "chat/half_first": [HALF],
    "chat/half_error": [piece("he"), data(BUSY).rstrip(b"\n}")],
    "messages/half": [STARTED, TEXT, text_delta("he"), HALF_OF_MESSAGES],
    "messages/half_first": [HALF_OF_MESSAGES],
    "responses/half": [created("resp_4"), b'event: x\ndata: {"type":"resp'],
    "chat/open": [piece("he"), piece("llo").rstrip(b"\n")],
    "chat/open_held": [piece("he"), piece("llo SECRET").rstrip(b"\n")],
    "messages/open": [STARTED, TEXT, text_delta("he"), text_delta("llo").rstrip(b"\n")],
    "chat/no_json": [piece("he"), NO_JSON, piece("never"), b"data: [DONE]\n\n"],
    "chat/no_json_first": [NO_JSON, *GOOD],
    "chat/no_json_at_end": [piece("he"), piece("", "stop"), NO_JSON + b"data: [DONE]\n\n"],
    "chat/no_json_after_done": [piece("he"), piece("", "stop"), b"data: [DONE]\n\n" + NO_JSON],
    "chat/no_json_usage": [
        piece("he", usage=COUNTS),
        NO_JSON + b"data: [DONE]\n\n",
    ],
    "messages/no_json": [STARTED, TEXT, text_delta("he"), NO_JSON, text_delta("never")],
    "messages/no_json_first": [NO_JSON, STARTED],
    "messages/no_json_at_end": [
        STARTED,
        TEXT,
        text_delta("he"),
        of_messages("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1}),
        NO_JSON,
        of_messages("message_stop"),
    ],
    "responses/no_json": [created("resp_5"), NO_JSON, failed(OF_RESPONSES, 1)],
    "responses/no_json_first": [NO_JSON],
    "chat/late": [1.5, data(BUSY)],
    "chat/late_word": [1.5, data({"error": {"message": "no SECRETWORD here", "code": "server_error"}})],
    "chat/first_word": [data({"error": {"message": "no SECRETWORD here", "code": "SECRETWORD", "param": "SECRETWORD"}})],
    "chat/event_word": [data({"choices": [{"index": 0, "delta": {"content": "my SECRETWORD"}}]}, "error")],
    "chat/code_word": [piece("fine "), data({"error": {"message": "x", "code": "SECRETWORD", "param": "SECRETWORD"}})],
    "responses/compact": [
        of_responses("response.output_text.delta", 0, item_id="i", output_index=0, content_index=0, delta="SECRETWORD"),
        of_responses("response.completed", 1, response=response("completed")),
    ],
    "messages/cut": [of_messages("error", error=OF_MESSAGES).rstrip(b"\n")],
    "chat/azure": [AZURE + data(BUSY, end=b"")],
    "chat/slow": [piece("he"), *[b": wait\n\n"] * 20, data(BUSY)],
    "chat/whole_word": [piece("fine "), piece("SECRETWORD", "error", **BUSY)],
    "chat/half_word": [piece("fine SECRET"), piece("WORD", **BUSY)],
    "chat/held_word": [piece("fine SECRET"), data(BUSY), b"data: [DONE]\n\n"],
    "chat/told_word": [piece("fine "), data({"error": {"message": "no SECRETWORD here", "code": "x"}})],
    "completions/whole_word": [completion("fine "), completion("SECRETWORD", "error", **BUSY)],
    "messages/told_word": [
        STARTED,
        TEXT,
        text_delta("fine "),
        of_messages("error", error={"type": "api_error", "message": "no SECRETWORD here"}),
    ],
}

# The model at the provider → the status and the body of its whole answer.
WHOLE = {
    "chat/error_word": ("200 OK", {"error": {"message": "no SECRETWORD here", "code": "server_error"}}),
    "chat/refusal_word": ("400 Bad Request", {"error": {"message": "no SECRETWORD here", "code": "x"}}),
    "chat/answer_word": ("500 Broken", {"message": {"role": "assistant", "content": "my SECRETWORD"}}),
}


# As Google says that it refuses the key.
KEY_REFUSED = {
    "code": 400,
    "message": "API key not valid. Please pass a valid API key.",
    "status": "INVALID_ARGUMENT",
    "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
}

# What is said of a question that is no inference, by the end of its path: the count of a request, a kept response.
TOLD = {"/count_tokens": "400 Bad Request", "/input_items": "404 Not Found"}

# What is said of a kept response by the end of its id.
KEPT = {"resp_kept_401": "401 Unauthorized", "resp_kept_429": "429 Too Many Requests", "resp_kept_503": "503 Busy"}


def of_google(text, reason=None, **counts):
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return data({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 7, **counts}}, end=b"\r\n\r\n")


OF_GOOGLE = {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}

# Streams of Gemini's, which tell their usage in each chunk, by the end of the model's name; a number is a pause.
GOOGLE = {
    # An error that is no event.
    "bare": [
        data({"candidates": [{"content": {"role": "model", "parts": [{"text": "he"}]}, "index": 0}]}),
        json.dumps([{"error": OF_GOOGLE}], indent=2).encode(),
    ],
    "plain": [
        of_google("he", promptTokensDetails=[{"modality": "TEXT", "tokenCount": 7}]),
        b": wait\r\n\r\n",
        of_google("llo", candidatesTokenCount=1),
        of_google("", "STOP", candidatesTokenCount=2),
    ],
    "told": [of_google("he"), data({"error": OF_GOOGLE | {"message": f"slow down, {SPENT}"}})],
    "told_first": [data({"error": OF_GOOGLE})],
    "early": [of_google("hello, hello, hello")],
    "running": [of_google("he"), 0.5, of_google("llo", candidatesTokenCount=1, thoughtsTokenCount=2)],
}


def script(request, peer):
    path = request.path.partition("?")[0]
    for end, status in TOLD.items():
        if path.endswith(end):
            error = {"message": f"no SECRETWORD here, {SPENT}", "type": "invalid_request_error", "code": "SECRETWORD"}
            return peer.sendall(whole(json.dumps({"type": "error", "error": error}).encode(), status))
    if (kept := path.rpartition("/")[2]) in KEPT:
        error = {"error": {"message": "not now", "type": "some_error"}}
        more = ["Retry-After: 7", "x-ratelimit-remaining-requests: 3"]
        return peer.sendall(whole(json.dumps(error).encode(), KEPT[kept], more))
    if path.endswith("/resp_failed"):
        error = {"code": "rate_limit_exceeded", "message": "slow down"}
        return peer.sendall(whole(json.dumps(response("failed", id="resp_failed", error=error)).encode()))
    google = next((parts for name, parts in GOOGLE.items() if f"{name}:" in path), None)
    if google:
        peer.sendall(stream_head())
        for part in google:
            if isinstance(part, float):
                time.sleep(part)
            else:
                peer.sendall(chunk(part))
        return peer.sendall(LAST_CHUNK)
    if "/models/" in path:
        return peer.sendall(whole(json.dumps({"error": KEY_REFUSED}).encode(), "400 Bad Request"))
    if request.method == "POST":
        asked = json.loads(request.body)
        if asked["model"] in WHOLE:
            status, body = WHOLE[asked["model"]]
            return peer.sendall(whole(json.dumps(body).encode(), status))
        if asked["model"] == "chat/silent":
            time.sleep(1)
            return peer.close()
        if asked["model"] == "chat/html":
            time.sleep(1)
            return peer.sendall(whole(b"<html></html>", content_type="text/html"))
        if not asked.get("stream"):
            usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
            name = asked.get("user", "resp_kept")
            return peer.sendall(whole(json.dumps(response("completed", id=name, usage=usage)).encode()))
        pieces = STREAMS[asked["model"]]
    else:
        pieces = STREAMS["responses/twice"]
    peer.sendall(stream_head())
    for part in pieces:
        if isinstance(part, float):
            time.sleep(part)
            continue
        peer.sendall(chunk(part))
        time.sleep(0.05)
    if pieces and request.method == "POST" and asked["model"].endswith("/unclosed"):
        return peer.close()
    peer.sendall(LAST_CHUNK)


def configuration(provider, **more):
    account = {"base_url": provider.url, "api_key": "file:provider.key"}
    providers = {
        "chat": account | {"dialects": ["chat_completions"]},
        "completions": account | {"dialects": ["completions"]},
        "responses": account | {"dialects": ["responses"]},
        "messages": account | {"like": "anthropic"},
        "google": account | {"like": "gemini"},
    }
    retries = {"max": 2, "backoff": "10ms", "backoff_max": "20ms"}

    def target(name, order=1):
        return {"provider": name.partition("/")[0], "model": name, "order": order}

    policy = {"retries": retries, "cooldown": {"failures": 0}, "on_client_gone": "drain"}
    good = {"provider": "chat", "model": "good", "order": 2}
    names = [*STREAMS, *WHOLE, "chat/silent", "chat/html"]
    models = [model(name, target(name), **policy) for name in names if "/" in name]
    models += [model("then/" + name, target(name), good, **policy) for name in STREAMS if "/" in name]
    models.append(model("long", target("chat/long_word"), context_window_fallbacks=["good"], **policy))
    models.append(model("flagged", target("chat/flagged_word"), retries={"max": 0}, cooldown={"failures": 3}))
    models.append(model("good", good))
    models.append(model("google/alone", target("google/alone"), **policy))
    models.append(model("google/bare", target("google/bare"), **policy))
    models += [model("google-" + name, target("google/" + name), **policy) for name in GOOGLE]
    models.append(model("then/google/key", target("google/key"), good, **policy))
    return {"providers": providers, "models": models, **more}


@pytest.fixture(scope="module")
def provider():
    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture(scope="module")
def stack(request, provider):
    with running(Stack(configuration(provider)), request, "test_stream_errors") as stack:
        yield stack


@pytest.fixture(scope="module")
def guarded(request, provider):
    more = {"guardrails": [WORDS], "gateway": {"drain": "5s", "keepalive": "1s"}}
    with running(Stack(configuration(provider, **more)), request, "test_stream_errors.guarded") as stack:
        yield stack


@pytest.fixture(scope="module")
def refusing(request, provider):
    more = {"guardrails": [REFUSING]}
    with running(Stack(configuration(provider, **more)), request, "test_stream_errors.refusing") as stack:
        yield stack


def asked(client, name):
    """Where a client asks, and what."""
    body = {"model": name, "stream": True}
    turns = [{"role": "user", "content": "hi"}]
    path, more = {
        "chat": ("/v1/chat/completions", {"messages": turns}),
        "completions": ("/v1/completions", {"prompt": "hi"}),
        "responses": ("/v1/responses", {"input": "hi"}),
        "compact": ("/v1/responses/compact", {"input": "hi"}),
        "messages": ("/v1/messages", {"messages": turns, "max_tokens": 50}),
        "google": (f"/v1beta/models/{name}:streamGenerateContent?alt=sse", {"contents": [{"parts": [{"text": "hi"}]}]}),
        "array": (f"/v1beta/models/{name}:streamGenerateContent", {"contents": [{"parts": [{"text": "hi"}]}]}),
    }[client]
    if client in ("google", "array"):
        return path, more
    return path, body | more


def ask(stack, client, name, key):
    """What the client gets: the reader of a stream, or of an error's answer."""
    return stack.client.with_key(key["key"]).open_stream(*asked(client, name))


def error_of(stream, client):
    """The error that was the answer, or the one that ended it: its message and its code or type."""
    if stream.status == 200:
        error = json.loads(stream.events()[-1])
    else:
        error = json.loads(stream.connection.read_body(stream.headers))
    error = error.get("error") or error
    return error["message"], error["type" if client == "messages" else "code"]


def rows(stack, key, count=1):
    return stack.ledger.wait_for(count, key_id=stack.key_id(key))


# What is written down


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/split"),
    ("messages", "chat/split"),
    ("chat", "chat/twice"),
    ("messages", "chat/twice"),
    ("messages", "messages/twice"),
    ("responses", "responses/twice"),
])  # fmt: skip
def test_the_first_error_of_a_stream_is_the_one_that_is_written_down(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        assert stream.status == 200
        assert b"slow down" in b"".join(stream.events())
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("upstream_error", "rate_limit_exceeded"), row
    assert stack.log_line(stream)["error"] == "rate_limit_exceeded"


def test_a_failed_response_without_an_error_is_not_read_for_one(stack):
    key = stack.key()
    with ask(stack, "responses", "responses/silent", key) as stream:
        assert b"response.failed" in b"".join(stream.events())
    (row,) = rows(stack, key)
    assert row["error"] == "upstream_error", row


def test_the_error_of_a_drained_stream_is_written_down(stack):
    key = stack.key()
    stream = ask(stack, "chat", "chat/slow", key)
    assert text_of([stream.event()]) == "he"
    stream.close()
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("client_gone", "rate_limit_exceeded"), row


def leave(stack, client, name, key):
    """Asks, and goes before anything came."""
    path, body = asked(client, name)
    connection = Connection(stack.client.port)
    lines = [("Authorization", f"Bearer {key['key']}"), ("Content-Type", "application/json")]
    connection.send(request_bytes("POST", path, lines, json.dumps(body).encode()))
    time.sleep(0.3)
    connection.close()


@pytest.mark.parametrize("client", ["chat", "messages"])
def test_a_refusal_costs_nothing_whether_or_not_its_client_waits(stack, client):
    key = stack.key()
    leave(stack, client, "chat/late", key)
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("client_gone", "rate_limit_exceeded"), row
    assert (row["status"], row["cost_nanos"]) == (429, 0), row


@pytest.mark.parametrize("name, status", [("chat/silent", 0), ("chat/html", 200), ("chat/comments", 200)])
@pytest.mark.parametrize("client", ["chat", "messages"])
def test_a_drained_call_that_nobody_answered_costs_nothing(stack, client, name, status):
    key = stack.key()
    leave(stack, client, name, key)
    (row,) = rows(stack, key)
    assert (row["outcome"], row["status"], row["cost_nanos"]) == ("client_gone", status, 0), row


def test_the_error_of_a_stored_stream_is_in_the_log(stack):
    key = stack.key()
    client = stack.client.with_key(key["key"])
    made = client.post("/v1/responses", {"model": "responses/twice", "input": "hi"})
    assert made.status == 200
    answer = client.get("/v1/responses/resp_kept?stream=true")
    assert b"slow down" in answer.body
    assert stack.log_line(answer)["error"] == "rate_limit_exceeded"


# What the client reads


@pytest.mark.parametrize("client, name, text", [
    ("chat", "chat/half", "he"),
    ("chat", "chat/half_error", "he"),
    ("messages", "messages/half", "he"),
    ("responses", "responses/half", None),
    ("chat", "chat/open", "hello"),
    ("messages", "messages/open", "hello"),
])  # fmt: skip
def test_an_event_that_was_cut_swallows_no_error(stack, client, name, text):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        events = [json.loads(event) for event in stream.events()]
    assert "ended before it was complete" in json.dumps(events[-1]), events
    if client == "chat":
        assert "".join(event["choices"][0]["delta"]["content"] for event in events[:-1]) == text
    if client == "messages":
        assert "".join(event["delta"]["text"] for event in events if "delta" in event) == text
    (row,) = rows(stack, key)
    assert row["error"] == "upstream_broken", row


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/no_json"),
    ("messages", "chat/no_json"),
    ("chat", "chat/no_json_at_end"),
    ("messages", "chat/no_json_at_end"),
    ("chat", "messages/no_json"),
    ("messages", "messages/no_json"),
    ("chat", "messages/no_json_at_end"),
    ("messages", "messages/no_json_at_end"),
    ("responses", "responses/no_json"),
])  # fmt: skip
def test_an_event_that_is_no_json_ends_a_stream_translated_or_not(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        assert stream.status == 200 and b"a frame is no JSON" in stream.events()[-1]
    for hidden in [b"never", b"[DONE]", b"message_stop", b'"cut"']:
        assert hidden not in stream.raw
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("upstream_error", "upstream_broken"), row


@pytest.mark.parametrize("client", ["chat", "messages"])
def test_what_a_stream_told_of_its_usage_before_it_broke_is_billed(stack, client):
    key = stack.key()
    with ask(stack, client, "chat/no_json_usage", key) as stream:
        assert b"a frame is no JSON" in stream.events()[-1]
    (row,) = rows(stack, key)
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 3, "provider"), row


@pytest.mark.parametrize("name, output, source", [
    ("running", 3, "provider"),
    # It broke off before Gemini told of its output.
    ("early", 5, "estimated"),
])  # fmt: skip
@pytest.mark.parametrize("client", ["google", "array", "chat", "responses", "messages"])
def test_what_gemini_told_in_each_chunk_before_it_broke_off_is_billed(stack, client, name, output, source):
    key = stack.key()
    with ask(stack, client, f"google-{name}", key) as stream:
        stream.events()
    assert stream.status == 200 and b"error" in stream.raw
    (row,) = rows(stack, key)
    assert row["outcome"] == "upstream_error", row
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, output, source), row


@pytest.mark.parametrize("client", ["google", "array", "chat", "responses", "messages"])
def test_what_gemini_told_in_each_chunk_is_billed_when_its_client_leaves(stack, client):
    key = stack.key()
    stream = ask(stack, client, "google-running", key)
    stream.begin()
    stream.close()
    (row,) = rows(stack, key)
    assert row["outcome"] == "client_gone", row
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 3, "provider"), row


@pytest.mark.parametrize("name, code, message", [
    ("chat/words", None, "upstream overloaded"),
    ("chat/message", "rate_limit_exceeded", "slow down"),
    ("chat/status", "rate_limit_exceeded", "slow down"),
    ("chat/array", "rate_limit_exceeded", "slow down"),
    ("chat/type", "rate_limit_exceeded", "slow down"),
    ("chat/words_open", None, "upstream overloaded"),
    ("chat/no_message", None, "The provider answered with status 502."),
])  # fmt: skip
def test_an_error_event_means_one_thing_translated_or_not(stack, name, code, message):
    for client in ["chat", "messages"]:
        key = stack.key()
        with ask(stack, client, name, key) as stream:
            assert stream.status == (429 if code else 502)
            assert error_of(stream, client)[0] == message
        written = rows(stack, key, 3)
        assert {(row["error"], row["cost_nanos"]) for row in written} == {(code or "upstream_error", 0)}, written


@pytest.mark.parametrize("client", ["chat", "messages"])
@pytest.mark.parametrize("name", ["chat/done_cut", "chat/after_done", "chat/no_json_after_done"])
def test_what_comes_after_the_end_breaks_no_answer(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        assert b"upstream_broken" not in b"".join(stream.events())
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/key_after_done"),
    ("messages", "messages/key_after_stop"),
    ("messages", "messages/unnamed_key_after_stop"),
])  # fmt: skip
def test_an_error_after_the_end_goes_to_no_client(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        stream.events()
    assert b"is spent" not in stream.raw and b"of-the-tests" not in stream.raw
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row


@pytest.mark.parametrize("client", ["chat", "completions", "messages", "responses"])
def test_nothing_follows_the_end_of_an_answer_and_what_it_says_of_usage_is_billed(stack, client):
    key = stack.key()
    with ask(stack, client, f"{client}/after_end", key) as stream:
        events = stream.events()
    assert b"never" not in stream.raw
    if client in ("chat", "completions"):
        assert events[-1] == b"[DONE]"
    else:
        end = {"messages": "message_stop", "responses": "response.completed"}[client]
        assert [json.loads(event)["type"] for event in events].index(end) == len(events) - 1
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 3, "provider"), row


USAGES = ["beside", "own", "both", "twice", "groq", "open", "bare", "own_bare"]


@pytest.mark.parametrize("rules", ["stack", "guarded"])
@pytest.mark.parametrize("name", USAGES)
@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "unasked"])
def test_the_usage_that_a_client_asks_for_is_one_chunk_without_choices_before_the_end(request, rules, name, is_asked):
    stack = request.getfixturevalue(rules)
    key = stack.key()
    path, body = asked("chat", f"chat/usage_{name}")
    if is_asked:
        body["stream_options"] = {"include_usage": True}
    with stack.client.with_key(key["key"]).open_stream(path, body) as stream:
        events = stream.events()
    if name not in ("open", "bare", "own_bare"):
        assert events.pop() == b"[DONE]"
    chunks = [json.loads(event) for event in events]
    assert text_of(events) == "he"
    assert any(choice["finish_reason"] == "stop" for chunk in chunks for choice in chunk["choices"])
    alone = [chunk for chunk in chunks if not chunk["choices"]]
    if is_asked:
        assert alone == [chunks[-1]] and alone[0]["usage"] == COUNTS and alone[0]["id"] == "c"
        # Clients add up what chunks say.
        assert [chunk.get("usage") for chunk in chunks if chunk.get("usage")] == [COUNTS]
    else:
        assert alone == []
    (row,) = rows(stack, key)
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 3, "provider"), row


@pytest.mark.parametrize("rules", ["stack", "guarded"])
@pytest.mark.parametrize("name", ["cut", "failed", "beside_failed", "no_json"])
def test_the_usage_that_was_told_before_a_failure_is_not_lost(request, rules, name):
    stack = request.getfixturevalue(rules)
    key = stack.key()
    path, body = asked("chat", f"chat/usage_{name}")
    body["stream_options"] = {"include_usage": True}
    with stack.client.with_key(key["key"]).open_stream(path, body) as stream:
        *chunks, usage, error = [json.loads(event) for event in stream.events()]
    assert usage["choices"] == [] and usage["usage"] == COUNTS and "error" in error
    assert not any(chunk.get("usage") for chunk in chunks)
    (row,) = rows(stack, key)
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 3, "provider"), row


@pytest.mark.parametrize("client", ["chat", "messages"])
def test_lines_that_are_no_events_do_not_pass(stack, client):
    key = stack.key()
    with ask(stack, client, f"{client}/stray", key) as stream:
        assert stream.status == 200
        events = b"".join(stream.events())
    assert b"he" in events and b"is spent" not in stream.raw
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/bare"), ("chat", "chat/bare_cut"), ("messages", "chat/bare"), ("messages", "messages/bare"),
])
def test_an_error_that_stands_in_no_event_is_told_in_one(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        message, _ = error_of(stream, client)
    assert message.startswith("slow down") and b"of-the-tests" not in stream.raw and b"he" in stream.raw
    # Anthropic's SDK passes over an event without a name.
    assert client == "chat" or b"\nevent: error\n" in stream.raw
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("upstream_error", "rate_limit_exceeded"), row


def test_an_error_that_stands_in_no_event_fails_the_response(stack):
    with ask(stack, "responses", "responses/bare", stack.key()) as stream:
        _, told, last = map(json.loads, stream.events())
    assert told["type"] == "error" and told["error"]["message"].startswith("slow down")
    assert (last["type"], last["response"]["id"]) == ("response.failed", "resp_11")
    assert [told["sequence_number"], last["sequence_number"]] == [1, 2] and b"of-the-tests" not in stream.raw


def test_an_error_that_stands_in_no_event_leaves_the_answer_to_the_next_target(stack):
    key = stack.key()
    with ask(stack, "chat", "then/chat/bare_first", key) as stream:
        events = stream.events()
    assert stream.status == 200 and events[-1] == b"[DONE]" and b"hello" in stream.raw
    # By its own words: a stream that only ended would have led there, too.
    assert rows(stack, key, 2)[0]["error"] == "rate_limit_exceeded"


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/unclosed"), ("messages", "messages/unclosed"), ("messages", "chat/unclosed"),
    ("chat", "messages/unclosed"),
])
def test_a_connection_that_breaks_behind_the_end_breaks_no_answer(stack, client, name):
    key = stack.key()
    with ask(stack, client, name, key) as stream:
        events = stream.events()
    assert b"hello" in stream.raw and b"error" not in stream.raw
    assert events[-1] == b"[DONE]" if client == "chat" else json.loads(events[-1])["type"] == "message_stop"
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row


def test_an_error_whose_words_are_cleansed_is_json_still(stack):
    with ask(stack, "chat", "chat/machine", stack.key()) as stream:
        assert error_of(stream, "chat") == ("away:\n«host»", "x")


# Who answers


def test_a_key_that_google_refuses_is_no_fault_of_the_request(stack):
    key = stack.key()
    with ask(stack, "messages", "google/alone", key) as stream:
        assert stream.status == 502 and "credentials" in error_of(stream, "messages")[0]
    with ask(stack, "chat", "then/google/key", key) as stream:
        stream.events()
    assert stream.status == 200 and b"hello" in stream.raw
    assert [row["error"] for row in rows(stack, key, 3)] == ["upstream_authentication"] * 2 + [None]


@pytest.mark.parametrize("client", ["responses", "chat"])
def test_a_response_that_fails_first_is_an_error_answer_and_asked_for_again(stack, client):
    key = stack.key()
    stream = ask(stack, client, "responses/first", key)
    assert stream.status == 429
    error = json.loads(stream.connection.read_body(stream.headers))["error"]
    assert (error["code"], error["message"]) == ("rate_limit_exceeded", "slow down")
    assert [row["error"] for row in rows(stack, key, 3)] == ["rate_limit_exceeded"] * 3


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/choices"),
    ("messages", "chat/choices"),
    ("messages", "chat/choice_error_first"),
    ("responses", "chat/choice_error_first"),
    ("messages", "chat/choice_word_first"),
    ("chat", "chat/blank"),
    ("messages", "chat/blank"),
    ("chat", "chat/words"),
    ("messages", "chat/words"),
    ("chat", "chat/message"),
    ("messages", "chat/message"),
    ("messages", "chat/status"),
    ("chat", "chat/half_first"),
    ("messages", "chat/half_first"),
    ("messages", "messages/half_first"),
    ("chat", "chat/no_json_first"),
    ("messages", "chat/no_json_first"),
    ("messages", "messages/no_json_first"),
    ("responses", "responses/no_json_first"),
    ("messages", "messages/cut"),
    ("responses", "responses/first"),
])  # fmt: skip
def test_an_error_before_any_content_leaves_the_answer_to_the_next_target(stack, client, name):
    key = stack.key()
    with ask(stack, client, "then/" + name, key) as stream:
        events = b"".join(stream.events())
    assert stream.status == 200 and b"hello" in events and b"slow down" not in events
    written = rows(stack, key, 2)
    assert written[0]["error"] and written[0]["outcome"] == "upstream_error"
    assert (written[-1]["error"], written[-1]["outcome"]) == (None, "complete")
    found = stack.log_line(stream)
    assert (found["status"], found["end"], found.get("error")) == (200, "complete", None)


def test_an_error_of_googles_that_is_no_event_is_told(stack):
    key = stack.key()
    with ask(stack, "messages", "google/bare", key) as stream:
        assert stream.status == 200 and b"slow down" in stream.events()[-1]
    (row,) = rows(stack, key)
    assert row["error"] == "rate_limit_exceeded", row


# Google's array


def test_a_client_of_googles_that_reads_an_array_gets_the_providers_own_chunks(stack):
    key = stack.key()
    with ask(stack, "array", "google-plain", key) as stream:
        stream.events()
    chunks = [part[6:].strip() for part in GOOGLE["plain"] if part.startswith(b"data: ")]
    assert stream.status == 200 and stream.headers["content-type"].startswith("application/json")
    assert json.loads(stream.raw) == [json.loads(part) for part in chunks]
    assert all(part in stream.raw for part in chunks)
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("complete", None), row
    assert (row["input_tokens"], row["output_tokens"], row["source"]) == (7, 2, "provider"), row


@pytest.mark.parametrize("name, codes", [("bare", [429]), ("told", [429]), ("running", range(500, 600))])
def test_an_array_that_fails_ends_with_the_error(stack, name, codes):
    key = stack.key()
    with ask(stack, "array", f"google-{name}", key) as stream:
        stream.events()
    assert stream.status == 200 and b"sk-provider" not in stream.raw
    chunks = json.loads(stream.raw)
    assert chunks[0]["candidates"] and chunks[-1]["error"]["code"] in codes, chunks
    assert not any("error" in part for part in chunks[:-1])
    (row,) = rows(stack, key)
    assert row["outcome"] == "upstream_error", row


def test_an_array_that_fails_first_is_an_error_answer(stack):
    key = stack.key()
    with ask(stack, "array", "google-told_first", key) as stream:
        assert stream.status == 429
        assert json.loads(stream.connection.read_body(stream.headers))["error"]["code"] == 429
    assert [row["cost_nanos"] for row in rows(stack, key, 3)] == [0] * 3


@pytest.mark.parametrize("client", ["chat", "completions"])
def test_nothing_follows_an_error_event_of_the_providers_not_even_done(stack, client):
    key = stack.key()
    with ask(stack, client, f"{client}/goes_on", key) as stream:
        events = stream.events()
    assert json.loads(events[-1])["error"]["message"] == "slow down"
    assert b"[DONE]" not in stream.raw and b"never" not in stream.raw
    (row,) = rows(stack, key)
    assert (row["error"], row["input_tokens"], row["output_tokens"]) == ("rate_limit_exceeded", 7, 3), row


@pytest.mark.parametrize("client", ["messages", "responses"])
def test_no_event_of_an_answer_follows_an_error_that_passed(stack, client):
    with ask(stack, client, f"{client}/goes_on", stack.key()) as stream:
        events = [json.loads(event)["type"] for event in stream.events()]
    assert b"never" not in stream.raw
    # What Responses says besides of the failure is no answer.
    assert events[-1] == {"messages": "error", "responses": "response.failed"}[client]
    assert "message_stop" not in events and "error" in events


@pytest.mark.parametrize("client", ["messages", "responses"])
def test_a_choice_that_ended_with_an_error_ends_what_the_client_has(stack, client):
    key = stack.key()
    with ask(stack, client, "chat/choice_error", key) as stream:
        assert stream.status == 200 and b"it broke" in stream.events()[-1]
    assert b"message_stop" not in stream.raw and b"response.completed" not in stream.raw
    (row,) = rows(stack, key)
    assert (row["outcome"], row["error"]) == ("upstream_error", "upstream_error"), row


def test_an_error_without_its_blank_line_ends_what_the_client_has(stack):
    key = stack.key()
    with ask(stack, "chat", "chat/azure", key) as stream:
        events = stream.events()
    assert json.loads(events[-1])["error"]["code"] == "rate_limit_exceeded"
    (row,) = rows(stack, key)
    assert row["error"] == "rate_limit_exceeded", row


# Rules


@pytest.mark.parametrize("client, name", [
    ("chat", "chat/whole_word"),
    ("chat", "chat/half_word"),
    ("chat", "chat/held_word"),
    ("chat", "chat/told_word"),
    ("chat", "chat/code_word"),
    ("messages", "chat/code_word"),
    ("responses", "chat/code_word"),
    ("completions", "completions/whole_word"),
    ("messages", "chat/whole_word"),
    ("messages", "chat/half_word"),
    ("messages", "chat/told_word"),
    ("messages", "messages/told_word"),
    ("responses", "chat/told_word"),
])  # fmt: skip
def test_an_error_event_carries_nothing_past_the_rules(guarded, client, name):
    with ask(guarded, client, name, guarded.key()) as stream:
        events = stream.events()
    assert stream.status == 200 and b"SECRET" not in stream.raw
    assert b"error" in [event for event in events if event != b"[DONE]"][-1], events
    if client in ("chat", "completions"):
        assert "SECRETWORD" not in text_of(events) and text_of(events).startswith("fine ")


@pytest.mark.parametrize("client", ["chat", "messages"])
@pytest.mark.parametrize("name", ["chat/first_word", "chat/event_word", "chat/late_word"])
def test_an_error_before_any_content_carries_nothing_past_the_rules(guarded, client, name):
    with ask(guarded, client, name, guarded.key()) as stream:
        assert stream.status == (200 if name == "chat/late_word" else 502)
        message, code = error_of(stream, client)
    assert "SECRET" not in message + code, (message, code)
    assert ("no [REDACTED" in message) == (name != "chat/event_word"), message


@pytest.mark.parametrize("client", ["chat", "messages"])
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_error_carries_nothing_past_the_rules(guarded, client, name):
    path, body = asked(client, name)
    answer = guarded.client.with_key(guarded.key()["key"]).post(path, body | {"stream": False})
    assert answer.status >= 400 and b"SECRETWORD" not in answer.body
    assert (b"no [REDACTED" in answer.body) == (name != "chat/answer_word"), answer.body


@pytest.mark.parametrize("rules, action", [("guarded", "redact"), ("refusing", "refuse")])
@pytest.mark.parametrize("end", TOLD)
def test_a_refusal_to_count_or_to_list_carries_nothing_past_the_rules(request, rules, action, end):
    stack = request.getfixturevalue(rules)
    client = stack.client.with_key(stack.key()["key"])
    turns = [{"role": "user", "content": "hi"}]
    if end == "/count_tokens":
        answer = client.post("/v1/messages/count_tokens", {"model": "messages/half", "messages": turns})
    else:
        assert client.post("/v1/responses", {"model": "responses/half", "input": "hi"}).status == 200
        answer = client.get("/v1/responses/resp_kept/input_items")
    assert answer.status == int(TOLD[end][:3]), answer
    assert b"SECRET" not in answer.body and SPENT.split()[0].encode() not in answer.body, answer.body
    assert (b"no [REDACTED" in answer.body) == (action == "redact"), answer.body
    notes = stack.log_line(answer)["guardrails"]
    assert {(note["rule"], note["action"], note["on"]) for note in notes} == {("words", action, "answer")}


@pytest.mark.parametrize("name", KEPT)
def test_an_error_of_who_keeps_a_response_is_told_like_one_of_who_makes_it(stack, name):
    client = stack.client.with_key(stack.key()["key"])
    made = client.post("/v1/responses", {"model": "responses/half", "input": "hi", "user": name})
    assert made.json()["id"] == name
    answer = client.get(f"/v1/responses/{name}")
    line = stack.log_line(answer)
    assert (line["end"], line["endpoint"]) == ("upstream_error", "responses.stored")
    if name == "resp_kept_401":
        assert (answer.status, answer.error["code"]) == (502, "upstream_authentication")
    else:
        assert answer.status == int(KEPT[name][:3]) and answer.headers["retry-after"] == "7"
        assert answer.headers["x-ratelimit-remaining-requests"] == "3"


def test_who_had_much_of_a_stream_is_told_that_its_response_failed(stack):
    """A response that failed has no output left, by which to judge how many events there were."""
    client = stack.client.with_key(stack.key()["key"])
    made = client.post("/v1/responses", {"model": "responses/half", "input": "hi", "user": "resp_failed"})
    assert made.json()["id"] == "resp_failed"
    answer = client.get("/v1/responses/resp_failed?stream=true&starting_after=500")
    assert answer.error["message"].startswith("slow down"), answer
    assert stack.log_line(answer)["error"] == "rate_limit_exceeded"


def test_a_rule_that_refuses_an_errors_words_changes_nothing_of_where_the_call_goes(refusing):
    with ask(refusing, "chat", "long", refusing.key()) as stream:
        assert stream.status == 200 and text_of(stream.events()) == "hello"
    assert not refusing.log_line(stream).get("guardrails")
    for _ in range(2):
        with ask(refusing, "chat", "flagged", refusing.key()) as stream:
            assert stream.status == 403
            assert "SECRET" not in error_of(stream, "chat")[0]
        (note,) = refusing.log_line(stream)["guardrails"]
        assert (note["rule"], note["action"], note["on"]) == ("words", "refuse", "answer")


def test_text_that_is_held_leaves_in_an_event_of_its_own(guarded):
    with ask(guarded, "chat", "chat/open_held", guarded.key()) as stream:
        events = [json.loads(event) for event in stream.events()]
    assert "".join(event["choices"][0]["delta"]["content"] for event in events[:-1]) == "hello SECRET"
    assert events[-1]["error"]["code"] == "upstream_broken"


def test_a_compaction_does_not_stream_past_the_rules(guarded):
    with ask(guarded, "compact", "responses/compact", guarded.key()) as stream:
        assert stream.status == 502
        assert error_of(stream, "compact")[1] == "upstream_broken"
