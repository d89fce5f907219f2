"""Errors that a provider reports inside its stream: where another target may still answer, what is written down, and
that no rule is passed by."""

import json
import time

import pytest
from conftest import running
from tollgate_stack import ScriptedProvider, Stack, wait_until
from tollgate_stack.client import text_of
from tollgate_stack.configuration import model
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head, whole

WORDS = {"name": "words", "rule": "banned_words", "words": ["secretword"], "action": "redact", "on": ["answer"]}


CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def data(value, name=None, end=b"\n\n"):
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(value).encode() + end


def piece(text, finish=None, **members):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return data({**CHUNK, "choices": [choice], **members})


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
GOOD = [piece("hello"), piece("", "stop"), b"data: [DONE]\n\n"]
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
STARTED = of_messages("message_start", message=MESSAGE | {"usage": {"input_tokens": 1, "output_tokens": 1}})
OF_RESPONSES = {"code": "rate_limit_exceeded", "message": "slow down"}
OF_MESSAGES = {"type": "rate_limit_error", "message": "slow down"}

# The model at the provider → the pieces of its stream.
STREAMS = {
    "good": GOOD,
    "chat/split": [piece("he"), data(BUSY)[:20], data(BUSY)[20:]],
    "chat/twice": [piece("he"), data(BUSY), data(BROKEN)],
    "messages/twice": [
        STARTED,
        of_messages("error", error=OF_MESSAGES),
        of_messages("error", error={"type": "api_error", "message": "it broke"}),
    ],
    "responses/twice": [created("resp_2"), of_responses("error", 1, **OF_RESPONSES, param=None), failed(None, 2)],
    "responses/silent": [created("resp_3"), failed(None, 1)],
    "responses/first": [failed(OF_RESPONSES, 0)],
    "chat/choices": [piece("", "error", **BUSY)],
    "chat/blank": [b"event: error\ndata:\n\n"],
    "chat/words": [b"event: error\ndata: upstream overloaded\n\n"],
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
        of_messages("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        of_messages("content_block_delta", index=0, delta={"type": "text_delta", "text": "fine "}),
        of_messages("error", error={"type": "api_error", "message": "no SECRETWORD here"}),
    ],
}


def script(request, peer):
    if request.method == "POST":
        asked = json.loads(request.body)
        if not asked.get("stream"):
            usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
            return peer.sendall(whole(json.dumps(response("completed", id="resp_kept", usage=usage)).encode()))
        pieces = STREAMS[asked["model"]]
    else:
        pieces = STREAMS["responses/twice"]
    peer.sendall(stream_head())
    for part in pieces:
        peer.sendall(chunk(part))
        time.sleep(0.05)
    peer.sendall(LAST_CHUNK)


def configuration(provider, **more):
    account = {"base_url": provider.url, "api_key": "file:provider.key"}
    providers = {
        "chat": account | {"dialects": ["chat_completions"]},
        "completions": account | {"dialects": ["completions"]},
        "responses": account | {"dialects": ["responses"]},
        "messages": account | {"like": "anthropic"},
    }
    retries = {"max": 2, "backoff": "10ms", "backoff_max": "20ms"}

    def target(name, order=1):
        return {"provider": name.partition("/")[0], "model": name, "order": order}

    policy = {"retries": retries, "cooldown": {"failures": 0}, "on_client_gone": "drain"}
    good = {"provider": "chat", "model": "good", "order": 2}
    models = [model(name, target(name), **policy) for name in STREAMS if "/" in name]
    models += [model("then/" + name, target(name), good, **policy) for name in STREAMS if "/" in name]
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
    with running(Stack(configuration(provider, guardrails=[WORDS])), request, "test_stream_errors.guarded") as stack:
        yield stack


def ask(stack, client, name, key):
    """What the client gets: the reader of a stream, or of an error's answer."""
    body = {"model": name, "stream": True}
    turns = [{"role": "user", "content": "hi"}]
    path, more = {
        "chat": ("/v1/chat/completions", {"messages": turns}),
        "completions": ("/v1/completions", {"prompt": "hi"}),
        "responses": ("/v1/responses", {"input": "hi"}),
        "messages": ("/v1/messages", {"messages": turns, "max_tokens": 50}),
    }[client]
    return stack.client.with_key(key["key"]).open_stream(path, body | more)


def rows(stack, key, count=1):
    return stack.ledger.wait_for(count, key_id=stack.key_id(key))


def line(stack, stream):
    identity = stream.headers["x-request-id"]

    def find():
        lines = (stack.logs / "requests.jsonl").read_text().splitlines()
        return next((json.loads(line) for line in lines if identity in line), None)

    return wait_until(find, what="the line of the log")


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
    assert line(stack, stream)["error"] == "rate_limit_exceeded"


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


def test_the_error_of_a_stored_stream_is_in_the_log(stack):
    key = stack.key()
    client = stack.client.with_key(key["key"])
    made = client.post("/v1/responses", {"model": "responses/twice", "input": "hi"})
    assert made.status == 200
    answer = client.get("/v1/responses/resp_kept?stream=true")
    assert b"slow down" in answer.body
    assert line(stack, answer)["error"] == "rate_limit_exceeded"


# Who answers


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
    ("chat", "chat/blank"),
    ("chat", "chat/words"),
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
    found = line(stack, stream)
    assert (found["status"], found["end"], found.get("error")) == (200, "complete", None)


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
    assert stream.status == 200 and b"SECRETWORD" not in stream.raw
    assert b"error" in [event for event in events if event != b"[DONE]"][-1], events
    if client in ("chat", "completions"):
        assert "SECRETWORD" not in text_of(events) and text_of(events).startswith("fine ")
