"""Images, sounds and files as each client's dialect says them, and as they stand in a request that a provider got.

The reading of a provider's request is this file's own: neither the gateway's nor the mock's code takes part in it.
"""

import base64
import json
import re
from dataclasses import dataclass, replace
from itertools import chain

from google.genai import types

FORMATS = {
    "application/pdf": "pdf",
    "text/markdown": "md",
    "text/csv": "csv",
    "text/plain": "txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "image/png": "png",
}
TYPES = {form: kind for kind, form in FORMATS.items()}


@dataclass(frozen=True)
class Medium:
    """`source` is base64, url, id or text; `value` the base64, the address, the id or the text."""

    kind: str
    source: str
    value: str
    type: str = ""
    name: str = ""

    @property
    def bytes(self):
        return base64.b64decode(self.value, validate=True)


def held(kind, data, type, name=""):
    return Medium(kind, "base64", base64.b64encode(data).decode(), type, name)


# What a client's dialect calls a document's name.
NAMES = {"chat": "filename", "responses": "filename", "messages": "title", "gemini": "displayName", "converse": "name"}
# Its member that holds the turns.
TURNS = {"chat": "messages", "responses": "input", "messages": "messages", "gemini": "contents", "converse": "messages"}


def written(client, medium):
    """The medium as a part of the client's dialect, and as it says it; None where the dialect has no words for it."""
    if medium.value.startswith("s3:") and client != "converse":
        return None
    match client:
        case "chat":
            return _chat(medium)
        case "responses":
            return _responses(medium)
        case "messages":
            return _messages(medium)
        case "gemini":
            return _gemini(medium)
        case "converse":
            return _converse(medium)


def _data_url(medium):
    return f"data:{medium.type};base64,{medium.value}" if medium.type else medium.value


def _named(part, member, medium):
    return {**part, member: medium.name} if medium.name else part


def _sound(medium):
    return {"type": "input_audio", "input_audio": {"data": medium.value, "format": FORMATS[medium.type]}}


def _chat(medium):
    match medium.kind, medium.source:
        case "image", "base64" | "url":
            url = _data_url(medium) if medium.source == "base64" else medium.value
            return {"type": "image_url", "image_url": {"url": url}}, medium
        case "audio", "base64":
            return _sound(medium), medium
        case "document", "base64":
            file = {"file_data": _data_url(medium)}
        case "document", "url":  # OpenRouter's.
            file = {"file_data": medium.value}
        case "document", "id":
            return {"type": "file", "file": {"file_id": medium.value}}, replace(medium, name="")
        case _:
            return None
    return {"type": "file", "file": _named(file, "filename", medium)}, medium


def _responses(medium):
    match medium.kind, medium.source:
        case "image", "id":
            return {"type": "input_image", "file_id": medium.value, "detail": "auto"}, medium
        case "image", "base64" | "url":
            url = _data_url(medium) if medium.source == "base64" else medium.value
            return {"type": "input_image", "image_url": url, "detail": "auto"}, medium
        case "audio", "base64":
            return _sound(medium), medium
        case "document", "base64":
            part = {"type": "input_file", "file_data": _data_url(medium)}
        case "document", "url":
            part = {"type": "input_file", "file_url": medium.value}
        case "document", "id":
            return {"type": "input_file", "file_id": medium.value}, replace(medium, name="")
        case _:
            return None
    return _named(part, "filename", medium), medium


def _messages(medium):
    match medium.kind, medium.source, medium.type:
        case ("document", "base64", "application/pdf") | ("image", "base64", _):
            source = {"type": "base64", "media_type": medium.type, "data": medium.value}
        case "document" | "image", "url", _:
            source = {"type": "url", "url": medium.value}
        case "document" | "image", "id", _:
            source = {"type": "file", "file_id": medium.value}
        case "document", "text", _:
            source = {"type": "text", "media_type": "text/plain", "data": medium.value}
        case _:
            return None
    return _named({"type": medium.kind, "source": source}, "title", medium), medium


def _gemini(medium):
    """google-genai refuses `display_name` for the Gemini API."""
    if medium.source == "base64" and medium.type:
        return types.Part.from_bytes(data=medium.bytes, mime_type=medium.type), replace(medium, name="")
    if medium.source == "url":
        return types.Part.from_uri(file_uri=medium.value, mime_type=medium.type), replace(medium, name="")
    if medium.source == "id":
        medium = replace(medium, value=f"https://generativelanguage.googleapis.com/v1beta/files/{medium.value}")
        return types.Part.from_uri(file_uri=medium.value, mime_type=medium.type), replace(medium, name="")
    return None


def _converse(medium):
    if medium.kind == "audio" and medium.source == "base64":
        return {"audio": {"format": FORMATS[medium.type], "source": {"bytes": medium.bytes}}}, medium
    if medium.kind == "image" and medium.source == "base64":
        return {"image": {"format": FORMATS[medium.type], "source": {"bytes": medium.bytes}}}, medium
    if medium.kind != "document" or not medium.type:
        return None
    match medium.source:
        case "base64":
            source = {"bytes": medium.bytes}
        case "text":
            source = {"text": medium.value}
        case "url" if medium.value.startswith("s3://"):
            source = {"s3Location": {"uri": medium.value}}
        case _:
            return None
    # A name is demanded, and holds no dot.
    medium = replace(medium, name=medium.name.partition(".")[0] or "document")
    return {"document": {"format": FORMATS[medium.type], "name": medium.name, "source": source}}, medium


def user_turn(client, parts, text):
    """A user's turn of these parts and a text."""
    match client:
        case "gemini":
            return types.Content(role="user", parts=[*parts, types.Part(text=text)])
        case "converse":
            return {"role": "user", "content": [*parts, {"text": text}]}
        case "responses":
            return {"role": "user", "content": [*parts, {"type": "input_text", "text": text}]}
        case _:
            return {"role": "user", "content": [*parts, {"type": "text", "text": text}]}


def turns_with_a_result(client, parts):
    """A call of the tool `look`, and a result that is these parts; None where a result can hold only text."""
    match client:
        case "responses":
            call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
            return [said("look at it"), call, {"type": "function_call_output", "call_id": "call_1", "output": parts}]
        case "messages":
            call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
            result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": parts}
            return [said("look at it"), said([call], "assistant"), said([result])]
        case "converse":
            call = {"toolUse": {"toolUseId": "call_1", "name": "look", "input": {}}}
            result = {"toolResult": {"toolUseId": "call_1", "content": parts}}
            return [said([{"text": "look at it"}]), said([call], "assistant"), said([result])]
        case "gemini":
            call = types.Part(function_call=types.FunctionCall(id="call_1", name="look", args={}))
            held = [types.FunctionResponsePart(inline_data=part.inline_data.model_dump()) for part in parts]
            answer = types.FunctionResponse(id="call_1", name="look", response={"output": "see"}, parts=held)
            return [
                types.Content(role="user", parts=[types.Part(text="look at it")]),
                types.Content(role="model", parts=[call]),
                types.Content(role="user", parts=[types.Part(function_response=answer)]),
            ]
    return None


def said(content, role="user"):
    return {"role": role, "content": content}


# What a provider got


def objects(value):
    """Every object in a JSON document, outer ones first."""
    if isinstance(value, dict):
        yield value
        yield from chain.from_iterable(objects(inner) for inner in value.values())
    elif isinstance(value, list):
        yield from chain.from_iterable(objects(inner) for inner in value)


def received(provider, body):
    """The media of a request, wherever they stand, as their dialect says them."""
    read = {
        "chat": _of_chat, "responses": _of_responses, "messages": _of_messages, "gemini": _of_gemini,
        "converse": _of_converse, "cohere": _of_chat, "ollama": _of_ollama, "completions": lambda _: None,
    }[provider]  # fmt: skip
    return [medium for found in objects(body) if (medium := read(found))]


def _of_url(kind, url, name):
    if not url.startswith("data:"):
        is_url = "://" in url
        return Medium(kind, "url" if is_url else "base64", url, "", name)
    head, _, data = url.partition(",")
    assert head.endswith(";base64"), url
    return Medium(kind, "base64", data, head.removeprefix("data:").removesuffix(";base64"), name)


def _of_sound(sound):
    if isinstance(sound, str):  # Mistral's.
        return _of_url("audio", sound, "")
    return Medium("audio", "base64", sound["data"], TYPES[sound["format"]])


def _of_chat(part):
    match part.get("type"):
        case "input_audio":
            return _of_sound(part["input_audio"])
        case "image_url":
            return _of_url("image", part["image_url"]["url"], "")
        case "file":
            file, name = part["file"], part["file"].get("filename", "")
            if "file_id" in file:
                return Medium("document", "id", file["file_id"], "", name)
            return _of_url("document", file["file_data"], name)


def _of_responses(part):
    match part.get("type"):
        case "input_audio":
            return _of_sound(part["input_audio"])
        case "input_image" if "file_id" in part:
            return Medium("image", "id", part["file_id"])
        case "input_image":
            return _of_url("image", part["image_url"], "")
        case "input_file":
            name = part.get("filename", "")
            if "file_id" in part:
                return Medium("document", "id", part["file_id"], "", name)
            return _of_url("document", part.get("file_url") or part["file_data"], name)


def _of_messages(block):
    if block.get("type") not in ("document", "image"):
        return None
    source, name = block["source"], block.get("title", "")
    match source["type"]:
        case "base64":
            return Medium(block["type"], "base64", source["data"], source["media_type"], name)
        case "url":
            return Medium(block["type"], "url", source["url"], "", name)
        case "file":
            return Medium(block["type"], "id", source["file_id"], "", name)
        case "text":
            return Medium(block["type"], "text", source["data"], source["media_type"], name)


def _camel(names):
    """Google takes both spellings, and google-genai writes both."""
    return {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in names.items()}


def _kind(type):
    family = type.partition("/")[0]
    return family if family in ("audio", "image") else "document"


def _of_gemini(part):
    part = _camel(part)
    if held := part.get("inlineData"):
        held = _camel(held)
        kind = _kind(held["mimeType"])
        # google-genai writes the URL-safe alphabet, which a Gemini provider gets as it came.
        data = held["data"].replace("-", "+").replace("_", "/")
        return Medium(kind, "base64", data, held["mimeType"], held.get("displayName", ""))
    if file := part.get("fileData"):
        file = _camel(file)
        kind = _kind(file["mimeType"])
        source = "id" if "googleapis.com" in file["fileUri"] else "url"
        return Medium(kind, source, file["fileUri"], file["mimeType"], file.get("displayName", ""))


def _of_converse(block):
    for kind in ("audio", "document", "image"):
        found = block.get(kind)
        if not isinstance(found, dict):
            continue
        source, type, name = found["source"], TYPES[found["format"]], found.get("name", "")
        if "bytes" in source:
            return Medium(kind, "base64", source["bytes"], type, name)
        if "text" in source:
            return Medium(kind, "text", source["text"], type, name)
        if "s3Location" in source:
            return Medium(kind, "url", source["s3Location"]["uri"], type, name)


def _of_ollama(message):
    if message.get("images"):
        (data,) = message["images"]
        return Medium("image", "base64", data)


def texts(body):
    """All strings of a request that are not media: what a model reads."""
    if isinstance(body, str):
        return body
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return "\n".join(filter(None, map(texts, inner)))


def body_of(request):
    return json.loads(request["body"])
