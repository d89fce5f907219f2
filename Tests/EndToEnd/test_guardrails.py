"""Guardrails: what a rule forbids neither reaches a provider nor leaves in an answer, however it is cut."""

import json
import time
from decimal import Decimal

import pytest
from tollgate_stack import MODEL, wait_until
from tollgate_stack.client import text_of
from tollgate_stack.configuration import model

# Built from pieces, so that no scanner takes this file for a leak.
OPENAI_KEY = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0" * 2
AWS_KEY = "AKIA" + "IOSFODNN7QWERTYU"
GITHUB_KEY = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
CONNECTION = "postgres://" + "admin:hunter2secret@" + "db.internal:5432/prod"
PRIVATE_KEY = (
    "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\n-----END " + "RSA PRIVATE KEY-----"
)
SECRETS = {"openai": OPENAI_KEY, "aws": AWS_KEY, "github": GITHUB_KEY, "connection": CONNECTION, "pem": PRIVATE_KEY}


def pieces_of(name, text, size=8):
    """The runs of a secret's characters that stand in a text; the scheme of a connection string is no secret."""
    secret = SECRETS[name].rpartition("://")[2]
    runs = (secret[start : start + size] for start in range(len(secret) - size + 1))
    # As they are, and as they stand in JSON.
    return [run for run in runs if run in text or json.dumps(run)[1:-1] in text]


CHANGES = {
    "models": [model(MODEL), model("any/*", {"provider": "mock"})],
    "guardrails": [
        {"name": "words", "rule": "banned_words", "words": ["alphaword", "verboten"], "action": "refuse",
         "on": ["request", "answer"]},
        {"name": "no-secrets", "rule": "secrets", "action": "redact", "on": ["request", "answer"]},
    ],
}  # fmt: skip


def answers(stack, text, **controls):
    """The mock's answer from now on. By a rule, because the gateway's guardrails read the whole request."""
    stack.mock.rules({"model": MODEL, "say": text, **controls})


@pytest.fixture
def client(stack):
    return stack.caller()


def test_two_keys_of_an_object_that_are_redacted_are_two_keys_still(stack):
    """The provider speaks another dialect: an object with the same key twice could not be read there."""
    history = [
        {"role": "user", "content": "call f"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {
            OPENAI_KEY: 1, OPENAI_KEY[:-4]: 2, "[REDACTED:openai_key] 1": 3}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "done"}]},
    ]  # fmt: skip
    stack.mock.keep(1)
    answer = stack.master.post("/v1/messages", {"model": MODEL, "max_tokens": 50, "messages": history})
    sent = stack.mock.requests()[-1]["body"]
    assert answer.status == 200 and "[REDACTED:openai_key] 3" in sent and OPENAI_KEY[:-4] not in sent


REFUSED_REQUESTS = {
    "user text": {"messages": [{"role": "user", "content": "say alphaword now"}]},
    "other case": {"messages": [{"role": "user", "content": "say ALPHAWORD now"}]},
    "system text": {"messages": [{"role": "system", "content": "alphaword"}, {"role": "user", "content": "x"}]},
    "content part": {"messages": [{"role": "user", "content": [{"type": "text", "text": "an alphaword"}]}]},
    "escaped": b'{"model":"mock-gpt","messages":[{"role":"user","content":"\\u0061lphaw\\u006frd"}]}',
    "earlier turn": {
        "messages": [{"role": "user", "content": "alphaword"}, {"role": "assistant", "content": "x"},
                     {"role": "user", "content": "y"}]
    },
    "tool arguments": {
        "messages": [
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a":"alphaword"}'}}]},
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ]
    },
    "tool result": {
        "messages": [
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "1", "content": "an alphaword"},
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_REQUESTS)
def test_a_banned_word_in_a_request_is_refused_before_a_provider_sees_it(stack, client, name):
    body = REFUSED_REQUESTS[name]
    if isinstance(body, dict):
        body = {"model": MODEL, **body}
    answer = client.post("/v1/chat/completions", body)
    assert answer.status == 400
    error = answer.error
    assert error["code"] == "content_policy_violation" and "words" in error["message"]
    assert "alphaword" not in error["message"].lower()
    assert stack.mock.total() == 0


def test_banned_words_are_refused_in_completions_and_embeddings_too(stack, client):
    for path, body in (
        ("/v1/completions", {"model": MODEL, "prompt": "alphaword"}),
        ("/v1/completions", {"model": MODEL, "prompt": ["fine", "alphaword"]}),
        ("/v1/embeddings", {"model": MODEL, "input": "alphaword"}),
        ("/v1/embeddings", {"model": MODEL, "input": ["fine", "alphaword"]}),
    ):
        assert client.post(path, body).status == 400, (path, body)
    assert stack.mock.total() == 0


def test_a_refused_request_costs_nothing_and_takes_no_slot(stack):
    record = stack.key(rpm_limit=3, max_parallel_requests=1, max_budget=1)
    client = stack.client.with_key(record["key"])
    assert {client.chat("alphaword").status for _ in range(10)} == {400}
    assert [client.chat("fine").status for _ in range(3)] == [200] * 3


def test_words_that_only_contain_a_banned_one_pass(stack, client):
    assert client.chat("alphawordsmith and unverbotenly").status == 200


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_a_request_is_redacted_before_it_reaches_the_provider(stack, client, name):
    text = f"before {SECRETS[name]} after"
    # What came there, since the answer is redacted too.
    stack.mock.keep(1)
    answer = client.chat(text, mock="echo=1", max_tokens=1000)
    (request,) = stack.mock.requests()
    stack.mock.keep(0)
    got = answer.json()["choices"][0]["message"]["content"]
    assert got.startswith("before ") and got.endswith(" after") and len(got) > len("before  after")
    assert got in request["body"] and pieces_of(name, request["body"]) == []


def test_the_log_and_the_ledger_have_the_user_that_the_provider_gets(stack, client):
    answer = client.chat("hi", user=f"me {CONNECTION}")
    assert answer.status == 200
    line = stack.log_line(answer)
    assert line["user"].startswith("me ") and "hunter2secret" not in line["user"]
    (row,) = [row for row in stack.ledger.settled() if row["request_id"] == line["request"]]
    assert row["end_user"] == line["user"]


def test_two_keys_that_become_one_word_are_no_fault_of_the_clients(stack, client):
    other = AWS_KEY[:-1] + "A"
    stack.mock.keep(1)
    answer = client.chat("hi", metadata={AWS_KEY: "1", other: "2"})
    assert answer.status == 200, answer
    (request,) = stack.mock.requests()
    stack.mock.keep(0)
    assert "REDACTED" in str(request["body"]) and AWS_KEY[:-1] not in str(request["body"])


def test_ordinary_text_passes_untouched(stack, client):
    text = "A task-force of sky-divers (sk-8er) risked 1234567890 AKIA; see https://example.com/a?b=c#d é 😀"
    answer = client.chat(text, mock="echo=1", max_tokens=1000)
    assert answer.json()["choices"][0]["message"]["content"] == text
    with client.stream(text, mock="echo=1,chunk_bytes=3", max_tokens=1000) as stream:
        assert text_of(stream.events()) == text


# Answers


def test_a_banned_word_in_a_whole_answer_never_leaves(stack):
    record = stack.key()
    answers(stack, "the alphaword is out")
    answer = stack.client.with_key(record["key"]).chat()
    assert answer.status in (400, 403, 422, 502) and b"alphaword" not in answer.body
    assert answer.error["code"] == "content_policy_violation"
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    # The provider was paid all the same.
    assert row["cost_nanos"] == stack.mock.total("bill_nanos") > 0
    assert row["outcome"] == "refused"


def test_a_refused_answer_says_who_gave_it_and_what_it_cost(stack):
    record = stack.key(max_budget=1)
    answers(stack, "the alphaword is out")
    answer = stack.client.with_key(record["key"]).chat()
    assert answer.status == 400
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    cost = Decimal(answer.headers["x-litellm-response-cost"])
    assert cost * 10**9 == row["cost_nanos"] > 0
    assert Decimal(answer.headers["x-tollgate-budget-remaining"]) == 1 - cost
    assert (answer.headers["x-tollgate-provider"], answer.headers["x-tollgate-attempts"]) == ("mock", "1")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_a_whole_answer_is_redacted(stack, client, name):
    answers(stack, f"before {SECRETS[name]} after")
    answer = client.chat()
    got = answer.json()["choices"][0]["message"]["content"]
    assert got.startswith("before ") and got.endswith(" after")
    assert pieces_of(name, answer.body.decode()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64])
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_split_over_chunks_never_leaves(stack, client, name, size):
    answers(stack, f"before {SECRETS[name]} after", chunk_bytes=size)
    with client.stream(max_tokens=1000) as stream:
        events = stream.events()
        raw = bytes(stream.raw)
    got = text_of(events)
    assert events[-1] == b"[DONE]"
    assert got.startswith("before ") and got.endswith(" after"), got
    # No run of the secret's characters, neither in the text nor in an event.
    assert pieces_of(name, got) == [] and pieces_of(name, raw.decode()) == [], got


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 30])
def test_a_banned_word_split_over_chunks_never_leaves(stack, size):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    answers(stack, "the first alphaword and more", chunk_bytes=size)
    with client.stream() as stream:
        if stream.status == 200:
            events = stream.events()
            error = json.loads(events[-1])["error"]
            got = text_of(events[:-1])
            assert "the first ".startswith(got[:10]) or got.startswith("the first"), got
        else:
            error = json.loads(stream.connection.read_body(stream.headers))["error"]
            got = ""
    assert "alpha" not in got and "word" not in got
    assert error["code"] == "content_policy_violation"
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["outcome"] == "refused" and row["cost_nanos"] > 0


def test_a_refused_stream_is_cancelled_at_the_provider(stack, client):
    answers(stack, "alphaword " + "x" * 4000, chunk_bytes=4, interval="20ms")
    with client.stream(max_tokens=2000) as stream:
        start = time.monotonic()
        if stream.status == 200:
            stream.events()
        assert time.monotonic() - start < 3
    wait_until(lambda: stack.mock.total("open") == 0, 3, "the provider's stream to be cancelled")
    assert stack.mock.attempts()[0]["ended"] == "client_gone"


def test_choices_are_checked_apart_and_both_are_clean(stack, client):
    answers(stack, f"before {AWS_KEY} after", chunk_bytes=3)
    with client.stream(n=2, max_tokens=1000) as stream:
        events = stream.events()
    texts = {}
    for event in events[:-1]:
        for choice in json.loads(event)["choices"]:
            texts[choice["index"]] = texts.get(choice["index"], "") + (choice["delta"].get("content") or "")
    assert set(texts) == {0, 1} and texts[0] == texts[1]
    assert texts[0].startswith("before ") and AWS_KEY not in texts[0]


def test_the_last_held_back_text_comes_before_the_stream_ends(stack, client):
    """A text that ends in what could be the start of a secret is complete all the same."""
    for ending in ("AKIA", "sk-", "verb", "-----BEGIN", "postgres:/", "ghp_16C7"):
        answers(stack, "it ends in " + ending, chunk_bytes=2)
        with client.stream() as stream:
            events = stream.events()
        assert text_of(events) == "it ends in " + ending and events[-1] == b"[DONE]"
        finish = [json.loads(event)["choices"][0].get("finish_reason") for event in events[:-1]]
        assert finish[-1] == "stop" and finish.count("stop") == 1


def test_the_first_token_waits_for_no_more_than_the_rules_need(new_stack):
    """A rule about words holds back at most a word: a pause in the stream would show a longer wait."""
    guardrails = [CHANGES["guardrails"][0]]
    stack = new_stack({"models": CHANGES["models"], "guardrails": guardrails})
    answers(stack, "abc " * 12, chunk_bytes=4, interval="100ms")
    client = stack.caller()
    start = time.monotonic()
    with client.stream() as stream:
        while not text_of([stream.event()]):
            pass
        waited = time.monotonic() - start
        stream.events()
    # The longest word has 9 characters: with 4 a chunk that is at most 3 chunks.
    assert waited < 0.45, waited


def test_the_log_and_the_metrics_say_which_rule_refused_or_redacted(stack, client):
    def counted():
        return {name: value for name, value in stack.metrics().items() if "guardrail_actions_total" in name}

    def noted(answer):
        return [tuple(note.values()) for note in stack.log_line(answer)["guardrails"]]

    before = counted()
    assert noted(client.chat("say alphaword")) == [("words", "refuse", "request", "banned_word", 1)]
    assert noted(client.chat(f"{AWS_KEY} and {AWS_KEY}")) == [("no-secrets", "redact", "request", "aws_access_key", 2)]
    answers(stack, "the alphaword is out")
    assert noted(client.chat()) == [("words", "refuse", "answer", "banned_word", 1)]
    stack.mock.reset()
    answers(stack, f"a {GITHUB_KEY} and {AWS_KEY}", chunk_bytes=3)
    with client.stream(max_tokens=1000) as stream:
        stream.events()
    assert {note[1:4] for note in noted(stream)} == {
        ("redact", "answer", "github_token"), ("redact", "answer", "aws_access_key"),
    }  # fmt: skip
    assert "guardrails" not in stack.log_line(client.chat(max_tokens=1, mock="tokens=1", model="any/other"))
    # What was redacted before a refusal, or before the client left, is written down too.
    answers(stack, f"a {AWS_KEY} and then the alphaword", chunk_bytes=3, interval="5ms")
    with client.stream(max_tokens=1000) as stream:
        stream.events()
    assert b"REDACTED" in stream.raw
    assert [note[:3] for note in noted(stream)] == [("no-secrets", "redact", "answer"), ("words", "refuse", "answer")]
    answers(stack, f"a {AWS_KEY} " + "and more " * 200, chunk_bytes=3, interval="5ms")
    with client.stream(max_tokens=10_000) as stream:
        while b"REDACTED" not in stream.raw:
            stream.event()
    assert [note[:3] for note in noted(stream)] == [("no-secrets", "redact", "answer")]

    # Once for each request and rule, whatever the rule found.
    def sample(rule, action, side):
        return f'tollgate_guardrail_actions_total{{rule="{rule}",action="{action}",on="{side}"}}'

    for rule, action, side, count in (
        ("words", "refuse", "request", 1), ("no-secrets", "redact", "request", 1),
        ("words", "refuse", "answer", 2), ("no-secrets", "redact", "answer", 3),
    ):  # fmt: skip
        name = sample(rule, action, side)
        assert counted()[name] == before.get(name, 0) + count, name


def test_logs_and_ledger_hold_nothing_of_what_was_found(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    client.chat(f"my key is {OPENAI_KEY}")
    client.chat("say alphaword")
    answers(stack, GITHUB_KEY)
    client.chat()
    answers(stack, AWS_KEY, chunk_bytes=2)
    with client.stream() as stream:
        stream.events()
    stack.ledger.settled()
    for path, content in stack.everything_written():
        if path.name != "tollgate.yaml" and "mock" not in path.name:
            for secret in (OPENAI_KEY, GITHUB_KEY, AWS_KEY, "alphaword"):
                assert secret.encode() not in content, (path, secret)
