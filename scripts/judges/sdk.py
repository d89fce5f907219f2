"""The clients' own SDKs as judges: each reads what a client of its dialect would get, as strictly as its models say.

A judge returns what the client is told in the end (`Told`), for comparing it with what the others are told; it raises
`Rejected` where the SDK would not take it, or where frames come in an order that the dialect does not allow.
"""

import dataclasses
import json
import re
import typing

import anthropic.types
import anthropic.types.beta
import botocore.parsers
import botocore.session
import botocore.validate
import openai.types.chat
import openai.types.responses
import pydantic
from anthropic.lib.streaming import _beta_messages, _messages
from botocore.eventstream import EventStreamBuffer
from google.genai import chats
from google.genai import types as google
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai._types import omit
from openai.types import Completion
from openai.types.responses import response_stream_event


class Rejected(Exception):
    """Why, and the single faults of which that is made up."""

    def __init__(self, why, faults=None):
        super().__init__(why)
        self.faults = {re.sub(r"'[^']*'?|\d+|\{.*", "…", fault) for fault in faults or [why]}


@dataclasses.dataclass
class Told:
    """What a client reads: the text of the first choice, and the calls that it is to answer."""

    text: str = ""
    calls: list = dataclasses.field(default_factory=list)
    # A call's arguments are no JSON: free text, or cut by the output's cap. Dialects in which they are an object cannot
    # have them as they are.
    is_cut: bool = False

    def is_like(self, other, compares_calls):
        if self.text != other.text:
            return False
        if self.is_cut or other.is_cut:
            return [name for name, _ in self.calls] == [name for name, _ in other.calls] or not compares_calls
        return self.calls == other.calls or not compares_calls

    def call(self, name, arguments):
        """Free text of a custom tool is `{"input": text}` in dialects without such."""
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments or "{}")
            except ValueError:
                arguments = {"input": arguments}
                self.is_cut = True
        if arguments is None:
            arguments = {}  # some models write `null` where there are none
        if not isinstance(arguments, dict):
            arguments = {"input": arguments}
        self.calls.append((name, json.dumps(arguments, sort_keys=True)))


def reason(error):
    """An SDK's complaint in a line."""
    if isinstance(error, pydantic.ValidationError):
        faults = error.errors(include_url=False)
        return "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['type']} {str(fault.get('input'))[:60]}" for fault in faults[:3]
        )
    return f"{type(error).__name__}: {error}"[:300]


def demand(condition, fault):
    if not condition:
        raise Rejected(fault)


def validated(model, value):
    try:
        return model.model_validate(value)
    except pydantic.ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors(include_url=False)]
        raise Rejected(f"{model.__name__}: {reason(error)}", faults) from None


def either(error, other):
    """Tries the other; where that fails too, the first complaint tells more."""
    try:
        return other()
    except Rejected:
        raise error from None


def events(data):
    """(event's name, document) of server-sent events as our encoders write them: one `data` line each."""
    demand(data.endswith(b"\n\n") or not data, "the last event is not ended")
    found = []
    for block in data.decode().split("\n\n"):
        name, document = None, None
        for line in block.split("\n"):
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                demand(document is None, "two data lines")
                document = line[6:]
            else:
                demand(not line or line.startswith(":"), f"an odd line {line[:40]!r}")
        if document is not None:
            found.append((name, document))
    return found


def documents(data, done, failed):
    """The documents of a stream, which ends with `[DONE]` where the dialect has that and nothing went wrong."""
    texts = [text for _, text in events(data)]
    ended = bool(texts) and texts[-1] == "[DONE]"
    demand(ended == (done and not failed), f"the stream ends with {texts[-1][:60] if texts else 'nothing'}")
    return [json.loads(text) for text in (texts[:-1] if ended else texts)]


def without_error(frames, failed):
    """Splits the error off which ends a failed stream."""
    if failed:
        demand(frames and isinstance(frames[-1].get("error"), dict), "no error ends the failed stream")
        demand(isinstance(frames[-1]["error"].get("message"), str), "an error without a message")
        frames = frames[:-1]
    demand(all("error" not in frame for frame in frames), "an error in the middle")
    return frames


class ChatCompletions:
    def told(self, body):
        told = Told()
        if body["choices"]:
            message = body["choices"][0]["message"]
            # Where there is no refusal it is a text like any other.
            told.text = (message.get("content") or "") + (message.get("refusal") or "")
            for call in message.get("tool_calls") or []:
                kind = call["type"]
                told.call(call[kind]["name"], call[kind]["arguments" if kind == "function" else "input"])
        return told

    def whole(self, body):
        validated(openai.types.chat.ChatCompletion, body)
        return self.told(body)

    def stream(self, data, failed):
        frames = without_error(documents(data, done=True, failed=failed), failed)
        state = ChatCompletionStreamState()
        seen, usages = {}, 0
        for frame in frames:
            chunk = validated(openai.types.chat.ChatCompletionChunk, frame)
            for choice in chunk.choices:
                if choice.index not in seen:
                    demand(choice.delta.role == "assistant", "the first chunk of a choice has no role")
                    seen[choice.index] = []
                for call in choice.delta.tool_calls or []:
                    known = seen[choice.index]
                    if call.index == len(known):
                        named = call.function or getattr(call, "custom", None)
                        demand(call.id and named, "a call begins without id or name")
                        known.append(call.id)
                    demand(call.index < len(known), "calls are not numbered one by one")
            if frame.get("usage"):
                usages += 1
                demand(frame["choices"] == [], "a usage chunk with choices")
            state.handle_chunk(chunk)
        demand(usages <= 1, f"{usages} usage chunks")
        if not frames:
            return Told()
        for choice in state.current_completion_snapshot.choices:
            demand(failed or choice.finish_reason, "a choice without a finish reason")
            # The SDK knows no streamed custom calls: it keeps their pieces as they came.
        snapshot = state.current_completion_snapshot.model_dump(warnings=False)
        for choice in snapshot["choices"]:
            for call in choice["message"].get("tool_calls") or []:
                call["type"] = "custom" if call.get("custom") else "function"
        return self.told(snapshot)


    def frame(self, frame):
        validated(openai.types.chat.ChatCompletionChunk, frame)
        state = ChatCompletionStreamState()
        for _ in range(2):
            state.handle_chunk(openai.types.chat.ChatCompletionChunk.model_validate(frame))


class Completions:
    def frame(self, frame):
        validated(Completion, self.finished(frame))

    def whole(self, body):
        validated(Completion, body)
        return Told(body["choices"][0]["text"] if body["choices"] else "")

    def stream(self, data, failed):
        told, usages = Told(), 0
        for frame in without_error(documents(data, done=True, failed=failed), failed):
            chunk = validated(Completion, self.finished(frame))
            told.text += "".join(choice.text for choice in chunk.choices if choice.index == 0)
            usages += bool(frame.get("usage"))
            demand(not frame.get("usage") or frame["choices"] == [], "a usage chunk with choices")
        demand(usages <= 1, f"{usages} usage chunks")
        return told

    @staticmethod
    def finished(frame):
        """The SDK's one model for whole bodies and chunks demands the reason that only the last chunk has."""
        choices = [
            {**choice, "finish_reason": choice.get("finish_reason") or "stop"} for choice in frame.get("choices", [])
        ]
        return {**frame, "choices": choices}


class Responses:
    MODELS: typing.ClassVar = {
        model.model_fields["type"].annotation.__args__[0]: model
        for model in typing.get_args(typing.get_args(response_stream_event.ResponseStreamEvent)[0])
    }

    def told(self, body):
        told = Told()
        for item in body["output"]:
            if item["type"] == "message":
                told.text += "".join(part.get("text") or part.get("refusal") or "" for part in item["content"])
            elif item["type"] == "function_call":
                # Where there are no namespaces the tool is called like this.
                name = f"{item['namespace']}__{item['name']}" if item.get("namespace") else item["name"]
                told.call(name, item["arguments"])
            elif item["type"] == "custom_tool_call":
                told.call(item["name"], item["input"])
        return told

    def whole(self, body):
        if body.get("object") == "response.compaction":
            validated(openai.types.responses.CompactedResponse, body)
        else:
            validated(openai.types.responses.Response, body)
        return self.told(body)

    def frame(self, frame):
        demand(frame["type"] in self.MODELS, f"an event {frame['type']}")
        validated(self.MODELS[frame["type"]], frame)

    def stream(self, data, failed):
        frames = []
        for name, text in events(data):
            frame = json.loads(text)
            demand(name in (None, frame["type"]), f"the event {frame['type']} is called {name}")
            frames.append(frame)
        numbers = [frame["sequence_number"] for frame in frames]
        demand(numbers == list(range(len(numbers))), f"sequence numbers {numbers[:9]}")
        state = ResponseStreamState(input_tools=omit, text_format=omit)
        open_items = set()
        for frame in frames:
            model = self.MODELS.get(frame["type"])
            demand(model, f"an event {frame['type']}")
            event = validated(model, frame)
            if event.type == "response.output_item.added":
                open_items.add(event.output_index)
            elif event.type == "response.output_item.done":
                demand(event.output_index in open_items, "an item ends that never began")
                open_items.remove(event.output_index)
            state.handle_event(event)
        last = frames[-1]
        if failed:
            demand(last["type"] in ("error", "response.failed"), f"a failed stream ends with {last['type']}")
            return Told()
        demand(last["type"] in ("response.completed", "response.incomplete"), f"the stream ends with {last['type']}")
        demand(not open_items, "items are open at the end")
        if last["type"] == "response.completed":
            kinds = [item.type for item in state._completed_response.output]
            demand(kinds == [item["type"] for item in last["response"]["output"]], "the accumulated output is another")
        return self.told(last["response"])


class Messages:
    def told(self, body):
        told = Told()
        for block in body["content"]:
            if block["type"] == "text":
                told.text += block["text"]
            elif block["type"] == "tool_use":
                told.call(block["name"], block["input"])
        return told

    def whole(self, body):
        try:
            validated(anthropic.types.Message, body)
        except Rejected as error:
            # What is still in beta has models of its own.
            either(error, lambda: validated(anthropic.types.beta.BetaMessage, body))
        return self.told(body)

    @staticmethod
    def models(union):
        return {
            model.model_fields["type"].annotation.__args__[0]: model
            for model in typing.get_args(typing.get_args(union)[0])
        }

    def stream(self, data, failed):
        frames = []
        for name, text in events(data):
            frame = json.loads(text)
            demand(name == frame["type"], f"the event {frame['type']} is called {name}")
            if name != "ping":
                frames.append(frame)
        if failed:
            demand(frames and frames[-1]["type"] == "error", "no error ends the failed stream")
            validated(anthropic.types.ErrorResponse, frames[-1])
            frames = frames[:-1]
        self.lifecycle(frames, failed)
        try:
            return self.accumulated(frames, failed, beta=False)
        except Rejected as error:
            return either(error, lambda: self.accumulated(frames, failed, beta=True))

    def frame(self, frame):
        models = self.models(anthropic.types.RawMessageStreamEvent)
        demand(frame["type"] in models, f"an event {frame['type']}")
        validated(models[frame["type"]], frame)

    def lifecycle(self, frames, failed):
        if failed and not frames:
            return
        kinds = [frame["type"] for frame in frames]
        demand(kinds[0] == "message_start", f"the stream begins with {kinds[0]}")
        demand(failed or kinds[-1] == "message_stop", f"the stream ends with {kinds[-1]}")
        demand(failed or kinds.count("message_delta") >= 1, "no message_delta")
        block, following = None, 0
        for frame in frames:
            if frame["type"] == "content_block_start":
                demand(block is None and frame["index"] == following, f"block {frame['index']} begins instead")
                block, following = frame["index"], following + 1
            elif frame["type"] in ("content_block_delta", "content_block_stop"):
                demand(frame["index"] == block, f"{frame['type']} of {frame['index']} while {block} is open")
                if frame["type"] == "content_block_stop":
                    block = None
            elif frame["type"] == "message_delta":
                demand(block is None, "a block is open at message_delta")

    def accumulated(self, frames, failed, beta):
        module = anthropic.types.beta if beta else anthropic.types
        union = module.BetaRawMessageStreamEvent if beta else module.RawMessageStreamEvent
        models, snapshot, buffers = self.models(union), None, {}
        for frame in frames:
            demand(frame["type"] in models, f"an event {frame['type']}")
            event = validated(models[frame["type"]], frame)
            if beta:
                snapshot = _beta_messages.accumulate_event(
                    event=event, current_snapshot=snapshot, json_bufs=buffers, request_headers={}
                )
            else:
                snapshot = _messages.accumulate_event(event=event, current_snapshot=snapshot, json_bufs=buffers)
        if snapshot is None or failed:
            return Told()
        body = snapshot.to_dict()
        validated(module.BetaMessage if beta else module.Message, body)
        return self.told(body)


class GenerateContent:
    def told(self, told, body):
        for candidate in body.get("candidates") or []:
            if candidate.get("index", 0) != 0:
                continue
            for part in (candidate.get("content") or {}).get("parts") or []:
                if "text" in part and not part.get("thought"):
                    told.text += part["text"]
                elif "functionCall" in part:
                    told.call(part["functionCall"]["name"], part["functionCall"].get("args") or {})

    def document(self, body):
        parsed = validated(google.GenerateContentResponse, body)
        for call in parsed.function_calls or []:
            demand(call.id and call.name and call.args is not None, "a call without id, name or args")
        return parsed

    def frame(self, frame):
        self.document(frame)

    def whole(self, body):
        self.document(body)
        told = Told()
        self.told(told, body)
        return told

    def stream(self, data, failed):
        if data.lstrip()[:1] == b"[":
            frames = json.loads(data)
        else:
            frames = documents(data, done=False, failed=failed)
        frames = without_error(frames, failed)
        told = Told()
        for frame in frames:
            parsed = self.document(frame)
            # The SDK's chat leaves a turn out of its history where one chunk of it is not like this.
            demand(not parsed.candidates or chats._validate_response(parsed), "a chunk that its chat would not keep")
            self.told(told, frame)
        finished = [frame for frame in frames for one in frame.get("candidates") or [] if "finishReason" in one]
        blocked = any("blockReason" in frame.get("promptFeedback", {}) for frame in frames)
        demand(failed or finished or blocked, "no finish reason")
        return told


class Converse:
    MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
    REPLY = MODEL.operation_model("Converse").output_shape
    REQUEST = MODEL.operation_model("Converse").input_shape
    STREAM = MODEL.operation_model("ConverseStream").output_shape.members["stream"]
    JSON = botocore.parsers.create_parser("rest-json")
    EVENTS = botocore.parsers.EventStreamJSONParser()

    def unknown(self, value, shape, where):
        """Members that the service model does not know, and missing ones."""
        found = []
        if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
            for key, member in value.items():
                if key in shape.members:
                    found += self.unknown(member, shape.members[key], f"{where}.{key}")
                else:
                    found.append(f"{where}.{key} is unknown")
            missing = [name for name in shape.required_members if name not in value and name != "modelId"]
            found += [f"{where}.{name} is missing" for name in missing]
            if getattr(shape, "is_tagged_union", False) and len(value) != 1:
                found.append(f"{where} is a union of {sorted(value)}")
        elif shape.type_name == "list" and isinstance(value, list):
            for index, element in enumerate(value):
                found += self.unknown(element, shape.member, f"{where}[{index}]")
        return found

    def known(self, value, shape, where):
        found = self.unknown(value, shape, where)
        if found:
            raise Rejected("; ".join(found[:3]), found)

    def whole(self, body):
        self.known(body, self.REPLY, "reply")
        text = json.dumps(body).encode()
        parsed = self.JSON.parse({"status_code": 200, "headers": {}, "body": text}, self.REPLY)
        demand("message" in parsed.get("output", {}), "no message")
        told = Told()
        for block in parsed["output"]["message"]["content"]:
            if "text" in block:
                told.text += block["text"]
            elif "citationsContent" in block:
                told.text += "".join(part["text"] for part in block["citationsContent"]["content"])
            elif "toolUse" in block and block["toolUse"].get("type") != "server_tool_use":
                told.call(block["toolUse"]["name"], block["toolUse"]["input"])
        return told

    def stream(self, data, failed):
        buffer = EventStreamBuffer()
        # Frames do not come as they were written.
        for start in range(0, len(data), 997):
            buffer.add_data(data[start : start + 997])
        names, told, block, following, calls = [], Told(), None, 0, {}
        for message in buffer:
            reply = message.to_response_dict()
            if reply["status_code"] != 200:
                demand(failed and reply["headers"][":exception-type"] in self.STREAM.members, "an exception")
                names.append("exception")
                continue
            name = reply["headers"][":event-type"]
            body = json.loads(reply["body"])
            body.pop("p", None)
            self.known({name: body}, self.STREAM, "event")
            event = self.EVENTS.parse(reply, self.STREAM)
            demand(event, f"an event {name} that botocore does not know")
            names.append(name)
            body = event[name]
            if not name.startswith("contentBlock"):
                continue
            index = body["contentBlockIndex"]
            if name == "contentBlockStop":
                demand(index == block, f"block {index} stops while {block} is open")
                block = None
            elif block is None:
                demand(index == following, f"block {index} begins instead of {following}")
                block, following = index, following + 1
            demand(index == (block if block is not None else index), f"block {index} goes on while {block} is open")
            start = body.get("start", {}).get("toolUse")
            if start and start.get("type") != "server_tool_use":
                calls[index] = [start["name"], ""]
            delta = body.get("delta", {})
            told.text += delta.get("text", "")
            if index in calls:
                calls[index][1] += delta.get("toolUse", {}).get("input", "")
        if failed:
            demand(names and names[-1] == "exception", "no exception ends the failed stream")
            return Told()
        demand(names and names[0] == "messageStart" and "messageStop" in names, f"the order is {names[:2]} … {names[-2:]}")
        for name, arguments in calls.values():
            told.call(name, arguments)
        return told

    def frame(self, frame):
        self.known(frame, self.STREAM, "event")

    def request(self, body):
        self.known(body, self.REQUEST, "request")
        try:
            parsed = self.JSON._parse_shape(self.REQUEST, body)
        except ValueError as error:  # base64 that is none
            raise Rejected(reason(error)) from None
        parsed["modelId"] = "m"
        report = botocore.validate.ParamValidator().validate(parsed, self.REQUEST)
        demand(not report.has_errors(), report.generate_report()[:300])


def converse_events(data):
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    for message in buffer:
        reply = message.to_response_dict()
        if reply["status_code"] == 200:
            body = json.loads(reply["body"])
            body.pop("p", None)
            yield {reply["headers"][":event-type"]: body}


def faults_of(client, kind, documents):
    """All single faults that the SDK finds in documents, each taken for itself: whole bodies, or frames."""
    faults = set()
    for document in documents:
        try:
            check = JUDGES[client].whole if kind == "reply" else JUDGES[client].frame
            check(document)
        except Rejected as error:
            faults |= error.faults
        except Exception as error:
            faults |= Rejected(reason(error)).faults
    return faults


JUDGES = {
    "chat_completions": ChatCompletions(),
    "responses": Responses(),
    "completions": Completions(),
    "messages": Messages(),
    "generate_content": GenerateContent(),
    "converse": Converse(),
}


def judge(client, kind, output, failed=False):
    """Told, or raises Rejected; what an SDK raises is its verdict too."""
    try:
        return JUDGES[client].whole(output) if kind == "reply" else JUDGES[client].stream(output, failed)
    except Rejected:
        raise
    except Exception as error:
        raise Rejected(reason(error)) from error
