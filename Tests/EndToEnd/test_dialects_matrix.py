"""Every client's SDK against a provider of every dialect: what is asked arrives, what is answered is read."""

import hashlib
import json

import pytest
from tollgate_stack import wait_until
from tollgate_stack.dialect_stack import ALL, ENDPOINTS, changes
from tollgate_stack.samples import ADD, PNG, SCHEMA
from tollgate_stack.speakers import SPEAKERS
from tollgate_stack.tls_stack import TLSStack

CHANGES = changes()
STACK_KIND = TLSStack  # botocore sends a bearer over HTTPS only

SEEN = f"image/png {len(PNG)} bytes sha256:{hashlib.sha256(PNG).hexdigest()[:16]}"
TWICE = 'call add {"a": 1} and call add {"a": 2}'

# Who takes what, of those that do not take all.
WITHOUT_IMAGES = {"cohere": "command-a-reasoning takes none"}
WITH_PROOFS = ["responses", "messages", "gemini", "converse"]
WITH_THINKING = [*WITH_PROOFS, "cohere", "ollama"]

clients = pytest.mark.parametrize("client", list(SPEAKERS))
providers = pytest.mark.parametrize("provider", ALL)
modes = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


def last_attempt(stack, provider):
    """The mock writes an attempt down when its last byte is out, which the client may see before."""

    def attempts():
        return [attempt for attempt in stack.mock.attempts() if attempt["endpoint"] == ENDPOINTS[provider]]

    wait_until(attempts, what="the mock's attempt", pause=0.005)
    assert attempts()[-1]["status"] == 200
    return attempts()[-1]


@modes
@providers
@clients
def test_a_chat_with_a_system_prompt_arrives_and_its_usage_is_the_bill(stack, speak, client, provider, stream):
    said = speak(client, provider).ask("hello world", stream, system="be brief")
    assert said.text.startswith("[") and "calm words" in said.text
    assert said.stop == SPEAKERS[client].ENDS["stop"]
    attempt = last_attempt(stack, provider)
    assert (said.usage.input, said.usage.output) == (attempt["prompt_tokens"], attempt["completion_tokens"])
    assert attempt["stream"] == stream
    assert "x-tollgate-dropped" not in said.headers and "x-tollgate-adjusted" not in said.headers


@modes
@pytest.mark.parametrize("provider", ["chat", "responses", "messages", "converse", "cohere"])
@clients
def test_a_refusal_is_one_however_its_provider_says_it(speak, client, provider, stream):
    if client == provider:
        return  # Bytes pass as they are.
    said = speak(client, provider).ask("please refuse", stream)
    in_words = provider in ("chat", "responses")
    expected = {
        "chat": "stop" if in_words else "content_filter",
        "responses": "completed" if in_words else "content_filter",
        "messages": "refusal",
        "gemini": "SAFETY",
        "converse": "content_filtered",
    }
    assert said.stop == expected[client]


@modes
@pytest.mark.parametrize("provider", ["chat", "responses", "gemini", "ollama"])
@pytest.mark.parametrize("client", ["messages", "converse"])
def test_usage_that_never_came_is_told_as_it_is_billed(stack, speak, client, provider, stream):
    """In these dialects an answer has to state it."""
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": "no_usage"})
    record = stack.key()
    said = speak(client, provider, key=record["key"]).ask("hello world", stream)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["source"] == "estimated"
    assert (said.usage.input, said.usage.output) == (row["input_tokens"], row["output_tokens"])
    assert said.usage.input > 0 and said.usage.output > 0


@providers
@clients
def test_the_provider_sees_the_turns_and_the_limits(speak, client, provider):
    speaker = speak(client, provider)
    speaker.ask("hello", max_tokens=100)
    said = speaker.ask("describe request", system="be brief", max_tokens=3000)
    report = json.loads(said.text)
    roles = [turn["role"] for turn in report["turns"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert report["max_tokens"] == 3000 and report["cache_markers"] == 0
    assert report["turns"][0]["parts"] == [{"text": "be brief"}]


@modes
@providers
@clients
def test_parallel_calls_over_three_turns_keep_their_ids(speak, client, provider, stream):
    speaker = speak(client, provider)
    first = speaker.ask(TWICE, stream, tools=[ADD])
    assert [(call.name, call.arguments) for call in first.calls] == [("add", {"a": 1}), ("add", {"a": 2})]
    assert first.stop == SPEAKERS[client].ENDS["calls"]
    ids = [call.id for call in first.calls]
    assert len(set(ids)) == 2 or (client, provider) == ("gemini", "gemini")  # Gemini 2.5 has no ids
    # A call's trigger in a result makes the next call.
    speaker.results([(first.calls[0], "r0"), (first.calls[1], 'then call add {"a": 3}')])
    second = speaker.ask(stream=stream, tools=[ADD])
    assert [call.arguments for call in second.calls] == [{"a": 3}]
    speaker.results([(second.calls[0], "r2")])
    third = speaker.ask(stream=stream, tools=[ADD])
    assert third.calls == [] and third.text.startswith("tool results: [") and third.text.endswith("add] r2")
    assert third.stop == SPEAKERS[client].ENDS["stop"]


@providers
@clients
def test_results_in_another_order_reach_their_own_calls(speak, client, provider):
    speaker = speak(client, provider)
    first = speaker.ask(TWICE, tools=[ADD])
    speaker.results([(first.calls[1], "of the second"), (first.calls[0], "of the first")])
    said = speaker.ask(tools=[ADD])
    results = said.text.removeprefix("tool results: ").split("; ")
    expected = {f"[{call.id} add] of the {place}" for call, place in zip(first.calls, ("first", "second"))}
    assert len(results) == 2
    # Chat's and Gemini's own ids may differ from the client's; each result is still beside its own call.
    texts = [result.split("] ")[1] for result in results]
    assert set(texts) == {"of the first", "of the second"}
    # Ollama's results have no ids: their order is that of the calls.
    assert provider != "ollama" or texts == ["of the first", "of the second"]
    assert provider in ("gemini", "ollama") or client == "gemini" or set(results) == expected


@modes
@providers
@clients
def test_an_image_arrives_byte_for_byte(speak, client, provider, stream):
    if provider in WITHOUT_IMAGES:
        return
    seen = SEEN.removeprefix("image/png ") if provider == "ollama" else SEEN
    assert seen in speak(client, provider).ask("look", stream, image=PNG).text


@modes
@pytest.mark.parametrize("provider", WITH_THINKING)
@clients
def test_thinking_is_seen_and_comes_back_over_five_turns(speak, client, provider, stream):
    """The mock verifies each signature of the history: a byte too few is a 400."""
    # Chat cannot ask for Responses' summaries: its thinking comes unreadable, and goes back.
    is_seen = (client, provider) != ("chat", "responses")
    speaker = speak(client, provider)
    said = speaker.ask(TWICE, stream, tools=[ADD], think=True)
    assert bool(said.thinking) == is_seen and len(said.calls) == 2
    speaker.results([(call, f"r{index}") for index, call in enumerate(said.calls)])
    said = speaker.ask(stream=stream, tools=[ADD], think=True)
    assert bool(said.thinking) == is_seen and said.text.startswith("tool results: ")
    for turn in range(3):
        said = speaker.ask(f"turn {turn}", stream, tools=[ADD], think=True)
        assert bool(said.thinking) == is_seen and said.text
    assert "x-tollgate-dropped" not in said.headers or provider not in WITH_PROOFS


@pytest.mark.parametrize("provider", ["converse", "messages", "cohere"])
def test_botocore_counts_tokens(speak, provider):
    speaker = speak("converse", provider)
    conversation = {"messages": [{"role": "user", "content": [{"text": "word " * 80}]}], "system": [{"text": "Be brief."}]}
    counted = speaker.client.count_tokens(modelId=provider, input={"converse": conversation})
    exact = provider != "cohere"
    assert counted["inputTokens"] == 103 if exact else counted["inputTokens"] >= 103
    kind = counted["ResponseMetadata"]["HTTPHeaders"]["x-tollgate-token-count"]
    assert kind == ("provider" if exact else "estimate")


@modes
@pytest.mark.parametrize("provider", ["messages", "converse", "responses"])
@clients
def test_redacted_thinking_comes_back(speak, client, provider, stream):
    speaker = speak(client, provider)
    for turn in range(3):
        said = speaker.ask(f"think in secret about {turn}", stream, think=True)
        assert said.text
        assert "reasoning" not in (said.headers.get("x-tollgate-dropped") or "")
    report = json.loads(speaker.ask("describe request", think=True).text)
    kinds = [kind for turn in report["turns"] for part in turn["parts"] for kind in part]
    assert kinds.count("thinking" if provider == "responses" else "redacted") == 3, report


@modes
@providers
@clients
def test_structured_output_is_an_instance_of_the_schema(speak, client, provider, stream):
    said = speak(client, provider).ask("x", stream, schema=SCHEMA)
    assert json.loads(said.text) == {"a": 7}


@modes
@providers
@pytest.mark.parametrize("client", [name for name in SPEAKERS if name != "responses"])
def test_a_stop_sequence_ends_the_answer_or_is_reported(speak, client, provider, stream):
    said = speak(client, provider).ask("hello", stream, stop="calm")
    if provider == "responses":
        assert "stop" in said.headers["x-tollgate-dropped"]
        return
    assert said.text.rstrip().endswith("with the same")
    assert said.stop in (SPEAKERS[client].ENDS["sequence"], SPEAKERS[client].ENDS["stop"])


@modes
@pytest.mark.parametrize("provider", ["messages", "converse"])
def test_which_stop_sequence_fired_is_told(speak, provider, stream):
    assert speak("messages", provider).ask("hello", stream, stop="calm").raw.stop_sequence == "calm"
    assert speak("messages", provider).ask("hello", stream, stop="nowhere").raw.stop_sequence is None


@modes
@providers
@clients
def test_an_answer_at_its_limit_says_so(speak, client, provider, stream):
    said = speak(client, provider).ask("hello", stream, max_tokens=16)
    assert said.stop == SPEAKERS[client].ENDS["length"] and said.usage.output == 16


@modes
@pytest.mark.parametrize("provider", ["chat", "responses", "messages", "gemini", "converse"])
@clients
def test_what_the_cache_held_is_told(stack, speak, client, provider, stream):
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "cached": 4})
    said = speak(client, provider).ask("hello world " * 10, stream)
    attempt = last_attempt(stack, provider)
    assert attempt["cached_tokens"] == 4 == said.usage.cached
    assert (said.usage.input, said.usage.output) == (attempt["prompt_tokens"], attempt["completion_tokens"])


@modes
@pytest.mark.parametrize("provider", ["messages", "converse"])
@pytest.mark.parametrize("client", ["messages", "converse"])
def test_what_was_written_into_the_cache_is_told(stack, speak, client, provider, stream):
    speaker = speak(client, provider)
    speaker.say("hello")
    blocks = speaker.history[-1]["content"]
    if client == "messages":
        blocks.insert(0, {"type": "text", "text": "rules " * 100, "cache_control": {"type": "ephemeral"}})
    else:
        blocks[:0] = [{"text": "rules " * 100}, {"cachePoint": {"type": "default"}}]
    said = speaker.ask(stream=stream)
    attempt = last_attempt(stack, provider)
    assert said.usage.written == attempt["cache_write_tokens"] == 150
    assert said.usage.input == attempt["prompt_tokens"]
