"""The official SDKs as speakers of their dialects (``speaking.Speaker``)."""

import base64
import json

import anthropic
import boto3
import openai
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from google import genai
from google.genai import errors as genai_errors
from google.genai import types

from .openai_speakers import Chat, Responses
from .speaking import Call, Said, Speaker, Usage, schema_name

# What they raise for a provider's error.
ERRORS = (openai.APIError, anthropic.APIError, genai_errors.APIError, ClientError, EventStreamError)


class Messages(Speaker):
    DIALECT = "messages"
    ENDS = {"stop": "end_turn", "length": "max_tokens", "sequence": "stop_sequence", "calls": "tool_use"}

    @staticmethod
    def connect(url, key):
        return anthropic.Anthropic(api_key=key, base_url=url, max_retries=0, timeout=20)

    def say(self, text, image=None):
        content = [{"type": "text", "text": text}]
        if image:
            data = base64.b64encode(image).decode()
            source = {"type": "base64", "media_type": "image/png", "data": data}
            content.insert(0, {"type": "image", "source": source})
        self.history.append({"role": "user", "content": content})

    def results(self, results, errors=()):
        content = []
        for call, text in results:
            block = {"type": "tool_result", "tool_use_id": call.id, "content": text}
            content.append({**block, "is_error": True} if call.id in errors else block)
        self.history.append({"role": "user", "content": content})

    def members(self, tools=(), think=False, schema=None, stop=None, max_tokens=4000, system=None, **more):
        body = {"model": self.model, "messages": list(self.history), "max_tokens": max_tokens, **more}
        if system:
            body["system"] = system
        if tools:
            body["tools"] = [
                {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
                for tool in tools
            ]
        if think:
            body["thinking"] = {"type": "enabled", "budget_tokens": 1024, "display": "summarized"}
        if schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        if stop:
            body["stop_sequences"] = [stop]
        return body

    def whole(self, **options):
        raw = self.client.messages.with_raw_response.create(**self.members(**options))
        return self.said(raw.parse(), raw.headers)

    def streamed(self, **options):
        with self.client.messages.stream(**self.members(**options)) as stream:
            text = "".join(stream.text_stream)
            said = self.said(stream.get_final_message(), stream.response.headers)
        assert said.text == text
        return said

    def said(self, message, headers):
        blocks = message.content
        # As an agent stores it: JSON, with what the SDK's models hold.
        self.history.append(
            {"role": "assistant", "content": [block.model_dump(mode="json", exclude_none=True) for block in blocks]}
        )
        usage = message.usage
        cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
        return Said(
            "".join(block.text for block in blocks if block.type == "text"),
            "".join(block.thinking for block in blocks if block.type == "thinking"),
            sum(1 for block in blocks if block.type == "redacted_thinking"),
            [Call(block.id, block.name, block.input) for block in blocks if block.type == "tool_use"],
            message.stop_reason,
            Usage(usage.input_tokens + cached + written, usage.output_tokens, cached, written),
            headers,
            message,
        )


class Gemini(Speaker):
    DIALECT = "gemini"
    ENDS = {"stop": "STOP", "length": "MAX_TOKENS", "sequence": "STOP", "calls": "STOP"}

    @staticmethod
    def connect(url, key):
        return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url))

    def say(self, text, image=None):
        parts = [types.Part(text=text)]
        if image:
            parts.insert(0, types.Part.from_bytes(data=image, mime_type="image/png"))
        self.history.append(types.Content(role="user", parts=parts))

    def results(self, results, errors=()):
        parts = [
            types.Part(
                function_response=types.FunctionResponse(
                    id=call.id, name=call.name, response={"error" if call.id in errors else "output": text}
                )
            )
            for call, text in results
        ]
        self.history.append(types.Content(role="user", parts=parts))

    def members(self, tools=(), think=False, schema=None, stop=None, max_tokens=None, system=None, **more):
        config = types.GenerateContentConfig(
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True), **more
        )
        if system:
            config.system_instruction = system
        if tools:
            declarations = [
                types.FunctionDeclaration(
                    name=tool["name"], description=tool["description"], parameters_json_schema=tool["parameters"]
                )
                for tool in tools
            ]
            config.tools = [types.Tool(function_declarations=declarations)]
        if think:
            config.thinking_config = types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)
        if schema:
            config.response_mime_type = "application/json"
            config.response_json_schema = schema
        if stop:
            config.stop_sequences = [stop]
        if max_tokens:
            config.max_output_tokens = max_tokens
        return {"model": self.model, "contents": list(self.history), "config": config}

    def whole(self, **options):
        answer = self.client.models.generate_content(**self.members(**options))
        return self.said([answer])

    def streamed(self, **options):
        return self.said(list(self.client.models.generate_content_stream(**self.members(**options))))

    def said(self, chunks):
        parts, stop, usage = [], "", None
        for chunk in chunks:
            usage = chunk.usage_metadata or usage
            for candidate in chunk.candidates or []:
                stop = candidate.finish_reason.value if candidate.finish_reason else stop
                parts += (candidate.content.parts or []) if candidate.content else []
        # As `Chat.send_message_stream` keeps them: every piece but those that hold nothing.
        parts = [part for part in parts if part.text != "" or part.thought_signature]
        self.history.append(types.Content(role="model", parts=parts))
        calls = [
            Call(part.function_call.id, part.function_call.name, part.function_call.args)
            for part in parts
            if part.function_call
        ]
        texts = [part for part in parts if part.text]
        used = Usage(
            usage.prompt_token_count or 0,
            (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
            usage.cached_content_token_count or 0,
        )
        return Said(
            "".join(part.text for part in texts if not part.thought),
            "".join(part.text for part in texts if part.thought),
            0, calls, stop, used, chunks[-1].sdk_http_response.headers, chunks,
        )  # fmt: skip


class Converse(Speaker):
    DIALECT = "converse"
    ENDS = {"stop": "end_turn", "length": "max_tokens", "sequence": "stop_sequence", "calls": "tool_use"}

    @staticmethod
    def connect(url, key):
        # The key is in AWS_BEARER_TOKEN_BEDROCK, which the fixture sets.
        return boto3.client(
            "bedrock-runtime", region_name="us-east-1", endpoint_url=url,
            config=Config(retries={"max_attempts": 0}, read_timeout=20, signature_version="bearer"),
        )  # fmt: skip

    def say(self, text, image=None):
        content = [{"text": text}]
        if image:
            content.insert(0, {"image": {"format": "png", "source": {"bytes": image}}})
        self.history.append({"role": "user", "content": content})

    def results(self, results, errors=()):
        content = []
        for call, text in results:
            result = {"toolUseId": call.id, "content": [{"text": text}]}
            if call.id in errors:
                result["status"] = "error"
            content.append({"toolResult": result})
        self.history.append({"role": "user", "content": content})

    def members(self, tools=(), think=False, schema=None, stop=None, max_tokens=None, system=None, **more):
        body = {"modelId": self.model, "messages": list(self.history), **more}
        inference = {}
        if system:
            body["system"] = [{"text": system}]
        if tools:
            specs = [
                {"name": tool["name"], "description": tool["description"], "inputSchema": {"json": tool["parameters"]}}
                for tool in tools
            ]
            body["toolConfig"] = {"tools": [{"toolSpec": spec} for spec in specs]}
        if think:
            thinking = {"type": "enabled", "budget_tokens": 1024, "display": "summarized"}
            body["additionalModelRequestFields"] = {"thinking": thinking}
        if schema:
            structure = {"jsonSchema": {"schema": json.dumps(schema), "name": schema_name(schema)}}
            body["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": structure}}
        if stop:
            inference["stopSequences"] = [stop]
        if max_tokens or think:
            inference["maxTokens"] = max_tokens or 4000
        if inference:
            body["inferenceConfig"] = inference
        return body

    def whole(self, **options):
        answer = self.client.converse(**self.members(**options))
        return self.said(answer["output"]["message"], answer["stopReason"], answer["usage"], answer)

    def streamed(self, **options):
        answer = self.client.converse_stream(**self.members(**options))
        blocks, stop, usage = {}, "", None
        for event in answer["stream"]:
            (kind, value), = event.items()
            if kind == "contentBlockStart":
                blocks[value["contentBlockIndex"]] = {"toolUse": {**value["start"]["toolUse"], "input": ""}}
            elif kind == "contentBlockDelta":
                self.fold(value["delta"], blocks.setdefault(value["contentBlockIndex"], {}))
            elif kind == "messageStop":
                stop = value["stopReason"]
            elif kind == "metadata":
                usage = value["usage"]
        content = [blocks[index] for index in sorted(blocks)]
        for block in content:
            if "toolUse" in block:
                block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
        return self.said({"role": "assistant", "content": content}, stop, usage, answer)

    @staticmethod
    def fold(delta, block):
        if "text" in delta:
            block["text"] = block.get("text", "") + delta["text"]
        if "toolUse" in delta:
            block["toolUse"]["input"] += delta["toolUse"]["input"]
        if reasoning := delta.get("reasoningContent"):
            whole = block.setdefault("reasoningContent", {})
            if "redactedContent" in reasoning:
                whole["redactedContent"] = whole.get("redactedContent", b"") + reasoning["redactedContent"]
            else:
                whole = whole.setdefault("reasoningText", {"text": ""})
                for name in ("text", "signature"):
                    if name in reasoning:
                        whole[name] = whole.get(name, "") + reasoning[name]

    def said(self, message, stop, usage, answer):
        self.history.append(message)
        content = message["content"]
        reasoning = [block["reasoningContent"] for block in content if "reasoningContent" in block]
        cached, written = usage.get("cacheReadInputTokens", 0), usage.get("cacheWriteInputTokens", 0)
        return Said(
            "".join(block.get("text", "") for block in content),
            "".join(block["reasoningText"]["text"] for block in reasoning if "reasoningText" in block),
            sum(1 for block in reasoning if "redactedContent" in block),
            [
                Call(block["toolUse"]["toolUseId"], block["toolUse"]["name"], block["toolUse"]["input"])
                for block in content
                if "toolUse" in block
            ],
            stop,
            Usage(usage["inputTokens"] + cached + written, usage["outputTokens"], cached, written),
            answer["ResponseMetadata"]["HTTPHeaders"],
            answer,
        )


SPEAKERS = {speaker.DIALECT: speaker for speaker in (Chat, Responses, Messages, Gemini, Converse)}
