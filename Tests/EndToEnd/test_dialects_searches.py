"""Web searches that run at the provider: what a client is shown of them, streamed or whole, and what goes back."""

import json

import anthropic
import openai
import pytest
from google import genai
from google.genai import types
from tollgate_stack import MASTER_KEY
from tollgate_stack.dialect_stack import changes

CHANGES = changes()
SEARCH = [{"type": "web_search_20250305", "name": "web_search"}]
ASKED = {"role": "user", "content": "search cats"}
PAGE = "https://mock.example.com/first"

streams = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.fixture
def claude(stack):
    with anthropic.Anthropic(api_key=MASTER_KEY, base_url=stack.url, max_retries=0, timeout=20) as client:
        yield client


@pytest.fixture
def gpt(stack):
    with openai.OpenAI(api_key=MASTER_KEY, base_url=f"{stack.url}/v1", max_retries=0, timeout=20) as client:
        yield client


@pytest.fixture
def gemini(stack):
    client = genai.Client(api_key=MASTER_KEY, http_options=types.HttpOptions(base_url=stack.url))
    yield client
    client.close()


def search(claude, model, stream):
    options = {"model": model, "max_tokens": 2000, "messages": [ASKED], "tools": SEARCH}
    if not stream:
        return claude.messages.create(**options)
    with claude.messages.stream(**options) as events:
        return events.get_final_message()


def go_on(stack, claude, answer):
    """Sends the answer back to Claude; returns what was dropped, and the blocks of the answer that the provider got."""
    blocks = [block.model_dump(mode="json", exclude_none=True) for block in answer.content]
    messages = [ASKED, {"role": "assistant", "content": blocks}, {"role": "user", "content": "describe request"}]
    stack.mock.keep(10)
    raw = claude.messages.with_raw_response.create(model="messages", max_tokens=2000, messages=messages, tools=SEARCH)
    request = stack.mock.requests()[-1]
    dropped = raw.headers.get("x-tollgate-dropped")
    return dropped.split(",") if dropped else [], json.loads(request["body"])["messages"][1]["content"], blocks


@streams
@pytest.mark.parametrize(
    ("provider", "lost"), [("responses", ["citations", "server_tool_use"]), ("gemini", ["citations"])]
)
def test_what_another_provider_searched_and_cites_does_not_go_to_anthropic(stack, claude, provider, lost, stream):
    answer = search(claude, provider, stream)
    (text,) = [block for block in answer.content if block.type == "text"]
    assert text.citations[0].url == PAGE
    dropped, arrived, _ = go_on(stack, claude, answer)
    assert sorted(dropped) == lost
    assert arrived == [{"type": "text", "text": text.text}]


@streams
def test_a_search_of_claudes_own_goes_back_as_it_came(stack, claude, stream):
    dropped, arrived, blocks = go_on(stack, claude, search(claude, "messages", stream))
    assert dropped == [] and arrived == blocks
    assert [block["type"] for block in blocks] == ["server_tool_use", "web_search_tool_result", "text"]


CITED = "Tollgate mock: first page"


def test_a_streamed_citation_of_claudes_reaches_a_client_of_messages(claude):
    streamed = search(claude, "messages", True).content[-1]
    whole = search(claude, "messages", False).content[-1]
    assert streamed.citations == whole.citations
    assert (streamed.citations[0].url, streamed.citations[0].cited_text) == (PAGE, CITED)


def annotations_of(gpt, stream):
    options = {"model": "messages", "messages": [ASKED], "extra_body": {"web_search_options": {}}}
    if not stream:
        message = gpt.chat.completions.create(**options).choices[0].message
        return message.content, [annotation.model_dump() for annotation in message.annotations]
    text, annotations = "", []
    for chunk in gpt.chat.completions.create(stream=True, **options):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            annotations += getattr(choice.delta, "annotations", None) or []
    return text, annotations


@streams
def test_a_citation_of_claudes_reaches_a_client_of_chat(gpt, stream):
    text, (annotation,) = annotations_of(gpt, stream)
    source = annotation["url_citation"]
    assert (annotation["type"], source["url"], source["title"]) == ("url_citation", PAGE, CITED)
    assert text[source["start_index"] : source["end_index"]] == text != ""


def test_a_choice_that_anthropic_holds_is_not_reported_as_lost(stack):
    look = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}
    crm = {"type": "namespace", "name": "crm", "tools": [look]}
    named = [{"type": "namespace", "name": "crm"}, {"type": "web_search"}]
    body = {
        "model": "messages",
        "input": "call crm__look {}",
        "tools": [crm, {"type": "web_search"}, {"type": "function", "name": "other"}],
        "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": named},
    }
    answer = stack.master.post("/v1/responses", body)
    assert answer.status == 200 and "x-tollgate-dropped" not in answer.headers, answer
    assert "tool_choice" in answer.headers["x-tollgate-adjusted"].split(",")
    assert [(call["namespace"], call["name"]) for call in answer.json()["output"]] == [("crm", "look")]


@streams
@pytest.mark.parametrize("provider", ["messages", "responses"])
def test_a_client_of_googles_is_told_what_another_provider_searched(gemini, provider, stream):
    tool = types.Tool(google_search=types.GoogleSearch())
    config = types.GenerateContentConfig(tools=[tool])
    options = {"model": provider, "contents": ASKED["content"], "config": config}
    if stream:
        chunks = list(gemini.models.generate_content_stream(**options))
        told = [candidate.grounding_metadata for chunk in chunks for candidate in chunk.candidates or []]
    else:
        told = [gemini.models.generate_content(**options).candidates[0].grounding_metadata]
    (grounding,) = [found for found in told if found]
    assert grounding.web_search_queries == ["cats"]
    assert grounding.grounding_chunks[0].web.uri == PAGE


@streams
@pytest.mark.parametrize("provider", ["messages", "responses", "gemini"])
def test_a_client_of_anthropics_is_told_how_often_a_provider_searched(claude, provider, stream):
    assert search(claude, provider, stream).usage.server_tool_use.web_search_requests == 1


@streams
def test_a_client_of_responses_is_told_what_gemini_searched(gpt, stream):
    include = ["web_search_call.action.sources"]
    options = {"model": "gemini", "input": ASKED["content"], "tools": [{"type": "web_search"}], "include": include}
    if stream:
        events = list(gpt.responses.create(stream=True, **options))
        steps = [event.type for event in events if "web_search_call" in event.type]
        assert steps == [f"response.web_search_call.{step}" for step in ["in_progress", "searching", "completed"]]
        answer = events[-1].response
    else:
        answer = gpt.responses.create(**options)
    (call,) = [item for item in answer.output if item.type == "web_search_call"]
    assert (call.status, call.action.query, call.action.sources[0].url) == ("completed", "cats", PAGE)
