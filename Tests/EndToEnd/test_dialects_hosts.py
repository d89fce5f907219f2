"""Every client's SDK against what providers speak beside the dialects of test_dialects_matrix.py: Anthropic's at Amazon
(`invoke`) and at Google (`rawPredict`), and OpenAI's legacy completions."""

import hashlib
import json

import pytest
from tollgate_stack.configuration import model
from tollgate_stack.dialect_stack import FULL_PRICE
from tollgate_stack.samples import ADD, PNG, SCHEMA
from tollgate_stack.speakers import ERRORS, SPEAKERS
from tollgate_stack.tls_stack import TLSStack

STACK_KIND = TLSStack
KEY = {"api_key": "file:provider.key"}
PROVIDERS = {
    "invoke": {"like": "bedrock_anthropic", "region": "us-east-1", "base_url": "mock:", **KEY},
    "rawpredict": {"like": "vertex_anthropic", "base_url": "mock:/v1/projects/p/locations/l", **KEY},
    "completions": {"base_url": "mock:/v1", "dialects": ["completions"], **KEY},
}
UPSTREAM = {
    "invoke": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "rawpredict": "claude-sonnet-4-5@20250929",
    "completions": "mock-gpt",
}
CHANGES = {
    "providers": PROVIDERS,
    "models": [model(name, {"provider": name, "model": UPSTREAM[name]}, price=FULL_PRICE) for name in PROVIDERS],
}

clients = pytest.mark.parametrize("client", list(SPEAKERS))
hosts = pytest.mark.parametrize("provider", ["invoke", "rawpredict"])
modes = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@modes
@pytest.mark.parametrize("provider", list(PROVIDERS))
@clients
def test_a_chat_is_answered_and_its_usage_is_the_bill(stack, speak, client, provider, stream):
    record = stack.key()
    said = speak(client, provider, key=record["key"]).ask("hello world", stream, system="be brief")
    assert "calm words" in said.text and said.stop == SPEAKERS[client].ENDS["stop"]
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert (row["source"], row["cost_nanos"]) == ("provider", stack.mock.attempts()[-1]["bill_nanos"])
    assert (said.usage.input, said.usage.output) == (row["input_tokens"], row["output_tokens"])


@modes
@hosts
@clients
def test_calls_with_thinking_over_three_turns(speak, client, provider, stream):
    speaker = speak(client, provider)
    said = speaker.ask('call add {"a": 1} and call add {"a": 2}', stream, tools=[ADD], think=True)
    assert said.thinking and [call.arguments for call in said.calls] == [{"a": 1}, {"a": 2}]
    speaker.results([(said.calls[0], "r0"), (said.calls[1], 'then call add {"a": 3}')])
    said = speaker.ask(stream=stream, tools=[ADD], think=True)
    assert [call.arguments for call in said.calls] == [{"a": 3}]
    speaker.results([(said.calls[0], "r2")])
    said = speaker.ask(stream=stream, tools=[ADD], think=True)
    assert said.calls == [] and said.text.endswith("add] r2")


@modes
@hosts
@clients
def test_an_image_arrives_and_a_schema_holds(speak, client, provider, stream):
    digest = hashlib.sha256(PNG).hexdigest()[:16]
    assert digest in speak(client, provider).ask("look", stream, image=PNG).text
    assert json.loads(speak(client, provider).ask("x", stream, schema=SCHEMA).text) == {"a": 7}


@modes
@pytest.mark.parametrize("provider", list(PROVIDERS))
@clients
def test_an_error_is_the_sdks_own(stack, speak, client, provider, stream):
    stack.mock.rules({"fault": "429", "retry_after": 7})
    with pytest.raises(ERRORS) as caught:
        speak(client, provider).ask("hello", stream)
    error = caught.value
    if client == "converse":
        assert error.response["Error"]["Code"] == "ThrottlingException"
    elif client == "gemini":
        assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    else:
        assert type(error).__name__ == "RateLimitError"
