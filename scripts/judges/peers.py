"""The peers' vectors as the corpus' README describes them: which are of a conversation, what is asked of us, and what of both
answers is compared."""

import base64
import dataclasses
import json
import pathlib
import re

import corpus

ABSENT = "(absent)"

# Kinds of vectors that are of no conversation, by the name of their file.
OTHER = ("embeddings", "rerank", "images", "speech", "transcription", "moderations")


@dataclasses.dataclass
class Vector:
    id: str
    group: str
    case: str
    source: str
    target: str
    kind: str  # request, reply or stream
    model: str
    asked: object  # what was translated
    expected: object
    job: dict

    @property
    def raw(self):
        """What the provider sent, as a text."""
        return base64.b64decode(self.job["base64"]).decode(errors="replace") if "base64" in self.job else json.dumps(self.asked)

    @property
    def documents(self):
        """A reply, or the documents of a stream."""
        if self.kind == "stream":
            return sse(self.raw) or [json.loads(line) for line in self.raw.splitlines() if line.startswith("{")]
        return json.loads(self.raw)


@dataclasses.dataclass
class Difference:
    path: str
    theirs: object
    ours: object
    their_parent: object = None
    our_parent: object = None
    key: object = None  # in our parent: a member's name, or where in a list ours stands, or would
    their_body: object = None  # whole
    body: object = None  # ours, whole
    is_as_it_came: bool = False  # the client is told what the provider said

    def __str__(self):
        def short(value):
            text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
            return text if len(text) < 260 else text[:257] + "…"

        return f"{self.path}: peer {short(self.theirs)} | we {short(self.ours)}"


# MARK: - Reading

def vectors(folder, left_out):
    root = pathlib.Path(folder, "vectors")
    for path in sorted(root.glob("requests/*.jsonl")):
        for line in path.open():
            found = request(path.stem, json.loads(line))
            if isinstance(found, str):
                left_out[found] += 1
            else:
                yield found
    traffic = {record.id: record for record in corpus.records(folder)}
    for path in sorted(root.glob("responses/*.jsonl")):
        for line in path.open():
            found = reply(path.stem, json.loads(line), traffic)
            if isinstance(found, str):
                left_out[found] += 1
            else:
                yield found
    for path in sorted(root.glob("peer_agentgateway/*.jsonl")):
        for line in path.open():
            found = second_peer(json.loads(line))
            if isinstance(found, str):
                left_out[found] += 1
            else:
                yield found


def request(name, raw):
    """A vector, or why it is none that can be compared."""
    if name.split("_")[0] in OTHER:
        return f"{name.split('_')[0]}: no conversation"
    if "provider_request" not in raw:
        return f"requests: an error at the peer ({raw['error']['class']})"
    sent = raw["provider_request"]
    spoken = dialect(name, sent)
    if spoken is None:
        return f"requests/{name}: {'a look-up' if sent['method'] == 'GET' else 'no dialect of ours'}"
    kind = raw["kind"]
    source = {
        "anthropic_in": "messages", "gemini_in": "generate_content", "chat": "chat_completions",
        "responses": "responses", "text_completion": "completions",
    }[kind]
    asked = dict(raw.get("openai_request") or raw.get("anthropic_request") or raw.get("gemini_request"))
    model = model_name(raw["model"])
    if source == "generate_content":
        # As its SDK for Python says it; the wire's own name is another.
        if "config" in asked:
            asked["generationConfig"] = asked.pop("config")
    else:
        asked.setdefault("model", model)
    stream = "stream" in sent["url"].rsplit("/", 1)[-1].lower() or bool(sent["body"].get("stream"))
    job = {"id": raw["id"], "kind": "request", "from": source, "to": spoken, "model": model, "body": asked, "stream": stream}
    return Vector(raw["id"], f"requests/{name}", raw["case"], source, spoken, "request", model, asked, sent["body"], job)


def model_name(name):
    """Without the peer's words for the provider."""
    pieces = name.split("/")[1:]
    if pieces[0] in ("converse", "invoke"):
        pieces = pieces[1:]
    return "/".join(pieces)


def dialect(name, sent):
    path = sent["url"].split("?")[0]
    last = path.rsplit("/", 1)[-1]
    if sent["method"] == "GET" or not isinstance(sent.get("body"), dict):
        return None
    if "publishers/mistralai" in path:
        return "chat_completions"
    if path.endswith("/messages") or "awPredict" in last:
        return "messages" if "messages" in sent["body"] else None
    if last.startswith("invoke"):
        return "messages" if "anthropic." in path else None
    if "enerateContent" in last:
        return "generate_content"
    if last in ("converse", "converse-stream"):
        return "converse"
    if "api.cohere.com/v2/chat" in path:
        return "cohere_chat"
    if path.endswith("/api/chat"):
        return "ollama_chat"
    if last == "responses":
        return "responses"
    if path.endswith("/chat/completions") or "/text/chat" in path or name == "sagemaker_chat":
        return "chat_completions"
    return "completions" if last == "completions" else None


CALLS = {"completion": "chat_completions", "text_completion": "completions", "responses": "responses"}


def reply(name, raw, traffic):
    """The recorded reply of a provider through the peer; or why there is nothing to compare."""
    client = CALLS.get(raw["litellm_call"])
    if client is None:
        return f"replies: {raw['litellm_call']}: no conversation"
    if "error" in raw:
        kind = "the provider's own error" if raw["status"] >= 400 else "an error at the peer for a status of 200"
        return f"replies: {kind}"
    record = traffic.get(raw["id"])
    if record is None:
        return f"replies/{name}/{raw['endpoint']}: no dialect of ours"
    kind = "stream" if record.streaming else "reply"
    expected = raw["openai_chunks"] if "openai_chunks" in raw else raw["openai_response"]
    job = {
        "id": raw["id"], "kind": kind, "from": record.dialect, "to": client, "model": record.model,
        "base64": base64.b64encode(record.body).decode(),
    }
    if record.framing:
        job["source_framing"] = record.framing
    return Vector(
        raw["id"], f"{kind}: {record.dialect} → {client}", name, record.dialect, client, kind, record.model,
        record.body, expected, job)


SECOND_SOURCES = {
    "requests/completions": "chat_completions", "requests/messages": "messages", "requests/responses": "responses",
    "requests/gemini": "generate_content",
    "response/completions": "chat_completions", "response/vertex-gemini": "generate_content",
    "response/bedrock": "converse", "response/anthropic": "messages", "response/responses": "responses",
}
SECOND_TARGETS = {
    "anthropic": "messages", "vertex": "messages", "bedrock": "converse", "completions": "chat_completions",
    "responses": "responses", "vertex-gemini": "generate_content", "gemini-native": "generate_content",
    # Google's own OpenAI-compatible path.
    "gemini": "chat_completions", "openai": "responses", "messages": "messages",
}


SECOND_MODELS = {
    "messages": ("claude", "claude-sonnet-4-5"), "converse": ("claude", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    "generate_content": ("gemini", "gemini-2.5-flash"),
}


def second_peer(raw):
    """A pair of agentgateway's: its own proof of a translation."""
    group, variant = raw["group"], raw["variant"].split(".")[-1]
    source = SECOND_SOURCES.get(group)
    if source is None:
        return f"agentgateway: {group}: no translation of a conversation"
    if variant.startswith("get-messages") or "detect" in variant:
        return "agentgateway: what its guardrails and logs read of a body"
    expected = raw["expected"]
    kind = "request"
    if group.startswith("response/"):
        kind = "stream" if variant.endswith("-streaming") else "reply"
        variant = variant.removesuffix("-streaming")
        variant = variant if variant.endswith("native") else variant.split("-")[-1]
    target = SECOND_TARGETS[variant]
    asked = raw["input"]
    if kind == "stream" and not isinstance(asked, str):
        return "agentgateway: a stream whose frames are not in the vector"
    model = "m"
    if isinstance(asked, dict):
        model = asked.get("model") or "m"
    if kind == "stream":
        # Its streams end without a blank line where their files do.
        job = {"base64": base64.b64encode(asked.encode() + b"\n\n").decode()}
        expected = sse(expected)
    else:
        job = {"body": asked, "stream": bool(isinstance(asked, dict) and asked.get("stream"))}
        expected = expected["request" if kind == "request" else "response"]
    if kind == "request" and target in SECOND_MODELS and isinstance(expected, dict):
        # Its names are no models' ("replaceme"); which provider it writes for it knows otherwise.
        family, named = SECOND_MODELS[target]
        model = model if family in model else named
        if "model" in expected:
            expected["model"] = model
    job = {"id": raw["id"], "kind": kind, "from": source, "to": target, "model": model, **job}
    return Vector(
        raw["id"], f"agentgateway/{group}", raw["variant"], source, target, kind, model, asked, expected, job)


def sse(text):
    """The documents of a stream of server-sent events."""
    found = []
    for line in text.splitlines():
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data.startswith("{"):
            found.append(json.loads(data))
    return found


# MARK: - What is compared

def compared(vector, answer):
    """The differences between the peer's and our own."""
    if "error" in answer:
        return [Difference("refused", vector.expected, answer["error"])]
    if vector.kind == "request":
        theirs, ours = (normal(vector.target, each) for each in (vector.expected, answer["output"]))
        return differences_of(theirs, ours)
    if answer.get("failed") is not None and vector.kind == "reply":
        return [Difference("failed", heard(vector.target, vector.expected), answer["failed"])]
    ours = answer["output"] if vector.kind == "reply" else sse(base64.b64decode(answer["base64"]).decode())
    theirs = heard(vector.target, vector.expected)
    if vector.kind == "stream" and (answer.get("failed") is not None or not answer["complete"]):
        return [Difference("broken", theirs, answer.get("failed") or "cut")]
    ours = heard(vector.target, ours)
    found = differences_of(theirs, ours)
    if vector.source == vector.target and ours == heard(vector.target, vector.documents):
        for difference in found:
            difference.is_as_it_came = True
    return found


def differences_of(theirs, ours):
    """Between two documents in their normal forms."""
    found = list(differing("", theirs, ours))
    for difference in found:
        difference.their_body, difference.body = theirs, ours
    return found


def differing(path, theirs, ours, parents=(None, None), key=None):
    if theirs == ours:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in [*theirs, *(each for each in ours if each not in theirs)]:
            yield from differing(f"{path}/{name}", theirs.get(name, ABSENT), ours.get(name, ABSENT), (theirs, ours), name)
    elif isinstance(theirs, list) and isinstance(ours, list):
        for one, other, place in aligned(theirs, ours):
            yield from differing(f"{path}[]", one, other, (theirs, ours), place)
    else:
        yield Difference(path or "/", theirs, ours, *parents, key)


def aligned(theirs, ours):
    """Pairs of two lists' elements, and where ours stands. The order is kept, and what is most alike goes together: an element
    that one side alone has is none of another's. Of what is no object, the place says what it is."""
    if len(theirs) == len(ours) and not all(isinstance(each, dict) for each in theirs + ours):
        yield from zip(theirs, ours, range(len(ours)))
        return
    best = [[0.0] * (len(ours) + 1) for _ in range(len(theirs) + 1)]
    for i in reversed(range(len(theirs))):
        for j in reversed(range(len(ours))):
            together = likeness(theirs[i], ours[j]) + best[i + 1][j + 1]
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(theirs) or j < len(ours):
        alike = likeness(theirs[i], ours[j]) if i < len(theirs) and j < len(ours) else 0
        if alike and best[i][j] == alike + best[i + 1][j + 1]:
            yield theirs[i], ours[j], j
            i, j = i + 1, j + 1
        elif j == len(ours) or i < len(theirs) and best[i][j] == best[i + 1][j]:
            yield theirs[i], ABSENT, j
            i += 1
        else:
            yield ABSENT, ours[j], j
            j += 1


def likeness(one, other):
    """0 to 1; of two objects of one kind at least a little."""
    if one == other:
        return 1
    if isinstance(one, dict) and isinstance(other, dict):
        if "type" in one and "type" in other and not likeness(one["type"], other["type"]):
            return 0
        shared = [likeness(one[name], other[name]) for name in one if name in other]
        return max(sum(shared) / len({*one, *other}), 0.01 if shared else 0)
    if isinstance(one, list) and isinstance(other, list):
        return sum(likeness(*pair) for pair in zip(one, other)) / max(len(one), len(other))
    return 0.1 if isinstance(one, str) and isinstance(other, str) and (one in other or other in one) else 0


# MARK: - Normal forms

# Members that hold what is a client's own, where names and nulls mean themselves.
OWN = {"args", "arguments", "input", "response", "parameters", "parametersJsonSchema", "input_schema", "json", "schema",
       "responseSchema", "responseJsonSchema"}


def without_nulls(value, key=None):
    if isinstance(value, dict):
        return {name: without_nulls(each, name) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def camel(value):
    """Google takes members in snake_case, too."""
    if isinstance(value, dict):
        named = {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): each for name, each in value.items()}
        return {name: each if name in OWN else camel(each) for name, each in named.items()}
    return [camel(each) for each in value] if isinstance(value, list) else value


def parsed(text):
    """A text that holds JSON, as what it holds."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


IDS = {"id", "tool_call_id", "tool_use_id", "toolUseId", "call_id"}


def numbered(value, known=None, inside=None):
    """Ids of calls by the order in which they come: they may be made up."""
    known = {} if known is None else known
    if isinstance(value, dict):
        return {
            name: known.setdefault(each, f"id{len(known) + 1}") if name in IDS and isinstance(each, str)
            else each if name in OWN else numbered(each, known, name)
            for name, each in value.items()
        }
    return [numbered(each, known, inside) for each in value] if isinstance(value, list) else value


def blocks(content):
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def normal(target, body):
    body = without_nulls(body)
    if target == "generate_content":
        body = camel(body)
        for tool in body.get("tools", []):
            tool.pop("functionDeclarations", None) if tool.get("functionDeclarations") == [] else None
    if target == "messages":
        body = normal_messages(body)
    if target in ("chat_completions", "cohere_chat", "ollama_chat"):
        body = normal_chat(target, body)
    if target == "converse":
        body = normal_converse(body)
    if target == "responses":
        body = normal_responses(body)
    if body.get("stream") is False:
        del body["stream"]
    for name in ("tools", "stop"):
        if body.get(name) == []:
            del body[name]
    return numbered(body)


def normal_messages(body):
    """Texts are lists of blocks; what has no type is `custom`."""
    if "system" in body:
        body["system"] = blocks(body["system"])
    for message in body.get("messages", []):
        message["content"] = blocks(message.get("content"))
        for block in message["content"] or []:
            if block.get("type") == "tool_result" and "content" in block:
                block["content"] = blocks(block["content"])
                for part in block["content"]:
                    if "text" in part:
                        part["text"] = parsed(part["text"])
    for tool in body.get("tools", []):
        if tool.get("type") == "custom":
            del tool["type"]
    return body


def normal_chat(target, body):
    """One text alone is a string, arguments are what they hold."""
    for message in body.get("messages", []):
        content = message.get("content")
        if isinstance(content, list) and len(content) == 1 and set(content[0]) == {"type", "text"}:
            message["content"] = content[0]["text"]
        for call in message.get("tool_calls", []):
            function = call.get("function", {})
            function["arguments"] = parsed(function.get("arguments"))
            call.pop("index", None)
            if target == "ollama_chat":
                call.pop("type", None)
        if message.get("role") == "tool":
            message["content"] = parsed(message.get("content"))
        if message.get("images") == []:
            del message["images"]
    holder = body.get("options", body)
    if isinstance(holder.get("stop"), str):
        holder["stop"] = [holder["stop"]]
    if body.get("options") == {}:
        del body["options"]
    return body


def normal_converse(body):
    """A schema in a text is what it holds; an empty `inferenceConfig` says nothing."""
    if body.get("inferenceConfig") == {}:
        del body["inferenceConfig"]
    schema = body.get("outputConfig", {}).get("textFormat", {}).get("structure", {}).get("jsonSchema")
    if schema:
        schema["schema"] = parsed(schema["schema"])
    return body


def normal_responses(body):
    """An input that is a text is one message; a message's one text is a list of parts."""
    if isinstance(body.get("input"), str):
        body["input"] = [{"role": "user", "content": body["input"]}]
    for item in body.get("input", []):
        item.pop("status", None) if item.get("type") != "reasoning" else None
        if item.get("type") == "message" or "role" in item:
            item.pop("type", None)
            if isinstance(item.get("content"), str):
                kind = "output_text" if item.get("role") == "assistant" else "input_text"
                item["content"] = [{"type": kind, "text": item["content"]}]
        if item.get("type") == "function_call":
            item.pop("id", None)
            item["arguments"] = parsed(item.get("arguments"))
    return body


# MARK: - What a client hears

def heard(dialect, answer):
    """What a client is told by a reply, or by the documents of a stream: texts, thinking, calls, the end, the counts."""
    told = HEARERS[dialect](answer)
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def usage_of_chat(usage):
    usage = usage or {}
    return {
        "input": usage.get("prompt_tokens"), "output": usage.get("completion_tokens"),
        "cached": (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or None,
        "reasoning": (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or None,
    }


def hear_chat(answer):
    documents = answer if isinstance(answer, list) else [answer]
    choices, usage = {}, {}
    for document in documents:
        usage = document.get("usage") or usage
        for choice in document.get("choices") or []:
            told = choices.setdefault(choice.get("index", 0), {"text": "", "thinking": "", "refusal": "", "calls": {}, "end": None})
            said = choice.get("delta") or choice.get("message") or {}
            content = said.get("content") or choice.get("text") or ""
            if isinstance(content, list):
                # Mistral's parts: texts, and thoughts that are texts again.
                told["thinking"] += "".join(
                    each.get("text", "") for part in content for each in part.get("thinking") or [])
                content = "".join(part.get("text", "") for part in content)
            told["text"] += content if isinstance(content, str) else json.dumps(content)
            told["thinking"] += said.get("reasoning_content") or said.get("reasoning") or "".join(
                each.get("text") or each.get("summary") or "" for each in said.get("reasoning_details") or [])
            told["refusal"] += said.get("refusal") or ""
            for index, call in enumerate(said.get("tool_calls") or []):
                function = call.get("function") or {}
                # In a whole answer their places number them.
                place = call.get("index", index) if "delta" in choice else index
                kept = told["calls"].setdefault(place, ["", ""])
                kept[0] += function.get("name") or ""
                arguments = function.get("arguments")
                kept[1] += arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)
            told["end"] = choice.get("finish_reason") or told["end"]
    return {"choices": [told_choice(choices[index]) for index in sorted(choices)], **usage_of_chat(usage)}


def told_choice(choice):
    choice = {**choice, "calls": [[name, parsed(text)] for _, (name, text) in sorted(choice["calls"].items())]}
    return {name: value for name, value in choice.items() if value not in (None, "", [])}


RESPONSE_ENDS = ("response.completed", "response.incomplete", "response.failed")


def hear_responses(answer):
    whole, items = answer, None
    if isinstance(answer, list):
        ends = [each["response"] for each in answer if each.get("type") in RESPONSE_ENDS]
        whole = ends[-1] if ends else {}
        items = [each["item"] for each in answer if each.get("type") == "response.output_item.done"]
    texts, thoughts, calls, refusals = [], [], [], []
    for item in items or whole.get("output") or []:
        if item.get("type") == "message":
            texts += [part["text"] for part in item.get("content") or [] if part.get("text")]
            refusals += [part["refusal"] for part in item.get("content") or [] if part.get("refusal")]
        elif item.get("type") == "reasoning":
            thoughts += [part["text"] for part in item.get("summary") or [] if part.get("text")]
            thoughts += [part["text"] for part in item.get("content") or [] if part.get("text")]
        elif item.get("type") == "function_call":
            calls.append([item.get("name"), parsed(item.get("arguments"))])
        elif item.get("type") == "custom_tool_call":
            calls.append([item.get("name"), item.get("input")])
    usage = whole.get("usage") or {}
    return {
        "text": "".join(texts), "thinking": "".join(thoughts), "refusal": "".join(refusals), "calls": calls,
        "end": whole.get("status"), "why": (whole.get("incomplete_details") or {}).get("reason"),
        "input": usage.get("input_tokens"), "output": usage.get("output_tokens"),
        "cached": (usage.get("input_tokens_details") or {}).get("cached_tokens") or None,
        "reasoning": (usage.get("output_tokens_details") or {}).get("reasoning_tokens") or None,
    }


def hear_messages(answer):
    if isinstance(answer, list):
        answer = message_of(answer)
    texts, thoughts, calls = [], [], []
    for block in answer.get("content") or []:
        if block.get("type") == "text":
            texts.append(block.get("text") or "")
        elif block.get("type") == "thinking":
            thoughts.append(block.get("thinking") or "")
        elif block.get("type") == "tool_use":
            calls.append([block.get("name"), block.get("input")])
    usage = answer.get("usage") or {}
    return {
        "text": "".join(texts), "thinking": "".join(thoughts), "calls": calls, "end": answer.get("stop_reason"),
        "input": usage.get("input_tokens"), "output": usage.get("output_tokens"),
        "cached": usage.get("cache_read_input_tokens") or None,
        "written": usage.get("cache_creation_input_tokens") or None,
    }


def message_of(events):
    """A stream of Messages as the message that it makes."""
    message, blocks_by_index = {"usage": {}}, {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start":
            message["usage"].update({key: value for key, value in event["message"]["usage"].items() if value is not None})
        elif kind == "content_block_start":
            blocks_by_index[event["index"]] = {**event["content_block"], "json": ""}
        elif kind == "content_block_delta":
            block, delta = blocks_by_index[event["index"]], event["delta"]
            for name, own in (("text", "text"), ("thinking", "thinking"), ("partial_json", "json")):
                block[own] = (block.get(own) or "") + delta[name] if name in delta else block.get(own)
        elif kind == "message_delta":
            message["stop_reason"] = event["delta"].get("stop_reason")
            message["usage"].update({key: value for key, value in (event.get("usage") or {}).items() if value is not None})
    for block in blocks_by_index.values():
        if block["json"]:
            block["input"] = parsed(block["json"])
    return {**message, "content": [blocks_by_index[index] for index in sorted(blocks_by_index)]}


def hear_google(answer):
    documents = answer if isinstance(answer, list) else [answer]
    texts, thoughts, calls, end, usage = [], [], [], None, {}
    for document in documents:
        usage = document.get("usageMetadata") or usage
        for candidate in document.get("candidates") or []:
            end = candidate.get("finishReason") or end
            for part in (candidate.get("content") or {}).get("parts") or []:
                if "functionCall" in part:
                    calls.append([part["functionCall"].get("name"), part["functionCall"].get("args")])
                elif part.get("text"):
                    (thoughts if part.get("thought") else texts).append(part["text"])
    return {
        "text": "".join(texts), "thinking": "".join(thoughts), "calls": calls, "end": end,
        "input": usage.get("promptTokenCount"), "output": usage.get("candidatesTokenCount"),
        "reasoning": usage.get("thoughtsTokenCount"), "cached": usage.get("cachedContentTokenCount"),
    }


HEARERS = {
    "chat_completions": hear_chat, "completions": hear_chat, "responses": hear_responses, "messages": hear_messages,
    "generate_content": hear_google,
}
