"""Recorded sessions of coding agents (sessions/*.json), replayed byte for byte against a provider of every dialect.

What the provider got is read by the tests themselves, turn by turn: each tool, call, result, text and image is there, and
each marker, signature and beta where the dialect has a place for it; elsewhere its loss is reported. In the client's own
dialect every byte but the model's name passes (and a cap is added where the client named none). test_dialects_agents.py
holds such sessions with the live SDKs.
"""

import json
import re

import pytest
from tollgate_stack.dialect_stack import ALL, UPSTREAM_MODELS, changes
from tollgate_stack.media import objects, texts
from tollgate_stack.samples import PNG_BASE64
from tollgate_stack.sessions import calls, filled, marked, results, session, thoughts, tools, wire

CHANGES = changes()
CLAUDES = ("messages", "converse")

providers = pytest.mark.parametrize("provider", ALL)


def replayed(stack, request, provider, names=()):
    """The answer to a recorded request, and what the provider got: its headers and its body."""
    body = wire(filled(request["body"], {"{{model}}": provider, **dict(names)}))
    stack.mock.keep(1)
    answer = stack.master.request("POST", request["path"], body, request["headers"], content_type=None, timeout=30)
    assert answer.status == 200, answer
    kept = stack.mock.requests()
    return answer, (dict(kept[-1]["headers"]), kept[-1]["body"]) if kept else None


def dropped(answer):
    return answer.headers.get("x-tollgate-dropped", "").split(",")


def without_cap(body):
    """A request of the client's own dialect, without the cap that the gateway writes first where the client named none."""
    return re.sub(r'^\{"max_output_tokens":\d+,', "{", body)


def own_bytes(request, provider, names=()):
    return wire(filled(request["body"], {"{{model}}": UPSTREAM_MODELS[provider], **dict(names)})).decode()


def words_of(body):
    """The texts of a recorded request that are nobody's call or result."""
    for found in objects(body):
        if found.get("type") in ("text", "input_text", "output_text"):
            yield found["text"]


def check_history(provider, sent, got, lost):
    """The calls and results of a request arrived, in their order and beside each other."""
    takes_text = provider == "chat"
    expected = []
    for _, name, arguments in calls(sent):
        is_text = isinstance(arguments, str) and not takes_text
        expected.append((name, {"input": arguments} if is_text else arguments))
    assert [(name, arguments) for _, name, arguments in calls(got)] == expected
    order = [id for id, _, _ in calls(sent)]
    asked = {id: (words, failed) for id, words, failed in results(sent)}
    answered = list(results(got))
    if provider == "ollama":  # Its results have no ids: they come in the order of the calls.
        answered = [(id, *rest) for id, (_, *rest) in zip(order, answered, strict=True)]
    assert [id for id, _, _ in calls(got)] == order or provider == "ollama"
    assert sorted(id for id, _, _ in answered) == sorted(asked)
    for id, words, failed in answered:
        assert asked[id][0] in words, id
        assert failed == asked[id][1] or "is_error" in lost
    everything = texts(got)
    for words in words_of(sent):
        assert words in everything, words[:200]
    assert (PNG_BASE64 in json.dumps(got)) == (PNG_BASE64 in json.dumps(sent))


def test_the_sessions_are_what_they_are_said_to_be():
    """20 tools, 200 KB, four markers, signed and redacted thinking; custom tools, encrypted reasoning, a chain."""
    last = session("messages")[-1]
    assert len(wire(last["body"])) > 200_000 and len(tools(last["body"])) == 20
    assert len(list(marked(last["body"]))) == 4 and len(list(thoughts(last["body"]))) == 3
    assert "redacted_thinking" in json.dumps(last["body"])
    assert [request["path"] for request in session("messages")][:2] == [
        "/v1/messages/count_tokens?beta=true", "/v1/messages?beta=true",
    ]  # fmt: skip
    last = session("responses")[-1]
    assert len(wire(last["body"])) > 200_000 and len(last["body"]["tools"]) == 20
    assert json.dumps(last["body"]).count('"encrypted_content"') == 3
    assert "custom_tool_call" in json.dumps(last["body"])
    built_on = [request["body"].get("previous_response_id") for request in session("chain")]
    assert built_on == [None, "{{response}}", "{{response}}"]


@providers
def test_a_recorded_session_in_messages_form(stack, provider):
    stack.mock.rules({"say": "noted"})
    for request in session("messages"):
        sent = request["body"]
        answer, received = replayed(stack, request, provider)
        if "count_tokens" in request["path"]:
            # Four bytes of text are a token to the mock, and to the gateway's own estimate.
            assert answer.json()["input_tokens"] > len(texts(sent["messages"]).encode()) / 8
            continue
        assert b"event: message_stop" in answer.body
        headers, body = received
        lost = dropped(answer)
        if provider == "messages":
            assert body == own_bytes(request, provider)
            betas = dict(request["headers"])["anthropic-beta"]
            assert headers["anthropic-beta"] == betas and "x-tollgate-dropped" not in answer.headers
            continue
        got = json.loads(body)
        assert tools(got) == tools(sent)
        check_history(provider, sent, got, lost)
        assert "anthropic-beta" in lost
        secrets = [found for found in objects(sent) if found.get("type") == "redacted_thinking"]
        if provider in CLAUDES:
            assert list(thoughts(got)) == list(thoughts(sent))
            assert body.count('"redactedContent"') == len(secrets)
            assert sorted(marked(got)) == sorted(marked(sent))
        else:
            assert ("reasoning" in lost) == bool(secrets or list(thoughts(sent)))
            assert "cache_control" in lost


@providers
def test_a_recorded_session_in_responses_form(stack, provider):
    stack.mock.rules({"say": "noted"})
    for request in session("responses"):
        sent = request["body"]
        answer, (_, body) = replayed(stack, request, provider)
        assert b"event: response.completed" in answer.body
        lost = dropped(answer)
        if provider == "responses":
            assert without_cap(body) == own_bytes(request, provider) and "x-tollgate-dropped" not in answer.headers
            continue
        got = json.loads(body)
        names = [tool["name"] for tool in sent["tools"] if tool["type"] in ("function", "custom")]
        assert tools(got) == [*names, "files__search"]
        check_history(provider, sent, got, lost)
        assert sent["instructions"] in texts(got)
        assert "web_search" in lost
        assert ("reasoning" in lost) == any(item["type"] == "reasoning" for item in sent["input"])


@providers
def test_a_recorded_chain_of_responses(stack, provider):
    """Each request holds what is new, and names what it builds on: the provider gets all of it."""
    names, asked = {}, {"input": []}
    for request, made in zip(session("chain"), (["shell", "shell"], ["apply_patch"], None), strict=True):
        answer, (_, body) = replayed(stack, request, provider, names)
        asked["input"] += filled(request["body"]["input"], names)
        if provider == "responses":
            assert without_cap(body) == own_bytes(request, provider, names)
        else:
            check_chain(provider, asked, json.loads(body))
        response = completed(answer)
        calls_made = [item for item in response["output"] if item["type"] in ("function_call", "custom_tool_call")]
        assert made is None or [call["name"] for call in calls_made] == made
        ids = {f"{{{{call {index}}}}}": call["call_id"] for index, call in enumerate(calls_made)}
        names = {"{{response}}": response["id"], **ids}


def completed(answer):
    """The response with which a stream ends."""
    events = [json.loads(line[6:]) for line in answer.body.decode().split("\n") if line.startswith("data: ")]
    assert events[-1]["type"] == "response.completed"
    return events[-1]["response"]


def check_chain(provider, asked, got):
    for words in words_of(asked):
        assert words in texts(got), words[:200]
    expected, answered = list(results(asked)), list(results(got))
    assert len(answered) == len(expected) == len(list(calls(got)))
    for (id, words, _), (arrived, found, _) in zip(expected, answered, strict=True):
        assert words in found and (arrived == id or provider == "ollama")
