"""tollgate-mock itself, spoken to with the official packages: what a gateway translates to must be what they know."""

import base64
import hashlib
import json

import anthropic
import boto3
import openai
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from google import genai
from google.genai import errors as genai_errors
from google.genai import types
from tollgate_stack import Mock, Program, free_port, wait_until
from tollgate_stack.samples import PNG, SCHEMA
from tollgate_stack.stack import programs

SEEN = f"image/png {len(PNG)} bytes sha256:{hashlib.sha256(PNG).hexdigest()[:16]}"
TWICE = 'call add {"a": 1} and call add {"a": 2}'


@pytest.fixture(scope="module")
def mock(tmp_path_factory):
    port = free_port()
    log = tmp_path_factory.mktemp("mock") / "mock.log"
    program = Program("mock", [programs() / "tollgate-mock", "--port", port], log).start()
    mock = Mock(port)
    wait_until(mock.is_up, what="the mock")
    yield mock
    program.process.terminate()
    program.process.wait(10)


def told(ids, name="add"):
    return "tool results: " + "; ".join(f"[{id} {name}] r{index}" for index, id in enumerate(ids))


# Anthropic


@pytest.fixture
def claude(mock):
    with anthropic.Anthropic(api_key="k", base_url=mock.url, max_retries=0) as client:
        yield client


def claude_options(**more):
    return {"model": "claude-mock", "max_tokens": 2000, **more}


CLAUDE_TOOLS = [{"name": "add", "description": "adds", "input_schema": SCHEMA}]
CLAUDE_THINKS = {"type": "enabled", "budget_tokens": 1024}


def test_messages_chat_and_stream(claude):
    options = claude_options(messages=[{"role": "user", "content": "hello world"}])
    whole = claude.messages.create(**options)
    assert whole.usage.input_tokens == 3 and whole.usage.output_tokens == 20
    with claude.messages.stream(**options) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == "end_turn" and final.usage.output_tokens == 20
    assert claude.messages.count_tokens(model="m", messages=options["messages"]).input_tokens == 3


@pytest.mark.parametrize("streamed", [False, True])
def test_messages_tools_with_thinking(claude, streamed):
    def ask(messages):
        options = claude_options(messages=messages, tools=CLAUDE_TOOLS, thinking=CLAUDE_THINKS)
        if not streamed:
            return claude.messages.create(**options)
        with claude.messages.stream(**options) as stream:
            return stream.get_final_message()

    messages = [{"role": "user", "content": TWICE}]
    first = ask(messages)
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"a": 1}, {"a": 2}] and first.stop_reason == "tool_use"
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"r{index}"} for index, call in enumerate(calls)
    ]
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    answer = ask(messages)
    assert answer.content[0].type == "thinking"
    assert answer.content[1].text == told([call.id for call in calls])
    broken = [block.model_dump() for block in first.content]
    broken[0]["signature"] = "A" + broken[0]["signature"][1:]
    messages[1] = {"role": "assistant", "content": broken}
    with pytest.raises(anthropic.BadRequestError, match="signature"):
        ask(messages)


def test_messages_images_schema_search_errors(claude):
    image = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()},
    }
    content = [image, {"type": "text", "text": "look"}]
    answer = claude.messages.create(**claude_options(messages=[{"role": "user", "content": content}]))
    assert SEEN in answer.content[0].text
    hello = [{"role": "user", "content": "search swift"}]
    output = {"format": {"type": "json_schema", "schema": SCHEMA}}
    answer = claude.messages.create(**claude_options(messages=hello, extra_body={"output_config": output}))
    assert json.loads(answer.content[0].text) == {"a": 7}
    search = [{"type": "web_search_20250305", "name": "web_search"}]
    answer = claude.messages.create(**claude_options(messages=hello, tools=search))
    assert [block.type for block in answer.content] == ["server_tool_use", "web_search_tool_result", "text"]
    assert answer.content[0].input == {"query": "swift"} and answer.usage.server_tool_use.web_search_requests == 1
    assert answer.content[2].citations[0].url == answer.content[1].content[0].url
    for fault, error in [("529", anthropic.InternalServerError), ("429", anthropic.RateLimitError)]:
        with pytest.raises(error):
            claude.messages.create(**claude_options(messages=hello, extra_headers={"x-mock": f"fault={fault}"}))
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        faulty = {"x-mock": "fault=error_event"}
        with claude.messages.stream(**claude_options(messages=hello, extra_headers=faulty)) as stream:
            stream.get_final_message()


def test_messages_through_bedrock_and_vertex(mock):
    hello = [{"role": "user", "content": "hello world"}]
    bedrock = anthropic.AnthropicBedrock(
        aws_access_key="a", aws_secret_key="s", aws_region="us-east-1", base_url=mock.url, max_retries=0
    )
    options = claude_options(messages=hello)
    assert bedrock.messages.create(**options).usage.output_tokens == 20
    with bedrock.messages.stream(**options) as stream:
        assert stream.get_final_message().usage.output_tokens == 20
    vertex = anthropic.AnthropicVertex(
        region="global", project_id="p", access_token="t", base_url=f"{mock.url}/v1", max_retries=0
    )
    assert vertex.messages.create(**options).usage.output_tokens == 20
    with vertex.messages.stream(**options) as stream:
        assert stream.get_final_message().usage.output_tokens == 20


# Google


@pytest.fixture(params=["gemini", "vertex"])
def google(mock, request):
    options = types.HttpOptions(base_url=mock.url, api_version="v1beta" if request.param == "gemini" else "v1")
    if request.param == "gemini":
        return genai.Client(api_key="k", http_options=options)
    return genai.Client(vertexai=True, api_key="k", http_options=options)


def google_config(**more):
    declaration = types.FunctionDeclaration(
        name="add", parameters={"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}}
    )
    return types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declaration])],
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        **more,
    )


def test_generate_content_chat_and_stream(google):
    whole = google.models.generate_content(model="gemini-mock", contents="hello world")
    assert whole.usage_metadata.prompt_token_count == 3 and whole.usage_metadata.candidates_token_count == 20
    chunks = list(google.models.generate_content_stream(model="gemini-mock", contents="hello world"))
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].candidates[0].finish_reason == "STOP"
    assert google.models.count_tokens(model="gemini-mock", contents="hello world").total_tokens == 3


def test_generate_content_tools_with_thoughts(google):
    ask = types.Content(role="user", parts=[types.Part(text=TWICE)])
    config = google_config()
    first = google.models.generate_content(model="gemini-3-mock", contents=[ask], config=config)
    content = first.candidates[0].content
    calls = [part.function_call for part in content.parts if part.function_call]
    assert [call.args for call in calls] == [{"a": 1}, {"a": 2}]
    results = [
        types.Part(
            function_response=types.FunctionResponse(id=call.id, name="add", response={"output": f"r{index}"})
        )
        for index, call in enumerate(calls)
    ]
    history = [ask, content, types.Content(role="user", parts=results)]
    answer = google.models.generate_content(model="gemini-3-mock", contents=history, config=config)
    ids = [call.id for call in calls]
    expected = told(ids) if all(ids) else "tool results: [add] r0; [add] r1"
    assert answer.text == expected
    for part in content.parts:
        part.thought_signature = None
    with pytest.raises(genai_errors.ClientError, match="thought_signature"):
        google.models.generate_content(model="gemini-3-mock", contents=history, config=config)


def test_generate_content_images_schema_search_errors(google):
    def ask(contents, **options):
        config = types.GenerateContentConfig(**options)
        return google.models.generate_content(model="gemini-mock", contents=contents, config=config)

    assert SEEN in ask([types.Part.from_bytes(data=PNG, mime_type="image/png"), "look"]).text
    schema = {"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}}
    answer = ask("x", response_mime_type="application/json", response_schema=schema)
    assert json.loads(answer.text) == {"a": 7}
    answer = ask("x", response_mime_type="application/json", response_json_schema=SCHEMA)
    assert json.loads(answer.text) == {"a": 7}
    answer = ask("search swift", tools=[types.Tool(google_search=types.GoogleSearch())])
    assert answer.candidates[0].grounding_metadata.web_search_queries == ["swift"]
    with pytest.raises(genai_errors.ClientError) as error:
        ask("x", http_options=types.HttpOptions(headers={"x-mock": "fault=429,retry_after=9"}))
    assert error.value.code == 429 and error.value.status == "RESOURCE_EXHAUSTED"


# Bedrock


@pytest.fixture
def bedrock(mock):
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=mock.url,
        aws_access_key_id="a",
        aws_secret_access_key="s",
        config=Config(retries={"max_attempts": 0}),
    )


def user(*content):
    return {"role": "user", "content": list(content)}


def test_converse_chat_and_stream(bedrock):
    messages = [user({"text": "hello world"})]
    whole = bedrock.converse(modelId="anthropic.mock-v1:0", messages=messages)
    assert whole["usage"]["inputTokens"] == 3 and whole["usage"]["outputTokens"] == 20
    events = list(bedrock.converse_stream(modelId="m", messages=messages)["stream"])
    text = "".join(
        event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event
    )
    assert text == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["metadata"]["usage"]["totalTokens"] == 23


def test_converse_tools_with_thinking(bedrock):
    spec = {"name": "add", "inputSchema": {"json": SCHEMA}}
    setup = {
        "modelId": "m",
        "toolConfig": {"tools": [{"toolSpec": spec}]},
        "additionalModelRequestFields": {"thinking": CLAUDE_THINKS},
    }
    messages = [user({"text": TWICE})]
    message = bedrock.converse(messages=messages, **setup)["output"]["message"]
    calls = [block["toolUse"] for block in message["content"] if "toolUse" in block]
    assert [call["input"] for call in calls] == [{"a": 1}, {"a": 2}]
    results = [
        {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": f"r{index}"}]}}
        for index, call in enumerate(calls)
    ]
    messages += [message, user(*results)]
    answer = bedrock.converse(messages=messages, **setup)["output"]["message"]["content"]
    assert answer[1]["text"] == told([call["toolUseId"] for call in calls])
    message["content"][0]["reasoningContent"]["reasoningText"]["text"] = "something else"
    with pytest.raises(ClientError, match="signature"):
        bedrock.converse(messages=messages, **setup)


def test_converse_images_and_errors(bedrock):
    image = {"image": {"format": "png", "source": {"bytes": PNG}}}
    answer = bedrock.converse(modelId="m", messages=[user(image, {"text": "look"})])
    assert SEEN in answer["output"]["message"]["content"][0]["text"]
    hello = [user({"text": "hello"})]
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        bedrock.converse(modelId="m?fault=429", messages=hello)
    with pytest.raises(bedrock.exceptions.ValidationException, match="alternate"):
        bedrock.converse(modelId="m", messages=hello + hello)
    with pytest.raises(EventStreamError, match="throttlingException"):
        list(
            bedrock.converse_stream(modelId="m?fault=error_event,code=ThrottlingException", messages=hello)["stream"]
        )


# OpenAI


@pytest.fixture
def gpt(mock):
    with openai.OpenAI(api_key="k", base_url=f"{mock.url}/v1", max_retries=0) as client:
        yield client


FUNCTION = {"type": "function", "name": "add", "parameters": SCHEMA, "strict": True}
REASONS = {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}


def test_responses_chat_and_stream(gpt):
    whole = gpt.responses.create(model="m", input="hello world")
    assert whole.usage.input_tokens == 3 and whole.usage.output_tokens == 20
    with gpt.responses.stream(model="m", input="hello world") as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == whole.output_text == final.output_text
    assert gpt.responses.retrieve(whole.id).output_text == text
    assert gpt.responses.input_items.list(whole.id).data[0].content[0].text == "hello world"
    gpt.responses.delete(whole.id)
    with pytest.raises(openai.NotFoundError):
        gpt.responses.retrieve(whole.id)


@pytest.mark.parametrize("stored", [False, True])
def test_responses_tools_with_reasoning(gpt, stored):
    first = gpt.responses.create(model="m", input=TWICE, tools=[FUNCTION], store=stored, **REASONS)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"a": 1}, {"a": 2}]
    assert first.output[0].type == "reasoning" and first.output[0].summary and first.output[0].encrypted_content
    results = [
        {"type": "function_call_output", "call_id": call.call_id, "output": f"r{index}"}
        for index, call in enumerate(calls)
    ]
    if stored:
        following = {"previous_response_id": first.id, "input": results}
    else:
        history = [item.model_dump(exclude_none=True) for item in first.output]
        following = {"input": [{"role": "user", "content": TWICE}] + history + results}
    answer = gpt.responses.create(model="m", tools=[FUNCTION], store=stored, **REASONS, **following)
    assert answer.output_text == told([call.call_id for call in calls])
    if not stored:
        following["input"][1]["encrypted_content"] = "A" * 64
        with pytest.raises(openai.BadRequestError, match="could not be verified"):
            gpt.responses.create(model="m", **following)


def test_responses_images_schema_search_errors(gpt):
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    content = [{"type": "input_image", "image_url": data}, {"type": "input_text", "text": "look"}]
    assert SEEN in gpt.responses.create(model="m", input=[{"role": "user", "content": content}]).output_text
    text = {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}}
    assert json.loads(gpt.responses.create(model="m", input="x", text=text).output_text) == {"a": 7}
    answer = gpt.responses.create(model="m", input="search swift", tools=[{"type": "web_search"}])
    assert answer.output[0].type == "web_search_call" and answer.output[0].action.query == "swift"
    assert answer.output[1].content[0].annotations[0].type == "url_citation"
    with pytest.raises(openai.RateLimitError):
        gpt.responses.create(model="m", input="x", extra_headers={"x-mock": "fault=429"})


def test_chat_tools_images_logprobs(gpt):
    tools = [{"type": "function", "function": {"name": "add", "parameters": SCHEMA}}]
    messages = [{"role": "user", "content": TWICE}]
    message = gpt.chat.completions.create(model="m", messages=messages, tools=tools).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"r{index}"}
        for index, call in enumerate(message.tool_calls)
    ]
    messages += [message, *results]
    answer = gpt.chat.completions.create(model="m", messages=messages, tools=tools).choices[0].message
    assert answer.content == told([call.id for call in message.tool_calls])
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    content = [{"type": "image_url", "image_url": {"url": data}}, {"type": "text", "text": "look"}]
    seen = gpt.chat.completions.create(model="m", messages=[{"role": "user", "content": content}])
    assert SEEN in seen.choices[0].message.content
    hello = [{"role": "user", "content": "hello"}]
    probable = gpt.chat.completions.create(model="m", messages=hello, logprobs=True, top_logprobs=3)
    tokens = probable.choices[0].logprobs.content
    assert "".join(token.token for token in tokens) == probable.choices[0].message.content
    assert len(tokens[0].top_logprobs) == 3


# What the tests of a gateway use


def test_one_conversation_is_the_same_in_every_dialect(claude, bedrock, gpt, mock):
    """`describe request` tells the same of the same request, whatever the dialect."""
    text = "describe request"
    google = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=mock.url))
    answers = [
        claude.messages.create(model="m", max_tokens=2000, messages=[{"role": "user", "content": text}])
        .content[0]
        .text,
        bedrock.converse(
            modelId="m", messages=[user({"text": text})], inferenceConfig={"maxTokens": 2000}
        )["output"]["message"]["content"][0]["text"],
        gpt.responses.create(model="m", input=text, max_output_tokens=2000).output_text,
        gpt.chat.completions.create(model="m", messages=[{"role": "user", "content": text}], max_tokens=2000)
        .choices[0]
        .message.content,
        google.models.generate_content(
            model="m", contents=text, config=types.GenerateContentConfig(max_output_tokens=2000)
        ).text,
    ]
    reports = [json.loads(answer) for answer in answers]
    assert all(report == reports[0] for report in reports)
    assert reports[0]["turns"] == [{"role": "user", "parts": [{"text": text}]}]


def test_the_mock_keeps_what_was_sent(claude, mock):
    mock.keep(5)
    claude.messages.create(**claude_options(messages=[{"role": "user", "content": "kept"}]))
    sent = mock.requests()[-1]
    assert sent["url"] == "/v1/messages" and json.loads(sent["body"])["messages"][0]["content"] == "kept"
    # The SDK sends its key as bearer since its version 2; before, as x-api-key.
    headers = {name.lower(): value for name, value in sent["headers"]}
    assert headers.get("x-api-key", headers.get("authorization", "").removeprefix("Bearer ")) == "k"
    mock.keep(0)
    assert mock.requests() == []
