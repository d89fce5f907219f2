"""What the rules of differences.py ask: how our side of a difference follows from what the client, or the provider, said."""

import json
import re

from peers import ABSENT, parsed, without_nulls

CAPS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
# What a model is told where the provider has no JSON mode (rule 10).
ONE_OBJECT = "Answer with one JSON object and nothing else: no explanation, no code fence."


def other(difference, name):
    """What both sides have under another name: (theirs, ours)."""
    theirs, ours = difference.their_parent or {}, difference.our_parent or {}
    return theirs.get(name, ABSENT), ours.get(name, ABSENT)


def inner(value):
    """What an object or a list holds."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def holds(value, wanted):
    """Whether a value stands anywhere in a document."""
    return value == wanted or any(holds(each, wanted) for each in inner(value))


def named(value, name):
    """All that members of this name hold, in order."""
    if isinstance(value, dict) and name in value:
        yield value[name]
    for each in inner(value):
        yield from named(each, name)


# MARK: - Requests

def said(vector, *names):
    """The client's request has a member of one of these names, somewhere."""
    return any(True for name in names for _ in named(vector.asked, name))


def says(vector, value, *names):
    """… with this value."""
    return any(value in named(vector.asked, name) for name in names)


def stands(vector, value):
    """The client said it, somewhere in its request."""
    return holds(without_nulls(vector.asked), value)


def asks_for_no_cap(vector, _=None):
    return not said(vector, *CAPS)


def text_of(content):
    """The words of a content, whether it is a text or a list of parts."""
    return "".join(part.get("text", "") for part in content) if isinstance(content, list) else content or ""


def asked_texts(vector):
    """The texts of the one list of texts in the client's request."""
    def lists(value):
        if isinstance(value, list) and len(value) > 1 and all(isinstance(each, dict) and "text" in each for each in value):
            yield [each["text"] for each in value]
        for each in inner(value):
            yield from lists(each)

    return next(lists(vector.asked), [])


def is_clients(vector, part):
    """A part of a message is the client's own: as it wrote it, or its text or its image in the form of Chat or Responses."""
    if stands(vector, part):
        return True
    if part.get("type") in ("text", "input_text"):
        return set(part) == {"type", "text"} and stands(vector, part["text"])
    url = part["image_url"]
    url = url["url"] if part["type"] == "image_url" and set(url) == {"url"} else url
    return set(part) == {"type", "image_url"} and (stands(vector, url) or stands(vector, url.partition(";base64,")[2]))


def are_clients(vector, parts):
    """A list of parts is the client's: none is gone, none is another."""
    return stands(vector, parts) or vector.source != "chat_completions" and len(parts) > 1 and all(
        is_clients(vector, part) for part in parts)


def asked_calls(vector):
    """(name, arguments) of the calls in the client's history."""
    def calls(value):
        if isinstance(value, dict):
            for holder, arguments in (("function", "arguments"), ("functionCall", "args")):
                if arguments in value.get(holder, {}):
                    yield value[holder]["name"], parsed(value[holder][arguments])
            if value.get("type") in ("function_call", "tool_use"):
                yield value["name"], value["input"] if "input" in value else parsed(value["arguments"])
        for each in inner(value):
            yield from calls(each)

    return list(calls(vector.asked))


def asked_schema(vector):
    """The schema that the client wants of the answer."""
    return vector.asked["response_format"]["json_schema"]["schema"]


def with_schema(vector):
    """The instruction that asks for one."""
    return f"{ONE_OBJECT} It must match this JSON Schema:\n{json.dumps(asked_schema(vector), separators=(',', ':'))}"


def are_moved(theirs, ours):
    """The same elements in another order."""
    keys = [sorted(json.dumps(each, sort_keys=True) for each in side) for side in (theirs, ours)]
    return keys[0] == keys[1] and theirs != ours


# MARK: - Answers

def count(text, name):
    """The number that a member has in a JSON text."""
    found = re.search(rf'"{name}"\s*:\s*(\d+)', text)
    return int(found[1]) if found else 0


def is_told(vector, difference):
    """The number that we tell stands in what the provider sent, under a name that counts such tokens."""
    names = {"/input": "(prompt|input)", "/output": "(completion|output)", "/cached": "cache", "/reasoning": "reason"}
    return re.search(rf'"\w*{names[difference.path]}\w*"\s*:\s*{difference.ours}\b', vector.raw, re.I) is not None


def documents(vector):
    return vector.documents if isinstance(vector.documents, list) else [vector.documents]


def sum_of(vector, *names):
    """What the last counts under these names make together."""
    def last(name):
        return [0, *(number for number in named(documents(vector), name) if isinstance(number, int))][-1]

    return sum(map(last, names))


def bedrock_text(vector):
    """A Bedrock answer's words, those that it cites too."""
    text = ""
    for block in vector.documents["output"]["message"]["content"]:
        cited = block.get("citationsContent", {}).get("content", [])
        text += block.get("text", "") + "".join(part["text"] for part in cited)
    return text


def cohere_counts(vector):
    """What Cohere bills; of what the cache held, all that is not of its own prompt."""
    usage = [*named(documents(vector), "usage")][-1]
    billed, tokens = usage.get("billed_units", {}), usage.get("tokens", {})
    own_prompt = max((tokens.get("input_tokens") or 0) - (billed.get("input_tokens") or 0), 0)
    counts = {
        "/input": billed.get("input_tokens"), "/output": billed.get("output_tokens"),
        "/cached": max((usage.get("cached_tokens") or 0) - own_prompt, 0) or None,
        "/reasoning": tokens.get("reasoning_tokens"),
    }
    return {name: ABSENT if number is None else number for name, number in counts.items()}


def cohere_thoughts(vector):
    """Its thinking and its plan, without the blanks between."""
    thoughts = "".join(each for name in ("thinking", "tool_plan") for each in named(documents(vector), name))
    return "".join(thoughts.split())


def calls_of_clients(vector):
    """The calls of an answer that are the client's to run, and how it ended, in Chat's words; of several answers, the first's."""
    calls, end = [], None
    for document in documents(vector):
        for block in document.get("content") or document.get("output", {}).get("message", {}).get("content", []):
            if block.get("type") == "tool_use":
                calls.append([block["name"], block["input"]])
            elif block.get("toolUse", {}).get("type", "server_tool_use") != "server_tool_use":
                calls.append([block["toolUse"]["name"], block["toolUse"]["input"]])
        match document.get("type"):
            case "content_block_start":
                block, pieces = document["content_block"], []
                if block["type"] == "tool_use":
                    calls.append([block["name"], block["input"], pieces])
            case "content_block_delta":
                pieces.append(document["delta"].get("partial_json", ""))
            case "message_stop":
                break
        end = document.get("stop_reason") or document.get("delta", {}).get("stop_reason") or document.get("stopReason") or end
    calls = [[name, parsed("".join(more[0])) if more and more[0] else start] for name, start, *more in calls]
    return calls, "tool_calls" if calls else {"max_tokens": "length", "refusal": "content_filter"}.get(end, "stop")
