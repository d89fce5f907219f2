"""What a provider's stream says twice, or otherwise in the end, is told once to a client of another dialect."""

import json

import anthropic
import pytest
from conftest import running
from tollgate_stack import MASTER_KEY, ScriptedProvider, Stack
from tollgate_stack.configuration import model
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head


def delta(**members):
    choice = {"index": 0, "delta": members, "finish_reason": "stop" if "content" in members else None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


CHAT = [
    delta(role="assistant", reasoning_content="One"),
    delta(reasoning_content="\n\nTwo"),
    delta(thinking_blocks=[{"type": "thinking", "thinking": "Two", "signature": "c2ln"}]),
    delta(content="done"),
]


def responses(told, whole):
    def item(text):
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}

    place = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": []}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    return [
        {"type": "response.created", "response": head | {"status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": item("") | {"content": []}},
        {"type": "response.output_text.delta", **place, "delta": told},
        {"type": "response.output_item.done", "output_index": 0, "item": item(whole)},
        {"type": "response.completed", "response": head | {"output": [item(whole)], "usage": usage}},
    ]


STREAMS = {
    "chat": CHAT,
    "responses-longer": responses("It ran", "It ran well."),
    "responses-other": responses("It ran.", "Done in a container."),
}


def script(request, peer):
    events = STREAMS[json.loads(request.body)["model"]]
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    peer.sendall(stream_head() + chunk((text + "data: [DONE]\n\n").encode()) + LAST_CHUNK)


@pytest.fixture(scope="module")
def stack(request):
    with ScriptedProvider(script) as provider:
        account = {"base_url": provider.url, "api_key": "file:provider.key"}
        accounts = {
            "chat": account | {"dialects": ["chat_completions"]},
            "responses": account | {"dialects": ["responses"]},
        }
        models = [model(name, {"provider": name.partition("-")[0], "model": name}) for name in STREAMS]
        with running(Stack({"providers": accounts, "models": models}), request, "test_dialects_repeats") as stack:
            yield stack


def ask(stack, name):
    with anthropic.Anthropic(api_key=MASTER_KEY, base_url=stack.url, max_retries=0, timeout=20) as client:
        turns = [{"role": "user", "content": "hi"}]
        with client.messages.stream(model=name, max_tokens=50, messages=turns) as events:
            return events.get_final_message().content


def test_a_signed_thought_behind_an_unsigned_one_is_told_once(stack):
    *thoughts, text = ask(stack, "chat")
    assert "".join(block.thinking for block in thoughts) == "One\n\nTwo" and text.text == "done"
    assert [block.signature for block in thoughts if block.signature] == ["c2ln"]


@pytest.mark.parametrize("name, text", [("responses-longer", "It ran well."), ("responses-other", "It ran.")])
def test_what_does_not_go_on_from_the_deltas_is_not_added_to_them(stack, name, text):
    assert [block.text for block in ask(stack, name)] == [text]
