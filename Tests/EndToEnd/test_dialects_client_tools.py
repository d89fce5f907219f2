"""Anthropic's tools that the client runs: functions wherever Claude is not, under Anthropic's names."""

import json

import anthropic
import pytest
from tollgate_stack import MASTER_KEY
from tollgate_stack.configuration import model
from tollgate_stack.dialect_stack import ALL, FULL_PRICE, PROVIDERS, changes

# `both` speaks Chat and Responses, as OpenAI does.
CHANGES = changes(model("both", {"provider": "both", "model": "mock-gpt"}, price=FULL_PRICE))
CHANGES["providers"] = PROVIDERS | {
    "both": {"base_url": "mock:/v1", "api_key": "file:provider.key", "dialects": ["chat_completions", "responses"]}
}

TOOLS = [
    {"type": "bash_20250124", "name": "bash"},
    {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 5000},
    {"type": "memory_20250818", "name": "memory"},
]
INPUTS = {
    "bash": {"command": "ls -la"},
    "str_replace_based_edit_tool": {"command": "insert", "path": "/a.txt", "insert_line": 0, "insert_text": "x"},
    "memory": {"command": "rename", "old_path": "/memories/a", "new_path": "/memories/b"},
}
HELLO = {"role": "user", "content": "hello"}


@pytest.fixture
def claude(stack):
    with anthropic.Anthropic(api_key=MASTER_KEY, base_url=stack.url, max_retries=0, timeout=20) as client:
        yield client


def ask(claude, name, messages, stream=False, **options):
    """The answer and its headers."""
    options = {"model": name, "max_tokens": 2000, "tools": TOOLS, "messages": messages, **options}
    if not stream:
        raw = claude.messages.with_raw_response.create(**options)
        return raw.parse(), raw.headers
    with claude.messages.stream(**options) as events:
        return events.get_final_message(), events.response.headers


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("provider", ALL)
def test_they_are_called_and_answered_as_at_anthropic(claude, provider, stream):
    asked = " and ".join(f"call {name} {json.dumps(given)}" for name, given in INPUTS.items())
    messages = [{"role": "user", "content": asked}]
    answer, headers = ask(claude, provider, messages, stream)
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert answer.stop_reason == "tool_use" and {call.name: call.input for call in calls} == INPUTS
    # Claude's own tools go to Claude as they are, to Converse among the additional fields.
    types = "" if provider in ("messages", "converse") else ",".join(tool["type"] for tool in TOOLS)
    assert headers.get("x-tollgate-adjusted", "") == types and "x-tollgate-dropped" not in headers

    blocks = [block.model_dump(mode="json", exclude_none=True) for block in answer.content]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"of {call.name}"} for call in calls]
    results[-1]["content"] += ": describe request"
    messages += [{"role": "assistant", "content": blocks}, {"role": "user", "content": results}]
    answer, _ = ask(claude, provider, messages, stream)
    report = json.loads("".join(block.text for block in answer.content if block.type == "text"))
    # Beside calls in the history Converse demands a `toolConfig`, which knows nothing of the additional fields.
    stand_ins = ["unused"] if provider == "converse" else []
    assert [tool["name"] for tool in report["tools"]] == stand_ins + list(INPUTS)
    parts = [part for turn in report["turns"] for part in turn["parts"]]
    assert {part["call"]: part["arguments"] for part in parts if "call" in part} == INPUTS
    told = [part["result"] for part in parts if "result" in part]
    assert [result.split(":")[0] for result in told] == [f"of {name}" for name in INPUTS]


def test_at_converse_none_of_them_can_be_demanded_and_that_is_told(claude):
    _, headers = ask(claude, "converse", [HELLO], tool_choice={"type": "tool", "name": "memory"})
    assert headers["x-tollgate-dropped"] == "tool_choice"


@pytest.mark.parametrize("provider", ["chat", "responses", "messages", "gemini", "cohere"])
def test_one_may_be_demanded(claude, provider):
    answer, headers = ask(claude, provider, [HELLO], tool_choice={"type": "tool", "name": "memory"})
    assert [block.name for block in answer.content if block.type == "tool_use"] == ["memory"]
    assert "x-tollgate-dropped" not in headers


def test_they_are_no_reason_to_ask_responses_which_has_no_stop_sequences(stack, claude):
    options = {"stop_sequences": ["nowhere"], "tool_choice": {"type": "none"}}
    answer, headers = ask(claude, "both", [HELLO], **options)
    assert answer.stop_reason == "end_turn" and "x-tollgate-dropped" not in headers
    assert stack.mock.attempts()[-1]["endpoint"] == "chat"
