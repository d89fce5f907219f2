"""Recorded traffic as its README describes it: which record is in which dialect, and how its stream is cut."""

import base64
import binascii
import dataclasses
import json
import pathlib
import struct
import urllib.parse

CLIENTS = ["chat_completions", "responses", "completions", "messages", "generate_content", "converse"]
PROVIDERS = [*CLIENTS, "cohere_chat", "ollama_chat"]


@dataclasses.dataclass
class Record:
    id: str
    provider: str
    endpoint: str
    dialect: str
    url: str
    status: int
    streaming: bool
    request: dict | None
    body: bytes
    framing: str | None

    @property
    def name(self):
        return f"{self.provider}/{self.endpoint} {self.id}"

    @property
    def model(self):
        """The model's name, which two dialects have in the path."""
        if self.request and isinstance(self.request.get("model"), str):
            return self.request["model"]
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.url).path)
        if self.dialect == "generate_content":
            return path.rsplit("/", 1)[-1].split(":")[0]
        if self.dialect == "converse":
            return path.split("/")[-2]
        return "model"


def dialect(raw):
    """nil where the record is no conversation, or is in a dialect that Tollgate does not speak."""
    endpoint, provider, url = raw["endpoint"], raw["provider"], raw["url"]
    if endpoint == "chat":
        if provider == "cohere":
            return "cohere_chat" if "/v2/chat" in url else None  # v1 is a dialect of its own
        return "ollama_chat" if "/api/chat" in url else "chat_completions"
    if endpoint == "completions":
        # Ollama's /api/generate, Anthropic's and Cohere's first APIs are recorded under the same name.
        return "completions" if "completions" in url else None
    if endpoint in ("responses", "responses_compact"):
        # A list of input items is no reply.
        is_ours = any(part.startswith("responses") for part in url.split("/")) and not url.endswith("/input_items")
        return "responses" if is_ours else None
    if endpoint in ("messages", "rawPredict"):
        return "messages"
    if endpoint in ("invoke", "invoke_stream"):
        # Other makers' models have bodies of their own at the same path, and so had Claude 2.
        request = raw["request_body"]
        legacy = isinstance(request, dict) and "max_tokens_to_sample" in request
        return "messages" if "anthropic." in url and not legacy else None
    if endpoint in ("generateContent", "streamGenerateContent"):
        return "generate_content"
    if endpoint in ("converse", "converse_stream"):
        return "converse"
    return None


def framing(raw, body):
    """None for the dialect's own."""
    if raw["endpoint"] == "invoke_stream":
        return "eventStream"
    if raw["endpoint"] == "streamGenerateContent" and body.lstrip().startswith(b"["):
        return "array"
    return None


def record(line):
    raw = json.loads(line)
    spoken = dialect(raw)
    if spoken is None or raw.get("eventstream_valid") is False:
        return None
    request = raw["request_body"]
    if isinstance(request, str):
        try:
            request = json.loads(request)
        except ValueError:
            request = None
    text = raw["response_body"] or ""
    body = base64.b64decode(text) if raw["response_body_encoding"] == "base64" else text.encode()
    if isinstance(request, dict) and "max_tokens_to_sample" in request:
        return None
    return Record(
        raw["id"], raw["provider"], raw["endpoint"], spoken, raw["url"], raw["status"], bool(raw["streaming"]),
        request if isinstance(request, dict) else None, body, framing(raw, body),
    )


def event_stream(name, payload):
    """A message of AWS' framing."""
    headers = b""
    for key, value in ((":event-type", name), (":content-type", "application/json"), (":message-type", "event")):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", binascii.crc32(message))


def fixture(path):
    """A reply or stream of the golden matrix as a record."""
    spoken, fixture = path.parent.name, json.loads(path.read_text())
    if "frames" not in fixture:
        body = json.dumps(fixture["input"]).encode()
    elif spoken == "converse":
        body = b"".join(event_stream(frame["event"], json.dumps(frame["data"]).encode()) for frame in fixture["frames"])
    elif spoken == "ollama_chat":
        body = "".join(json.dumps(frame) + "\n" for frame in fixture["frames"]).encode()
    else:
        frames = (frame if isinstance(frame, str) else json.dumps(frame) for frame in fixture["frames"])
        body = "".join(f"data: {frame}\n\n" for frame in frames).encode()
    return Record(f"{spoken}/{path.stem}", "golden", spoken, spoken, "/model/m/converse", 200, "frames" in fixture, None, body, None)


def fixtures(folder):
    return [fixture(path) for path in sorted(pathlib.Path(folder).glob("*/*.json"))]


def records(folder):
    for path in sorted(pathlib.Path(folder, "traffic").glob("*.jsonl")):
        with path.open() as lines:
            for line in lines:
                found = record(line)
                if found:
                    yield found
