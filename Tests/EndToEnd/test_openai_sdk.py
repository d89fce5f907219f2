"""The official openai package, unchanged, with only the base URL and the key of a user."""

import asyncio
import time

import httpx
import openai
import pytest
from pydantic import BaseModel
from tollgate_stack import MODEL
from tollgate_stack.configuration import model

CHANGES = {
    "models": [
        model(MODEL, timeouts={"connect": "2s", "first_byte": "2s", "idle": "2s", "total": "20s"}),
        model("second"),
    ],
    "guardrails": [
        {
            "name": "words",
            "rule": "banned_words",
            "words": ["alphaword"],
            "action": "refuse",
            "on": ["request", "answer"],
        }
    ],
}


def sdk(stack, key=None, **options):
    key = key or stack.key()["key"]
    return openai.OpenAI(api_key=key, base_url=f"{stack.url}/v1", max_retries=0, timeout=20, **options)


@pytest.fixture
def client(stack):
    with sdk(stack) as client:
        yield client


HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


def test_chat(client):
    answer = client.chat.completions.create(model=MODEL, messages=HELLO)
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id


def test_chat_streamed(client):
    text, chunks = "", 0
    for chunk in client.chat.completions.create(model=MODEL, messages=HELLO, stream=True):
        chunks += 1
        text += chunk.choices[0].delta.content or ""  # fails on a usage chunk, which nobody asked for
    assert text and chunks > 3


def test_chat_streamed_with_usage(client):
    options = {"include_usage": True}
    chunks = list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options=options))
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0


def test_a_stream_that_is_closed_early(stack, client):
    stream = client.chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, extra_body={"x_mock": "interval=50ms,tokens=100"}
    )
    for _ in zip(range(3), stream):
        pass
    stream.close()
    assert client.chat.completions.create(model=MODEL, messages=HELLO).choices


def test_the_stream_helper(client):
    with client.chat.completions.stream(model=MODEL, messages=HELLO) as stream:
        kinds = {event.type for event in stream}
        assert "content.delta" in kinds and "content.done" in kinds
        assert stream.get_final_completion().choices[0].message.content


def test_tools(client):
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, tools=[WEATHER])
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls" and call.function.name == "get_weather"
    turns = [*HELLO, answer.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
    assert client.chat.completions.create(model=MODEL, messages=turns, tools=[WEATHER]).choices[0].message.content


def test_tools_streamed(client):
    with client.chat.completions.stream(model=MODEL, messages=HELLO, tools=[WEATHER]) as stream:
        stream.until_done()
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather" and call.function.parsed_arguments.keys() == {"city", "days"}


class Person(BaseModel):
    name: str
    age: int
    tags: list[str]


def test_structured_output(client):
    answer = client.chat.completions.parse(model=MODEL, messages=HELLO, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_structured_output_streamed(client):
    with client.chat.completions.stream(model=MODEL, messages=HELLO, response_format=Person) as stream:
        stream.until_done()
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Person)


def test_json_mode(client):
    said = [{"role": "user", "content": "Hello, in JSON"}]
    answer = client.chat.completions.create(model=MODEL, messages=said, response_format={"type": "json_object"})
    assert answer.choices[0].message.content.startswith("{")


def test_completions(client):
    assert client.completions.create(model=MODEL, prompt="Once upon").choices[0].text
    assert "".join(chunk.choices[0].text for chunk in client.completions.create(model=MODEL, prompt="x", stream=True))


def test_embeddings(client):
    """The SDK asks for base64 by itself and decodes it."""
    answer = client.embeddings.create(model=MODEL, input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 3
    assert isinstance(answer.data[0].embedding[0], float)
    plain = client.embeddings.create(model=MODEL, input="one", encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(answer.data[0].embedding, abs=1e-6)


def test_models(stack, client):
    assert {entry.id for entry in client.models.list()} == {MODEL, "second"}
    assert client.models.retrieve("second").id == "second"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")
    with sdk(stack, stack.key(models=["second"])["key"]) as restricted:
        assert [entry.id for entry in restricted.models.list()] == ["second"]


def test_unknown_members_reach_the_provider(client):
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, extra_body={"x_mock": "say=from%20the%20mock"})
    assert answer.choices[0].message.content == "from the mock"


def test_raw_responses_show_the_headers(client):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
    assert raw.headers["x-request-id"] and raw.parse().choices


def test_the_async_client(stack):
    async def run():
        async with openai.AsyncOpenAI(api_key=stack.key()["key"], base_url=f"{stack.url}/v1", max_retries=0) as client:
            answers = await asyncio.gather(
                *(client.chat.completions.create(model=MODEL, messages=HELLO) for _ in range(20))
            )
            stream = await client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
            return answers, [chunk async for chunk in stream]

    answers, chunks = asyncio.run(run())
    assert len(answers) == 20 and len(chunks) > 3


# Typed exceptions


def test_authentication_error(stack):
    with sdk(stack, "sk-unknown") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert caught.value.status_code == 401 and caught.value.body["message"]


def test_permission_denied_error(stack):
    with (
        sdk(stack, stack.key(models=["second"])["key"]) as client,
        pytest.raises(openai.PermissionDeniedError) as caught,
    ):
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert caught.value.param == "model"


def test_not_found_error(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="nothing", messages=HELLO)
    assert caught.value.code == "model_not_found" and caught.value.param == "model"


def test_bad_request_error(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=-1)
    assert caught.value.param == "max_tokens" and caught.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "alphaword"}])
    assert caught.value.code == "content_policy_violation"


def test_rate_limit_error_of_a_limit_a_budget_and_a_provider(stack):
    with sdk(stack, stack.key(rpm_limit=1)["key"]) as client:
        client.chat.completions.create(model=MODEL, messages=HELLO)
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO)
        assert caught.value.code == "rate_limit_exceeded" and caught.value.response.headers["retry-after"]
    with sdk(stack, stack.key(max_budget=0)["key"]) as client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert caught.value.code == "budget_exceeded"
    with sdk(stack) as client, pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model=MODEL, messages=HELLO, extra_body={"x_mock": "fault=429"})


@pytest.mark.parametrize("fault", ["500", "502", "cut", "stall", "wrong_type"])
def test_internal_server_error(client, fault):
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=MODEL, messages=HELLO, extra_body={"x_mock": f"fault={fault}"})
    assert caught.value.body["message"]


def test_an_error_inside_a_stream_is_raised(client):
    stream = client.chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, extra_body={"x_mock": "fault=cut_chunk,after=2,interval=5ms"}
    )
    with pytest.raises(openai.APIError) as caught:
        for _ in stream:
            pass
    assert caught.value.message


def test_the_sdks_own_retries_wait_as_told(stack):
    """Its default of two retries, against a limit that frees itself: it obeys Retry-After and succeeds."""
    stack.mock.rules({"model": MODEL, "fault": "429", "retry_after": 1, "first": 1})
    start = time.monotonic()
    with openai.OpenAI(api_key=stack.key()["key"], base_url=f"{stack.url}/v1") as client:
        assert client.chat.completions.create(model=MODEL, messages=HELLO).choices
    assert time.monotonic() - start >= 0.9


def test_unsupported_media_and_payload_errors_parse_too(stack):
    key = stack.key()["key"]
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
        answer = client.post(f"{stack.url}/v1/chat/completions", content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 415 and answer.json()["error"]["message"]
