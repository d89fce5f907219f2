"""Rules for requests and answers hold in every dialect, whole and streamed: a word cut over many chunks never leaks."""

import json

import httpx
import openai
import pytest
from openai.types.responses import ResponseErrorEvent, ResponseFailedEvent
from tollgate_stack import MASTER_KEY
from tollgate_stack.dialect_stack import ALL, ENDPOINTS, changes
from tollgate_stack.speakers import ERRORS, SPEAKERS
from tollgate_stack.tls_stack import TLSStack


def rule(name, word, action, **more):
    return {"name": name, "rule": "banned_words", "words": [word], "action": action, **more}


CHANGES = changes(
    guardrails=[
        rule("asked", "alphaword", "refuse", on=["request"]),
        rule("hidden", "betaword", "redact", on=["request"], **{"with": "[hidden]"}),
        rule("told", "bluebird", "redact", on=["answer"], **{"with": "[internal]"}),
        rule("secret", "project falcon", "refuse", on=["answer"]),
    ]
)
STACK_KIND = TLSStack
NOTE = {
    "name": "note",
    "description": "notes",
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}

clients = pytest.mark.parametrize("client", list(SPEAKERS))
providers = pytest.mark.parametrize("provider", ALL)
modes = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def let_say(stack, provider, text, **more):
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "say": text, "chunk_bytes": 3, **more})


@modes
@providers
@clients
def test_a_banned_word_is_redacted_wherever_it_is_cut(stack, speak, client, provider, stream):
    let_say(stack, provider, "the bluebird flies, Bluebird sings and bluebirds do not")
    said = speak(client, provider).ask("hello", stream)
    assert said.text == "the [internal] flies, [internal] sings and bluebirds do not"
    assert said.stop == SPEAKERS[client].ENDS["stop"]


@pytest.mark.parametrize("dialect", ["messages", "gemini", "converse"])
def test_what_may_not_reach_a_provider_is_not_counted_by_one(stack, dialect):
    def count(text):
        path, body = {
            "messages": (
                "/v1/messages/count_tokens",
                {"model": "messages", "messages": [{"role": "user", "content": text}]},
            ),
            "gemini": (
                "/v1beta/models/gemini:countTokens",
                {"contents": [{"role": "user", "parts": [{"text": text}]}]},
            ),
            "converse": (
                "/model/converse/count-tokens",
                {"input": {"converse": {"messages": [{"role": "user", "content": [{"text": text}]}]}}},
            ),
        }[dialect]
        headers = {"Authorization": f"Bearer {MASTER_KEY}"}
        return httpx.post(stack.url + path, headers=headers, json=body, verify=stack.context(), timeout=20)

    stack.mock.keep(5)
    assert count("say alphaword").status_code == 400
    assert not stack.mock.requests()
    answer = count("say betaword")
    assert answer.headers["x-tollgate-token-count"] == "provider", answer.text
    (request,) = stack.mock.requests()
    stack.mock.keep(0)
    assert "[hidden]" in str(request["body"]) and "betaword" not in str(request["body"])


@providers
@clients
def test_a_refused_answer_is_the_dialects_error(stack, speak, client, provider):
    let_say(stack, provider, "this is project falcon indeed")
    with pytest.raises(ERRORS) as caught:
        speak(client, provider).ask("hello")
    error = caught.value
    if client == "converse":
        assert error.response["Error"]["Code"] == "ValidationException"
    else:
        assert (getattr(error, "status_code", None) or error.code) == 400
    assert "falcon" not in str(error)


@providers
@clients
def test_a_stream_that_is_refused_ends_in_the_dialects_error_event(stack, speak, client, provider):
    let_say(stack, provider, "so many words come before it that this is a long story about project falcon indeed")
    speaker = speak(client, provider)
    with pytest.raises(ERRORS) as caught:
        speaker.ask("hello", stream=True)
    assert "falcon" not in str(caught.value) and len(speaker.history) == 1


@modes
@providers
@clients
def test_the_arguments_of_calls_are_redacted_too(speak, client, provider, stream):
    said = speak(client, provider).ask('call note {"text": "the bluebird flies"}', stream, tools=[NOTE])
    assert [call.arguments for call in said.calls] == [{"text": "the [internal] flies"}]


@clients
def test_a_request_with_a_banned_word_is_refused_in_the_dialect(stack, speak, client):
    with pytest.raises(ERRORS) as caught:
        speak(client, "messages").ask("tell me about alphaword")
    error = caught.value
    if client == "converse":
        assert error.response["Error"]["Code"] == "ValidationException"
    else:
        assert (getattr(error, "status_code", None) or error.code) == 400
    assert stack.mock.attempts() == []


@providers
@clients
def test_a_redacted_request_reaches_the_provider_without_the_word(stack, speak, client, provider):
    stack.mock.keep(1)
    speak(client, provider).ask("tell me about betaword, please", system="never say betaword")
    body = stack.mock.requests()[-1]["body"]
    assert "betaword" not in body and body.count("[hidden]") == 2
    stack.mock.keep(0)


# Answers that a provider keeps: it keeps them as it made them


def streamed(sdk):
    """The id of an answer that was streamed, and whether it came to its end."""
    id = None
    try:
        for event in sdk.responses.create(model="responses", input="hello", stream=True):
            if event.type == "response.created":
                id = event.response.id
    except openai.APIError:
        return id, False
    return id, True


KEPT = "so many words come before it that this is a long story about {} indeed, and this is its end"
FETCHES = {
    "whole": lambda sdk, id: sdk.responses.retrieve(id).model_dump_json(),
    "events": lambda sdk, id: "".join(event.to_json() for event in sdk.responses.retrieve(id, stream=True)),
    "the rest": lambda sdk, id: "".join(
        event.to_json() for event in sdk.responses.retrieve(id, stream=True, starting_after=20)
    ),
}
fetches = pytest.mark.parametrize("fetch", list(FETCHES))


@fetches
def test_a_kept_answer_that_was_refused_is_not_fetched(stack, speak, fetch):
    # Slowly, so that its beginning is out, and its id with it, before it is refused.
    let_say(stack, "responses", KEPT.format("project falcon"), interval="5ms")
    sdk = speak("responses", "responses").client
    id, is_whole = streamed(sdk)
    assert id and not is_whole
    with pytest.raises(openai.APIError) as caught:
        FETCHES[fetch](sdk, id)
    is_whole_answer = isinstance(caught.value, openai.BadRequestError)
    assert caught.value.code == ("content_policy_violation" if is_whole_answer else "invalid_prompt")
    assert "falcon" not in str(caught.value)


@providers
def test_a_refused_stream_of_responses_has_one_code_that_the_sdk_knows(stack, speak, provider):
    let_say(stack, provider, KEPT.format("project falcon"), interval="5ms")
    sdk = speak("responses", provider).client
    asked = {"model": provider, "input": "hello", "stream": True}
    with sdk.responses.with_streaming_response.create(**asked) as response:
        frames = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: {")]
    error = ResponseErrorEvent.model_validate(frames[-2])
    failed = ResponseFailedEvent.model_validate(frames[-1])
    assert error.code == frames[-2]["error"]["code"] == failed.response.error.code == "invalid_prompt"
    assert failed.response.status == "failed" and "falcon" not in json.dumps(frames)
    with pytest.raises(openai.APIError) as caught:
        list(sdk.responses.create(**asked))
    assert caught.value.code == "invalid_prompt"


@fetches
def test_a_kept_answer_is_redacted_whenever_it_is_fetched(stack, speak, fetch):
    let_say(stack, "responses", KEPT.format("a bluebird"))
    sdk = speak("responses", "responses").client
    id, is_whole = streamed(sdk)
    assert id and is_whole
    told = FETCHES[fetch](sdk, id)
    assert "a [internal] indeed, and this is its end" in told and "bluebird" not in told


def test_a_kept_answer_is_no_input_item_either(stack, speak):
    let_say(stack, "responses", KEPT.format("project falcon"), interval="5ms")
    sdk = speak("responses", "responses").client
    id, _ = streamed(sdk)
    stack.mock.rules()
    later = sdk.responses.create(model="responses", input="go on", previous_response_id=id)
    with pytest.raises(openai.BadRequestError) as caught:
        sdk.responses.input_items.list(later.id)
    assert caught.value.code == "content_policy_violation" and "falcon" not in str(caught.value)


def test_a_request_that_is_redacted_still_goes_on_from_an_answer(stack, speak):
    sdk = speak("responses", "messages").client
    first = sdk.responses.create(model="messages", input="hello")
    asked = {"model": "messages", "input": "of the betaword", "previous_response_id": first.id}
    second = sdk.responses.create(**asked)
    assert second.previous_response_id == first.id
    *_, streamed = sdk.responses.create(**asked, stream=True)
    assert streamed.response.previous_response_id == first.id
    for answer in (second, streamed.response):
        items = sdk.responses.input_items.list(answer.id, order="asc").data
        assert [part.text for item in items for part in item.content] == [
            "hello", first.output_text, "of the [hidden]"
        ]  # fmt: skip
