"""Sessions of the kind that coding agents hold, in Messages and in Responses form, against a provider of every dialect.

The mock is the judge: it verifies every signature, id and order of the history, and says what arrived.
"""

import json

import anthropic
import openai
import pytest
from tollgate_stack import MASTER_KEY, ScriptedProvider
from tollgate_stack.configuration import model
from tollgate_stack.dialect_stack import ALL, ENDPOINTS, FULL_PRICE, PROVIDERS, changes
from tollgate_stack.samples import PNG_BASE64
from tollgate_stack.scripted_provider import chunk, stream_head, whole

# `openai` is the row of that name, which says that it counts tokens.
CHANGES = changes(
    model("openai", {"provider": "openai", "model": "gpt-5"}, price=FULL_PRICE),
    model("gemini-3", {"provider": "gemini", "model": "gemini-3-mock"}, price=FULL_PRICE),
)
CHANGES["providers"] = PROVIDERS | {
    "openai": {"like": "openai", "base_url": "mock:/v1", "api_key": "file:provider.key"}
}
PROVED = ["messages", "converse"]
MARK = {"type": "ephemeral"}
BETAS = "interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14"
# Without spaces, because the mock tells a word at a time.
CONTEXT = ";".join(f"let_value{number}=compute({number})/*_a_line_of_a_source_file_*/" for number in range(3500))

providers = pytest.mark.parametrize("provider", ALL)


def tool(name, **properties):
    properties = properties or {"path": {"type": "string", "description": "an absolute path"}}
    return {
        "name": name,
        "description": f"What {name} does, at some length, so that the model knows when to use it and when not to.",
        "input_schema": {
            "type": "object",
            "properties": properties,
            "required": list(properties)[:1],
            "additionalProperties": False,
            "$schema": "http://json-schema.org/draft-07/schema#",
        },
    }


EDITS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "properties": {"old": {"type": "string"}, "new": {"type": "string", "default": ""}}},
}
TOOLS = [
    tool("Read"),
    tool("Bash", command={"type": "string"}, timeout={"type": "number", "maximum": 600000}),
    tool("Edit", path={"type": "string"}, edits=EDITS),
    tool("TodoWrite", mode={"enum": ["plan", "act"], "type": "string"}),
    tool("mcp__github__create_pull_request", title={"type": "string"}, draft={"type": ["boolean", "null"]}),
    *[tool(f"mcp__server__tool_{number}") for number in range(15)],
]
TOOLS[-1] = {**TOOLS[-1], "cache_control": MARK}
assert len(TOOLS) == 20
SYSTEM = [
    {"type": "text", "text": "You are a coding agent."},
    {"type": "text", "text": "Rules of the house. " * 200, "cache_control": MARK},
]


class Agent:
    """A coding agent's way of using Messages: streams, keeps what came, moves its markers, counts before it asks."""

    def __init__(self, stack, provider):
        self.client = anthropic.Anthropic(api_key=MASTER_KEY, base_url=stack.url, max_retries=0, timeout=30)
        self.provider = provider
        self.messages = []
        self.counted = []

    def request(self):
        messages = json.loads(json.dumps(self.messages))
        # The last two turns of the user hold a marker, so that this prefix is read and the next one written.
        for message in [message for message in messages if message["role"] == "user"][-2:]:
            message["content"][-1]["cache_control"] = MARK
        return {
            "model": self.provider,
            "system": SYSTEM,
            "tools": TOOLS,
            "messages": messages,
            "thinking": {"type": "enabled", "budget_tokens": 2000},
            "extra_headers": {"anthropic-beta": BETAS},
        }

    def turn(self, *content):
        self.messages.append({"role": "user", "content": list(content)})
        request = self.request()
        self.counted.append(self.client.messages.count_tokens(**request).input_tokens)
        request["metadata"] = {"user_id": "user_0123"}
        if self.provider == "chat" and content[0]["type"] == "text" and len(self.messages) > 1:
            request["tool_choice"] = {"type": "none"}  # The mock's chat calls a tool whenever it may.
        with self.client.messages.stream(max_tokens=8000, **request) as stream:
            message = stream.get_final_message()
            self.headers = stream.response.headers
        blocks = [block.model_dump(mode="json", exclude_none=True) for block in message.content]
        self.messages.append({"role": "assistant", "content": blocks})
        return message


def text(words):
    return {"type": "text", "text": words}


def result(call, content, **more):
    return {"type": "tool_result", "tool_use_id": call.id, "content": content, **more}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def calls_of(message):
    return [block for block in message.content if block.type == "tool_use"]


def hold_session(agent):
    """Five turns; returns what the provider says of the last."""
    first = agent.turn(
        text(CONTEXT), text('call Read {"path": "/a"} and call Bash {"command": "make"} and call Read {"path": "/b"}')
    )
    read, bash, other = calls_of(first)
    assert (read.name, read.input, bash.input) == ("Read", {"path": "/a"}, {"command": "make"})
    assert first.stop_reason == "tool_use"
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}}
    second = agent.turn(
        result(read, [text("a file")]),
        result(bash, "Exit code 2\nmake: *** no rule", is_error=True),
        result(other, [text('then call Edit {"path": "/a", "edits": [{"old": "x", "new": "y"}]}')]),
    )
    (edit,) = calls_of(second)
    assert edit.input == {"path": "/a", "edits": [{"old": "x", "new": "y"}]}
    takes_images = agent.provider not in ("cohere", "ollama")
    third = agent.turn(result(edit, [text("edited"), image] if takes_images else "edited"))
    assert text_of(third).startswith("tool results: [") and "edited" in text_of(third)
    fourth = agent.turn(text("go on"))
    assert fourth.stop_reason == "end_turn"
    fifth = agent.turn(text("describe request"))
    return json.loads(text_of(fifth))


@providers
def test_an_agents_session_in_messages_form(stack, provider):
    agent = Agent(stack, provider)
    report = hold_session(agent)
    assert [tool["name"] for tool in report["tools"]] == [tool["name"] for tool in TOOLS]
    parts = [part for turn in report["turns"] for part in turn["parts"]]
    results = [part for part in parts if "result" in part]
    assert [part["result"].split("\n")[0] for part in results][:2] == ["a file", "Exit code 2"]
    calls = [part for part in parts if "call" in part]
    assert [part["call"] for part in calls] == ["Read", "Bash", "Read", "Edit"]
    if provider != "gemini":  # Gemini 2.5 has no ids: results answer by their place.
        assert [part["id"] for part in results] == [part["id"] for part in calls]
    assert any(CONTEXT in part.get("text", "") for part in parts)
    assert report["prompt_tokens"] > 50_000
    if provider in ("messages", "gemini"):
        # What the provider counts is what it bills.
        attempts = [row for row in stack.mock.attempts() if row["endpoint"] == ENDPOINTS[provider]]
        assert agent.counted == [row["prompt_tokens"] for row in attempts]
    else:
        assert all(count >= 50_000 for count in agent.counted)


@pytest.mark.parametrize("provider", PROVED)
def test_cache_markers_stay_where_they_were(stack, provider):
    """Four markers (tools, system, two turns) in each turn but the first, which has three; and what the provider read
    and wrote of its cache is what it would have been with the markers in the original places."""
    stack.mock.keep(20)
    agent = Agent(stack, provider)
    assert hold_session(agent)["cache_markers"] == 4
    bodies = [request["body"] for request in stack.mock.requests() if ENDPOINTS[provider] in str(request["url"])]
    bodies = [body for body in bodies if '"max_tokens"' in body or '"maxTokens"' in body]
    word = '"cache_control"' if provider == "messages" else '"cachePoint"'
    assert [body.count(word) for body in bodies] == [3, 4, 4, 4, 4]
    betas = [dict(request["headers"]).get("anthropic-beta") for request in stack.mock.requests()]
    assert provider != "messages" or set(betas) == {BETAS}
    attempts = [row for row in stack.mock.attempts() if row["endpoint"] == ENDPOINTS[provider]]
    marked = [(row["prompt_tokens"], row["cached_tokens"], row["cache_write_tokens"]) for row in attempts]
    assert all(written > 0 for _, _, written in marked) and all(read > 50_000 for _, read, _ in marked[1:])
    for prompt, read, written in marked:
        # Everything up to the last marker, which is on the last block of the user's.
        assert read + written == prompt
    stack.mock.keep(0)


@pytest.mark.parametrize("provider", PROVED)
def test_markers_beyond_four_are_dropped_and_reported(stack, provider):
    """A Converse client's `cachePoint`s, of which a Claude on Messages takes four; and the other way round."""
    content = [{"type": "text", "text": f"part {number}", "cache_control": MARK} for number in range(6)]
    body = {
        "model": "converse",
        "max_tokens": 2000,
        "messages": [{"role": "user", "content": content + [text("describe request")]}],
    }
    if provider == "messages":
        point = {"cachePoint": {"type": "default"}}
        blocks = [block for number in range(6) for block in ({"text": f"part {number}"}, point)]
        body = {"messages": [{"role": "user", "content": blocks + [{"text": "describe request"}]}]}
        answer = stack.master.post("/model/messages/converse", body)
        said = answer.json()["output"]["message"]["content"][0]["text"]
    else:
        answer = stack.master.post("/v1/messages", body)
        said = answer.json()["content"][0]["text"]
    assert answer.status == 200 and json.loads(said)["cache_markers"] == 4
    assert "cache" in answer.headers["x-tollgate-dropped"]


# A history of calls that another provider's model made, which this dialect's own provider refuses as it is. The mock does.


CALL = {"name": "Read", "input": {"path": "/a"}}
GOOGLE_CALL = {"id": "call_1", "name": "Read", "args": {"path": "/a"}}
HISTORIES = {
    "messages": (
        "/v1/messages",
        {
            "model": "messages",
            "max_tokens": 4000,
            "thinking": {"type": "enabled", "budget_tokens": 2000},
            "tools": [TOOLS[0]],
            "messages": [
                {"role": "user", "content": "call Read"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", **CALL}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "a file"}]},
            ],
        },
        "thinking",
    ),
    "converse": (
        "/model/converse/converse",
        {
            "inferenceConfig": {"maxTokens": 4000},
            "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            "toolConfig": {"tools": [{"toolSpec": {"name": "Read", "inputSchema": {"json": {"type": "object"}}}}]},
            "messages": [
                {"role": "user", "content": [{"text": "call Read"}]},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "call_1", **CALL}}]},
                {
                    "role": "user",
                    "content": [{"toolResult": {"toolUseId": "call_1", "content": [{"text": "a file"}]}}],
                },
            ],
        },
        "thinking",
    ),
    "gemini-3": (
        "/v1beta/models/gemini-3:generateContent",
        {
            "tools": [{"functionDeclarations": [{"name": "Read"}]}],
            "contents": [
                {"role": "user", "parts": [{"text": "call Read"}]},
                {"role": "model", "parts": [{"functionCall": GOOGLE_CALL}]},
                {
                    "role": "user",
                    "parts": [{"functionResponse": {"id": "call_1", "name": "Read", "response": {"output": "a file"}}}],
                },
            ],
        },
        None,
    ),
}


@pytest.mark.parametrize("claude", ["messages", "converse"])
def test_a_tool_loop_may_leave_claude_and_come_back(stack, claude):
    """It thought where the loop began, and need not have done so since."""
    history = [{"role": "user", "content": 'call Read {"path": "/a"}'}]
    for provider, result in ((claude, 'then call Read {"path": "/b"}'), ("chat", "a file"), (claude, "")):
        ask = {"thinking": {"type": "enabled", "budget_tokens": 2000}, "tools": [TOOLS[0]], "max_tokens": 4000}
        answer = stack.master.post("/v1/messages", {"model": provider, "messages": history, **ask})
        assert answer.status == 200 and "x-tollgate-adjusted" not in answer.headers, answer
        content = answer.json()["content"]
        calls = [block["id"] for block in content if block["type"] == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": call, "content": result} for call in calls]
        history += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
    assert "a file" in answer.body.decode()


@pytest.mark.parametrize("provider", ["messages", "converse"])
def test_a_tool_loop_may_begin_elsewhere_and_go_on_at_claude(stack, provider):
    """The last turn begins with Claude's thinking, and the answer that it is part of does not."""
    path, body, adjusted = HISTORIES[provider]
    question, *begun = body["messages"]
    answer = stack.master.post(path, {**body, "messages": [question]})
    assert answer.status == 200 and "x-tollgate-adjusted" not in answer.headers
    if provider == "messages":
        turn = {"role": "assistant", "content": answer.json()["content"]}
        thought, call = turn["content"]
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": "a second file"}
        assert thought["signature"]
    else:
        turn = answer.json()["output"]["message"]
        thought, call = turn["content"]
        content = [{"text": "a second file"}]
        result = {"toolResult": {"toolUseId": call["toolUse"]["toolUseId"], "content": content}}
        assert thought["reasoningContent"]["reasoningText"]["signature"]
    messages = [question, *begun, turn, {"role": "user", "content": [result]}]
    answer = stack.master.post(path, {**body, "messages": messages})
    assert answer.status == 200 and b"a second file" in answer.body, answer
    assert answer.headers.get("x-tollgate-adjusted") == adjusted


@pytest.mark.parametrize("provider", ["messages", "converse"])
def test_a_system_prompt_in_a_tool_loop_does_not_end_it_at_claude(stack, provider):
    """Claude gets it as words of the user's, and its next answer does not begin with thinking."""
    function = {"name": "Read", "parameters": TOOLS[0]["input_schema"]}
    ask = {"model": provider, "tools": [{"type": "function", "function": function}], "max_tokens": 4000}
    ask["thinking"] = {"type": "enabled", "budget_tokens": 2000}
    messages = [{"role": "user", "content": 'call Read {"path": "/a"}'}]
    answer = stack.master.post("/v1/chat/completions", {**ask, "messages": messages})
    turn = answer.json()["choices"][0]["message"]
    call = {"id": "call_2", "type": "function", "function": {"name": "Read", "arguments": '{"path": "/b"}'}}
    assert turn["thinking_blocks"] and "x-tollgate-adjusted" not in answer.headers
    messages += [
        turn,
        {"role": "tool", "tool_call_id": turn["tool_calls"][0]["id"], "content": "a file"},
        {"role": "system", "content": "be brief"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_2", "content": "a second file"},
    ]
    answer = stack.master.post("/v1/chat/completions", {**ask, "messages": messages})
    assert answer.status == 200 and b"a second file" in answer.body, answer
    assert set(answer.headers["x-tollgate-adjusted"].split(",")) == {"role", "thinking"}


@pytest.mark.parametrize("provider", ["messages", "converse"])
def test_unsigned_thinking_of_another_providers_model_does_not_end_a_conversation(stack, provider):
    path, body, _ = HISTORIES[provider]
    body = json.loads(json.dumps(body))
    thought = {"type": "thinking", "thinking": "hm"}
    if provider == "converse":
        thought = {"reasoningContent": {"reasoningText": {"text": "hm"}}}
    body["messages"][1]["content"].insert(0, thought)
    # A turn of nothing else leaves nothing: what stood around it is one turn of the user's.
    body["messages"] = [body["messages"][0], {"role": "assistant", "content": [thought]}, *body["messages"]]
    answer = stack.master.post(path, body)
    assert answer.status == 200 and b"a file" in answer.body
    assert "reasoning" in answer.headers["x-tollgate-dropped"] and answer.headers["x-tollgate-adjusted"] == "thinking"


@pytest.mark.parametrize("provider", HISTORIES)
def test_calls_of_another_providers_model_do_not_end_a_conversation(stack, provider):
    path, body, adjusted = HISTORIES[provider]
    answer = stack.master.post(path, body)
    assert answer.status == 200 and b"tool results: " in answer.body and b"a file" in answer.body
    assert answer.headers.get("x-tollgate-adjusted") == adjusted
    if provider == "messages":
        counted = stack.master.post(path + "/count_tokens", {k: v for k, v in body.items() if k != "max_tokens"})
        assert counted.status == 200 and counted.headers["x-tollgate-token-count"] == "provider"


# Responses


APPLY_PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Applies a patch",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
}
SHELL = {
    "type": "function",
    "name": "shell",
    "description": "Runs a command",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"command": {"type": "array", "items": {"type": "string"}}},
        "required": ["command"],
    },
}
FILES = {
    "type": "namespace",
    "name": "files",
    "description": "Files of the project",
    "tools": [
        {
            "type": "function",
            "name": "search",
            "description": "Searches",
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
        }
    ],
}


class Codex:
    """An agent's way of using Responses: custom and namespaced tools, encrypted reasoning, own history or a chain."""

    def __init__(self, stack, provider, chained):
        self.client = openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=30)
        self.provider = provider
        self.chained = chained
        self.history = []
        self.previous = None

    def turn(self, *items):
        items = list(items)
        request = {
            "model": self.provider,
            "instructions": "You are a coding agent.",
            "tools": [APPLY_PATCH, SHELL, FILES],
            "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
            "store": self.chained,
        }
        if self.chained:
            request |= {"input": items, "previous_response_id": self.previous or openai.omit}
        else:
            request["input"] = self.history + items
        final = None
        for number, event in enumerate(self.client.responses.create(stream=True, **request)):
            assert event.sequence_number == number
            if event.type == "response.completed":
                final = event.response
        assert final is not None
        self.previous = final.id
        self.history += items + [item.model_dump(mode="json", exclude_none=True) for item in final.output]
        return final


def said_by_user(words):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}


def items_of(response, kind):
    return [item for item in response.output if item.type == kind]




@pytest.mark.parametrize("chained", [False, True], ids=["own-history", "previous_response_id"])
@providers
def test_an_agents_session_in_responses_form(stack, provider, chained):
    native = provider == "responses"
    agent = Codex(stack, provider, chained)
    patch = "*** Begin Patch\\n*** End Patch"
    ask = 'call shell {"command": ["ls"]} and call shell {"command": ["pwd"]}'
    first = agent.turn(said_by_user(ask))
    calls = items_of(first, "function_call")
    assert [json.loads(call.arguments) for call in calls] == [{"command": ["ls"]}, {"command": ["pwd"]}]
    assert len({call.call_id for call in calls}) == 2
    takes_text = provider in ("responses", "chat")
    ask = "call apply_patch *** Begin Patch" if takes_text else f'call apply_patch {{"input": "{patch}"}}'
    second = agent.turn(
        {"type": "function_call_output", "call_id": calls[0].call_id, "output": "a.swift"},
        {"type": "function_call_output", "call_id": calls[1].call_id, "output": f"/work\n{ask}"},
    )
    (call,) = items_of(second, "custom_tool_call")
    assert call.name == "apply_patch" and call.input.startswith("*** Begin Patch")
    if not takes_text:
        assert call.input == patch.replace("\\n", "\n")
    # The mock's own Responses knows the tools of a namespace by no name.
    name, arguments = ("shell", {"command": ["cat"]}) if native else ("files__search", {"query": "main"})
    third = agent.turn(
        {
            "type": "custom_tool_call_output",
            "call_id": call.call_id,
            "output": f"Done. call {name} {json.dumps(arguments)}",
        }
    )
    (search,) = items_of(third, "function_call")
    assert native or (search.namespace, search.name) == ("files", "search")
    assert json.loads(search.arguments) == arguments
    fourth = agent.turn({"type": "function_call_output", "call_id": search.call_id, "output": "2 hits"})
    assert fourth.output_text.startswith("tool results: [") and fourth.output_text.endswith("2 hits")
    fifth = agent.turn(said_by_user("describe request"))
    report = json.loads(fifth.output_text)
    if not (native and chained):  # There the mock itself keeps the conversation.
        results = [part["result"] for turn in report["turns"] for part in turn["parts"] if "result" in part]
        assert len(results) == 4 and results[0] == "a.swift" and results[3] == "2 hits"


@providers
def test_stored_responses_are_read_listed_and_deleted(stack, provider):
    client = openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
    first = client.responses.create(model=provider, input="my name is Bob")
    second = client.responses.create(model=provider, input="hello again", previous_response_id=first.id)
    assert client.responses.retrieve(first.id).output_text == first.output_text
    assert client.responses.retrieve(second.id).previous_response_id == first.id
    texts = [
        part.text
        for item in client.responses.input_items.list(second.id, order="asc").data
        for part in item.content
        if getattr(part, "text", None)
    ]
    assert "hello again" in texts
    other = openai.OpenAI(api_key=stack.key()["key"], base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
    with pytest.raises(openai.NotFoundError):
        other.responses.retrieve(first.id)
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_what_builds_on_a_deleted_response_is_refused_by_that_ones_id(gpt):
    client, _ = gpt()
    first = client.responses.create(model="messages", input="my name is Bob")
    second = client.responses.create(model="messages", input="hello again", previous_response_id=first.id)
    client.responses.delete(first.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="messages", input="and again", previous_response_id=second.id)
    assert (caught.value.param, caught.value.code) == ("previous_response_id", "previous_response_not_found")
    assert f"'{first.id}' not found. The response '{second.id}' builds on it." in caught.value.message
    assert client.responses.retrieve(second.id).output_text == second.output_text


def test_input_items_that_we_keep_come_in_no_other_order_than_asked_for(stack):
    first = stack.master.post("/v1/responses", {"model": "messages", "input": "hello"}).json()
    body = {"model": "messages", "input": "again", "previous_response_id": first["id"]}
    path = f"/v1/responses/{stack.master.post('/v1/responses', body).json()['id']}/input_items"
    items = [item["id"] for item in stack.master.get(path).json()["data"]]
    assert len(items) > 1
    for order, expected in {"desc": items, "asc": items[::-1]}.items():
        assert [item["id"] for item in stack.master.get(f"{path}?order={order}").json()["data"]] == expected
    refused = stack.master.get(f"{path}?order=sideways")
    assert (refused.status, refused.error["param"], refused.error["code"]) == (400, "order", "invalid_value")
    assert refused.error["message"] == "Invalid value: 'sideways'. Supported values are: 'asc' and 'desc'."


def test_input_items_that_a_provider_keeps_come_by_the_clients_query(stack):
    first = stack.master.post("/v1/responses", {"model": "responses", "input": "hello"}).json()
    body = {"model": "responses", "input": "again", "previous_response_id": first["id"]}
    path = f"/v1/responses/{stack.master.post('/v1/responses', body).json()['id']}/input_items"

    def listed(query):
        page = stack.master.get(path + query).json()
        return [item["id"] for item in page["data"]], page["has_more"]

    (items, more) = listed("?order=asc")
    assert len(set(items)) == len(items) > 2 and not more
    assert listed("") == listed("?order=desc") == (items[::-1], False)
    assert listed("?order=asc&limit=1") == (items[:1], True)
    assert listed(f"?order=asc&after={items[0]}") == (items[1:], False)
    for query, param in {"?order=sideways": "order", "?limit=0": "limit"}.items():
        refused = stack.master.get(path + query)
        assert (refused.status, refused.error["param"]) == (400, param)


def test_a_response_to_the_deepest_body_is_stored_too(stack):
    """What is kept wraps the request, and so is deeper than what a client may send."""
    client = openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
    schema = {"type": "string"}
    # tools, its element and parameters are levels too.
    while (depth := json.dumps(schema).count("{")) < 128 - 3:
        schema = {"type": "object", "properties": {"p": schema}} if depth < 124 else {"not": schema}
    tool = {"type": "function", "name": "deep", "strict": False, "parameters": schema}
    first = client.responses.create(model="messages", input="my name is Bob", tools=[tool])
    assert client.responses.retrieve(first.id).output_text == first.output_text
    second = client.responses.create(model="messages", input="hello again", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    with pytest.raises(openai.BadRequestError, match="nested deeper than 128 levels"):
        client.responses.create(model="messages", input="hi", tools=[tool | {"parameters": {"not": schema}}])


def refused_previous(client, answer, ask):
    """The error of a request that builds on an answer, which is in the same words for what never was."""
    errors = []
    for previous in (answer.id, "resp_unknown"):
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, previous)
        error = caught.value
        assert (error.code, error.param) == ("previous_response_not_found", "previous_response_id")
        errors.append(error.message.replace(previous, "ID"))
    assert len(set(errors)) == 1
    return True


def test_what_one_provider_keeps_no_other_can_go_on_with(gpt):
    client, _ = gpt()
    answer = client.responses.create(model="responses", input="hello")
    with pytest.raises(openai.BadRequestError, match="only this provider can go on with it") as caught:
        client.responses.create(model="messages", input="go on", previous_response_id=answer.id)
    assert (caught.value.code, caught.value.param) == ("previous_response_not_found", "previous_response_id")
    with pytest.raises(openai.BadRequestError, match=f"'{answer.id}' not found"):
        gpt()[0].responses.create(model="messages", input="go on", previous_response_id=answer.id)


CONTINUED = {
    "whole": lambda client, model, previous: client.responses.create(
        model=model, input="describe request", previous_response_id=previous
    ).output_text,
    "streamed": lambda client, model, previous: [
        event.type
        for event in client.responses.create(
            model=model, input="describe request", previous_response_id=previous, stream=True
        )
    ],
    "compact": lambda client, model, previous: client.responses.compact(
        model=model, input="go on", previous_response_id=previous
    ),
    "input_tokens": lambda client, model, previous: client.responses.input_tokens.count(
        model=model, input="go on", previous_response_id=previous
    ),
}


@pytest.mark.parametrize("way", list(CONTINUED))
@pytest.mark.parametrize("provider", [*ALL, "openai"])
def test_a_response_is_continued_by_its_own_key_alone(stack, gpt, provider, way):
    """Whoever keeps it: a provider knows no keys of ours, and would answer with what another one said."""
    owner, _ = gpt()
    answer = owner.responses.create(model=provider, input="my secret is 4711")
    asked = len(stack.mock.attempts())
    master = owner.with_options(api_key=MASTER_KEY)
    for other in (gpt()[0], master):
        assert refused_previous(other, answer, lambda client, id: CONTINUED[way](client, provider, id))
    assert len(stack.mock.attempts()) == asked
    if way != "compact" or provider in ("responses", "openai"):
        assert CONTINUED[way](owner, provider, answer.id)
    # And the other way round: the master key's is no virtual key's.
    answer = master.responses.create(model=provider, input="my secret is 4711")
    assert refused_previous(owner, answer, lambda client, id: CONTINUED[way](client, provider, id))


def test_a_streamed_response_that_the_provider_keeps_is_its_keys_own(gpt):
    owner, _ = gpt()
    stream = owner.responses.create(model="responses", input="my secret is 4711", stream=True)
    (answer,) = [event.response for event in stream if event.type == "response.completed"]
    assert refused_previous(gpt()[0], answer, lambda client, id: CONTINUED["whole"](client, "responses", id))
    assert CONTINUED["whole"](owner, "responses", answer.id)


@pytest.mark.parametrize("provider", ["messages", "gemini", "responses"])
def test_what_is_not_to_be_stored_is_not(stack, provider):
    client = openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
    answer = client.responses.create(model=provider, input="hello", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)
    with pytest.raises(openai.APIStatusError) as caught:
        client.responses.create(model=provider, input="more", previous_response_id=answer.id)
    assert caught.value.param == "previous_response_id"


# Routes beside an answer: a cancellation, a compaction, a count


@pytest.fixture
def gpt(stack):
    """gpt(**fields): the SDK with a key of these fields, and the key's record."""
    clients = []

    def make(**fields):
        record = stack.key(**fields)
        client = openai.OpenAI(api_key=record["key"], base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
        clients.append(client)
        return client, record

    yield make
    for client in clients:
        client.close()


LONG = [{"role": "user", "content": "hello there " * 50}]
WITHOUT_COMPACTION = [name for name in ALL if name != "responses"]
# What both routes take.
BESIDE = {
    "compact": lambda client, model: client.responses.compact(model=model, input=LONG),
    "input_tokens": lambda client, model: client.responses.input_tokens.count(model=model, input=LONG),
}

beside = pytest.mark.parametrize("route", list(BESIDE))


def test_a_background_response_costs_what_it_costs_in_the_end(stack, gpt):
    client, key = gpt(max_parallel_requests=1, max_budget=100)
    before = stack.mock.total("bill_nanos")
    raw = client.responses.with_raw_response.create(model="responses", input="hello", background=True)
    queued = raw.parse()
    assert queued.status == "queued" and queued.usage is None
    assert "x-litellm-response-cost" not in raw.headers  # Nobody knows it yet.
    # It is under way until it has ended, though its answer is here.
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model="responses", input="hello")
    (row,) = stack.ledger.wait_for(1, 5, key_id=stack.key_id(key))
    assert (row["source"], row["outcome"]) == ("provider", "complete") and row["output_tokens"] > 0
    assert row["cost_nanos"] == stack.mock.total("bill_nanos") - before
    assert client.responses.retrieve(queued.id).status == "completed"
    assert client.responses.create(model="responses", input="hello").status == "completed"


def test_a_background_response_that_is_deleted_at_once_is_not_free(stack, gpt):
    client, key = gpt(max_budget=100)
    before = stack.mock.total("bill_nanos")
    queued = client.responses.create(model="responses", input="hello", background=True)
    client.responses.retrieve(queued.id)
    client.responses.delete(queued.id)
    (row,) = stack.ledger.wait_for(1, 5, key_id=stack.key_id(key))
    assert row["source"] == "provider" and row["cost_nanos"] == stack.mock.total("bill_nanos") - before


def test_a_background_stream_that_is_left_costs_what_it_costs_in_the_end(stack, gpt):
    client, key = gpt(max_budget=100)
    slowly = {"x_mock": "interval=100ms,tokens=20"}
    with client.responses.create(
        model="responses", input="hello", background=True, stream=True, extra_body=slowly
    ) as events:
        answer = next(iter(events)).response
    (row,) = stack.ledger.wait_for(1, 5, key_id=stack.key_id(key))
    usage = client.responses.retrieve(answer.id).usage
    assert (row["source"], row["outcome"]) == ("provider", "client_gone")
    assert (row["input_tokens"], row["output_tokens"]) == (usage.input_tokens, usage.output_tokens)


def test_a_background_response_is_cancelled_by_its_own_key(gpt):
    client, _ = gpt()
    queued = client.responses.create(model="responses", input="hello", background=True)
    assert queued.status == "queued"
    cancelled = client.responses.cancel(queued.id)
    assert (cancelled.id, cancelled.status, cancelled.output) == (queued.id, "cancelled", [])
    assert client.responses.retrieve(queued.id).status == "cancelled"


def test_a_background_response_is_cancelled_by_no_other_key(gpt):
    client, _ = gpt()
    queued = client.responses.create(model="responses", input="hello", background=True)
    other, _ = gpt()
    with pytest.raises(openai.NotFoundError) as caught:
        other.responses.cancel(queued.id)
    assert queued.id in caught.value.message and caught.value.type == "invalid_request_error"
    with pytest.raises(openai.AuthenticationError):
        other.with_options(api_key="sk-unknown").responses.cancel(queued.id)
    # A cancellation that had gone through would be seen: nothing takes it back.
    client.responses.retrieve(queued.id)
    assert client.responses.retrieve(queued.id).status == "completed"


def test_a_response_that_was_not_in_the_background_is_not_cancelled(gpt):
    """Which is the provider's word, and its own."""
    client, _ = gpt()
    answer = client.responses.create(model="responses", input="hello")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response."):
        client.responses.cancel(answer.id)
    assert client.responses.retrieve(answer.id).output_text == answer.output_text


@pytest.mark.parametrize("provider", WITHOUT_COMPACTION)
def test_what_the_gateway_keeps_itself_is_streamed_again(gpt, provider):
    client, _ = gpt()
    answer = client.responses.create(model=provider, input="hello")
    events = list(client.responses.retrieve(answer.id, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response.output == answer.output and events[-1].response.usage == answer.usage
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == answer.output_text
    # The stream that a client left had an event a piece: whatever its number was, what it lacks is in the last one.
    for known in (3, 49):
        (end,) = client.responses.retrieve(answer.id, stream=True, starting_after=known)
        assert (end.type, end.sequence_number) == ("response.completed", known + 1)
        assert end.response.output == answer.output
    for wrong in ("x", -1, 2**53, 2**63 - 2, 2**63 - 1):
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.retrieve(answer.id, stream=True, starting_after=wrong)
        assert caught.value.param == "starting_after"
    # No stream has more events than its answer has bytes, or nearly so.
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.retrieve(answer.id, stream=True, starting_after=9999)
    assert caught.value.param == "starting_after" and "had no event 9999" in caught.value.message


def test_what_a_provider_keeps_is_streamed_again_by_itself(gpt):
    client, _ = gpt()
    events = list(client.responses.create(model="responses", input="hello", stream=True))
    answer = events[-1].response
    assert list(client.responses.retrieve(answer.id, stream=True)) == events
    assert list(client.responses.retrieve(answer.id, stream=True, starting_after=3)) == events[4:]
    with pytest.raises(openai.NotFoundError):
        gpt()[0].responses.retrieve(answer.id, stream=True)


def test_what_a_provider_keeps_and_streams_no_more_is_played(gpt):
    """The mock tells whole what was not streamed when it was made."""
    client, _ = gpt()
    answer = client.responses.create(model="responses", input="hello")
    events = list(client.responses.retrieve(answer.id, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response.output == answer.output
    (end,) = client.responses.retrieve(answer.id, stream=True, starting_after=49)
    assert (end.type, end.sequence_number, end.response.output) == ("response.completed", 50, answer.output)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.retrieve(answer.id, stream=True, starting_after=9999)
    assert caught.value.param == "starting_after" and "had no event 9999" in caught.value.message


@pytest.mark.parametrize("model, text, zero", [
    # Its provider keeps it, and judges what is asked of it; the gateway keeps the other.
    ("openai", "expected an integer from 1 to 100, but got 'abc'.", "but got '0'"),
    ("messages", "expected a value from 1 to 100, but got 'abc' instead.", "but got 0 instead"),
])  # fmt: skip
def test_a_wrong_value_in_a_question_about_a_kept_answer_is_told_as_it_is(stack, model, text, zero):
    body = {"model": model, "input": "hello"}
    path = f"/v1/responses/{stack.master.post('/v1/responses', body).json()['id']}"
    answer = stack.master.get(f"{path}/input_items?limit=abc")
    assert (answer.status, answer.error["param"]) == (400, "limit")
    assert answer.error["message"] == f"Invalid 'limit': {text}"
    assert zero in stack.master.get(f"{path}/input_items?limit=0").error["message"]
    answer = stack.master.get(f"{path}?stream=maybe")
    assert (answer.status, answer.error["param"]) == (400, "stream")
    assert answer.error["message"] == "Invalid value: 'maybe'. Supported values are: 'true' and 'false'."
    assert stack.master.get(f"{path}?stream=false").json()["object"] == "response"


def test_what_a_provider_keeps_is_streamed_by_the_routes_timers(new_stack):
    answer = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "m",
        "output": [],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    }
    created = {"type": "response.created", "sequence_number": 0, "response": answer | {"status": "in_progress"}}

    def script(request, peer):
        if request.method == "POST":
            peer.sendall(whole(json.dumps(answer).encode()))
        else:
            event = f"event: response.created\ndata: {json.dumps(created)}\n\n"
            peer.sendall(stream_head() + chunk(event.encode()))

    with ScriptedProvider(script) as provider:
        account = {"base_url": provider.url, "api_key": "file:provider.key", "dialects": ["responses"]}
        kept = model("kept", {"provider": "scripted", "model": "m"}, timeouts={"idle": "1s"})
        stack = new_stack({"providers": {"scripted": account}, "models": [kept]})
        client = openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=20)
        client.responses.create(model="kept", input="hello")
        body = client.responses.with_raw_response.retrieve("resp_1", extra_query={"stream": "true"}).text
    # What broke off is the telling: the answer itself is there.
    assert "response.created" in body and "upstream_timeout" in body and "response.failed" not in body


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("provider", WITHOUT_COMPACTION)
def test_what_was_dropped_is_not_repeated_as_if_it_had_been_asked_for(stack, gpt, provider, stream):
    asked = {"background": True, "truncation": "auto", "max_tool_calls": 3, "user": "u", "prompt_cache_key": "k"}
    without = {"background": False, "truncation": "disabled"}
    client, _ = gpt()
    raw = client.responses.with_raw_response.create(model=provider, input="hello", stream=stream, **asked)
    dropped = raw.headers["x-tollgate-dropped"].split(",")
    assert {"background", "truncation"} <= set(dropped)
    answer = list(raw.parse())[-1].response if stream else raw.parse()
    for response in (answer, client.responses.retrieve(answer.id)):
        for name, value in asked.items():
            assert getattr(response, name) == (without.get(name) if name in dropped else value), name


@pytest.mark.parametrize("provider", WITHOUT_COMPACTION)
def test_what_the_gateway_keeps_itself_is_complete_and_not_cancelled(gpt, provider):
    client, _ = gpt()
    raw = client.responses.with_raw_response.create(model=provider, input="hello", background=True)
    answer = raw.parse()
    assert answer.status == "completed" and "background" in raw.headers["x-tollgate-dropped"]
    assert answer.background is False
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.cancel(answer.id)
    error = caught.value
    assert (error.type, error.param) == ("invalid_request_error", "id")
    assert answer.id in error.message and "only background responses can be cancelled" in error.message
    assert client.responses.retrieve(answer.id).output_text == answer.output_text
    with pytest.raises(openai.NotFoundError):
        gpt()[0].responses.cancel(answer.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.cancel("resp_unknown")


def test_a_compaction_is_billed_and_goes_on(stack, gpt):
    client, record = gpt(models=["responses"])
    stack.mock.keep(10)
    compacted = BESIDE["compact"](client, "responses")
    assert compacted.object == "response.compaction"
    assert [item.type for item in compacted.output] == ["message", "compaction"]
    (request,) = stack.mock.requests()
    assert request["url"] == "/v1/responses/compact"
    (attempt,) = stack.mock.attempts()
    assert attempt["endpoint"] == "responses_compact" and attempt["bill_nanos"] > 0
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert (row["endpoint"], row["model"], row["outcome"]) == ("responses", "responses", "complete")
    assert (row["cost_nanos"], row["source"]) == (attempt["bill_nanos"], "provider")
    assert row["input_tokens"] == compacted.usage.input_tokens == attempt["prompt_tokens"]
    assert row["output_tokens"] == compacted.usage.output_tokens == attempt["completion_tokens"]
    # The mock knows what it sealed: a byte too few is a 400.
    sealed = [item.model_dump(exclude_none=True) for item in compacted.output]
    assert client.responses.create(model="responses", input=[*sealed, *LONG]).status == "completed"


def test_a_compaction_is_asked_for_as_the_client_did(stack, gpt):
    """OpenAI takes `model`, `input`, `instructions` and few more here, and refuses what it does not know."""
    stack.mock.keep(1)
    gpt()[0].responses.compact(model="responses", input=LONG, instructions="be brief")
    (request,) = stack.mock.requests()
    assert json.loads(request["body"]) == {"model": "gpt-5", "input": LONG, "instructions": "be brief"}


def test_a_spent_budget_refuses_a_compaction_and_lets_count(stack, gpt):
    client, record = gpt(max_budget=1e-9)
    with pytest.raises(openai.APIStatusError) as caught:
        BESIDE["compact"](client, "responses")
    assert caught.value.status_code in (400, 402, 429) and "budget" in caught.value.message.lower()
    assert stack.mock.attempts() == []
    assert BESIDE["input_tokens"](client, "openai").input_tokens == 150
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == 0


@pytest.mark.parametrize("provider", WITHOUT_COMPACTION)
def test_a_provider_without_compaction_is_named_as_such_and_not_asked(stack, gpt, provider):
    client, record = gpt()
    with pytest.raises(openai.BadRequestError) as caught:
        BESIDE["compact"](client, provider)
    error = caught.value
    assert (error.type, error.param, error.code) == ("invalid_request_error", "model", "unsupported_endpoint")
    assert "POST /v1/responses/compact" in error.message
    assert stack.mock.attempts() == []
    assert sum(row["cost_nanos"] for row in stack.ledger.rows(stack.key_id(record))) == 0


def test_a_count_is_the_providers_own_and_free(stack, gpt):
    client, record = gpt()
    raw = client.responses.input_tokens.with_raw_response.count(model="openai", input=LONG)
    counted = raw.parse()
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 150)
    assert raw.headers["x-tollgate-token-count"] == "provider"
    (attempt,) = stack.mock.attempts()
    assert (attempt["endpoint"], attempt["model"], attempt["bill_nanos"]) == ("count_tokens", "gpt-5", 0)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert (row["cost_nanos"], row["input_tokens"], row["output_tokens"]) == (0, 0, 0)


@beside
def test_the_rules_of_a_key_hold_beside_an_answer_too(stack, gpt, route):
    ask = BESIDE[route]
    client, _ = gpt(models=["openai"], rpm_limit=1)
    with pytest.raises(openai.AuthenticationError):
        ask(client.with_options(api_key="sk-unknown"), "openai")
    with pytest.raises(openai.PermissionDeniedError) as caught:
        ask(client, "messages")
    assert "messages" in caught.value.message
    with pytest.raises(openai.NotFoundError) as caught:
        ask(gpt()[0], "nothing")
    assert caught.value.code == "model_not_found"
    assert stack.mock.attempts() == []
    ask(client, "openai")
    with pytest.raises(openai.RateLimitError):
        ask(client, "openai")
    assert len(stack.mock.attempts()) == 1
