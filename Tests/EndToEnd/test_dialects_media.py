"""Images, sounds and files: each client's SDK against a provider of every dialect, whole and streamed.

What a client says about one arrives (read from the bytes that the provider got), or stands in x-tollgate-dropped, or
the request is a 400 of the client's dialect. Nothing of it is gone without a word.
"""

import json

import anthropic
import openai
import pytest
from botocore.exceptions import ClientError
from google.genai import errors as genai_errors
from tollgate_stack.configuration import model
from tollgate_stack.dialect_stack import FULL_PRICE, PROVIDERS, changes
from tollgate_stack.media import (
    FORMATS, NAMES, TURNS, Medium, body_of, held, received, texts, turns_with_a_result, user_turn, written,
)  # fmt: skip
from tollgate_stack.samples import PNG, PNG_BASE64
from tollgate_stack.speakers import SPEAKERS
from tollgate_stack.tls_stack import TLSStack

LEGACY = {"base_url": "mock:/v1", "api_key": "file:provider.key", "dialects": ["completions"]}
CHANGES = changes(model("completions", {"provider": "completions", "model": "mock-gpt"}, price=FULL_PRICE))
CHANGES["providers"] = {**PROVIDERS, "completions": LEGACY}
STACK_KIND = TLSStack  # botocore sends a bearer over HTTPS only

ALL = list(CHANGES["providers"])
TEXT_ALONE = ("cohere", "ollama", "completions")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Every byte, so that both alphabets of base64 differ, and lengths with and without padding.
BYTES = bytes(range(256))
WORDS = "# Größe\n\nthe third line 😀\n"

PDF = held("document", b"%PDF-1.7\n" + BYTES, "application/pdf", "report.pdf")
PDF_URL = Medium("document", "url", "https://example.com/a/report.pdf?x=1", "application/pdf", "report.pdf")
TEXT = Medium("document", "text", WORDS, "text/plain", "notes.txt")
CASES = {
    "wav": held("audio", b"RIFF" + BYTES, "audio/wav"),
    "mp3": held("audio", b"ID3" + BYTES, "audio/mpeg"),
    "sound-by-url": Medium("audio", "url", "https://example.com/a.mp3", "audio/mpeg"),
    "sound-by-id": Medium("audio", "id", "sound-1", "audio/mpeg"),
    "pdf": PDF,
    "pdf-without-name": held("document", b"%PDF-1.4\n" + BYTES[:-1], "application/pdf"),
    "pdf-without-ending": held("document", b"%PDF-1.5\n" + BYTES, "application/pdf", "My Report"),
    "pdf-by-url": PDF_URL,
    "pdf-in-s3": Medium("document", "url", "s3://bucket/report.pdf", "application/pdf", "report.pdf"),
    "pdf-by-id": Medium("document", "id", "file-abc123", "application/pdf"),
    "docx": held("document", b"PK\x03\x04" + BYTES, DOCX, "letter.docx"),
    "docx-without-name": held("document", b"PK\x03\x04" + BYTES, DOCX),
    "markdown": held("document", WORDS.encode(), "text/markdown", "notes.md"),
    "csv-in-latin-1": held("document", b"caf\xe9;1\n", "text/csv", "table.csv"),
    "csv-without-type": held("document", "café;1\n".encode(), "", "table.csv"),
    "text": TEXT,
    "png": held("image", PNG, "image/png"),
    "png-by-url": Medium("image", "url", "https://example.com/a/b.png?x=1", "image/png"),
    "png-by-id": Medium("image", "id", "file-abc123", "image/png"),
}

LOOK = [{"name": "look", "description": "looks", "parameters": {"type": "object", "properties": {}}}]

providers = pytest.mark.parametrize("provider", ALL)
modes = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
REFUSALS = (openai.BadRequestError, anthropic.BadRequestError, genai_errors.ClientError, ClientError)


def way(client, provider, medium):
    """How a medium goes there: "itself", as "text", or not at all (None: a refusal)."""
    if medium.source == "base64" and not medium.type and provider == client:
        return "refused by the provider"  # OpenAI wants a type.
    if client == provider:
        return "itself"
    if medium.kind == "image":
        return image_way(provider, medium)
    if medium.source == "text":
        return "itself" if provider in ("messages", "converse") else "text"
    is_text = medium.type.startswith("text/") or medium.name.endswith(".csv")
    if medium.source == "base64":
        try:
            medium.bytes.decode()
        except UnicodeDecodeError:
            is_text = False
    if provider in TEXT_ALONE:
        return "text" if is_text and medium.source == "base64" else None
    if medium.source == "id":
        # OpenAI's two dialects share its files; any other's id names nothing elsewhere.
        return "itself" if {client, provider} == {"chat", "responses"} else None
    if medium.source == "url":
        if medium.value.startswith("s3:"):
            return None
        if (medium.kind, provider) == ("audio", "chat"):
            return "refused by the provider"  # Only Mistral takes these.
        # OpenAI's Chat takes no document by its address.
        is_fetched = provider == "gemini" or provider not in ("converse", "chat") and medium.kind == "document"
        return "itself" if is_fetched else None
    if medium.kind == "audio":
        return None if provider == "messages" else "itself"
    if provider == "messages" and medium.type != "application/pdf":
        return "text" if is_text else None
    return "text" if provider == "chat" and is_text else "itself"


def image_way(provider, medium):
    """To another dialect: everybody takes an image but Completions, and not everybody fetches one. Ids go nowhere."""
    takers = {"base64": {*ALL} - {"completions"}, "url": {*ALL} - {"completions", "converse", "ollama"}}
    return "itself" if provider in takers.get(medium.source, ()) else None


def ways(cases, clients=SPEAKERS, wanted=lambda medium, goes: True):
    """Of these cases, who can say each to whom."""
    rows = []
    for client in clients:
        for provider in ALL:
            for case in cases:
                found = written(client, CASES[case])
                if found and wanted(found[1], way(client, provider, found[1])):
                    rows.append((client, provider, case))
    names = ["-".join(row) for row in rows]
    return pytest.mark.parametrize(("client", "provider", "case"), rows, ids=names)


def is_named_and_goes(medium, goes):
    return medium.name and goes in ("itself", "text")


def first_refusals():
    """Of each client and provider, the first case that is not taken."""
    rows = {}
    for row in ways(CASES, wanted=lambda medium, goes: goes is None).args[1]:
        rows.setdefault(row[:2], row)
    return list(rows.values())


def send(stack, speaker, *turns, **options):
    """What the provider got, and the names of what it did not get."""
    stack.mock.keep(10)
    speaker.history += turns
    answer = speaker.ask(**options)
    (request,) = stack.mock.requests()
    dropped = answer.headers.get("x-tollgate-dropped") or ""
    return body_of(request), dropped.split(",")


def refusal(stack, speaker, *turns, **options):
    """The 400 of the client's dialect, which the gateway itself says: its text, and its `param` where there is one."""
    speaker.history += turns
    with pytest.raises(REFUSALS) as caught:
        speaker.ask(**options)
    error = caught.value
    assert stack.mock.attempts() == [], "the provider was asked"
    match speaker.DIALECT:
        case "chat" | "responses":
            assert error.code == "unsupported_content" and error.type == "invalid_request_error"
            return error.body["message"], error.param
        case "messages":
            assert error.body["error"]["type"] == "invalid_request_error"
            return error.body["error"]["message"], None
        case "gemini":
            assert (error.code, error.status) == (400, "INVALID_ARGUMENT")
            return error.message, None
        case "converse":
            assert error.response["Error"]["Code"] == "ValidationException"
            return error.response["Error"]["Message"], None


@modes
@ways(CASES)
def test_a_medium_arrives_byte_for_byte_or_is_refused(stack, speak, client, provider, case, stream):
    part, medium = written(client, CASES[case])
    turn = user_turn(client, [part], "what is it?")
    speaker = speak(client, provider)
    goes = way(client, provider, medium)
    if goes is None:
        words, _ = refusal(stack, speaker, turn, stream=stream)
        assert any(word in words for word in ("take", "sent", "Bedrock")), words
        return
    if goes == "refused by the provider":
        speaker.history.append(turn)
        with pytest.raises(REFUSALS):
            speaker.ask(stream=stream)
        assert stack.mock.attempts() != []
        return
    body, _ = send(stack, speaker, turn, stream=stream)
    assert "what is it?" in texts(body)
    found = received(provider, body)
    if goes == "text":
        words = medium.value if medium.source == "text" else medium.bytes.decode()
        assert words in texts(body)
        assert found == [] or [arrived.source for arrived in found] == ["text"]
        return
    (arrived,) = found
    assert (arrived.kind, arrived.source, arrived.value) == (medium.kind, medium.source, medium.value)
    if medium.source == "base64" and provider != "ollama":  # Which has no types.
        assert arrived.type == (medium.type or "text/csv")
    is_file = (medium.kind, medium.source) == ("document", "base64")
    if is_file and provider in ("chat", "responses") and client != provider:
        # OpenAI demands a name, and goes by its ending.
        assert arrived.name.endswith(f".{FORMATS[medium.type or 'text/csv']}"), arrived.name


@ways(["pdf", "pdf-by-url", "text"], wanted=is_named_and_goes)
def test_a_files_name_arrives_or_is_reported(stack, speak, client, provider, case):
    part, medium = written(client, CASES[case])
    body, dropped = send(stack, speak(client, provider), user_turn(client, [part], "what is it?"))
    stem = medium.name.partition(".")[0]
    url = medium.value if medium.source == "url" else "\0"
    assert stem in texts(body).replace(url, "") or NAMES[client] in dropped, (body, dropped)


@ways(["pdf", "pdf-by-url", "text"], ["messages", "converse"], is_named_and_goes)
def test_what_is_said_about_a_document_arrives_or_is_reported(stack, speak, client, provider, case):
    part, _ = written(client, CASES[case])
    inner = part["document"] if client == "converse" else part
    inner |= {"context": "from the year 1851", "citations": {"enabled": True}}
    body, dropped = send(stack, speak(client, provider), user_turn(client, [part], "what is it?"))
    assert "from the year 1851" in texts(body) or "context" in dropped, (body, dropped)
    is_cited = '"citations": {"enabled": true}' in json.dumps(body)
    assert is_cited == (provider in ("messages", "converse"))
    assert is_cited or "citations" in dropped


def blocks_of_both():
    """A document of Anthropic's that is made of a text and an image."""
    source = {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}
    content = [{"type": "text", "text": "the figure:"}, {"type": "image", "source": source}]
    return {"type": "document", "title": "Chapter 1", "source": {"type": "content", "content": content}}


@pytest.mark.parametrize("place", ["user", "result"])
@providers
def test_a_document_of_text_and_images_loses_none_of_them(stack, speak, provider, place):
    speaker = speak("messages", provider)
    turns = [user_turn("messages", [blocks_of_both()], "what is it?")]
    if place == "result":
        turns = turns_with_a_result("messages", [blocks_of_both()])
    if provider in ("converse", "completions") or (provider, place) in (("ollama", "result"), ("cohere", "result")):
        refusal(stack, speaker, *turns, tools=LOOK)
        return
    body, dropped = send(stack, speaker, *turns, tools=LOOK)
    assert "the figure:" in texts(body)
    assert PNG_BASE64 in [medium.value for medium in received(provider, body)]
    assert "Chapter 1" in texts(body) or "title" in dropped


@pytest.mark.parametrize("place", ["user", "result"])
@providers
def test_what_a_search_found_keeps_its_address(stack, speak, provider, place):
    found = {
        "type": "search_result", "source": "https://example.com/s", "title": "T", "cache_control": {"type": "ephemeral"},
        "content": [{"type": "text", "text": "the passage"}],
    }  # fmt: skip
    speaker = speak("messages", provider)
    turns = turns_with_a_result("messages", [found]) if place == "result" else [user_turn("messages", [found], "so?")]
    tools = LOOK if place == "result" else []
    if provider == "completions" and place == "result":
        refusal(stack, speaker, *turns, tools=tools)
        return
    body, dropped = send(stack, speaker, *turns, tools=tools)
    assert "the passage" in texts(body)
    assert "https://example.com/s" in json.dumps(body) or "source" in dropped
    assert "cache" in json.dumps(body) or "cache_control" in dropped


@providers
@pytest.mark.parametrize("client", ["responses", "messages", "gemini", "converse"])
def test_a_file_in_a_tools_result_arrives_or_is_refused(stack, speak, client, provider):
    part, medium = written(client, PDF)
    turns = turns_with_a_result(client, [part])
    speaker = speak(client, provider)
    if provider in TEXT_ALONE:
        refusal(stack, speaker, *turns, tools=LOOK)
        return
    body, _ = send(stack, speaker, *turns, tools=LOOK)
    (arrived,) = received(provider, body)
    assert (arrived.kind, arrived.type, arrived.value) == ("document", "application/pdf", medium.value)


@pytest.mark.parametrize("provider", [name for name in ALL if name != "responses"])
def test_of_two_sources_of_one_file_none_is_gone_without_a_word(stack, speak, provider):
    part = {"type": "input_file", "file_id": "file-abc123", "file_data": f"data:application/pdf;base64,{PDF.value}"}
    speaker = speak("responses", provider)
    try:
        body, dropped = send(stack, speaker, user_turn("responses", [part], "what is it?"))
    except openai.BadRequestError:
        assert stack.mock.attempts() == []
        return
    assert "file_id" in dropped or "file_data" in dropped, body


STRANGE = {
    "container_upload": ("messages", {"type": "container_upload", "file_id": "file_1"}),
    "document": ("chat", {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
    "input_video": ("responses", {"type": "input_video", "video_url": "https://example.com/a.mp4"}),
}


@pytest.mark.parametrize(
    ("kind", "provider"),
    [(kind, provider) for kind, (client, _) in STRANGE.items() for provider in ALL if provider != client],
)
def test_a_part_that_nobody_else_knows_is_refused_or_reported(stack, speak, provider, kind):
    client, part = STRANGE[kind]
    speaker = speak(client, provider)
    try:
        _, dropped = send(stack, speaker, user_turn(client, [part], "what is it?"))
    except REFUSALS:
        assert stack.mock.attempts() == []
        return
    assert kind in dropped or "content" in dropped


@pytest.mark.parametrize("provider", [name for name in ALL if name != "chat"])
def test_a_spoken_answer_in_the_history_is_refused_or_reported(stack, speak, provider):
    """It is at OpenAI, under an id."""
    speaker = speak("chat", provider)
    history = [{"role": "user", "content": "hi"}, {"role": "assistant", "audio": {"id": "audio_1"}}]
    try:
        _, dropped = send(stack, speaker, *history, user_turn("chat", [], "what did you say?"))
    except REFUSALS:
        assert stack.mock.attempts() == []
        return
    assert "audio" in dropped


@pytest.mark.parametrize(("client", "provider", "case"), first_refusals())
def test_a_refusal_names_the_clients_own_member(stack, speak, client, provider, case):
    """In `param` where the dialect has that, else in the text."""
    part, _ = written(client, CASES[case])
    words, param = refusal(stack, speak(client, provider), user_turn(client, [part], "what is it?"))
    assert TURNS[client] in (param or words), (words, param)
